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
export function placeOf(cursor: string | undefined): string | null {
	return decodeCursor(cursor)?.[0] ?? null;
}

/** A step's answer, its place made a cursor. */
export function withCursor<T extends { cursor: string | null }>(step: T): T {
	return { ...step, cursor: step.cursor && encodeCursor([step.cursor]) };
}

/** Of a repeated parameter the first counts; for `validator("query", …)`, which types the client. */
export function firsts<K extends string>(...names: K[]) {
	return (query: Record<string, string | string[]>): Record<K, string | undefined> => {
		const entries = names.map((name) => [name, [query[name]].flat()[0]]);
		return Object.fromEntries(entries);
	};
}
