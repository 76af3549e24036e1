import { downloadResponse } from "./download.ts";

/** Table downloads that are streamed row by row. */

export const FORMATS = ["csv", "json", "ndjson"] as const;
export type Format = (typeof FORMATS)[number];

type Cell = string | number | boolean | null;

const TYPES: Record<Format, string> = {
	csv: "text/csv; charset=utf-8",
	json: "application/json",
	ndjson: "application/x-ndjson",
};

/** Streams a table as a file download. @param columns names of the columns, in the order of the cells of each row */
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

/**
 * Escapes a cell. A text that a spreadsheet would evaluate gets a leading apostrophe; a number does not.
 * @see https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvCell(cell: Cell | undefined): string {
	if (cell === null || cell === undefined) return "";
	if (typeof cell !== "string") return String(cell);
	const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
	return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Fetches and yields pages until the `next` of a page is null. */
export async function* paginate<C, P extends { next: C | null }>(fetchPage: (after: C | null) => Promise<P>) {
	let after: C | null = null;
	do {
		const page: P = await fetchPage(after);
		yield page;
		after = page.next;
	} while (after !== null);
}
