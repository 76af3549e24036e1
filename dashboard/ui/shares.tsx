import type { ComponentChildren } from "preact";
import { Spark } from "./spark.tsx";
import { count } from "./table.tsx";

export interface Share {
	name: string;
	n: number;
	note?: ComponentChildren;
	/** To the recordings behind it. */
	href?: string | undefined;
	/** How it went over the period. */
	course?: readonly number[];
}

/** Values with the share that each has of the largest. */
export function Shares({
	title,
	rows,
	note,
	empty = "Nothing yet.",
}: {
	title: string;
	rows: Share[];
	/** What is to be known of them all. */
	note?: ComponentChildren;
	empty?: ComponentChildren | undefined;
}) {
	const most = Math.max(1, ...rows.map(({ n }) => n));
	return (
		<section class="card">
			<h2>{title}</h2>
			{rows.length ? (
				<ol class="shares">
					{rows.map(({ name, n, note, href, course }) => (
						<li key={href ?? name} style={{ "--share": `${(n / most) * 100}%` }}>
							<span class="share-name" title={name}>
								{href ? <a href={href}>{name}</a> : name}
								{note && <span class="sub"> {note}</span>}
							</span>
							{course && <Spark values={course} />}
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
