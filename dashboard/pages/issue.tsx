import { useEffect, useMemo } from "preact/hooks";
import type { IssueItem, Spread } from "../api.ts";
import { isLowerBound } from "../state/issue-stats.ts";
import { createIssue } from "../state/issues.ts";
import { watchPath } from "../state/paths.ts";
import { listHref, query } from "../state/route.ts";
import { Bars } from "../ui/chart.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { icons } from "../ui/icons.tsx";
import { Keys, walk } from "../ui/keys.tsx";
import { FreshButton, LoadFailed, MoreButton } from "../ui/paged.tsx";
import { type Share, Shares } from "../ui/shares.tsx";
import { Blank, Loading } from "../ui/shell.tsx";
import { count } from "../ui/table.tsx";
import { Ago, duration, exactTime } from "../ui/time.tsx";
import { Occurrence } from "./issues/occurrence.tsx";
import { RegressedBadge, Status, StatusButtons, statusKeys, UndoToast } from "./issues/status.tsx";
import { Figure } from "./reports/overview.tsx";

const DAY_MS = 86_400_000;
const DAYS = 30;

/** One kind of exception: how often, where, to whom, and each time it happened. */
export function IssuePage({ fingerprint }: { fingerprint: string }) {
	const named = query("project") ?? undefined;
	const detail = useMemo(() => createIssue(fingerprint, named), [fingerprint, named]);
	useEffect(() => detail.start(), [detail]);
	const { head, items, triage } = detail;
	const title = head.value?.issue.exceptionClass ?? "Issue";
	useEffect(() => {
		document.title = `${title} – Sentiero`;
	}, [title]);
	const back = (
		<a class="button quiet" href={listHref("/issues")}>
			{icons.back} Issues
		</a>
	);
	if (detail.status.value === "failed") {
		return (
			<LoadFailed what="This issue" error={detail.error.value} onRetry={detail.load}>
				{back}
			</LoadFailed>
		);
	}
	if (!head.value) {
		if (detail.status.value === "loading") return <Loading label="Loading the issue" />;
		return (
			<Blank title="There is no such issue">
				<p>It was never reported here, or is kept no more.</p>
				{back}
			</Blank>
		);
	}
	const { issue, spread, projects, project } = head.value;
	const several = projects.length > 1 ? project : undefined;
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
			<HowOften issue={issue} spread={spread} />
			<div class="issue-body">
				<div class="issue-spread">
					<Affected spread={spread} project={several} />
					<Facets spread={spread} />
				</div>
				<section class="issue-occurrences" aria-label="Occurrences">
					<div class="page-head">
						<h2>Occurrences</h2>
						<span class="sub">The newest first</span>
						<FreshButton list={detail} />
					</div>
					{!items.value.length && <p class="sub">None is kept any more.</p>}
					<ol class="occurrences">
						{items.value.map((it, i) => (
							<Occurrence key={it.id} occurrence={it} issue={issue} project={several} isOpen={i === 0} />
						))}
					</ol>
					<MoreButton list={detail} words="Show older occurrences" />
				</section>
			</div>
			<Keys
				keys={[
					{ key: "j", does: "Next occurrence", run: () => walk(".occurrences summary", 1) },
					{ key: "k", does: "Previous occurrence", run: () => walk(".occurrences summary", -1) },
					...statusKeys(triage, () => head.value?.issue),
				]}
			/>
		</div>
	);
}

function Facts({ issue: { firstSeen, lastSeen, resolvedAt, regressedAt, fingerprint } }: { issue: IssueItem }) {
	const times: [string, number | null][] = [
		["Last seen", lastSeen],
		["First seen", firstSeen],
		["Resolved", resolvedAt],
		["Came back", regressedAt],
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
				<dt>Fingerprint</dt>
				<dd>
					<code title={fingerprint}>{fingerprint.slice(0, 8)}</code>
					<CopyButton text={() => fingerprint} label="Copy the fingerprint" />
				</dd>
			</div>
		</dl>
	);
}

/** What is kept may begin later than the time that is asked about; then there was more, and nobody knows how much. */
function HowOften({ issue, spread }: { issue: IssueItem; spread: Spread }) {
	const { kept, oldest, lastDay, lastWeek, lastMonth } = spread;
	const lost = issue.count - kept;
	const within = (n: number, days: number) =>
		isLowerBound(spread, issue.count, n, days, Date.now()) ? (
			<>
				<span class="sub">at least</span> {count(n)}
			</>
		) : (
			count(n)
		);
	const counts = new Map(spread.days.map(({ day, count: n }) => [day, n]));
	const days = Array.from({ length: DAYS }, (_, i) =>
		new Date(Date.now() - (DAYS - 1 - i) * DAY_MS).toISOString().slice(0, 10),
	);
	return (
		<>
			<dl class="figures">
				<Figure label="In all" value={count(issue.count)} />
				<Figure label="Last 24 hours" value={within(lastDay, 1)} />
				<Figure label="Last 7 days" value={within(lastWeek, 7)} />
				<Figure label="Last 30 days" value={within(lastMonth, DAYS)} />
			</dl>
			<Bars
				title="Occurrences of the last 30 days, UTC"
				labels={days}
				series={[{ label: "Occurrences", values: days.map((day) => counts.get(day) ?? 0), color: "--error" }]}
				height={130}
			/>
			{lost > 0 && (
				<p class="sub">
					{count(kept)} of {count(issue.count)} occurrences are kept{oldest !== null && `, since ${exactTime(oldest)}`}.
					What follows is of those.
				</p>
			)}
		</>
	);
}

const CARDS = [
	["paths", "Request paths"],
	["environments", "Environments"],
	["browsers", "Browsers"],
	["releases", "Releases"],
] as const;

function Facets({ spread }: { spread: Spread }) {
	return (
		<>
			{CARDS.filter(([name]) => spread[name].length).map(([name, title]) => (
				<Shares
					key={name}
					title={title}
					rows={spread[name].map(
						(facet): Share => ({
							...{ name: facet.value, n: facet.count },
							...("firstSeen" in facet && {
								note: (
									<>
										first <Ago at={facet.firstSeen} />
									</>
								),
							}),
						}),
					)}
					note={
						spread.cut.includes(name) &&
						`There are more: these are the ${name === "releases" ? "newest" : "most frequent"}.`
					}
				/>
			))}
		</>
	);
}

function Affected({ spread, project }: { spread: Spread; project: string | undefined }) {
	return (
		<section class="card">
			<h2>Sessions it happened in</h2>
			{!spread.sessions.length && (
				<p class="sub">
					None is known. Reporters send the visitor’s <code>sentiero_sid</code> cookie along as <code>session_id</code>.
				</p>
			)}
			<ul class="affected">
				{spread.sessions.map(({ id, at, item, windowId, count: n, startedAt, lastAt, browser }) => (
					<li key={id}>
						{startedAt === null ? (
							<>
								<code title={id}>{id.slice(0, 8)}</code> <span class="sub">no longer recorded</span>
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
						<span class="number">{n === 1 ? "once" : `${count(n)} times`}</span>
					</li>
				))}
			</ul>
			{spread.cut.includes("sessions") && <p class="sub">There are more: these are the newest.</p>}
		</section>
	);
}
