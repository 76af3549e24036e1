import { useEffect, useState } from "preact/hooks";
import type { RecordedEvent } from "../../../src/contract/events.ts";
import { partAt } from "../../state/loading.ts";
import type { Replay } from "../../state/replay.ts";
import { messageOf } from "../../state/sessions.ts";
import { clock } from "../../ui/time.tsx";

/** Around the moment. */
const BEFORE = 15;
const AFTER = 15;
/** A full snapshot may be megabytes. */
const MAX_CHARS = 20_000;

const TYPES: Record<number, string> = {
	0: "DOM content loaded",
	1: "Load",
	2: "Full snapshot",
	4: "Meta",
	5: "Custom event",
	6: "Plugin",
};
const SOURCES: Record<number, string> = {
	0: "Mutation",
	1: "Mouse moves",
	2: "Mouse interaction",
	3: "Scroll",
	4: "Viewport resize",
	5: "Input",
	6: "Touch moves",
	7: "Media interaction",
	8: "Style sheet rule",
	9: "Canvas mutation",
	10: "Font",
	11: "Log",
	12: "Drag",
	13: "Style declaration",
	14: "Selection",
	15: "Adopted style sheet",
	16: "Custom element",
};

/** The recorded events around this moment, as they are stored. */
export function Events({ replay }: { replay: Replay }) {
	const at = replay.from.value + replay.offset.value;
	const part = replay.chunks.value[partAt(replay.chunks.value, at)];
	const [found, setFound] = useState<{ cursor: string; events: RecordedEvent[] } | null>(null);
	const [error, setError] = useState("");
	useEffect(() => {
		let isOver = false;
		setError("");
		if (!part) return;
		replay.eventsAt(at).then(
			(events) => isOver || setFound({ cursor: part.cursor, events }),
			(failure) => isOver || setError(messageOf(failure)),
		);
		return () => {
			isOver = true;
		};
	}, [part?.cursor]);
	if (error) return <p class="sub">{error}</p>;
	if (!found || !part || found.cursor !== part.cursor) return <p class="sub">Loading the events…</p>;
	const shift = part.trail.shift ?? 0;
	const now = found.events.findLastIndex(({ timestamp }) => (timestamp ?? 0) + shift <= at);
	const first = Math.max(0, now - BEFORE);
	return (
		<>
			<p class="sub">
				Events {first + 1} to {Math.min(found.events.length, now + AFTER)} of the {found.events.length} in this part of
				the recording.
			</p>
			<ol class="events" start={first + 1}>
				{found.events.slice(first, now + AFTER).map((event, i) => (
					<li key={first + i} data-now={first + i === now ? "" : undefined}>
						<details>
							<summary>
								<span class="when">{clock((event.timestamp ?? 0) + shift - replay.from.value)}</span> {nameOf(event)}
							</summary>
							<Json event={event} />
						</details>
					</li>
				))}
			</ol>
		</>
	);
}

function Json({ event }: { event: RecordedEvent }) {
	const text = JSON.stringify(event, null, 2);
	return (
		<pre>{text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}\n… ${text.length} characters in all` : text}</pre>
	);
}

function nameOf({ type, data }: RecordedEvent): string {
	const { source, tag } = (data ?? {}) as { source?: unknown; tag?: unknown };
	if (type === 3) return SOURCES[Number(source)] ?? `Change of the kind ${String(source)}`;
	const name = TYPES[Number(type)] ?? `Type ${String(type)}`;
	return type === 5 && typeof tag === "string" ? `${name} ${tag}` : name;
}
