import { downloadResponse } from "./download.ts";

/** Rows as a download, written as they come: nothing of it is held in memory. */

export const FORMATS = ["csv", "json", "ndjson"] as const;
export type Format = (typeof FORMATS)[number];

type Cell = string | number | boolean | null;

const TYPES: Record<Format, string> = {
	csv: "text/csv; charset=utf-8",
	json: "application/json",
	ndjson: "application/x-ndjson",
};

/** @param columns their names, in the order of each row's cells */
export function tableResponse(
	name: string,
	format: Format,
	columns: readonly string[],
	rows: AsyncIterable<readonly Cell[]>,
): Response {
	return downloadResponse(`${name}.${format}`, TYPES[format], linesOf(format, columns, rows));
}

async function* linesOf(format: Format, columns: readonly string[], rows: AsyncIterable<readonly Cell[]>) {
	if (format === "csv") yield csvLine(columns);
	if (format === "json") yield "[";
	let isFirst = true;
	for await (const row of rows) {
		if (format === "csv") yield csvLine(row);
		else {
			const json = JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])));
			yield format === "ndjson" ? `${json}\n` : `${isFirst ? "" : ","}\n${json}`;
		}
		isFirst = false;
	}
	if (format === "json") yield "\n]\n";
}

function csvLine(cells: readonly (Cell | undefined)[]): string {
	return `${cells.map(csvCell).join(",")}\r\n`;
}

/** Text that a spreadsheet would take for a formula gets a quote before it; numbers are numbers. */
export function csvCell(cell: Cell | undefined): string {
	if (cell === null || cell === undefined) return "";
	if (typeof cell !== "string") return String(cell);
	const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One page after the other, until one names no next. */
export async function* paginate<C, P extends { next: C | null }>(ask: (after: C | null) => Promise<P>) {
	let after: C | null = null;
	do {
		const page: P = await ask(after);
		yield page;
		after = page.next;
	} while (after !== null);
}
