import type { ComponentChildren } from "preact";
import { Info } from "./info.tsx";
import { Spark } from "./spark.tsx";
import { count } from "./table.tsx";
import * as text from "./ui.text.ts";

export interface ValueCount {
	name: string;
	n: number;
	note?: ComponentChildren;
	/** Link to a list of what `n` counts. */
	href?: string | undefined;
	/** The number in each part of the period, drawn as a sparkline. */
	trend?: readonly number[];
}

/** A card that lists values with their counts. The bars are relative to the largest count. */
export function CountsCard({
	title,
	rows,
	note,
	info,
	empty = text.noData,
}: {
	title: string;
	rows: ValueCount[];
	/** Note below the list. */
	note?: ComponentChildren;
	/** Explanation of the counts, as a tooltip. */
	info?: string | undefined;
	empty?: ComponentChildren | undefined;
}) {
	const max = Math.max(1, ...rows.map(({ n }) => n));
	return (
		<section class="card">
			<header>
				<h2>{title}</h2>
				{info && <Info about={title}>{info}</Info>}
			</header>
			{rows.length ? (
				<ol class="shares">
					{rows.map(({ name, n, note, href, trend }) => (
						<li key={href ?? name} style={{ "--share": `${(n / max) * 100}%` }}>
							<span class="share-name" title={name}>
								{href ? <a href={href}>{name}</a> : name}
								{note && <span class="sub"> {note}</span>}
							</span>
							{trend && <Spark values={trend} />}
							<span class="number">{count(n)}</span>
						</li>
					))}
				</ol>
			) : (
				<p class="sub">{empty}</p>
			)}
			{note && <p class="sub">{note}</p>}
		</section>
	);
}
