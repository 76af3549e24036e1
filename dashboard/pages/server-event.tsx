import { api, readOrNull } from "../api.ts";
import { SLOW_REFRESH_MS, useReport } from "../state/report.ts";
import { listHref, query } from "../state/route.ts";
import { CopyButton } from "../ui/copy.tsx";
import { icons } from "../ui/icons.tsx";
import { PageShortcuts } from "../ui/keys.tsx";
import { LevelName } from "../ui/level.tsx";
import { LoadFailed } from "../ui/paged.tsx";
import { Blank, Loading } from "../ui/shell.tsx";
import { Ago, exactTime } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { SessionLink } from "./issues/session-link.tsx";
import * as text from "./server-events.text.ts";

/** The page of a server event with its payload. */
export function ServerEventPage({ id }: { id: string }) {
	const project = query("project") ?? undefined;
	const load = async () => ({
		found: await readOrNull(api["server-events"][":id"].$get({ param: { id }, query: { project } })),
	});
	const { data, error, reload } = useReport(`${project} ${id}`, load, SLOW_REFRESH_MS);
	useTitle(data?.found?.event.name ?? text.event);
	const back = (
		<a class="button quiet" href={listHref("/server-events")}>
			{icons.back} {text.title}
		</a>
	);
	if (!data) {
		if (!error) return <Loading label={text.loadingEvent} />;
		return (
			<LoadFailed what={text.thisEvent} error={error} onRetry={reload}>
				{back}
			</LoadFailed>
		);
	}
	if (!data.found) {
		return (
			<Blank title={text.noSuchEvent}>
				<p>{text.aboutNoSuchEvent}</p>
				{back}
			</Blank>
		);
	}
	const { event, project: eventProject, projects } = data.found;
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
					<p class="sub">{text.noSession}</p>
				) : (
					<SessionLink of={event} project={projects.length > 1 ? eventProject : undefined} />
				)}
			</div>
			{event.payload ? (
				<section aria-label={text.payload}>
					<div class="page-head">
						<h2>{text.payload}</h2>
						<CopyButton text={() => json} label={text.copyPayload} />
					</div>
					<pre class="record payload">{json}</pre>
				</section>
			) : (
				<p class="sub">{text.noPayload}</p>
			)}
			<PageShortcuts keys={[]} />
		</div>
	);
}
