import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { messageOf } from "../state/sessions.ts";

interface Props {
	title: string;
	children: ComponentChildren;
	/** The verb and what it is done to, such as "Delete session". */
	action: string;
	onConfirm(): Promise<unknown>;
	onClose(): void;
}

/** Asks before what cannot be undone. Escape and a click beside it are a no. */
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
		// biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
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
					Cancel
				</button>
				<button type="button" class="button danger" disabled={busy} onClick={confirm}>
					{busy ? "Deleting…" : action}
				</button>
			</div>
		</dialog>
	);
}
