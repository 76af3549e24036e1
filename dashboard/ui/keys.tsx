import { signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { icons } from "./icons.tsx";
import * as text from "./ui.text.ts";

export interface Shortcut {
	/** `KeyboardEvent.key` */
	key: string;
	/** Name of the key in the list of shortcuts, if `key` itself is not readable. */
	shown?: string;
	/** Description of the action, such as "Next session". */
	does: string;
	run(): void;
}

const STORAGE_KEY = "sentiero_shortcuts";
const LIST_KEY = "?";

let pageKeys: Shortcut[] = [];
const isListOpen = signal(false);
/**
 * Whether letters and symbols are shortcuts. It must be possible to turn them off:
 * https://www.w3.org/TR/WCAG22/#character-key-shortcuts
 */
const hasCharacterKeys = signal(readSetting());

/** Registers the keyboard shortcuts of a page while the page is shown. */
export function PageShortcuts({ keys }: { keys: Shortcut[] }) {
	const own = useRef(keys);
	useLayoutEffect(() => {
		own.current = keys;
		pageKeys = keys;
	});
	useEffect(
		() => () => {
			if (pageKeys === own.current) pageKeys = [];
		},
		[],
	);
	return null;
}

/** Runs the shortcuts of the page and shows their list. Must be rendered once per document. */
export function KeyboardShortcuts() {
	useEffect(() => {
		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, []);
	return isListOpen.value ? <KeyboardShortcutsDialog /> : null;
}

export function KeyboardShortcutsButton({ class: className }: { class: string }) {
	return (
		<button
			type="button"
			class={className}
			title={text.keyboardShortcuts}
			aria-haspopup="dialog"
			onClick={() => {
				isListOpen.value = true;
			}}
		>
			{icons.keyboard}
			<span>{text.shortcuts}</span>
		</button>
	);
}

/** Runs a shortcut, unless a field has the focus or a dialog is open. */
function onKey(event: KeyboardEvent): void {
	if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
	const target = event.target as HTMLElement;
	const isCheckbox = target.matches("input:is([type=checkbox], [type=radio])");
	if (!isCheckbox && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
	if (event.key === LIST_KEY) {
		isListOpen.value = true;
		return;
	}
	// On a focused button, link or checkbox, Space and Enter keep their meaning. On an entry of the activity list, Space
	// plays: the click that focused the entry has already moved the replay to it.
	const isControl = (isCheckbox || /^(BUTTON|A)$/.test(target.tagName)) && !target.closest(".activity li");
	if (isControl && (event.key === " " || event.key === "Enter")) return;
	if (target.closest(".activity li") && event.key === "Enter") return;
	// The timeline handles arrow keys.
	if (target.getAttribute("role") === "slider" && event.key.startsWith("Arrow")) return;
	const isCharacter = event.key.length === 1 && event.key !== " ";
	if (isCharacter && !hasCharacterKeys.value) return;
	const found = pageKeys.find(({ key }) => key === event.key);
	if (!found) return;
	event.preventDefault();
	found.run();
}

/** Moves the focus by `step` among the elements that match the selector. */
export function moveFocus(selector: string, step: number): void {
	const elements = [...document.querySelectorAll<HTMLElement>(selector)];
	const at = elements.indexOf(document.activeElement as HTMLElement);
	elements[Math.min(Math.max(at + step, 0), elements.length - 1)]?.focus();
}

function KeyboardShortcutsDialog() {
	const dialog = useRef<HTMLDialogElement>(null);
	useEffect(() => dialog.current?.showModal(), []);
	return (
		<dialog
			ref={dialog}
			class="confirm"
			aria-labelledby="keys-title"
			onClose={() => {
				isListOpen.value = false;
			}}
		>
			<h2 id="keys-title">{text.keyboardShortcuts}</h2>
			<dl class="keys">
				{[...pageKeys, { key: LIST_KEY, shown: undefined, does: text.listShortcuts }].map(({ key, shown, does }) => (
					<div key={key}>
						<dt>
							<kbd>{shown ?? key}</kbd>
						</dt>
						<dd>{does}</dd>
					</div>
				))}
			</dl>
			<label class="checkbox">
				<input
					type="checkbox"
					checked={hasCharacterKeys.value}
					onChange={(event) => saveSetting(event.currentTarget.checked)}
				/>
				{text.useCharacterKeys}
			</label>
			<p class="sub">{text.aboutCharacterKeys}</p>
			<div class="actions">
				<button type="button" class="button" onClick={() => dialog.current?.close()}>
					{text.close}
				</button>
			</div>
		</dialog>
	);
}

/** Returns the stored value of `hasCharacterKeys`. If storage is blocked, a change lasts until the page is reloaded. */
function readSetting(): boolean {
	try {
		return localStorage.getItem(STORAGE_KEY) !== "off";
	} catch {
		return true;
	}
}

function saveSetting(isOn: boolean): void {
	hasCharacterKeys.value = isOn;
	try {
		if (isOn) localStorage.removeItem(STORAGE_KEY);
		else localStorage.setItem(STORAGE_KEY, "off");
	} catch {}
}
