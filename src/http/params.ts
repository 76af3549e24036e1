import { isId } from "../contract/ids.ts";
import { fail } from "./errors.ts";

/** Query and path values, parsed once. */

/** @throws invalid_id */
export function idParam(value: string | undefined): string {
	return isId(value) ? value : fail("invalid_id");
}

/** A whole number held between its bounds; the preset for anything else. */
export function countParam(value: string | undefined, preset: number, max: number): number {
	const number = Number(value);
	return value && Number.isInteger(number) && number >= 1 ? Math.min(number, max) : preset;
}

/** One of a closed list; the first of it for anything else. */
export function choiceParam<T extends string>(value: string | undefined, choices: readonly [T, ...T[]]): T {
	return choices.find((it) => it === value) ?? choices[0];
}

/** Epoch milliseconds, both ends included; null: without that end. */
export interface Period {
	since: number | null;
	until: number | null;
}

/** `since` and `until`: days, which are whole UTC days, or times, UTC unless they say otherwise; absent if not ISO. */
export function periodOf(query: { since?: string | undefined; until?: string | undefined }): Period {
	return { since: timeOf(query.since, 0), until: timeOf(query.until, 86_400_000 - 1) };
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:?\d\d)?)?$/;

function timeOf(value: string | undefined, ofDay: number): number | null {
	const [, day, time, zone] = ISO.exec(value?.trim() ?? "") ?? [];
	const midnight = Date.parse(day ?? "");
	// The parser takes the 30th of February for a day of March.
	if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
	const at = time ? Date.parse(`${day}${time}${zone ?? "Z"}`) : midnight + ofDay;
	return Number.isNaN(at) ? null : at;
}

/** Cursors are opaque to callers. @throws invalid_parameter */
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

/** Where a step of long work begins: after the place that its cursor names; null: at the beginning. */
export function parseCursor(cursor: string | undefined): string | null {
	return decodeCursor(cursor)?.[0] ?? null;
}

/** A step's answer, its place made a cursor. */
export function withCursor<T extends { cursor: string | null }>(step: T): T {
	return { ...step, cursor: step.cursor && encodeCursor([step.cursor]) };
}

/** Of a repeated parameter the first counts; for `validator("query", …)`, which types the client. */
export function firstValues<K extends string>(...names: K[]) {
	return (query: Record<string, string | string[]>): Partial<Record<K, string | undefined>> => {
		const entries = names.map((name) => [name, [query[name]].flat()[0]]);
		return Object.fromEntries(entries) as Partial<Record<K, string>>;
	};
}
