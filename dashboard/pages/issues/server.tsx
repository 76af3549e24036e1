import { useEffect, useMemo, useRef } from "preact/hooks";
import { ISSUE_STATUSES } from "../../../src/contract/reports.ts";
import type { IssueItem } from "../../api.ts";
import { createIssues, createTriage, issueQuery, type Triage } from "../../state/issues.ts";
import { withQuery } from "../../state/paths.ts";
import { go, query, setQuery } from "../../state/route.ts";
import { Choice, Filters, focusSearch, Pills, SearchBox } from "../../ui/filters.tsx";
import { useFocusFallback } from "../../ui/focus.ts";
import { moveFocus, PageShortcuts } from "../../ui/keys.tsx";
import { FreshButton, LoadFailed, MoreButton, SkeletonRows, useLast } from "../../ui/paged.tsx";
import { Blank } from "../../ui/shell.tsx";
import { count } from "../../ui/table.tsx";
import { Ago } from "../../ui/time.tsx";
import * as text from "../issues.text.ts";
import { Reporting } from "../reporting.tsx";
import { RegressedBadge, Status, StatusButtons, statusKeys, UndoToast } from "./status.tsx";

const LINK_SELECTOR = "a.issue-name";
const ROW_SELECTOR = "tr[data-key]";

/** The list of server issues. */
export function ServerIssues() {
	const filters = issueQuery();
	const list = useMemo(() => createIssues(filters), [JSON.stringify(filters)]);
	useEffect(() => list.start(), [list]);
	// If the filters change while a status is being changed, the result is applied to the list that is shown by then.
	const latest = useRef(list);
	latest.current = list;
	const triage = useMemo(() => createTriage(filters.project, (it) => latest.current.apply(it)), [filters.project]);
	const { status } = list;
	const shown = list.shown.value;
	const { counts, projects = [], project = "" } = useLast(list.summary.value) ?? {};
	useRowFocus();

	if (status.value === "failed") {
		return <LoadFailed what={text.theIssues} error={list.error.value} onRetry={list.load} />;
	}
	const total = counts && counts.open + counts.resolved + counts.ignored;
	const isLimited = Boolean(filters.q || filters.since || filters.until);
	const isEmpty = status.value === "ready" && !shown.length && !list.next.value;
	const since = filters.since ? Date.parse(filters.since) : null;
	const hasProjectChoice = projects.length > 1;
	const linkProject = hasProjectChoice ? project : null;
	const isUnused = isEmpty && !isLimited && total === 0;
	return (
		<>
			{!(isUnused && !hasProjectChoice) && (
				<Filters projects={projects} isPlain>
					<Pills
						label={text.status}
						name="status"
						value={filters.status ?? "all"}
						preset="open"
						options={[
							...ISSUE_STATUSES.map((it) => [it, text.statuses[it], counts?.[it]] as const),
							["all", text.all, total] as const,
						]}
					/>
					<SearchBox label={text.search} />
					<Choice
						label={text.order}
						value={filters.sort ?? "last_seen"}
						options={text.orders}
						onChange={(sort) => setQuery({ sort: sort === "last_seen" ? null : sort })}
					/>
					<FreshButton list={list} />
				</Filters>
			)}
			<UndoToast triage={triage} />
			<table class="list issues" hidden={isEmpty} aria-busy={status.value === "loading"}>
				<thead>
					<tr>
						<th scope="col">{text.issue}</th>
						<th scope="col" class="number">
							{text.occurrences}
						</th>
						<th scope="col">{text.lastSeen}</th>
						<th scope="col">{text.firstSeen}</th>
						<th scope="col">{text.status}</th>
						<th scope="col">
							<span class="hidden">{text.actions}</span>
						</th>
					</tr>
				</thead>
				<tbody>
					{status.value === "loading" ? (
						<SkeletonRows widths={["14em", "2em", "5em", "9em", "4em", "9.9em"]} />
					) : (
						shown.map((issue) => (
							<Row
								key={issue.fingerprint}
								issue={issue}
								isNew={since !== null && issue.firstSeen >= since}
								href={withQuery(`/issues/${issue.fingerprint}`, {
									project: linkProject,
									list: location.search.slice(1),
								})}
								triage={triage}
							/>
						))
					)}
				</tbody>
			</table>
			{isEmpty && isUnused && (
				<Reporting
					title={text.setupTitle}
					project={project}
					endpoint="errors"
					body={{ exception_class: "RuntimeError", message: "It broke", backtrace: ["app/cart.rb:42:in total"] }}
					lastStep={text.reportException}
				>
					{text.aboutReporting}
				</Reporting>
			)}
			{isEmpty && !isUnused && <NoMatches isLimited={isLimited} total={total ?? 0} />}
			<MoreButton list={list} label={text.showMore} />
			<PageShortcuts
				keys={[
					{ key: "j", does: text.nextIssue, run: () => moveFocus(LINK_SELECTOR, 1) },
					{ key: "k", does: text.previousIssue, run: () => moveFocus(LINK_SELECTOR, -1) },
					{
						key: "Enter",
						does: text.openIssue,
						run: () => rowOfFocus()?.querySelector<HTMLElement>(LINK_SELECTOR)?.click(),
					},
					...statusKeys(triage, () => shown.find((it) => it.fingerprint === rowOfFocus()?.dataset.key)),
					{ key: "/", does: text.focusSearch, run: focusSearch },
				]}
			/>
		</>
	);
}

function rowOfFocus(): HTMLElement | null {
	return document.activeElement?.closest<HTMLElement>(ROW_SELECTOR) ?? null;
}

/** When the focused row is removed, moves the focus to the row that takes its place. */
function useRowFocus(): void {
	const row = rowOfFocus();
	const at = row ? [...row.parentElement!.children].indexOf(row) : -1;
	useFocusFallback(ROW_SELECTOR, () =>
		[...document.querySelectorAll<HTMLElement>(LINK_SELECTOR)].slice(0, at + 1).at(-1),
	);
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
				<a href={href} class="issue-name" aria-label={text.issueName(issue.exceptionClass, issue.message)}>
					{issue.exceptionClass}
				</a>
				{isNew && <span class="badge new">{text.isNew}</span>}
				<RegressedBadge issue={issue} />
				<span class="sub message" title={issue.message}>
					{issue.message}
				</span>
			</th>
			<td class="number" data-label={text.occurrenceUnit(issue.count)}>
				{count(issue.count)}
			</td>
			<td class="time" data-label={text.lastSeen}>
				<Ago at={issue.lastSeen} />
			</td>
			<td class="time" data-label={text.firstSeen}>
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

function NoMatches({ isLimited, total }: { isLimited: boolean; total: number }) {
	const all = () => setQuery({ status: "all", q: null, days: null, since: null, until: null });
	const status = query("status") ?? "open";
	const title = isLimited ? text.noMatches : text.noneWithStatus(status);
	return (
		<Blank title={title}>
			<button type="button" class="button" onClick={all}>
				{!isLimited && total > 0 ? text.showAllCount(total) : text.showAll}
			</button>
		</Blank>
	);
}
