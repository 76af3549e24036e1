import { extract } from "../../src/analytics/extract.ts";
import { FULL_SNAPSHOT, type RecordedEvent } from "../../src/contract/events.ts";
import { isRecord } from "../../src/contract/redact.ts";
import type { ChunkItem } from "../api.ts";
import * as text from "./imported.text.ts";
import type { Source } from "./source.ts";

/** Parses a recording from a file and makes it the source of a replay. Nothing is uploaded. */

export const MAX_FILE_BYTES = 200 * 1024 * 1024;
/** Number of events of a file that make one chunk. The trail of a larger chunk could exceed its size limit. */
const CHUNK_EVENTS = 500;

/** Thrown if a file is not a recording. The message is shown to the user. */
export class InvalidRecordingError extends Error {
	readonly isUserMessage = true;
}

export interface ImportedWindow {
	/** Events in time order, at least one. */
	events: (RecordedEvent & { timestamp: number })[];
}

/**
 * Parses a recording: an array of rrweb events, `{events}`, or an exported file, which is `{windows: [{events}]}`.
 * @throws InvalidRecordingError
 */
export function parseRecording(file: string): ImportedWindow[] {
	if (!file.trim()) throw new InvalidRecordingError(text.empty);
	let content: unknown;
	try {
		content = JSON.parse(file);
	} catch {
		throw new InvalidRecordingError(text.notJson);
	}
	const windows = eventListsOf(content).map((events) => ({ events: events.map(parseEvent).sort(byTime) }));
	const count = windows.reduce((sum, { events }) => sum + events.length, 0);
	if (count < 2) throw new InvalidRecordingError(count ? text.singleEvent : text.noEvents);
	return windows.filter(({ events }) => events.length > 0);
}

function eventListsOf(content: unknown): unknown[][] {
	if (Array.isArray(content)) return [content];
	if (isRecord(content) && Array.isArray(content.events)) return [content.events];
	if (isRecord(content) && Array.isArray(content.windows)) {
		return content.windows.map((window) => (isRecord(window) && Array.isArray(window.events) ? window.events : []));
	}
	throw new InvalidRecordingError(text.notARecording);
}

function parseEvent(event: unknown, i: number): RecordedEvent & { timestamp: number } {
	if (!isRecord(event)) throw new InvalidRecordingError(text.notAnEvent(i + 1));
	if (typeof event.type !== "number") throw new InvalidRecordingError(text.noType(i + 1));
	if (typeof event.timestamp !== "number" || !Number.isFinite(event.timestamp) || event.timestamp < 0) {
		throw new InvalidRecordingError(text.noTimestamp(i + 1));
	}
	return event as RecordedEvent & { timestamp: number };
}

const byTime = (a: { timestamp: number }, b: { timestamp: number }) => a.timestamp - b.timestamp;

export function importedSource(windows: readonly ImportedWindow[]): Source {
	const chunksOf = ({ events }: ImportedWindow) =>
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
			const chunks = chunksOf(windowOf(windowId)).map((events, i): ChunkItem => {
				const [firstAt = 0, lastAt = 0] = [events[0]?.timestamp, events.at(-1)?.timestamp];
				return {
					...{ cursor: String(i), firstAt, lastAt, events: events.length },
					snapshots: events.filter(({ type }) => type === FULL_SNAPSHOT).length,
					trail: extract(events, lastAt) as ChunkItem["trail"],
				};
			});
			return { chunks };
		},
		events: async (windowId, cursor) => chunksOf(windowOf(windowId))[Number(cursor)] ?? [],
		playerUrl: () => "/player",
	};
}
