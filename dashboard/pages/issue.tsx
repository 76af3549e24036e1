import { useEffect, useMemo } from "preact/hooks";
import type { IssueItem, OccurrenceStats } from "../api.ts";
import { isoDay } from "../state/filters.ts";
import { isLowerBound } from "../state/issue-stats.ts";
import { createIssue } from "../state/issues.ts";
import { watchPath } from "../state/paths.ts";
import { listHref, query } from "../state/route.ts";
import { Chart } from "../ui/chart.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { CountsCard, type ValueCount } from "../ui/counts-card.tsx";
import { icons } from "../ui/icons.tsx";
import { moveFocus, PageShortcuts } from "../ui/keys.tsx";
import { FreshButton, LoadFailed, MoreButton } from "../ui/paged.tsx";
import { Blank, Loading } from "../ui/shell.tsx";
import { count } from "../ui/table.tsx";
import { Ago, duration, exactTime } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { Occurrence } from "./issues/occurrence.tsx";
import { RegressedBadge, Status, StatusButtons, statusKeys, UndoToast } from "./issues/status.tsx";
import * as text from "./issues.text.ts";
import { Figure } from "./reports/overview.tsx";

const DAY_MS = 86_400_000;
const DAYS = 30;

/** The page of an issue: how often and where the issue occurs, affected sessions, and occurrences. */
export function IssuePage({ fingerprint }: { fingerprint: string }) {
	const urlProject = query("project") ?? undefined;
	const detail = useMemo(() => createIssue(fingerprint, urlProject), [fingerprint, urlProject]);
	useEffect(() => detail.start(), [detail]);
	const { summary, items, triage } = detail;
	useTitle(summary.value?.issue.exceptionClass ?? text.issue);
	const back = (
		<a class="button quiet" href={listHref("/issues")}>
			{icons.back} {text.title}
		</a>
	);
	if (detail.status.value === "failed") {
		return (
			<LoadFailed what={text.thisIssue} error={detail.error.value} onRetry={detail.load}>
				{back}
			</LoadFailed>
		);
	}
	if (!summary.value) {
		if (detail.status.value === "loading") return <Loading label={text.loadingIssue} />;
		return (
			<Blank title={text.noSuchIssue}>
				<p>{text.aboutNoSuchIssue}</p>
				{back}
			</Blank>
		);
	}
	const { issue, spread, projects, project } = summary.value;
	const linkProject = projects.length > 1 ? project : undefined;
	return (
		<div class="page issue">
			<header class="page-head">
				{back}
				<div class="issue-verbs">
					<StatusButtons issue={issue} triage={triage} />
				</div>
			</header>
			<div class="issue-title">
				<h1>{issue.exceptionClass}</h1>
				<Status issue={issue} />
				<RegressedBadge issue={issue} />
			</div>
			<p class="issue-message">{issue.message}</p>
			<UndoToast triage={triage} />
			<Facts issue={issue} />
			<Frequency issue={issue} spread={spread} />
			<div class="issue-body">
				<div class="issue-spread">
					<Affected spread={spread} project={linkProject} />
					<Facets spread={spread} />
				</div>
				<section class="issue-occurrences" aria-label={text.occurrences}>
					<div class="page-head">
						<h2>{text.occurrences}</h2>
						<span class="sub">{text.newestFirst}</span>
						<FreshButton list={detail} />
					</div>
					{!items.value.length && <p class="sub">{text.noneStored}</p>}
					<ol class="occurrences">
						{items.value.map((it, i) => (
							<Occurrence key={it.id} occurrence={it} issue={issue} project={linkProject} isOpen={i === 0} />
						))}
					</ol>
					<MoreButton list={detail} label={text.showOlder} />
				</section>
			</div>
			<PageShortcuts
				keys={[
					{ key: "j", does: text.nextOccurrence, run: () => moveFocus(".occurrences summary", 1) },
					{ key: "k", does: text.previousOccurrence, run: () => moveFocus(".occurrences summary", -1) },
					...statusKeys(triage, () => summary.value?.issue),
				]}
			/>
		</div>
	);
}

