import type { ComponentChildren } from "preact";
import type { IssueStatus } from "../../../src/contract/reports.ts";
import type { IssueItem } from "../../api.ts";
import type { Triage } from "../../state/issues.ts";
import { useFocusFallback } from "../../ui/focus.ts";
import type { Key } from "../../ui/keys.tsx";
import { useLast } from "../../ui/paged.tsx";
import { exactTime } from "../../ui/time.tsx";

/** What becomes of an issue. */

export const STATUS_NAMES: Record<IssueStatus, string> = { open: "Open", resolved: "Resolved", ignored: "Ignored" };

/** Each with its shape: a ring, a tick, a stroke. */
const SHAPES: Record<IssueStatus, ComponentChildren> = {
	open: <circle cx="6" cy="6" r="4" />,
	resolved: <path d="m1.8 6.4 2.8 2.8L10.2 3" />,
	ignored: <path d="M2 6h8" />,
};

export function Status({ issue: { status, resolvedAt } }: { issue: IssueItem }) {
	return (
		<span class="issue-status" data-status={status} title={resolvedAt ? `Since ${exactTime(resolvedAt)}` : undefined}>
			<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
				{SHAPES[status]}
			</svg>
			{STATUS_NAMES[status]}
		</span>
	);
}

export function RegressedBadge({ issue: { status, regressedAt } }: { issue: IssueItem }) {
	if (status !== "open" || regressedAt === null) return null;
	return (
		<span class="badge came-back" title={`It was resolved, and came again: ${exactTime(regressedAt)}`}>
			came back
		</span>
	);
}

const VERBS: [to: IssueStatus, verb: string, key: string][] = [
	["resolved", "Resolve", "e"],
	["ignored", "Ignore", "i"],
	["open", "Reopen", "o"],
];

interface ButtonsProps {
	issue: IssueItem;
	triage: Triage;
	isQuiet?: boolean;
}

/** All but the one that it is. */
export function StatusButtons({ issue, triage, isQuiet }: ButtonsProps) {
	useFocusFallback(".issue-verbs", () => verbOf(issue.status));
	return (
		<>
			{VERBS.filter(([to]) => to !== issue.status).map(([to, verb]) => (
				<button
					key={to}
					type="button"
					class={isQuiet ? "button quiet" : "button"}
					aria-label={isQuiet ? `${verb} ${issue.exceptionClass}` : undefined}
					onClick={() => void triage.set(issue, to)}
				>
					{verb}
				</button>
			))}
		</>
	);
}

/** Of the page of an issue: what leads back from there. */
function verbOf(status: IssueStatus): HTMLElement | null {
	return document.querySelector(`.issue-verbs button:${status === "open" ? "first" : "last"}-child`);
}

/** @param find the issue that they are for; null: none */
export function statusKeys(triage: Triage, find: () => IssueItem | null | undefined): Key[] {
	return [
		...VERBS.map(([to, verb, key]) => ({
			...{ key, does: `${verb} the issue` },
			run() {
				const issue = find();
				if (issue) void triage.set(issue, to);
			},
		})),
		{ key: "z", does: "Undo that", run: () => void triage.undo() },
	];
}

const DONE: Record<IssueStatus, string> = { open: "open again", resolved: "resolved", ignored: "ignored" };

/** What was done, and the way back; or why it was not. */
export function UndoToast({ triage }: { triage: Triage }) {
	const done = triage.done.value;
	const last = useLast(done);
	useFocusFallback(".toast", () => {
		const row = document.querySelector<HTMLElement>(`tr[data-key="${last?.issue.fingerprint}"] a`);
		return row ?? verbOf(last?.was ?? "open");
	});
	return (
		<div class="toast">
			<p role="status">
				{done && (
					<>
						<b>{done.issue.exceptionClass}</b> is {DONE[done.issue.status]}.{" "}
						<button type="button" class="button quiet" onClick={() => void triage.undo()}>
							Undo <kbd>z</kbd>
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
