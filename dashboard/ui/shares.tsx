import type { ComponentChildren } from "preact";
import { count } from "./table.tsx";

export interface Share {
	name: string;
	n: number;
	note?: string;
	href?: string;
}

/** Values with the share that each has of the largest. */
export function Shares({
	title,
	rows,
	empty = "Nothing yet.",
}: {
	title: string;
	rows: Share[];
	empty?: ComponentChildren;
}) {
	const most = Math.max(1, ...rows.map(({ n }) => n));
	return (
		<section class="card">
			<h2>{title}</h2>
			{rows.length ? (
				<ol class="shares">
					{rows.map(({ name, n, note, href }) => (
						<li key={name} style={{ "--share": `${(n / most) * 100}%` }}>
							<span class="share-name" title={name}>
								{href ? <a href={href}>{name}</a> : name}
								{note && <span class="sub"> {note}</span>}
							</span>
							<span class="number">{count(n)}</span>
						</li>
					))}
				</ol>
			) : (
				<p class="sub">{empty}</p>
			)}
		</section>
	);
}
