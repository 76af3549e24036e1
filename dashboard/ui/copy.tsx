import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { icons } from "./icons.tsx";

/** Puts a text on the clipboard and says so. */
export function CopyButton({
	text,
	label,
	children,
}: {
	text: () => string;
	label: string;
	children?: ComponentChildren;
}) {
	const [said, say] = useState("");
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(text());
			say("Copied");
		} catch {
			say("Your browser did not allow it");
		}
		setTimeout(() => say(""), 2_000);
	};
	return (
		<button type="button" class="button quiet" onClick={copy} aria-label={children ? undefined : label} title={label}>
			{said === "Copied" ? icons.done : icons.copy}
			{children && <span>{said || children}</span>}
			<span class="hidden" role="status">
				{said}
			</span>
		</button>
	);
}

/** A line to be pasted elsewhere. */
export function CopyLine({ text }: { text: string }) {
	return (
		<div class="line">
			<code>{text}</code>
			<CopyButton text={() => text} label="Copy" />
		</div>
	);
}
