import { useEffect, useRef } from "preact/hooks";
import type UPlot from "uplot";

export interface Series {
	label: string;
	values: readonly number[];
	/** One of the signals' colours. */
	color: string;
}

const HEIGHT = 180;
/** Under it: before it is drawn it takes as much room as after. */
const LEGEND_PX = 32;

/** Bars by day or week, from zero; the same numbers stand in a table behind it. */
export function Bars({
	title,
	labels,
	series,
	height = HEIGHT,
}: {
	title: string;
	labels: readonly string[];
	series: readonly Series[];
	/** Pixels, without the legend. */
	height?: number;
}) {
	const box = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const place = box.current;
		// Gone before it was drawn.
		if (!place) return;
		let plot: UPlot | null = null;
		let isOver = false;
		const draw = async () => {
			// Fetched by those who look at a chart.
			const library = (await import("uplot")).default;
			plot?.destroy();
			if (!isOver) plot = plotIn(library, place, labels, series, height);
		};
		const resized = new ResizeObserver(([entry]) => plot?.setSize({ width: entry!.contentRect.width, height }));
		const scheme = matchMedia("(prefers-color-scheme: dark)");
		void draw();
		resized.observe(place);
		scheme.addEventListener("change", draw);
		return () => {
			isOver = true;
			resized.disconnect();
			scheme.removeEventListener("change", draw);
			plot?.destroy();
		};
	}, [labels.join(), series.map(({ values }) => values.join()).join("|")]);
	return (
		<figure class="chart">
			<figcaption class="hidden">{title}</figcaption>
			<div ref={box} class="chart-box" style={{ minHeight: `${height + LEGEND_PX}px` }} aria-hidden="true" />
			<details>
				<summary>As a table</summary>
				<table class="plain">
					<thead>
						<tr>
							<th scope="col">When</th>
							{series.map(({ label }) => (
								<th key={label} scope="col" class="number">
									{label}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{labels.map((label, i) => (
							<tr key={label}>
								<th scope="row">{label}</th>
								{series.map(({ label: name, values }) => (
									<td key={name} class="number">
										{values[i]!.toLocaleString()}
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</details>
		</figure>
	);
}

function plotIn(
	library: typeof UPlot,
	place: HTMLElement,
	labels: readonly string[],
	series: readonly Series[],
	height: number,
): UPlot {
	const styles = getComputedStyle(place);
	const colorOf = (name: string) => {
		const probe = place.appendChild(Object.assign(document.createElement("i"), { style: `color: var(${name})` }));
		probe.style.color = `var(${name})`;
		const { color } = getComputedStyle(probe);
		probe.remove();
		return color;
	};
	const [soft, line] = [colorOf("--ink-soft"), colorOf("--line")];
	const font = `12px ${styles.fontFamily}`;
	const bars = library.paths.bars!({ size: [0.7, 48], radius: 0.15 });
	const options: UPlot.Options = {
		width: place.clientWidth,
		height,
		legend: { show: true, live: true },
		cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
		scales: {
			x: { time: false, range: [-0.6, labels.length - 0.4] },
			y: { range: (_, __, max) => [0, Math.max(max * 1.1, 1)] },
		},
		axes: [
			{
				stroke: soft,
				font,
				grid: { show: false },
				ticks: { show: false },
				size: 30,
				splits: (plot) => splitsOf(labels.length, plot.width),
				values: (_, splits) => splits.map((at) => shortLabel(labels[at] ?? "")),
			},
			{
				stroke: soft,
				font,
				grid: { stroke: line, width: 1 },
				ticks: { show: false },
				size: 44,
				incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6, 1e7],
			},
		],
		series: [
			{ label: "When", value: (_, at) => (at === null ? "–" : (labels[at] ?? "")) },
			...series.map(({ label, color }, i) => ({
				label,
				stroke: colorOf(color),
				// No stroke: a bar of nothing would be a line.
				...(i === 0 ? { paths: bars, fill: colorOf(color), width: 0 } : { width: 2 }),
				points: { show: false },
				value: (_: UPlot, value: number | null) => (value === null ? "–" : value.toLocaleString()),
			})),
		],
	};
	return new library(options, [labels.map((_, i) => i), ...series.map(({ values }) => [...values])], place);
}

/** About one label for every 70 pixels. */
function splitsOf(count: number, width: number): number[] {
	const step = Math.max(1, Math.ceil(count / Math.max(2, Math.floor(width / 70))));
	return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

const dayMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

function shortLabel(label: string): string {
	if (label.includes("T")) return `${label.slice(11)}:00`;
	return /^\d{4}-\d\d-\d\d$/.test(label) ? dayMonth.format(Date.parse(label)) : label.slice(5);
}
