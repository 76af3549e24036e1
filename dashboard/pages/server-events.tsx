import { useEffect, useMemo } from "preact/hooks";
import { LEVELS } from "../../src/contract/reports.ts";
import type { ServerEventItem } from "../api.ts";
import { reportHref } from "../state/filters.ts";
import { watchPath, withQuery } from "../state/paths.ts";
import { go, setQuery } from "../state/route.ts";
import { createServerEvents, eventQuery, payloadSummary } from "../state/server-events.ts";
import { Filters, focusSearch, Pills, SearchBox } from "../ui/filters.tsx";
import { moveFocus, PageShortcuts } from "../ui/keys.tsx";
import { LevelName } from "../ui/level.tsx";
import { FreshButton, LoadFailed, MoreButton, SkeletonRows, useLast } from "../ui/paged.tsx";
import { Blank } from "../ui/shell.tsx";
import { Ago, shortTime } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { levels } from "../ui/ui.text.ts";
import { Reporting } from "./reporting.tsx";
import * as text from "./server-events.text.ts";

const LINK_SELECTOR = "a.event-name";

/** The list of server events, newest first. */
export function ServerEventsPage() {
	const filters = eventQuery();
	const list = useMemo(() => createServerEvents(filters), [JSON.stringify(filters)]);
	useTitle(text.title);
	useEffect(() => list.start(), [list]);
	const { status, items } = list;
	const { counts, projects = [], project = "" } = useLast(list.summary.value) ?? {};
	if (status.value === "failed") {
		return <LoadFailed what={text.theEvents} error={list.error.value} onRetry={list.load} />;
	}
	const total = counts && LEVELS.reduce((sum, level) => sum + counts[level], 0);
	const isEmpty = status.value === "ready" && !items.value.length;
	const isUnused = isEmpty && Object.keys(filters).every((name) => name === "project");
	const hasProjectChoice = projects.length > 1;
	const linkProject = hasProjectChoice ? project : null;
	return (
		<div class="page">
			<header class="page-head">
				<h1>{text.title}</h1>
				<p class="sub totals">
					{text.about} <a href={reportHref("overview")}>{text.analytics}</a>.
				</p>
			</header>
			{!(isUnused && !hasProjectChoice) && (
				<Filters projects={projects} isPlain>
					<Pills
						label={text.level}
						name="level"
						value={filters.level ?? "all"}
						preset="all"
						options={[
							["all", text.all, total] as const,
							...LEVELS.map((it) => [it, levels[it], counts?.[it]] as const),
						]}
					/>
					<SearchBox label={text.search} />
					<FreshButton list={list} />
				</Filters>
			)}
			<table class="list events-list" hidden={isEmpty} aria-busy={status.value === "loading"}>
				<thead>
					<tr>
						<th scope="col">{text.event}</th>
						<th scope="col">{text.level}</th>
						<th scope="col">{text.when}</th>
						<th scope="col">{text.session}</th>
					</tr>
				</thead>
				<tbody>
					{status.value === "loading" ? (
						<SkeletonRows widths={["10em", "5.5em", "9em", "3.6em"]} />
					) : (
						items.value.map((event) => (
							<Row
								key={event.id}
								event={event}
								href={withQuery(`/server-events/${event.id}`, { project: linkProject, list: location.search.slice(1) })}
								project={linkProject ?? undefined}
							/>
						))
					)}
				</tbody>
			</table>
			{isUnused && (
				<Reporting
					title={text.setupTitle}
					project={project}
					endpoint="track"
					body={{ name: "order.paid", level: "info", payload: { total: 42 } }}
					lastStep={text.reportEvent}
				>
					{text.sendSession} <code>sentiero_sid</code> {text.asSessionId} <code>session_id</code> {text.toLink}
				</Reporting>
			)}
			{isEmpty && !isUnused && (
				<Blank title={text.noMatches}>
					<button
						type="button"
						class="button"
						onClick={() => setQuery({ level: null, q: null, days: null, since: null, until: null })}
					>
						{text.showAll}
					</button>
				</Blank>
			)}
			<MoreButton list={list} label={text.showOlder} />
			<PageShortcuts
				keys={[
					{ key: "j", does: text.nextEvent, run: () => moveFocus(LINK_SELECTOR, 1) },
					{ key: "k", does: text.previousEvent, run: () => moveFocus(LINK_SELECTOR, -1) },
					{ key: "/", does: text.focusSearch, run: focusSearch },
				]}
			/>
		</div>
	);
}

interface RowProps {
	event: ServerEventItem;
	href: string;
	/** Project to name in links; undefined if there is only one project. */
	project: string | undefined;
}

function Row({ event, href, project }: RowProps) {
	const { name, level, at, sessionId, isRecorded } = event;
	const summary = payloadSummary(event);
	const label = text.eventName(name, summary, shortTime(at));
	return (
		<tr onClick={({ target }) => !(target as Element).closest("a, button") && go(href)}>
			<th scope="row">
				<a href={href} class="event-name" aria-label={label}>
					{name}
				</a>
				<span class="sub message" title={summary}>
					{summary}
				</span>
			</th>
			<td>
				<LevelName level={level} />
			</td>
			<td class="time">
				<Ago at={at} />
			</td>
			<td>
				{sessionId === null ? (
					<span class="sub">–</span>
				) : isRecorded ? (
					<a href={watchPath(sessionId, project, event)} aria-label={text.watchMomentOf(label)}>
						{text.watch}
					</a>
				) : (
					<span class="sub" title={sessionId}>
						{text.notRecorded}
					</span>
				)}
			</td>
		</tr>
	);
}
