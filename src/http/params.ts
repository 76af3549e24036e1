import { isId } from "../contract/ids.ts";
import { fail } from "./errors.ts";

/** Query and path values, parsed once. */

/** @throws invalid_id */
export function idParam(value: string | undefined): string {
	return isId(value) ? value : fail("invalid_id");
}

/** Returns an integer of 1 or more, at most `max`; `fallback` for anything else. */
export function countParam(value: string | undefined, fallback: number, max: number): number {
	const number = Number(value);
	return value && Number.isInteger(number) && number >= 1 ? Math.min(number, max) : fallback;
}

/** Returns one of the choices; the first for anything else. */
export function choiceParam<T extends string>(value: string | undefined, choices: readonly [T, ...T[]]): T {
	return choices.find((it) => it === value) ?? choices[0];
}

/** Epoch milliseconds, both inclusive; null: unbounded. */
export interface Period {
	since: number | null;
	until: number | null;
}

/**
 * Parses `since` and `until`: ISO days, which are whole UTC days, or ISO times, in UTC unless they have an offset.
 * Anything else counts as absent.
 */
export function periodOf(query: { since?: string | undefined; until?: string | undefined }): Period {
	return { since: timeOf(query.since, 0), until: timeOf(query.until, 86_400_000 - 1) };
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/;

function timeOf(value: string | undefined, dayOffsetMs: number): number | null {
	const [, day, time, zone] = ISO.exec(value?.trim() ?? "") ?? [];
	const midnight = Date.parse(day ?? "");
	// `Date.parse` accepts 30 February and returns a day in March.
	if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
	const at = time ? Date.parse(`${day}${time}${zone ?? "Z"}`) : midnight + dayOffsetMs;
	return Number.isNaN(at) ? null : at;
}

/** Decodes a cursor, which is opaque to callers. @throws invalid_parameter */
export function decodeCursor(value: string | undefined): string[] | null {
	if (!value) return null;
	try {
		return atob(value.replaceAll("-", "+").replaceAll("_", "/")).split("\n");
	} catch {
		return fail("invalid_parameter", { name: "cursor" });
	}
}

export function encodeCursor(parts: (string | number)[]): string {
	return btoa(parts.join("\n")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Returns the position after which a step of a long operation continues; null: at the beginning.
 * @throws invalid_parameter
 */
export function parseCursor(cursor: string | undefined): string | null {
	return decodeCursor(cursor)?.[0] ?? null;
}

/** Encodes the position of a step's result as a cursor. */
export function withCursor<T extends { cursor: string | null }>(step: T): T {
	return { ...step, cursor: step.cursor && encodeCursor([step.cursor]) };
}

/** Keeps the first value of each named parameter. For `validator("query", …)`, which types the client. */
export function firstValues<K extends string>(...names: K[]) {
	return (query: Record<string, string | string[]>): Partial<Record<K, string | undefined>> => {
		const entries = names.map((name) => [name, [query[name]].flat()[0]]);
		return Object.fromEntries(entries) as Partial<Record<K, string>>;
	};
}
