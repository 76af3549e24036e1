import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { icons } from "./icons.tsx";
import * as messages from "./ui.text.ts";

/** A button that copies a text to the clipboard, then shows for two seconds whether that worked. */
export function CopyButton({
	text,
	label,
	children,
}: {
	text: () => string;
	label: string;
	children?: ComponentChildren;
}) {
	const [result, setResult] = useState("");
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(text());
			setResult(messages.copied);
		} catch {
			setResult(messages.copyBlocked);
		}
		setTimeout(() => setResult(""), 2_000);
	};
	return (
		<button type="button" class="button quiet" onClick={copy} aria-label={children ? undefined : label} title={label}>
			{result === messages.copied ? icons.done : icons.copy}
			{children && <span>{result || children}</span>}
			<span class="hidden" role="status">
				{result}
			</span>
		</button>
	);
}

/** A line of code with a button that copies it. */
export function CopyLine({ text }: { text: string }) {
	return (
		<div class="line">
			<code>{text}</code>
			<CopyButton text={() => text} label={messages.copy} />
		</div>
	);
}
