import type { ComponentChildren } from "preact";

export interface Column<T> {
	title: string;
	/** Aligns the column to the right. */
	isNumber?: boolean;
	cell(row: T): ComponentChildren;
}

/** The table of a report; the first column is the row header. */
export function DataTable<T>({
	caption,
	columns,
	rows,
	keyOf,
}: {
	caption: string;
	columns: readonly Column<T>[];
	rows: readonly T[];
	keyOf(row: T): string;
}) {
	return (
		<TableBox label={caption}>
			<table class="data">
				<caption class="hidden">{caption}</caption>
				<thead>
					<tr>
						{columns.map(({ title, isNumber }) => (
							<th key={title} scope="col" class={isNumber ? "number" : undefined}>
								{title}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.map((row) => (
						<tr key={keyOf(row)}>
							{columns.map(({ title, isNumber, cell }, i) =>
								i === 0 ? (
									<th key={title} scope="row">
										{cell(row)}
									</th>
								) : (
									<td key={title} class={isNumber ? "number" : undefined} data-label={title}>
										{cell(row)}
									</td>
								),
							)}
						</tr>
					))}
				</tbody>
			</table>
		</TableBox>
	);
}

/** A box around a table. If the table is wider than the page, it can be scrolled in the box, also by keyboard. */
export function TableBox({ label, children }: { label: string; children: ComponentChildren }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: without it, the box cannot be scrolled by keyboard
		<section class="table-box" aria-label={label} tabIndex={0}>
			{children}
		</section>
	);
}

/** Formats a number as "1,234". */
export const count = (n: number) => n.toLocaleString();
/** Formats a percentage as "47%", and null as "–". */
export const percent = (n: number | null) => (n === null ? "–" : `${count(n)}%`);
export const sessionsOf = (n: number) => (n === 1 ? "1 session" : `${count(n)} sessions`);
