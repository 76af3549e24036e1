import { META, type RecordedEvent } from "../contract/events.ts";
import { MAX_METADATA_KEY_CHARS, MAX_METADATA_KEYS, MAX_METADATA_VALUE_CHARS } from "../contract/limits.ts";
import { createRedactor, isRecord, mapEntries, type RedactionOptions, type Redactor } from "../contract/redact.ts";
import { type Batch, RECORDER_METADATA_KEYS, SERVER_METADATA_KEYS } from "../contract/wire.ts";
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

/** Redacts a batch, applies `hooks.redactEvent` to its events, and limits its metadata. @throws all_events_dropped */
export function redact(batch: Batch, config: Config): Batch {
	const redactor = redactorOf(config);
	let events = batch.events.map((event) => redactSkipped(redactor.event(event), redactor.deep));
	if (hooks.redactEvent) events = events.map(throughHook).filter((event) => event !== null);
	if (!events.length) fail("all_events_dropped");
	const redacted: Batch = { ...batch, events };
	if (batch.metadata) redacted.metadata = clampMetadata(redactor.metadata(batch.metadata));
	return redacted;
}

/**
 * Redacts what `Redactor.event` skips because Sentiero Edge's own recorder never sends it: unknown keys of an event,
 * events whose type is not a number, and fields of a Meta event that are not strings.
 */
function redactSkipped(event: RecordedEvent, deep: Redactor["deep"]): RecordedEvent {
	return mapEntries(event, (key, value) => {
		if (key === "timestamp") return [key, value];
		if (typeof event.type !== "number") return [deep(key) as string, deep(value)];
		if (key === "type") return [key, value];
		if (key !== "data" || !isRecord(value)) return [deep(key) as string, deep(value)];
		if (event.type !== META) return [key, value];
		return [key, mapEntries(value, (name, field) => [name, typeof field === "string" ? field : deep(field)])];
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

/**
 * Limits metadata, without ever rejecting the batch. Truncates long texts. Drops other long values, long or invalid
 * keys, keys that only the Worker may set, and keys that exceed the maximum number.
 */
function clampMetadata(metadata: Record<string, unknown>): Record<string, unknown> {
	const recorderKeys = new Set<string>(RECORDER_METADATA_KEYS);
	const serverKeys = new Set<string>(SERVER_METADATA_KEYS);
	const entries = Object.entries(metadata).flatMap(([name, value]): [string, string | number | boolean][] => {
		const key = wellFormed(name);
		// SQLite reads a JSON key only up to the first NUL, and the text before the NUL may equal another key.
		if (!key || key.length > MAX_METADATA_KEY_CHARS || key.includes("\0") || serverKeys.has(key)) return [];
		if (typeof value === "string") return [[key, wellFormed(value.slice(0, MAX_METADATA_VALUE_CHARS))]];
		if (typeof value === "number" || typeof value === "boolean") return [[key, value]];
		if (value === null) return [];
		const json = JSON.stringify(value);
		return json.length <= MAX_METADATA_VALUE_CHARS ? [[key, json]] : [];
	});
	if (entries.length > MAX_METADATA_KEYS) {
		entries.sort(([a], [b]) => Number(recorderKeys.has(b)) - Number(recorderKeys.has(a)));
	}
	return Object.fromEntries(entries.slice(0, MAX_METADATA_KEYS));
}

/** Replaces lone surrogates, which cannot be stored in D1 and therefore could not be found by a search. */
export function wellFormed(text: string): string {
	return text.replace(/\p{Cs}/gu, "\ufffd");
}
