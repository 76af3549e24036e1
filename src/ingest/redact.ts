import { META, type RecordedEvent } from "../contract/events.ts";
import { MAX_METADATA_KEY_CHARS, MAX_METADATA_KEYS, MAX_METADATA_VALUE_CHARS } from "../contract/limits.ts";
import { createRedactor, isRecord, mapEntries, type RedactionOptions, type Redactor } from "../contract/redact.ts";
import { type Batch, OWN_METADATA_KEYS, SERVER_METADATA_KEYS } from "../contract/wire.ts";
import type { Config } from "../env.ts";
import { hooks } from "../hooks.ts";
import { fail } from "../http/errors.ts";

const redactors = new WeakMap<RedactionOptions, Redactor>();

export function redactorOf({ redaction }: Config): Redactor {
	let redactor = redactors.get(redaction);
	if (!redactor) {
		redactor = createRedactor(redaction);
		redactors.set(redaction, redactor);
	}
	return redactor;
}

/** The batch as it may be stored. @throws all_events_dropped */
export function redact(batch: Batch, config: Config): Batch {
	const redactor = redactorOf(config);
	let events = batch.events.map((event) => strict(redactor.event(event), redactor.deep));
	if (hooks.redactEvent) events = events.map(throughHook).filter((event) => event !== null);
	if (!events.length) fail("all_events_dropped");
	const redacted: Batch = { ...batch, events };
	if (batch.metadata) redacted.metadata = clampMetadata(redactor.metadata(batch.metadata));
	return redacted;
}

/**
 * What the redactor leaves alone because our recorder never writes it: other keys of an event, what is no type, and what
 * stands beside a Meta's words.
 */
function strict(event: RecordedEvent, deep: Redactor["deep"]): RecordedEvent {
	return mapEntries(event, (key, value) => {
		if (key === "timestamp") return [key, value];
		if (typeof event.type !== "number") return [deep(key) as string, deep(value)];
		if (key === "type") return [key, value];
		if (key !== "data" || !isRecord(value)) return [deep(key) as string, deep(value)];
		if (event.type !== META) return [key, value];
		return [key, mapEntries(value, (name, word) => [name, typeof word === "string" ? word : deep(word)])];
	});
}

function throughHook(event: RecordedEvent): RecordedEvent | null {
	try {
		const next = hooks.redactEvent!(event);
		return typeof next === "object" ? next : null;
	} catch (error) {
		console.error("hooks.redactEvent threw; the event was dropped", error);
		return null;
	}
}

/** Too many, too long or too deep costs the entry, never the batch. The server's own keys are not the client's to say. */
function clampMetadata(metadata: Record<string, unknown>): Record<string, unknown> {
	const own = new Set<string>(OWN_METADATA_KEYS);
	const server = new Set<string>(SERVER_METADATA_KEYS);
	const kept = Object.entries(metadata).flatMap(([name, value]): [string, string | number | boolean][] => {
		const key = wellFormed(name);
		// SQLite reads a key in JSON up to its first NUL: another's, perhaps.
		if (!key || key.length > MAX_METADATA_KEY_CHARS || key.includes("\0") || server.has(key)) return [];
		if (typeof value === "string") return [[key, wellFormed(value.slice(0, MAX_METADATA_VALUE_CHARS))]];
		if (typeof value === "number" || typeof value === "boolean") return [[key, value]];
		if (value === null) return [];
		const json = JSON.stringify(value);
		return json.length <= MAX_METADATA_VALUE_CHARS ? [[key, json]] : [];
	});
	if (kept.length > MAX_METADATA_KEYS) kept.sort(([a], [b]) => Number(own.has(b)) - Number(own.has(a)));
	return Object.fromEntries(kept.slice(0, MAX_METADATA_KEYS));
}

/** Half of a character cannot be stored, and so not be looked for. */
export function wellFormed(text: string): string {
	return text.replace(/\p{Cs}/gu, "\ufffd");
}