function Facts({ issue: { firstSeen, lastSeen, resolvedAt, regressedAt, fingerprint } }: { issue: IssueItem }) {
	const times: [string, number | null][] = [
		[text.lastSeen, lastSeen],
		[text.firstSeen, firstSeen],
		[text.resolved, resolvedAt],
		[text.regressed, regressedAt],
	];
	return (
		<dl class="facts issue-facts">
			{times.map(([name, at]) =>
				at === null ? null : (
					<div key={name}>
						<dt>{name}</dt>
						<dd>
							<Ago at={at} />
						</dd>
					</div>
				),
			)}
			<div>
				<dt>{text.fingerprint}</dt>
				<dd>
					<code title={fingerprint}>{fingerprint.slice(0, 8)}</code>
					<CopyButton text={() => fingerprint} label={text.copyFingerprint} />
				</dd>
			</div>
		</dl>
	);
}

/** How often an issue occurred. A count is marked "at least" if occurrences of its period may have been deleted. */
function Frequency({ issue, spread }: { issue: IssueItem; spread: OccurrenceStats }) {
	const { kept, oldest, lastDay, lastWeek, lastMonth } = spread;
	const deleted = issue.count - kept;
	const within = (n: number, days: number) =>
		isLowerBound(spread, issue.count, n, days, Date.now()) ? (
			<>
				<span class="sub">{text.atLeast}</span> {count(n)}
			</>
		) : (
			count(n)
		);
	const counts = new Map(spread.days.map(({ day, count: n }) => [day, n]));
	const days = Array.from({ length: DAYS }, (_, i) => isoDay(Date.now() - (DAYS - 1 - i) * DAY_MS));
	return (
		<>
			<dl class="figures">
				<Figure label={text.total} value={count(issue.count)} />
				<Figure label={text.last24Hours} value={within(lastDay, 1)} />
				<Figure label={text.last7Days} value={within(lastWeek, 7)} />
				<Figure label={text.last30Days} value={within(lastMonth, DAYS)} />
			</dl>
			<Chart
				title={text.chart}
				labels={days}
				series={[{ label: text.occurrences, values: days.map((day) => counts.get(day) ?? 0), color: "--error" }]}
				height={130}
			/>
			{deleted > 0 && <p class="sub">{text.storedOf(kept, issue.count, oldest === null ? null : exactTime(oldest))}</p>}
		</>
	);
}

const CARDS = [
	["paths", text.paths],
	["environments", text.environments],
	["browsers", text.browsers],
	["releases", text.releases],
] as const;

function Facets({ spread }: { spread: OccurrenceStats }) {
	return (
		<>
			{CARDS.filter(([name]) => spread[name].length).map(([name, title]) => (
				<CountsCard
					key={name}
					title={title}
					rows={spread[name].map(
						(facet): ValueCount => ({
							...{ name: facet.value, n: facet.count },
							...("firstSeen" in facet && {
								note: (
									<>
										{text.first} <Ago at={facet.firstSeen} />
									</>
								),
							}),
						}),
					)}
					note={spread.cut.includes(name) && (name === "releases" ? text.onlyNewest : text.onlyMostFrequent)}
				/>
			))}
		</>
	);
}

function Affected({ spread, project }: { spread: OccurrenceStats; project: string | undefined }) {
	return (
		<section class="card">
			<h2>{text.affectedSessions}</h2>
			{!spread.sessions.length && (
				<p class="sub">
					{text.noSessions} <code>sentiero_sid</code> {text.asSessionId} <code>session_id</code>.
				</p>
			)}
			<ul class="affected">
				{spread.sessions.map(({ id, at, item, windowId, count: n, startedAt, lastAt, browser }) => (
					<li key={id}>
						{startedAt === null ? (
							<>
								<code title={id}>{id.slice(0, 8)}</code> <span class="sub">{text.notRecorded}</span>
							</>
						) : (
							<>
								<a href={watchPath(id, project, { id: item, at, windowId })}>
									<Ago at={at} />
								</a>{" "}
								<span class="sub">
									{[browser, duration((lastAt ?? startedAt) - startedAt)].filter(Boolean).join(" · ")}
								</span>
							</>
						)}
						<span class="number">{text.times(n)}</span>
					</li>
				))}
			</ul>
			{spread.cut.includes("sessions") && <p class="sub">{text.onlyNewest}</p>}
		</section>
	);
}
