import { firstChars } from "../analytics/fingerprint.ts";
import { isId } from "../contract/ids.ts";
import { anonymizeAddress } from "../contract/ip.ts";
import {
	MAX_BACKTRACE_CHARS,
	MAX_CONTEXT_BYTES,
	MAX_EVENT_AGE_MS,
	MAX_EVENT_LEAD_MS,
	MAX_EVENT_NAME_CHARS,
	MAX_FRAME_CHARS,
	MAX_FRAMES,
	MAX_MESSAGE_CHARS,
	MAX_PAYLOAD_DEPTH,
	MAX_PLATFORM_CHARS,
} from "../contract/limits.ts";
import { isRecord, mapEntries, type Redactor } from "../contract/redact.ts";
import { type ErrorReport, LEVELS, type ServerEventReport } from "../contract/reports.ts";
import { fail } from "../http/errors.ts";
import { wellFormed } from "./redact.ts";

/**
 * Validates and redacts reports from servers. Although senders have an ingest key, their reports may contain personal
 * data, so they are redacted, too. Invalid optional fields are dropped, and the report is still stored.
 */

export interface ReportOptions {
	redactor: Redactor;
	anonymizeIp: boolean;
	/** Time of receipt, in epoch milliseconds. */
	receivedAt: number;
}

type Fields = Record<string, unknown>;

/**
 * Returns a validated and redacted exception.
 * @throws body_not_object, exception_class_required, message_required, invalid_report_session, invalid_report_window
 */
export function errorReportOf(body: unknown, { redactor, anonymizeIp, receivedAt }: ReportOptions): ErrorReport {
	if (!isRecord(body)) fail("body_not_object");
	const exceptionClass = isText(body.exception_class) ? body.exception_class : fail("exception_class_required");
	const message = isText(body.message) ? body.message : fail("message_required");
	const sessionId = idIn(body, "session_id") ?? null;
	const windowId = idIn(body, "window_id") ?? null;
	const frames: unknown[] = Array.isArray(body.backtrace) ? body.backtrace.slice(0, MAX_FRAMES) : [];
	return {
		exceptionClass: redacted(exceptionClass, MAX_READ_CLASS_CHARS, redactor),
		message: redacted(message, MAX_MESSAGE_CHARS, redactor),
		backtrace: backtraceOf(frames, redactor),
		context: contextOf(body.context, redactor, anonymizeIp),
		at: timeOf(body.timestamp, receivedAt),
		platform: platformOf(body.platform),
		sessionId,
		windowId,
	};
}

/** Returns a validated and redacted server event. @throws body_not_object, name_required, invalid_report_session */
export function serverEventReportOf(
	body: unknown,
	{ redactor, anonymizeIp, receivedAt }: ReportOptions,
): ServerEventReport {
	if (!isRecord(body)) fail("body_not_object");
	const name = isText(body.name) ? body.name : fail("name_required");
	const sessionId = idIn(body, "session_id") ?? null;
	return {
		name: redacted(name, MAX_EVENT_NAME_CHARS, redactor),
		level: LEVELS.find((it) => it === body.level) ?? "info",
		payload: contextOf(body.payload, redactor, anonymizeIp),
		at: timeOf(body.timestamp, receivedAt),
		sessionId,
	};
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}

/** Limit of an exception class for fingerprinting. The fingerprint uses more characters than are stored. */
const MAX_READ_CLASS_CHARS = 1_000;

/**
 * Redacts a text, then truncates it. A very long text is first cut at white space, so that no part of a secret remains
 * at its end.
 */
function redacted(text: string, max: number, redactor: Redactor): string {
	let excerpt = text;
	if (text.length > max * 2 + 512) {
		let end = max * 2 + 512;
		while (end > max * 2 + 256 && !/\s/.test(text[end - 1]!)) end--;
		excerpt = text.slice(0, end);
	}
	return wellFormed(firstChars(redactor.text(excerpt), max));
}

function backtraceOf(frames: readonly unknown[], redactor: Redactor): string[] {
	let remaining = MAX_BACKTRACE_CHARS;
	const lines: string[] = [];
	for (const frame of frames) {
		const text = redacted(typeof frame === "string" ? frame : jsonOf(frame), MAX_FRAME_CHARS, redactor);
		remaining -= text.length;
		if (remaining < 0) break;
		lines.push(text);
	}
	return lines;
}

/** Returns the JSON of a value; empty if the value is nested too deeply to serialize. */
function jsonOf(value: unknown): string {
	try {
		return JSON.stringify(value);
	} catch {
		return "";
	}
}

function idIn(body: Fields, name: "session_id" | "window_id"): string | undefined {
	const id = body[name];
	if (id === undefined || id === null) return undefined;
	if (isId(id)) return id;
	return fail(name === "session_id" ? "invalid_report_session" : "invalid_report_window");
}

const encoder = new TextEncoder();

function contextOf(value: unknown, redactor: Redactor, anonymizeIp: boolean): Fields | null {
	if (!isRecord(value)) return null;
	const json = jsonOf(value);
	if (!json || encoder.encode(json).length > MAX_CONTEXT_BYTES) return { _truncated: true };
	return redactor.deep(anonymizeIp ? anonymizeAddresses(value, 0) : value) as Fields;
}

/** Keys whose values contain IP addresses, such as `ip`, `remote_addr` and `X-Forwarded-For`. */
const ADDRESS_KEY =
	/(?:^|[^a-zA-Z])(?:ips?|IPS?|[aA]ddr(?:ess)?|ADDR(?:ESS)?)$|[a-z](?:I[pP]s?|Addr(?:ess)?)$|[fF]orwarded(?:.?[fF]or)?$|FORWARDED(?:_FOR)?$/;

/**
 * Truncates IP addresses to their network, in all fields of a value whose key matches `ADDRESS_KEY`. A field `ip` that
 * is not an IP address becomes null.
 */
function anonymizeAddresses(value: unknown, depth: number): unknown {
	if (depth >= MAX_PAYLOAD_DEPTH) return value;
	if (Array.isArray(value)) return value.map((item) => anonymizeAddresses(item, depth + 1));
	if (!isRecord(value)) return value;
	return mapEntries(value, (key, field) => {
		if (key === "ip") return [key, anonymizeAddress(field)];
		if (typeof field !== "string" || !ADDRESS_KEY.test(key)) return [key, anonymizeAddresses(field, depth + 1)];
		return [key, field.replace(/[^\s,;="]+/g, (token) => anonymizeAddress(token) ?? token)];
	});
}

/**
 * Converts seconds (a number or numeric string) to epoch milliseconds, clamped. Returns the time of receipt if the
 * value is invalid.
 */
function timeOf(value: unknown, receivedAt: number): number {
	const isNumericString = typeof value === "string" && /^-?\d{1,15}(\.\d{1,10})?$/.test(value);
	const seconds = typeof value === "number" ? value : isNumericString ? Number(value) : Number.NaN;
	if (!Number.isFinite(seconds)) return receivedAt;
	const earliest = receivedAt - MAX_EVENT_AGE_MS;
	return Math.round(Math.min(Math.max(seconds * 1_000, earliest), receivedAt + MAX_EVENT_LEAD_MS));
}

function platformOf(value: unknown): string | null {
	const isName = typeof value === "string" && new RegExp(`^[\\w-]{1,${MAX_PLATFORM_CHARS}}$`).test(value);
	return isName ? value.toLowerCase() : null;
}
