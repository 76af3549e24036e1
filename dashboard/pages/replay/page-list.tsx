import { pathOf } from "../../../src/analytics/activity.ts";
import { fieldRows, type PageCost, pageRows } from "../../state/page-rows.ts";
import type { Replay } from "../../state/replay.ts";
import { count, DataTable } from "../../ui/table.tsx";
import { bytes, clock, duration } from "../../ui/time.tsx";

const VITALS = ["LCP", "CLS", "INP"];

/** The pages of this tab: how fast they were, how far they were read, what recording them cost. */
export function Pages({ replay }: { replay: Replay }) {
	const timeline = replay.timeline.value;
	if (!timeline) return null;
	const seek = (at: number) => () => replay.seek(at - replay.from.value);
	return (
		<DataTable
			caption="Pages of this tab"
			rows={pageRows(timeline, replay.trails.value)}
			keyOf={({ pageView }) => String(pageView.at)}
			columns={[
				{
					title: "Page",
					cell: ({ pageView }) => (
						<button type="button" class="moment" onClick={seek(pageView.at)}>
							<span class="when">{clock(pageView.at - replay.from.value)}</span>{" "}
							{pageView.url === null ? "Unknown" : pathOf(pageView.url)}
						</button>
					),
				},
				{ title: "Stayed", isNumber: true, cell: ({ pageView }) => duration(pageView.to - pageView.at) },
				{
					title: "Scrolled",
					isNumber: true,
					cell: ({ pageView, screens }) =>
						screens === null
							? "–"
							: `${count(pageView.depth)} px, ${screens === 1 ? "1 screen" : `${screens} screens`}`,
				},
				...VITALS.map((metric) => ({
					title: metric,
					isNumber: true,
					cell: ({ vitals }: ReturnType<typeof pageRows>[number]) => {
						const vital = vitals.get(metric);
						if (!vital) return "–";
						return (
							<span class="vital" data-rating={vital.rating ?? undefined} title={RATINGS[vital.rating ?? ""]}>
								{metric === "CLS" ? vital.value.toFixed(3) : `${Math.round(vital.value)} ms`}
							</span>
						);
					},
				})),
				{ title: "Recording cost", isNumber: true, cell: ({ cost }) => (cost ? <Cost cost={cost} /> : "–") },
			]}
		/>
	);
}

const RATINGS: Record<string, string> = {
	good: "Good",
	"needs-improvement": "Needs improvement",
	poor: "Poor",
};

function Cost({ cost }: { cost: PageCost }) {
	const { ms, longestMs, longTasks, bytes: sent, lost } = cost;
	const words = [
		`longest ${Math.round(longestMs)} ms`,
		longTasks > 0 && `${longTasks} over 50 ms`,
		`${bytes(sent)} sent`,
		lost > 0 && `${lost} batches lost`,
	];
	return <span title={words.filter(Boolean).join(", ")}>{Math.round(ms)} ms</span>;
}

/** How forms were filled in: which fields, in what order, how long each took. Never what was typed. */
export function Forms({ replay }: { replay: Replay }) {
	const timeline = replay.timeline.value;
	const rows = timeline ? fieldRows(timeline) : [];
	if (!rows.length) return <p class="sub">Nothing was typed or chosen in this tab.</p>;
	return (
		<DataTable
			caption="Fields that were filled in"
			rows={rows}
			keyOf={({ pageView, field }) => `${pageView.at} ${field.label}`}
			columns={[
				{
					title: "Field",
					cell: ({ field }) => (
						<button type="button" class="moment" onClick={() => replay.seek(field.first - replay.from.value)}>
							<span class="when">{clock(field.first - replay.from.value)}</span> {field.label}
						</button>
					),
				},
				{ title: "Page", cell: ({ pageView }) => (pageView.url === null ? "–" : pathOf(pageView.url)) },
				{ title: "Order", isNumber: true, cell: ({ place, of }) => `${place} of ${of}` },
				{ title: "Changes", isNumber: true, cell: ({ field }) => count(field.count) },
				{ title: "In it for", isNumber: true, cell: ({ field }) => seconds(field.last - field.first) },
				{
					title: "Until the next",
					isNumber: true,
					cell: ({ untilNextMs }) => (untilNextMs === null ? "–" : seconds(untilNextMs)),
				},
			]}
		/>
	);
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
