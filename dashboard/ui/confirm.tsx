import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { messageOf } from "../state/sessions.ts";
import * as text from "./ui.text.ts";

interface Props {
	title: string;
	children: ComponentChildren;
	/** Verb and object, such as "Delete session". */
	action: string;
	onConfirm(): Promise<unknown>;
	onClose(): void;
}

/** Asks for confirmation of an action that cannot be undone. Escape and a click outside cancel. */
export function Confirm({ title, children, action, onConfirm, onClose }: Props) {
	const dialog = useRef<HTMLDialogElement>(null);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState("");
	useEffect(() => dialog.current?.showModal(), []);
	const confirm = async () => {
		setBusy(true);
		try {
			await onConfirm();
			onClose();
		} catch (failure) {
			setError(messageOf(failure));
			setBusy(false);
		}
	};
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes a dialog on Escape
		<dialog
			ref={dialog}
			class="confirm"
			aria-labelledby="confirm-title"
			onClose={onClose}
			onClick={(event) => event.target === dialog.current && dialog.current?.close()}
		>
			<h2 id="confirm-title">{title}</h2>
			<p>{children}</p>
			{error && (
				<p class="notice bad" role="alert">
					{error}
				</p>
			)}
			<div class="actions">
				<button type="button" class="button" onClick={() => dialog.current?.close()}>
					{text.cancel}
				</button>
				<button type="button" class="button danger" disabled={busy} onClick={confirm}>
					{busy ? text.deleting : action}
				</button>
			</div>
		</dialog>
	);
}
