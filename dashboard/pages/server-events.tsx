import { useEffect, useMemo } from "preact/hooks";
import { LEVELS } from "../../src/contract/reports.ts";
import type { ServerEventItem } from "../api.ts";
import { reportHref } from "../state/filters.ts";
import { watchPath, withQuery } from "../state/paths.ts";
import { go, setQuery } from "../state/route.ts";
import { createServerEvents, eventQuery, payloadSummary } from "../state/server-events.ts";
import { Filters, focusSearch, Pills, SearchBox } from "../ui/filters.tsx";
import { Keys, walk } from "../ui/keys.tsx";
import { LEVEL_NAMES, LevelName } from "../ui/level.tsx";
import { FreshButton, LoadFailed, MoreButton, SkeletonRows, useLast } from "../ui/paged.tsx";
import { Blank } from "../ui/shell.tsx";
import { Ago } from "../ui/time.tsx";
import { Reporting } from "./reporting.tsx";

const LINKS = "a.event-name";

/** What servers tell that happened, the newest first. */
export function ServerEventsPage() {
	const asked = eventQuery();
	const list = useMemo(() => createServerEvents(asked), [JSON.stringify(asked)]);
	useEffect(() => {
		document.title = "Events – Sentiero";
		return list.start();
	}, [list]);
	const { status, items } = list;
	const { counts, projects = [], project = "" } = useLast(list.head.value) ?? {};
	if (status.value === "failed") {
		return <LoadFailed what="The events" error={list.error.value} onRetry={list.load} />;
	}
	const total = counts && LEVELS.reduce((sum, level) => sum + counts[level], 0);
	const isEmpty = status.value === "ready" && !items.value.length;
	const isNothing = isEmpty && Object.keys(asked).every((name) => name === "project");
	const several = projects.length > 1 ? project : null;
	return (
		<div class="page">
			<header class="page-head">
				<h1>Events</h1>
				<p class="sub totals">
					Of your servers. Those that pages send are under <a href={reportHref("overview")}>Analytics</a>.
				</p>
			</header>
			{!(isNothing && !several) && (
				<Filters projects={projects} isPlain>
					<Pills
						label="Level"
						name="level"
						value={asked.level ?? "all"}
						preset="all"
						options={[
							["all", "All", total] as const,
							...LEVELS.map((it) => [it, LEVEL_NAMES[it], counts?.[it]] as const),
						]}
					/>
					<SearchBox label="Search name" />
					<FreshButton list={list} />
				</Filters>
			)}
			<table class="list events-list" hidden={isEmpty} aria-busy={status.value === "loading"}>
				<thead>
					<tr>
						<th scope="col">Event</th>
						<th scope="col">Level</th>
						<th scope="col">When</th>
						<th scope="col">Session</th>
					</tr>
				</thead>
				<tbody>
					{status.value === "loading" ? (
						<SkeletonRows widths={["10em", "4em", "6em", "4em"]} />
					) : (
						items.value.map((event) => (
							<Row
								key={event.id}
								event={event}
								href={withQuery(`/server-events/${event.id}`, { project: several, list: location.search.slice(1) })}
								project={several ?? undefined}
							/>
						))
					)}
				</tbody>
			</table>
			{isNothing && (
				<Reporting
					title="What happens on your servers shows here"
					project={project}
					lane="track"
					body={{ name: "order.paid", level: "info", payload: { total: 42 } }}
					verb="Tell of an event"
				>
					Give it the visitor’s <code>sentiero_sid</code> cookie as <code>session_id</code>, and it leads to what they
					saw.
				</Reporting>
			)}
			{isEmpty && !isNothing && (
				<Blank title="No event is like that">
					<button
						type="button"
						class="button"
						onClick={() => setQuery({ level: null, q: null, days: null, since: null, until: null })}
					>
						Show all events
					</button>
				</Blank>
			)}
			<MoreButton list={list} words="Show older events" />
			<Keys
				keys={[
					{ key: "j", does: "Next event", run: () => walk(LINKS, 1) },
					{ key: "k", does: "Previous event", run: () => walk(LINKS, -1) },
					{ key: "/", does: "Search", run: focusSearch },
				]}
			/>
		</div>
	);
}

interface RowProps {
	event: ServerEventItem;
	href: string;
	/** Named in links where there are several. */
	project: string | undefined;
}

function Row({ event, href, project }: RowProps) {
	const { name, level, at, sessionId, isRecorded } = event;
	const brief = payloadSummary(event);
	return (
		<tr onClick={({ target }) => !(target as Element).closest("a, button") && go(href)}>
			<th scope="row">
				<a href={href} class="event-name">
					{name}
				</a>
				<span class="sub message" title={brief}>
					{brief}
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
					<a href={watchPath(sessionId, project, event)} aria-label={`Watch ${name}`}>
						Watch
					</a>
				) : (
					<span class="sub" title={sessionId}>
						no longer recorded
					</span>
				)}
			</td>
		</tr>
	);
}
