import type { BatchResponse, Refusal } from "../contract/wire.ts";

/**
 * All failures by code, with status and message. Placeholders `{…}` are filled in from the details of the failure.
 * Status 200 asks the recorder to stop: the request was valid, but no more data of the session is accepted.
 */
const FAILURES = {
	method_not_allowed: [405, "method not allowed"],
	opted_out: [204, ""],
	global_privacy_control: [204, ""],
	bot: [204, ""],
	sampled_out: [200, ""],
	session_too_old: [200, ""],
	session_full: [200, ""],
	day_full: [200, ""],
	rate_limited: [429, "too many requests: try again in a minute"],
	origin_refused: [403, "origin {origin} is not allowed: add it to CORS_ORIGINS or PROJECTS"],
	origin_required: [403, "missing Origin header (REQUIRE_ORIGIN is on)"],
	body_too_large: [413, "request body too large (max {max} bytes)"],
	invalid_gzip: [400, "invalid gzip encoding"],
	invalid_json: [400, "invalid JSON body"],
	body_not_object: [400, "body must be a JSON object"],
	invalid_session_id: [400, "sessionId must be 1-128 alphanumeric, hyphen, or underscore characters"],
	invalid_window_id: [400, "windowId must be 1-128 alphanumeric, hyphen, or underscore characters"],
	invalid_seq: [400, "seq must be an integer from 0 to 99999"],
	invalid_events: [400, "events must be a non-empty array of objects"],
	too_many_events: [400, "too many events (max {max})"],
	invalid_timestamp: [400, "invalid timestamp value"],
	all_events_dropped: [400, "hooks.redactEvent dropped every event"],
	invalid_ingest_key: [401, "invalid or missing ingest key"],
	exception_class_required: [400, "exception_class is required"],
	message_required: [400, "message is required"],
	name_required: [400, "name is required"],
	invalid_report_session: [400, "invalid session_id"],
	invalid_report_window: [400, "invalid window_id"],
	too_many_tries: [429, "too many login attempts: try again in a minute"],
	storage_unavailable: [503, "storage is unavailable: try again"],
	unauthorized: [401, "not logged in: log in, or send HTTP Basic credentials"],
	locked: [403, "the dashboard is locked: set the secret BASIC_AUTH to unlock it"],
	forbidden: [403, "cross-site request rejected"],
	not_found: [404, "not found"],
	session_not_found: [404, "session not found"],
	window_not_found: [404, "window not found"],
	chunk_not_found: [404, "this part of the recording is missing"],
	chunk_locked: [409, "this part is encrypted with the key {key}: add that key to ENCRYPTION_KEYS"],
	invalid_id: [400, "invalid ID: use 1-128 letters, digits, - and _"],
	invalid_parameter: [400, "missing or invalid {name}"],
	too_many_segments: [409, "a project can have at most {max} segments: delete one first"],
	invalid_label: [400, "a label must have 1 to {max} characters"],
	too_many_labels: [400, "a session can have at most {max} labels"],
	invalid_note: [400, "a note must have 1 to {max} characters"],
	note_refused: [409, "the session has no such tab, or already has {max} notes"],
	sharing_off: [404, "sharing is off: set SHAREABLE_REPLAYS to true to turn it on"],
	share_not_found: [404, "this link is invalid, was revoked, or has expired: ask the sender for a new one"],
	too_many_shares: [409, "a session can have at most {max} active links: revoke one first"],
	not_erased: [500, "some data of {id} could not be deleted: try again"],
	issue_not_found: [404, "issue not found"],
	event_not_found: [404, "server event not found"],
	retention_unset: [409, "RETENTION_DAYS is 0: nothing to purge"],
	internal: [500, "internal error: see the Worker's logs"],
} as const satisfies Record<string, readonly [number, string]>;

export type FailureCode = keyof typeof FAILURES;

/** Seconds after which the client may send the same request again, for failures that are temporary. */
const RETRY_AFTER: Partial<Record<FailureCode, number>> = {
	storage_unavailable: 5,
	rate_limited: 60,
	too_many_tries: 60,
};

export class Failure extends Error {
	readonly code: FailureCode;
	readonly details: Record<string, string | number>;

	constructor(code: FailureCode, details: Record<string, string | number> = {}) {
		super(code);
		this.code = code;
		this.details = details;
	}
}

export function fail(code: FailureCode, details?: Record<string, string | number>): never {
	throw new Failure(code, details);
}

/** Converts a failure to a response. */
export function failureResponse({ code, details }: Failure): Response {
	const [status, message] = FAILURES[code];
	const headers = { "x-content-type-options": "nosniff", "cache-control": "no-store" };
	if (status === 204) return new Response(null, { status, headers });
	if (status === 200) return Response.json({ status: "ok", stop: true } satisfies BatchResponse, { headers });
	const error = message.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? ""));
	const retryAfter = RETRY_AFTER[code];
	const body: Refusal = retryAfter === undefined ? { error } : { error, retryAfter };
	return Response.json(body, {
		status,
		headers: retryAfter === undefined ? headers : { ...headers, "retry-after": String(retryAfter) },
	});
}
