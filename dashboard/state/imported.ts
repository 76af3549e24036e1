import { extract } from "../../src/analytics/extract.ts";
import { FULL_SNAPSHOT, type RecordedEvent } from "../../src/contract/events.ts";
import { isRecord } from "../../src/contract/redact.ts";
import type { ChunkItem } from "../api.ts";
import type { Source } from "./source.ts";

/** A recording in a file: read, checked and played in this browser, and sent nowhere. */

export const MAX_FILE_BYTES = 200 * 1024 * 1024;
/** A trail has room for so much of a chunk. */
const CHUNK_EVENTS = 500;

/** Its message is fit to be shown. */
export class NotARecording extends Error {
	readonly isSentence = true;
}

export interface ImportedWindow {
	/** At least one, in time order. */
	events: (RecordedEvent & { timestamp: number })[];
}

/**
 * A list of rrweb's events, `{events}`, or what "Download JSON" gives: `{windows: [{events}]}`.
 * @throws NotARecording
 */
export function parseRecording(text: string): ImportedWindow[] {
	if (!text.trim()) throw new NotARecording("This file is empty.");
	let content: unknown;
	try {
		content = JSON.parse(text);
	} catch {
		throw new NotARecording("This file is not JSON. A recording's page hands one out under Share, as JSON.");
	}
	const windows = listsIn(content).map((events) => ({ events: events.map(checked).sort(byTime) }));
	const count = windows.reduce((sum, { events }) => sum + events.length, 0);
	if (count < 2) {
		throw new NotARecording(
			count ? "This file has a single event: there is nothing to play." : "This file holds no events.",
		);
	}
	return windows.filter(({ events }) => events.length > 0);
}

function listsIn(content: unknown): unknown[][] {
	if (Array.isArray(content)) return [content];
	if (isRecord(content) && Array.isArray(content.events)) return [content.events];
	if (isRecord(content) && Array.isArray(content.windows)) {
		return content.windows.map((window) => (isRecord(window) && Array.isArray(window.events) ? window.events : []));
	}
	throw new NotARecording("This JSON is no recording: it is neither a list of events nor has it events or windows.");
}

function checked(event: unknown, i: number): RecordedEvent & { timestamp: number } {
	const nth = `Entry ${(i + 1).toLocaleString()}`;
	if (!isRecord(event)) throw new NotARecording(`${nth} of the list is not an event.`);
	if (typeof event.type !== "number") throw new NotARecording(`${nth} has no type, which every event of rrweb has.`);
	if (typeof event.timestamp !== "number" || !Number.isFinite(event.timestamp) || event.timestamp < 0) {
		throw new NotARecording(`${nth} has no time, which every event of rrweb has.`);
	}
	return event as RecordedEvent & { timestamp: number };
}

const byTime = (a: { timestamp: number }, b: { timestamp: number }) => a.timestamp - b.timestamp;

export function importedRecording(windows: readonly ImportedWindow[]): Source {
	const partsOf = ({ events }: ImportedWindow) =>
		Array.from({ length: Math.ceil(events.length / CHUNK_EVENTS) }, (_, i) =>
			events.slice(i * CHUNK_EVENTS, (i + 1) * CHUNK_EVENTS),
		);
	const windowOf = (id: string) => windows[Number(id)] ?? { events: [] };
	return {
		async detail() {
			const list = windows.map(({ events }, i) => ({
				...{ id: String(i), startedAt: events[0]?.timestamp ?? 0, lastAt: events.at(-1)?.timestamp ?? 0 },
				events: events.length,
			}));
			return { session: null, windows: list };
		},
		async trail(windowId) {
			const chunks = partsOf(windowOf(windowId)).map((events, i): ChunkItem => {
				const [firstAt = 0, lastAt = 0] = [events[0]?.timestamp, events.at(-1)?.timestamp];
				return {
					...{ cursor: String(i), firstAt, lastAt, events: events.length },
					snapshots: events.filter(({ type }) => type === FULL_SNAPSHOT).length,
					trail: extract(events, lastAt) as ChunkItem["trail"],
				};
			});
			return { chunks };
		},
		events: async (windowId, cursor) => partsOf(windowOf(windowId))[Number(cursor)] ?? [],
		player: () => "/player",
	};
}
