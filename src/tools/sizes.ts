import { brotliCompressSync, gzipSync } from "node:zlib";

export interface SizeRow {
	name: string;
	/** A file, or several files, which are compressed separately and whose sizes are added up. */
	bytes: Uint8Array | Uint8Array[];
	/** Budget for the gzip size in bytes; absent: no budget. */
	maxGzip?: number;
}

/** Prints raw, gzip and brotli sizes in bytes. @throws if a file is over its budget, so that the build fails */
export function printSizes(title: string, rows: SizeRow[]): void {
	const over: string[] = [];
	console.log(`${title.padEnd(34)}${["raw", "gzip", "brotli", "budget"].map((it) => it.padStart(10)).join("")}`);
	for (const { name, bytes, maxGzip } of rows) {
		const files = Array.isArray(bytes) ? bytes : [bytes];
		const sum = (size: (file: Uint8Array) => number) => files.reduce((total, file) => total + size(file), 0);
		const gzip = sum((file) => gzipSync(file, { level: 9 }).length);
		const columns = [sum((file) => file.length), gzip, sum((file) => brotliCompressSync(file).length), maxGzip ?? ""];
		console.log(`  ${name.padEnd(32)}${columns.map((it) => String(it).padStart(10)).join("")}`);
		if (maxGzip !== undefined && gzip > maxGzip)
			over.push(`${name} has ${gzip} bytes (gzip), the budget is ${maxGzip}`);
	}
	if (over.length) throw new Error(`over budget:\n${over.join("\n")}`);
}
