import { type RecordedEvent, TAG_CONSOLE, TAG_NETWORK } from "../../src/contract/events.ts";
import { isRecord } from "../../src/contract/redact.ts";

/** What the recorder heard on the console and of the network; it is in the events, not in the trail. */

export interface ConsoleLine {
	/** Epoch milliseconds. */
	at: number;
	level: "log" | "info" | "debug" | "warn" | "error";
	text: string;
}

export interface NetworkCall {
	/** When it was sent, epoch milliseconds. */
	at: number;
	api: string;
	method: string;
	url: string;
	/** 0: no answer; −1: an answer that may not be looked at. */
	status: number;
	durationMs: number;
	/** null: unknown. */
	requestBytes: number | null;
	responseBytes: number | null;
}

export interface Records {
	lines: ConsoleLine[];
	calls: NetworkCall[];
}

const LEVELS = ["log", "info", "debug", "warn", "error"] as const;
/** A line on the screen; the recorder's own limit is far below. */
const MAX_TEXT_CHARS = 20_000;
/** No page waits longer for an answer. */
const MAX_CALL_MS = 3_600_000;

/**
 * Anybody may have sent these: what has not the recorder's shape is left out.
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
			// It is told when it ends: the sender's own clock says when it began.
			const durationMs = Math.min(Math.max(0, numberOf(payload.durationMs) ?? 0), MAX_CALL_MS);
			const startedAt = numberOf(payload.startedAt) ?? timestamp - durationMs;
			const isPossible = startedAt <= timestamp && startedAt >= timestamp - MAX_CALL_MS;
			found.calls.push({
				at: (isPossible ? startedAt : timestamp) + shift,
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

/** In time order, whatever the order of the chunks. */
export function joinRecords(a: Records, b: Records): Records {
	const byTime = (x: { at: number }, y: { at: number }) => x.at - y.at;
	return {
		lines: b.lines.length ? [...a.lines, ...b.lines].sort(byTime) : a.lines,
		calls: b.calls.length ? [...a.calls, ...b.calls].sort(byTime) : a.calls,
	};
}
