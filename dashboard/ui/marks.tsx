import { useEffect, useRef, useState } from "preact/hooks";
import { MAX_LABEL_CHARS, MAX_LABELS } from "../../src/contract/limits.ts";
import type { SessionItem } from "../api.ts";
import { changeMark } from "../state/change-mark.ts";
import { hrefWith } from "../state/route.ts";
import { messageOf } from "../state/sessions.ts";
import * as text from "./ui.text.ts";

type Marked = Pick<SessionItem, "id" | "project" | "mark">;

/** A button that stars a session. The star changes at once, and changes back if the request fails. */
export function Star({ session, label = text.star }: { session: Marked; label?: string }) {
	const [starred, setStarred] = useState(session.mark.starred);
	const [error, setError] = useState("");
	useEffect(() => setStarred(session.mark.starred), [session.mark.starred]);
	const toggle = async () => {
		setStarred(!starred);
		setError("");
		try {
			await changeMark(session, { starred: !starred });
		} catch (failure) {
			setStarred(starred);
			setError(messageOf(failure));
		}
	};
	return (
		<button
			type="button"
			class="button quiet star"
			aria-pressed={starred}
			aria-label={label}
			title={error || (starred ? text.starred : text.star)}
			onClick={toggle}
		>
			<svg class="icon" width={16} height={16} viewBox="0 0 16 16" aria-hidden="true">
				<path d="m8 1.8 1.9 4 4.4.6-3.2 3 .8 4.4L8 11.7l-3.9 2.1.8-4.4-3.2-3 4.4-.6z" />
			</svg>
			{error && (
				<span class="hidden" role="alert">
					{error}
				</span>
			)}
		</button>
	);
}

/** The labels of a session. Each links to the sessions with this label. */
export function Labels({ labels }: { labels: readonly string[] }) {
	if (!labels.length) return null;
	return (
		<span class="labels">
			{labels.map((label) => (
				<a key={label} class="badge label" href={hrefWith({ label })} aria-label={text.showSessionsLabeled(label)}>
					{label}
				</a>
			))}
		</span>
	);
}

/** Shows each label with a remove button, and a field to add labels. Enter or a comma adds the typed label. */
export function LabelEditor({ session }: { session: Marked }) {
	const [labels, setLabels] = useState(session.mark.labels);
	const [error, setError] = useState("");
	const field = useRef<HTMLInputElement>(null);
	useEffect(() => setLabels(session.mark.labels), [session.mark.labels]);
	const change = async (to: string[]) => {
		setLabels(to);
		setError("");
		try {
			setLabels((await changeMark(session, { labels: to })).labels);
		} catch (failure) {
			setLabels(labels);
			setError(messageOf(failure));
		}
	};
	const add = () => {
		const label = field.current?.value.trim() ?? "";
		if (field.current) field.current.value = "";
		if (label && !labels.includes(label)) void change([...labels, label]);
	};
	return (
		<span class="labels">
			{labels.map((label) => (
				<button
					key={label}
					type="button"
					class="badge label"
					aria-label={text.removeLabel(label)}
					onClick={() => {
						void change(labels.filter((it) => it !== label));
						field.current?.focus();
					}}
				>
					{label} <span aria-hidden="true">×</span>
				</button>
			))}
			<input
				ref={field}
				class="label-field"
				aria-label={text.addLabel}
				placeholder={labels.length < MAX_LABELS ? text.addLabel : text.labelLimitReached}
				disabled={labels.length >= MAX_LABELS}
				maxLength={MAX_LABEL_CHARS}
				onKeyDown={(event) => {
					if (event.key !== "Enter" && event.key !== ",") return;
					event.preventDefault();
					add();
				}}
				onChange={add}
			/>
			{error && (
				<span class="notice bad" role="alert">
					{error}
				</span>
			)}
		</span>
	);
}
