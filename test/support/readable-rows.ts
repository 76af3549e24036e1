import { parseTrail } from "../../src/storage/trail-codec.ts";

/** Rows of any table with what they say to be read: a scan for what may not be stored must see into a trail. */
export function readableRows<T>(rows: readonly T[]): T[] {
	return rows.map((row) => {
		const { trail } = row as { trail?: unknown };
		return typeof trail === "string" ? { ...row, trail: JSON.stringify(parseTrail(trail)) } : row;
	});
}
