import { useEffect, useState } from "preact/hooks";
import type { RecordedEvent } from "../../../src/contract/events.ts";
import { chunkIndexAt } from "../../state/loading.ts";
import type { Replay } from "../../state/replay.ts";
import { messageOf } from "../../state/sessions.ts";
import { clock } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual.tsx";
import { RecordDetails } from "./console.tsx";
import * as text from "./panels.text.ts";

const ROW_PX = 28;
/** Limit of the JSON that is shown for an event: a full snapshot can have megabytes. */
const MAX_CHARS = 20_000;

/** The events of the chunk at the playhead, as they are stored. */
export function Events({ replay }: { replay: Replay }) {
	const at = replay.from.value + replay.offset.value;
	const chunk = replay.chunks.value[chunkIndexAt(replay.chunks.value, at)];
	const [found, setFound] = useState<{ cursor: string; events: RecordedEvent[] } | null>(null);
	const [open, setOpen] = useState<RecordedEvent | null>(null);
	const [error, setError] = useState("");
	useEffect(() => {
		let isStale = false;
		setError("");
		if (!chunk) return;
		replay.eventsAt(at).then(
			(events) => isStale || setFound({ cursor: chunk.cursor, events }),
			(failure) => isStale || setError(messageOf(failure)),
		);
		return () => {
			isStale = true;
		};
	}, [chunk?.cursor]);
	if (error) return <p class="sub">{error}</p>;
	if (!found || !chunk || found.cursor !== chunk.cursor) return <p class="sub">{text.loadingEvents}</p>;
	const shift = chunk.trail.shift ?? 0;
	const current = found.events.findLastIndex(({ timestamp }) => (timestamp ?? 0) + shift <= at);
	return (
		<div class="records">
			<p class="sub">{text.eventsInPart(found.events.length)}</p>
			<VirtualList items={found.events} rowPx={ROW_PX} current={current}>
				{(event, position) => (
					<button
						type="button"
						aria-current={position === current ? "true" : undefined}
						aria-expanded={event === open}
						onClick={() => setOpen(event === open ? null : event)}
					>
						<span class="when">{clock((event.timestamp ?? 0) + shift - replay.from.value)}</span> {nameOf(event)}
					</button>
				)}
			</VirtualList>
			<RecordDetails content={open ? jsonOf(open) : undefined} />
		</div>
	);
}

function jsonOf(event: RecordedEvent): string {
	const json = JSON.stringify(event, null, 2);
	return json.length > MAX_CHARS ? `${json.slice(0, MAX_CHARS)}\n${text.charactersInTotal(json.length)}` : json;
}

function nameOf({ type, data }: RecordedEvent): string {
	const { source, tag } = (data ?? {}) as { source?: unknown; tag?: unknown };
	if (type === 3) return text.sources[Number(source)] ?? text.unknownSource(source);
	const name = text.types[Number(type)] ?? text.unknownType(type);
	return type === 5 && typeof tag === "string" ? `${name} ${tag}` : name;
}
