import type { ComponentChildren } from "preact";
import type { IssueStatus } from "../../../src/contract/reports.ts";
import type { IssueItem } from "../../api.ts";
import type { Triage } from "../../state/issues.ts";
import { useFocusFallback } from "../../ui/focus.ts";
import type { Shortcut } from "../../ui/keys.tsx";
import { useLast } from "../../ui/paged.tsx";
import { exactTime } from "../../ui/time.tsx";
import * as text from "../issues.text.ts";

/** Components that show and change the status of an issue: badge, buttons, shortcuts and toast. */

/** Each status has its own shape, so that color is never the only cue. */
const SHAPES: Record<IssueStatus, ComponentChildren> = {
	open: <circle cx="6" cy="6" r="4" />,
	resolved: <path d="m1.8 6.4 2.8 2.8L10.2 3" />,
	ignored: <path d="M2 6h8" />,
};

export function Status({ issue: { status, resolvedAt } }: { issue: IssueItem }) {
	return (
		<span class="issue-status" data-status={status} title={resolvedAt ? text.since(exactTime(resolvedAt)) : undefined}>
			<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
				{SHAPES[status]}
			</svg>
			{text.statuses[status]}
		</span>
	);
}

export function RegressedBadge({ issue: { status, regressedAt } }: { issue: IssueItem }) {
	if (status !== "open" || regressedAt === null) return null;
	return (
		<span class="badge regressed" title={text.regressedAt(exactTime(regressedAt))}>
			{text.regressed}
		</span>
	);
}

const CHANGES: [to: IssueStatus, key: string][] = [
	["resolved", "e"],
	["ignored", "i"],
	["open", "o"],
];

interface ButtonsProps {
	issue: IssueItem;
	triage: Triage;
	isQuiet?: boolean;
}

/** A button for each status that the issue does not have. */
export function StatusButtons({ issue, triage, isQuiet }: ButtonsProps) {
	useFocusFallback(".issue-verbs", () => reverseButton(issue.status));
	return (
		<>
			{CHANGES.filter(([to]) => to !== issue.status).map(([to]) => (
				<button
					key={to}
					type="button"
					class={isQuiet ? "button quiet" : "button"}
					aria-label={
						isQuiet ? text.setStatus(text.verbs[to], text.issueName(issue.exceptionClass, issue.message)) : undefined
					}
					onClick={() => void triage.set(issue, to)}
				>
					{text.verbs[to]}
				</button>
			))}
		</>
	);
}

/** Returns the button on an issue's page that reverses its status: Reopen or, if the issue is open, Resolve. */
function reverseButton(status: IssueStatus): HTMLElement | null {
	return document.querySelector(`.issue-verbs button:${status === "open" ? "first" : "last"}-child`);
}

/** Returns the shortcuts that change a status. @param find returns the issue to change */
export function statusKeys(triage: Triage, find: () => IssueItem | null | undefined): Shortcut[] {
	return [
		...CHANGES.map(([to, key]) => ({
			...{ key, does: text.verbIssue(text.verbs[to]) },
			run() {
				const issue = find();
				if (issue) void triage.set(issue, to);
			},
		})),
		{ key: "z", does: text.undoLast, run: () => void triage.undo() },
	];
}

/** A toast with the last change and a button to undo it, and with the error of a change that failed. */
export function UndoToast({ triage }: { triage: Triage }) {
	const done = triage.done.value;
	const last = useLast(done);
	useFocusFallback(".toast", () => {
		const row = document.querySelector<HTMLElement>(`tr[data-key="${last?.issue.fingerprint}"] a`);
		return row ?? reverseButton(last?.previous ?? "open");
	});
	return (
		<div class="toast">
			<p role="status">
				{done && (
					<>
						<b>{done.issue.exceptionClass}</b> {text.results[done.issue.status]}.{" "}
						<button type="button" class="button quiet" onClick={() => void triage.undo()}>
							{text.undo} <kbd>z</kbd>
						</button>
					</>
				)}
			</p>
			{triage.error.value && (
				<p class="notice bad" role="alert">
					{triage.error.value}
				</p>
			)}
		</div>
	);
}
