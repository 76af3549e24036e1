import { parseTrail } from "../../src/storage/trail-codec.ts";

/** Returns rows of any table with decoded trails, so that tests can search them for text that must not be stored. */
export function readableRows<T>(rows: readonly T[]): T[] {
	return rows.map((row) => {
		const { trail } = row as { trail?: unknown };
		return typeof trail === "string" ? { ...row, trail: JSON.stringify(parseTrail(trail)) } : row;
	});
}
