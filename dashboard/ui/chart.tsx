import { useEffect, useRef } from "preact/hooks";
import type UPlot from "uplot";
import { count } from "./table.tsx";
import { shortUtcDay } from "./time.tsx";
import * as text from "./ui.text.ts";

export interface Series {
	label: string;
	values: readonly number[];
	/** Name of the CSS custom property with the color, such as `--error`. */
	color: string;
}

const HEIGHT = 180;

/** A chart by hour, day or week, with its numbers as a table. Draws the first series as bars, the others as lines. */
export function Chart({
	title,
	labels,
	series,
	height = HEIGHT,
}: {
	title: string;
	labels: readonly string[];
	series: readonly Series[];
	/** Height in pixels, without the legend. */
	height?: number;
}) {
	const box = useRef<HTMLDivElement>(null);
	useEffect(() => {
		const container = box.current;
		// The component may have been unmounted before the effect runs.
		if (!container) return;
		let plot: UPlot | null = null;
		let isUnmounted = false;
		const draw = async () => {
			// uPlot is loaded on demand, because most pages have no chart.
			const uPlot = (await import("uplot")).default;
			plot?.destroy();
			if (!isUnmounted) plot = createPlot(uPlot, container, labels, series, height);
		};
		const resizeObserver = new ResizeObserver(([entry]) => plot?.setSize({ width: entry!.contentRect.width, height }));
		const scheme = matchMedia("(prefers-color-scheme: dark)");
		void draw();
		resizeObserver.observe(container);
		scheme.addEventListener("change", draw);
		return () => {
			isUnmounted = true;
			resizeObserver.disconnect();
			scheme.removeEventListener("change", draw);
			plot?.destroy();
		};
	}, [labels.join(), series.map(({ values }) => values.join()).join("|")]);
	return (
		<figure class="chart">
			<figcaption class="hidden">{title}</figcaption>
			<div
				ref={box}
				class="chart-box"
				style={{ "--plot": `${height}px`, "--legend-items": series.length + 1 }}
				aria-hidden="true"
			/>
			<details>
				<summary>{text.showAsTable}</summary>
				<table class="plain">
					<thead>
						<tr>
							<th scope="col">{text.time}</th>
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
										{count(values[i]!)}
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

function createPlot(
	uPlot: typeof UPlot,
	container: HTMLElement,
	labels: readonly string[],
	series: readonly Series[],
	height: number,
): UPlot {
	const styles = getComputedStyle(container);
	const colorOf = (name: string) => {
		const probe = container.appendChild(Object.assign(document.createElement("i"), { style: `color: var(${name})` }));
		probe.style.color = `var(${name})`;
		const { color } = getComputedStyle(probe);
		probe.remove();
		return color;
	};
	const [soft, line] = [colorOf("--ink-soft"), colorOf("--line")];
	const font = `12px ${styles.fontFamily}`;
	const bars = uPlot.paths.bars!({ size: [0.7, 48], radius: 0.15 });
	const options: UPlot.Options = {
		width: container.clientWidth,
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
				splits: (plot) => axisSplits(labels.length, plot.width),
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
			{ label: text.time, value: (_, at) => (at === null ? "–" : (labels[at] ?? "")) },
			...series.map(({ label, color }, i) => ({
				label,
				stroke: colorOf(color),
				// Bars have no outline (`width: 0`), because an outline would draw a line for a count of 0.
				...(i === 0 ? { paths: bars, fill: colorOf(color), width: 0 } : { width: 2 }),
				points: { show: false },
				value: (_: UPlot, value: number | null) => (value === null ? "–" : count(value)),
			})),
		],
	};
	return new uPlot(options, [labels.map((_, i) => i), ...series.map(({ values }) => [...values])], container);
}

/** Returns the indexes of the labels to show on the x axis: at most one per 70 px. */
function axisSplits(count: number, width: number): number[] {
	const step = Math.max(1, Math.ceil(count / Math.max(2, Math.floor(width / 70))));
	return Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
}

function shortLabel(label: string): string {
	if (label.includes("T")) return `${label.slice(11)}:00`;
	return /^\d{4}-\d\d-\d\d$/.test(label) ? shortUtcDay(Date.parse(label)) : label.slice(5);
}
