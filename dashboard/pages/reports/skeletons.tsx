/** Placeholders with the size of the content that is loading, so that nothing moves when it arrives. */

const repeat = (n: number) => Array.from({ length: n }, (_, i) => i);

export function FiguresSkeleton({ figures }: { figures: number }) {
	return (
		<div aria-hidden="true">
			<dl class="figures">
				{repeat(figures).map((i) => (
					<div key={i} class="figure">
						<dt>
							<i style={{ width: "64%" }} />
							&nbsp;
						</dt>
						<dd>
							<i style={{ width: "40%" }} />
							&nbsp;
						</dd>
					</div>
				))}
			</dl>
		</div>
	);
}

export function ChartSkeleton() {
	return <div class="chart chart-skeleton" aria-hidden="true" />;
}

export function TableSkeleton({ rows = 10 }: { rows?: number }) {
	return (
		<div class="table-skeleton" aria-hidden="true">
			{repeat(rows + 1).map((i) => (
				<div key={i}>
					<i style={{ width: `${30 - ((i * 7) % 16)}%` }} />
				</div>
			))}
		</div>
	);
}

export function CardsSkeleton({ cards = 6, rows = 4 }: { cards?: number; rows?: number }) {
	return (
		<div class="cards" aria-hidden="true">
			{repeat(cards).map((i) => (
				<section key={i}>
					<h2>
						<i style={{ width: "30%" }} />
						&nbsp;
					</h2>
					<ol class="shares">
						{repeat(rows).map((row) => (
							<li key={row} style={{ "--share": `${100 / (row + 1)}%` }}>
								&nbsp;
							</li>
						))}
					</ol>
				</section>
			))}
		</div>
	);
}
