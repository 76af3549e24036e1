import { useEffect, useMemo, useRef } from "preact/hooks";
import { ISSUE_STATUSES } from "../../../src/contract/reports.ts";
import type { IssueItem } from "../../api.ts";
import { createIssues, createTriage, issueQuery, type Triage } from "../../state/issues.ts";
import { withQuery } from "../../state/paths.ts";
import { go, query, setQuery } from "../../state/route.ts";
import { Choice, Filters, focusSearch, Pills, SearchBox } from "../../ui/filters.tsx";
import { useFocusFallback } from "../../ui/focus.ts";
import { Keys, walk } from "../../ui/keys.tsx";
import { FreshButton, LoadFailed, MoreButton, SkeletonRows, useLast } from "../../ui/paged.tsx";
import { Blank } from "../../ui/shell.tsx";
import { count } from "../../ui/table.tsx";
import { Ago } from "../../ui/time.tsx";
import { Reporting } from "../reporting.tsx";
import { RegressedBadge, STATUS_NAMES, Status, StatusButtons, statusKeys, UndoToast } from "./status.tsx";

const SORTS = [
	["last_seen", "Last seen first"],
	["first_seen", "Newest first"],
	["count", "Most frequent first"],
] as const;

const LINKS = "a.issue-name";
const ROWS = "tr[data-key]";

/** Exceptions that servers reported. */
export function ServerIssues() {
	const asked = issueQuery();
	const list = useMemo(() => createIssues(asked), [JSON.stringify(asked)]);
	useEffect(() => list.start(), [list]);
	// What was done, and what failed, is told whichever list is shown by then.
	const latest = useRef(list);
	latest.current = list;
	const triage = useMemo(() => createTriage(asked.project, (it) => latest.current.apply(it)), [asked.project]);
	const { status } = list;
	const shown = list.shown.value;
	const { counts, projects = [], project = "" } = useLast(list.head.value) ?? {};
	useFocusKept();

	if (status.value === "failed") {
		return <LoadFailed what="The issues" error={list.error.value} onRetry={list.load} />;
	}
	const total = counts && counts.open + counts.resolved + counts.ignored;
	const isLimited = Boolean(asked.q || asked.since || asked.until);
	const isEmpty = status.value === "ready" && !shown.length && !list.next.value;
	const since = asked.since ? Date.parse(asked.since) : null;
	const several = projects.length > 1 ? project : null;
	const isNothing = isEmpty && !isLimited && total === 0;
	return (
		<>
			{!(isNothing && !several) && (
				<Filters projects={projects} isPlain>
					<Pills
						label="Status"
						name="status"
						value={asked.status ?? "all"}
						preset="open"
						options={[
							...ISSUE_STATUSES.map((it) => [it, STATUS_NAMES[it], counts?.[it]] as const),
							["all", "All", total] as const,
						]}
					/>
					<SearchBox label="Search class, message" />
					<Choice
						label="Order"
						value={asked.sort ?? "last_seen"}
						options={SORTS}
						onChange={(sort) => setQuery({ sort: sort === "last_seen" ? null : sort })}
					/>
					<FreshButton list={list} />
				</Filters>
			)}
			<UndoToast triage={triage} />
			<table class="list issues" hidden={isEmpty} aria-busy={status.value === "loading"}>
				<thead>
					<tr>
						<th scope="col">Issue</th>
						<th scope="col" class="number">
							Times
						</th>
						<th scope="col">Last seen</th>
						<th scope="col">First seen</th>
						<th scope="col">Status</th>
						<th scope="col">
							<span class="hidden">Actions</span>
						</th>
					</tr>
				</thead>
				<tbody>
					{status.value === "loading" ? (
						<SkeletonRows widths={["14em", "2em", "5em", "5em", "4em", "8em"]} />
					) : (
						shown.map((issue) => (
							<Row
								key={issue.fingerprint}
								issue={issue}
								isNew={since !== null && issue.firstSeen >= since}
								href={withQuery(`/issues/${issue.fingerprint}`, { project: several, list: location.search.slice(1) })}
								triage={triage}
							/>
						))
					)}
				</tbody>
			</table>
			{isEmpty && isNothing && (
				<Reporting
					title="What goes wrong on your servers shows here"
					project={project}
					lane="errors"
					body={{ exception_class: "RuntimeError", message: "It broke", backtrace: ["app/cart.rb:42:in total"] }}
					verb="Report an exception"
				>
					Sentiero’s reporters do it by themselves; any program can. It is here at once.
				</Reporting>
			)}
			{isEmpty && !isNothing && <NoneLikeThat isLimited={isLimited} total={total ?? 0} />}
			<MoreButton list={list} words="Show more issues" />
			<Keys
				keys={[
					{ key: "j", does: "Next issue", run: () => walk(LINKS, 1) },
					{ key: "k", does: "Previous issue", run: () => walk(LINKS, -1) },
					{ key: "Enter", does: "Open the issue", run: () => rowOfFocus()?.querySelector<HTMLElement>(LINKS)?.click() },
					...statusKeys(triage, () => shown.find((it) => it.fingerprint === rowOfFocus()?.dataset.key)),
					{ key: "/", does: "Search", run: focusSearch },
				]}
			/>
		</>
	);
}

function rowOfFocus(): HTMLElement | null {
	return document.activeElement?.closest<HTMLElement>(ROWS) ?? null;
}

/** When the row, or the button, that had the focus is gone, the row in its place has it. */
function useFocusKept(): void {
	const row = rowOfFocus();
	const at = row ? [...row.parentElement!.children].indexOf(row) : -1;
	useFocusFallback(ROWS, () => [...document.querySelectorAll<HTMLElement>(LINKS)].slice(0, at + 1).at(-1));
}

interface RowProps {
	issue: IssueItem;
	isNew: boolean;
	href: string;
	triage: Triage;
}

function Row({ issue, isNew, href, triage }: RowProps) {
	return (
		<tr data-key={issue.fingerprint} onClick={(event) => !(event.target as Element).closest("a, button") && go(href)}>
			<th scope="row">
				<a href={href} class="issue-name">
					{issue.exceptionClass}
				</a>
				{isNew && <span class="badge new">new</span>}
				<RegressedBadge issue={issue} />
				<span class="sub message" title={issue.message}>
					{issue.message}
				</span>
			</th>
			<td class="number" data-label={issue.count === 1 ? "time" : "times"}>
				{count(issue.count)}
			</td>
			<td class="time" data-label="Last seen">
				<Ago at={issue.lastSeen} />
			</td>
			<td class="time" data-label="First seen">
				<Ago at={issue.firstSeen} />
			</td>
			<td>
				<Status issue={issue} />
			</td>
			<td class="row-actions">
				<StatusButtons issue={issue} triage={triage} isQuiet />
			</td>
		</tr>
	);
}

function NoneLikeThat({ isLimited, total }: { isLimited: boolean; total: number }) {
	const all = () => setQuery({ status: "all", q: null, days: null, since: null, until: null });
	const status = query("status") ?? "open";
	const title = isLimited ? "No issue is like that" : status === "open" ? "No issue is open" : `No issue is ${status}`;
	return (
		<Blank title={title}>
			<button type="button" class="button" onClick={all}>
				{!isLimited && total > 0 ? `Show all ${count(total)}` : "Show all issues"}
			</button>
		</Blank>
	);
}
