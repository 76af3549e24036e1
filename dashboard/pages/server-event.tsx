import { useEffect } from "preact/hooks";
import { api, readOrNull } from "../api.ts";
import { SLOW_REFRESH_MS, useReport } from "../state/report.ts";
import { listHref, query } from "../state/route.ts";
import { CopyButton } from "../ui/copy.tsx";
import { icons } from "../ui/icons.tsx";
import { Keys } from "../ui/keys.tsx";
import { LevelName } from "../ui/level.tsx";
import { Blank, Loading } from "../ui/shell.tsx";
import { Ago, exactTime } from "../ui/time.tsx";
import { SessionLink } from "./issues/session-link.tsx";

/** One event of a server, with all that it said. */
export function ServerEventPage({ id }: { id: string }) {
	const project = query("project") ?? undefined;
	const ask = async () => ({
		found: await readOrNull(api["server-events"][":id"].$get({ param: { id }, query: { project } })),
	});
	const { data, error, reload } = useReport(`${project} ${id}`, ask, SLOW_REFRESH_MS);
	const title = data?.found?.event.name ?? "Event";
	useEffect(() => {
		document.title = `${title} – Sentiero`;
	}, [title]);
	const back = (
		<a class="button quiet" href={listHref("/server-events")}>
			{icons.back} Events
		</a>
	);
	if (!data) {
		if (!error) return <Loading label="Loading the event" />;
		return (
			<Blank title="This event could not be loaded">
				<p>{error}</p>
				<button type="button" class="button" onClick={reload}>
					Try again
				</button>
				{back}
			</Blank>
		);
	}
	if (!data.found) {
		return (
			<Blank title="There is no such event">
				<p>It was never told here, or is kept no more.</p>
				{back}
			</Blank>
		);
	}
	const { event, project: own, projects } = data.found;
	const json = JSON.stringify(event.payload, null, 2);
	return (
		<div class="page issue">
			<header class="page-head">{back}</header>
			<div class="issue-title">
				<h1>{event.name}</h1>
				<LevelName level={event.level} />
			</div>
			<p class="sub">
				<Ago at={event.at} />, {exactTime(event.at)}
			</p>
			<div class="event-session">
				{event.sessionId === null ? (
					<p class="sub">It was told without a session.</p>
				) : (
					<SessionLink of={event} project={projects.length > 1 ? own : undefined} />
				)}
			</div>
			{event.payload ? (
				<section aria-label="Payload">
					<div class="page-head">
						<h2>Payload</h2>
						<CopyButton text={() => json} label="Copy the payload" />
					</div>
					<pre class="record payload">{json}</pre>
				</section>
			) : (
				<p class="sub">It came without a payload.</p>
			)}
			<Keys keys={[]} />
		</div>
	);
}
