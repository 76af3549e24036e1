import { firstChars } from "../analytics/fingerprint.ts";
import { anonymizeAddress } from "../contract/address.ts";
import { isId } from "../contract/ids.ts";
import {
	MAX_CONTEXT_BYTES,
	MAX_EVENT_AGE_MS,
	MAX_EVENT_LEAD_MS,
	MAX_EVENT_NAME_CHARS,
	MAX_FRAME_CHARS,
	MAX_FRAMES,
	MAX_MESSAGE_CHARS,
	MAX_PLATFORM_CHARS,
} from "../contract/limits.ts";
import { isRecord, type Redactor } from "../contract/redact.ts";
import { type ErrorReport, LEVELS, type TrackedEvent } from "../contract/reports.ts";
import { fail } from "../http/errors.ts";

/**
 * What servers send, checked and redacted: whoever has a key is trusted with what happened, and not with keeping personal
 * data out of it. What only adorns a report never costs it.
 */

export interface ReportOptions {
	redactor: Redactor;
	anonymizeIp: boolean;
	/** Epoch milliseconds. */
	receivedAt: number;
}

type Fields = Record<string, unknown>;

/** @throws body_not_object, exception_class_required, message_required, invalid_report_session, invalid_report_window */
export function errorReportOf(body: unknown, { redactor, anonymizeIp, receivedAt }: ReportOptions): ErrorReport {
	if (!isRecord(body)) fail("body_not_object");
	const exceptionClass = isText(body.exception_class) ? body.exception_class : fail("exception_class_required");
	const message = isText(body.message) ? body.message : fail("message_required");
	const sessionId = idIn(body, "session_id") ?? null;
	const windowId = idIn(body, "window_id") ?? null;
	const frames: unknown[] = Array.isArray(body.backtrace) ? body.backtrace.slice(0, MAX_FRAMES) : [];
	return {
		exceptionClass: redactor.text(exceptionClass),
		message: redactor.text(message).slice(0, MAX_MESSAGE_CHARS),
		backtrace: frames.map((frame) => {
			const text = redactor.text(typeof frame === "string" ? frame : jsonOf(frame));
			return firstChars(text, MAX_FRAME_CHARS);
		}),
		context: contextOf(body.context, redactor, anonymizeIp),
		at: timeOf(body.timestamp, receivedAt),
		platform: platformOf(body.platform),
		sessionId,
		windowId,
	};
}

/** @throws body_not_object, name_required, invalid_report_session */
export function trackedEventOf(body: unknown, { redactor, receivedAt }: ReportOptions): TrackedEvent {
	if (!isRecord(body)) fail("body_not_object");
	const name = isText(body.name) ? body.name : fail("name_required");
	const sessionId = idIn(body, "session_id") ?? null;
	return {
		name: redactor.text(name).slice(0, MAX_EVENT_NAME_CHARS),
		level: LEVELS.find((it) => it === body.level) ?? "info",
		payload: contextOf(body.payload, redactor, false),
		at: timeOf(body.timestamp, receivedAt),
		sessionId,
	};
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}

/** Empty for what is nested deeper than can be written. */
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
	const request = value.request;
	const isTold = anonymizeIp && isRecord(request) && Object.hasOwn(request, "ip");
	const context = isTold ? { ...value, request: { ...request, ip: anonymizeAddress(request.ip) } } : value;
	return redactor.deep(context) as Fields;
}

/** Seconds, as a number or a numeral; what makes no sense is now, and what is too far off is pulled near. */
function timeOf(value: unknown, receivedAt: number): number {
	const isNumeral = typeof value === "string" && /^-?\d{1,15}(\.\d{1,10})?$/.test(value);
	const seconds = typeof value === "number" ? value : isNumeral ? Number(value) : Number.NaN;
	if (!Number.isFinite(seconds)) return receivedAt;
	const earliest = receivedAt - MAX_EVENT_AGE_MS;
	return Math.round(Math.min(Math.max(seconds * 1_000, earliest), receivedAt + MAX_EVENT_LEAD_MS));
}

function platformOf(value: unknown): string | null {
	const isName = typeof value === "string" && new RegExp(`^[\\w-]{1,${MAX_PLATFORM_CHARS}}$`).test(value);
	return isName ? value.toLowerCase() : null;
}
