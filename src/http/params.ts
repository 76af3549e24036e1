import { isId } from "../contract/ids.ts";
import { fail } from "./errors.ts";

/** Functions that validate and parse query and path parameters. */

/** Returns the value if it is a valid ID. @throws invalid_id */
export function idParam(value: string | undefined): string {
	return isId(value) ? value : fail("invalid_id");
}

/** Returns a count of at least 1. A count above `max` becomes `max`; an invalid or missing value becomes `fallback`. */
export function countParam(value: string | undefined, fallback: number, max: number): number {
	const number = Number(value);
	return value && Number.isInteger(number) && number >= 1 ? Math.min(number, max) : fallback;
}

/** Returns the value if it is one of the choices, otherwise the first choice. */
export function choiceParam<T extends string>(value: string | undefined, choices: readonly [T, ...T[]]): T {
	return choices.find((it) => it === value) ?? choices[0];
}

/** Range of times in epoch milliseconds, including both ends; null: no limit. */
export interface Period {
	since: number | null;
	until: number | null;
}

/**
 * Parses `since` and `until`. An ISO day stands for the whole UTC day; an ISO time is in UTC unless it has an offset.
 * Other values are ignored.
 */
export function periodOf(query: { since?: string | undefined; until?: string | undefined }): Period {
	return { since: timeOf(query.since, 0), until: timeOf(query.until, 86_400_000 - 1) };
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/;

function timeOf(value: string | undefined, dayOffsetMs: number): number | null {
	const [, day, time, zone] = ISO.exec(value?.trim() ?? "") ?? [];
	const midnight = Date.parse(day ?? "");
	// `Date.parse` accepts 30 February and returns a day in March for it.
	if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
	const at = time ? Date.parse(`${day}${time}${zone ?? "Z"}`) : midnight + dayOffsetMs;
	return Number.isNaN(at) ? null : at;
}

/** Decodes a cursor into its parts, which clients do not know; null if there is no cursor. @throws invalid_parameter */
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
 * Returns the position from which a step of a long operation continues; null: from the beginning.
 * @throws invalid_parameter
 */
export function parseCursor(cursor: string | undefined): string | null {
	return decodeCursor(cursor)?.[0] ?? null;
}

/** Returns the result of a step with its position encoded as a cursor. */
export function withCursor<T extends { cursor: string | null }>(step: T): T {
	return { ...step, cursor: step.cursor && encodeCursor([step.cursor]) };
}

/**
 * Returns a function for Hono's `validator("query", …)` that keeps the first value of each named parameter. It also
 * determines the types of the parameters in the dashboard's client.
 */
export function firstValues<K extends string>(...names: K[]) {
	return (query: Record<string, string | string[]>): Partial<Record<K, string | undefined>> => {
		const entries = names.map((name) => [name, [query[name]].flat()[0]]);
		return Object.fromEntries(entries) as Partial<Record<K, string>>;
	};
}
