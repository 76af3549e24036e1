import { useEffect, useRef, useState } from "preact/hooks";
import * as text from "./ui.text.ts";

export interface Key {
	/** `KeyboardEvent.key` */
	key: string;
	/** The key as the list shows it, where `key` itself is not readable. */
	shown?: string;
	/** Description of the action, such as "Next session". */
	does: string;
	run(): void;
}

/** Keyboard shortcuts of a page; `?` lists them. They are ignored while a text field has the focus. */
export function Keys({ keys }: { keys: Key[] }) {
	const [open, setOpen] = useState(false);
	const latest = useRef(keys);
	latest.current = keys;
	useEffect(() => {
		const onKey = (event: KeyboardEvent) => {
			if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
			const target = event.target as HTMLElement;
			const isBox = target.matches("input:is([type=checkbox], [type=radio])");
			if (!isBox && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
			if (event.key === "?") return setOpen(true);
			// Space and Enter keep their meaning on a focused button, link or checkbox, arrows on the timeline. Space in the
			// activity list plays: a click has already moved the replay to that moment.
			const isPressed = (isBox || /^(BUTTON|A)$/.test(target.tagName)) && !target.closest(".activity li");
			if (isPressed && (event.key === " " || event.key === "Enter")) return;
			if (target.closest(".activity li") && event.key === "Enter") return;
			if (target.getAttribute("role") === "slider" && event.key.startsWith("Arrow")) return;
			const found = latest.current.find(({ key }) => key === event.key);
			if (!found) return;
			event.preventDefault();
			found.run();
		};
		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, []);
	return open ? <KeyList keys={keys} onClose={() => setOpen(false)} /> : null;
}

/** Moves the focus by `step` among the elements that match the selector. */
export function walk(selector: string, step: number): void {
	const links = [...document.querySelectorAll<HTMLElement>(selector)];
	const at = links.indexOf(document.activeElement as HTMLElement);
	links[Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

function KeyList({ keys, onClose }: { keys: Key[]; onClose(): void }) {
	const dialog = useRef<HTMLDialogElement>(null);
	useEffect(() => dialog.current?.showModal(), []);
	return (
		<dialog ref={dialog} class="confirm" aria-labelledby="keys-title" onClose={onClose}>
			<h2 id="keys-title">{text.keyboardShortcuts}</h2>
			<dl class="keys">
				{keys.map(({ key, shown, does }) => (
					<div key={key}>
						<dt>
							<kbd>{shown ?? key}</kbd>
						</dt>
						<dd>{does}</dd>
					</div>
				))}
			</dl>
			<div class="actions">
				<button type="button" class="button" onClick={() => dialog.current?.close()}>
					{text.close}
				</button>
			</div>
		</dialog>
	);
}
