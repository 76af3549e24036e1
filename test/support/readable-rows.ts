import { parseTrail } from "../../src/storage/trail-codec.ts";

/** Decodes trails in rows of any table, so that a search for text that must not be stored finds it there. */
export function readableRows<T>(rows: readonly T[]): T[] {
	return rows.map((row) => {
		const { trail } = row as { trail?: unknown };
		return typeof trail === "string" ? { ...row, trail: JSON.stringify(parseTrail(trail)) } : row;
	});
}
