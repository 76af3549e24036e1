import type { Replay } from "../../state/replay.ts";
import { bytes, duration, exactTime } from "../../ui/time.tsx";

/** What is known of the session. */
export function Details({ replay }: { replay: Replay }) {
	const session = replay.detail.value?.session;
	if (!session) return null;
	const { client, metadata } = session;
	const facts: [string, string][] = [
		["Session", session.id],
		["Started", exactTime(session.startedAt)],
		["Duration", duration(session.lastAt - session.startedAt)],
		["Device", [client.device, client.os, client.browser].filter(Boolean).join(" · ")],
		["Place", [client.city, client.region, client.country].filter(Boolean).join(", ")],
		["Stored", `${session.events.toLocaleString()} events, ${bytes(session.bytes)}`],
		...Object.entries(metadata).map(([key, value]): [string, string] => [key, String(value)]),
	];
	return (
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
	);
}
