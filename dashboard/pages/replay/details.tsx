import { useEffect, useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import type { PersonInfo } from "../../api.ts";
import { sessionPath } from "../../state/paths.ts";
import type { Replay } from "../../state/replay.ts";
import { countryName } from "../../ui/country.ts";
import { Ago, bytes, duration, exactTime } from "../../ui/time.tsx";
import * as text from "./panels.text.ts";

/** Properties of the session, and other sessions of the same person. */
export function Details({ replay }: { replay: Replay }) {
	const session = replay.detail.value?.session;
	if (!session) return null;
	const { client, metadata } = session;
	const view = replay.view.value;
	const active = replay.timeline.value?.bursts.reduce((sum, [a, b]) => sum + b - a, 0) ?? 0;
	const length = replay.duration.value;
	const facts: [string, string][] = [
		[text.sessionId, session.id],
		[text.started, exactTime(session.startedAt)],
		[text.duration, duration(session.lastAt - session.startedAt)],
		[text.activeTime, length ? text.active(duration(active), Math.min(100, Math.round((active / length) * 100))) : ""],
		[text.device, [client.device, client.os, client.browser].filter(Boolean).join(" · ")],
		[text.viewport, view ? text.size(view.width, view.height) : ""],
		[
			text.location,
			[client.city, client.region, client.country && countryName(client.country)].filter(Boolean).join(", "),
		],
		[text.timeZone, client.timezone ?? ""],
		[text.stored, text.eventsAndSize(session.events, bytes(session.bytes))],
		...Object.entries(metadata).map(([key, value]): [string, string] => [key, String(value)]),
	];
	return (
		<>
			<dl class="facts">
				{facts
					.filter(([, value]) => value)
					.map(([name, value]) => (
						<div key={name}>
							<dt>{name}</dt>
							<dd>{value}</dd>
						</div>
					))}
			</dl>
			{session.userId !== null && <Person replay={replay} userId={session.userId} />}
		</>
	);
}

function Person({ replay, userId }: { replay: Replay; userId: string }) {
	const [found, setFound] = useState<PersonInfo | null>(null);
	const [failed, setFailed] = useState(false);
	useEffect(() => {
		let isStale = false;
		replay.loadPerson().then(
			(info) => isStale || setFound(info),
			() => isStale || setFailed(true),
		);
		return () => {
			isStale = true;
		};
	}, [replay]);
	const others = found?.sessions.filter(({ id }) => id !== replay.sid) ?? [];
	return (
		<>
			<h3>{text.otherSessions(userId)}</h3>
			{failed && <p class="sub">{text.sessionsFailed}</p>}
			{found && !others.length && <p class="sub">{text.noOtherSessions}</p>}
			<ul class="other-sessions">
				{others.map(({ id, startedAt, lastAt, pages, errors, entryUrl }) => (
					<li key={id}>
						<a href={sessionPath(id, replay.project)}>
							<Ago at={startedAt} />
						</a>{" "}
						<span class="sub">
							{[
								duration(lastAt - startedAt),
								text.pageCount(pages),
								errors ? text.errorCount(errors) : "",
								entryUrl && text.entryPage(pathOf(entryUrl)),
							]
								.filter(Boolean)
								.join(" · ")}
						</span>
					</li>
				))}
			</ul>
			{found?.isCut && <p class="sub">{text.olderInList}</p>}
		</>
	);
}
