import { useEffect, useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import type { PersonInfo } from "../../api.ts";
import { sessionPath } from "../../state/paths.ts";
import type { Replay } from "../../state/replay.ts";
import { countryName } from "../../ui/country.ts";
import { Ago, bytes, duration, exactTime } from "../../ui/time.tsx";

/** What is known of the session, and of whose it is. */
export function Details({ replay }: { replay: Replay }) {
	const session = replay.detail.value?.session;
	if (!session) return null;
	const { client, metadata } = session;
	const view = replay.view.value;
	const active = replay.timeline.value?.bursts.reduce((sum, [a, b]) => sum + b - a, 0) ?? 0;
	const length = replay.duration.value;
	const facts: [string, string][] = [
		["Session", session.id],
		["Started", exactTime(session.startedAt)],
		["Duration", duration(session.lastAt - session.startedAt)],
		[
			"Active in this tab",
			length ? `${duration(active)}, ${Math.min(100, Math.round((active / length) * 100))} %` : "",
		],
		["Device", [client.device, client.os, client.browser].filter(Boolean).join(" · ")],
		["Window", view ? `${view.width} × ${view.height}` : ""],
		["Place", [client.city, client.region, client.country && countryName(client.country)].filter(Boolean).join(", ")],
		["Time zone", client.timezone ?? ""],
		["Stored", `${session.events.toLocaleString()} events, ${bytes(session.bytes)}`],
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

/** When else this person was here. */
function Person({ replay, userId }: { replay: Replay; userId: string }) {
	const [found, setFound] = useState<PersonInfo | null>(null);
	const [failed, setFailed] = useState(false);
	useEffect(() => {
		let isOver = false;
		replay.person().then(
			(info) => isOver || setFound(info),
			() => isOver || setFailed(true),
		);
		return () => {
			isOver = true;
		};
	}, [replay]);
	const others = found?.sessions.filter(({ id }) => id !== replay.sid) ?? [];
	return (
		<>
			<h3>Other sessions of {userId}</h3>
			{failed && <p class="sub">They could not be loaded.</p>}
			{found && !others.length && <p class="sub">This is the only one that is kept.</p>}
			<ul class="visits">
				{others.map(({ id, startedAt, lastAt, pages, errors, entryUrl }) => (
					<li key={id}>
						<a href={sessionPath(id, replay.project)}>
							<Ago at={startedAt} />
						</a>{" "}
						<span class="sub">
							{[
								duration(lastAt - startedAt),
								pages === 1 ? "1 page" : `${pages} pages`,
								errors ? (errors === 1 ? "1 error" : `${errors} errors`) : "",
								entryUrl && `began at ${pathOf(entryUrl)}`,
							]
								.filter(Boolean)
								.join(" · ")}
						</span>
					</li>
				))}
			</ul>
			{found?.isCut && <p class="sub">Older ones are in the list of sessions.</p>}
		</>
	);
}
