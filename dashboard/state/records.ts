import { type RecordedEvent, TAG_CONSOLE, TAG_NETWORK } from "../../src/contract/events.ts";
import { isRecord } from "../../src/contract/redact.ts";

/** Console lines and network calls, which are contained in the events but not in the trails. */

export interface ConsoleLine {
	/** Epoch milliseconds. */
	at: number;
	level: "log" | "info" | "debug" | "warn" | "error";
	text: string;
}

export interface NetworkCall {
	/** Start of the request, epoch milliseconds. */
	at: number;
	api: string;
	method: string;
	url: string;
	/** HTTP status; 0: no response; −1: an opaque response. */
	status: number;
	durationMs: number;
	/** Sizes of the bodies; null if unknown. */
	requestBytes: number | null;
	responseBytes: number | null;
}

export interface Records {
	lines: ConsoleLine[];
	calls: NetworkCall[];
}

const LEVELS = ["log", "info", "debug", "warn", "error"] as const;
/** Limit of a console line, far above the limit that the recorder applies. */
const MAX_TEXT_CHARS = 20_000;
/** Longest plausible duration of a call. */
const MAX_CALL_MS = 3_600_000;

/**
 * Reads console lines and network calls from events. Skips payloads of an unexpected shape: events are untrusted input.
 * @param shift milliseconds, see `Trail.shift`
 */
export function readRecords(events: readonly RecordedEvent[], shift: number): Records {
	const found: Records = { lines: [], calls: [] };
	for (const { type, timestamp, data } of events) {
		if (type !== 5 || typeof timestamp !== "number" || !isRecord(data) || !isRecord(data.payload)) continue;
		const { payload } = data;
		if (data.tag === TAG_CONSOLE) {
			const level = LEVELS.find((it) => it === payload.level) ?? "log";
			const args = Array.isArray(payload.args) ? payload.args : [];
			found.lines.push({ at: timestamp + shift, level, text: args.map(String).join(" ").slice(0, MAX_TEXT_CHARS) });
		} else if (data.tag === TAG_NETWORK && typeof payload.url === "string") {
			// A call is recorded when it ends. `startedAt` is on the same clock as `timestamp`, so both need the shift.
			const durationMs = Math.min(Math.max(0, numberOf(payload.durationMs) ?? 0), MAX_CALL_MS);
			const startedAt = numberOf(payload.startedAt) ?? timestamp - durationMs;
			const isPlausible = startedAt <= timestamp && startedAt >= timestamp - MAX_CALL_MS;
			found.calls.push({
				at: (isPlausible ? startedAt : timestamp) + shift,
				api: String(payload.api ?? ""),
				method: String(payload.method ?? "GET"),
				url: payload.url,
				status: numberOf(payload.status) ?? 0,
				durationMs,
				requestBytes: numberOf(payload.requestBytes),
				responseBytes: numberOf(payload.responseBytes),
			});
		}
	}
	return found;
}

function numberOf(value: unknown): number | null {
	return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Merges the records of different chunks in time order, because chunks are loaded in any order. */
export function mergeRecords(a: Records, b: Records): Records {
	const byTime = (x: { at: number }, y: { at: number }) => x.at - y.at;
	return {
		lines: b.lines.length ? [...a.lines, ...b.lines].sort(byTime) : a.lines,
		calls: b.calls.length ? [...a.calls, ...b.calls].sort(byTime) : a.calls,
	};
}
