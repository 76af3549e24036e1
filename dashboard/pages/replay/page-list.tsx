import { pathOf } from "../../../src/analytics/activity.ts";
import { fieldRows, type PageCost, pageRows } from "../../state/page-rows.ts";
import type { Replay } from "../../state/replay.ts";
import { count, DataTable } from "../../ui/table.tsx";
import { bytes, clock, duration } from "../../ui/time.tsx";
import * as text from "./panels.text.ts";

const VITALS = ["LCP", "CLS", "INP"];

/** Page views of this tab with scroll depth, web vitals and recorder overhead. */
export function Pages({ replay }: { replay: Replay }) {
	const timeline = replay.timeline.value;
	if (!timeline) return null;
	const seek = (at: number) => () => replay.seek(at - replay.from.value);
	return (
		<DataTable
			caption={text.pagesOfTab}
			rows={pageRows(timeline, replay.trails.value)}
			keyOf={({ pageView }) => String(pageView.at)}
			columns={[
				{
					title: text.page,
					cell: ({ pageView }) => (
						<button type="button" class="moment" onClick={seek(pageView.at)}>
							<span class="when">{clock(pageView.at - replay.from.value)}</span>{" "}
							{pageView.url === null ? text.unknownPage : pathOf(pageView.url)}
						</button>
					),
				},
				{ title: text.timeOnPage, isNumber: true, cell: ({ pageView }) => duration(pageView.to - pageView.at) },
				{
					title: text.scrollDepth,
					isNumber: true,
					cell: ({ pageView, screens }) => (screens === null ? "–" : text.depth(pageView.depth, screens)),
				},
				...VITALS.map((metric) => ({
					title: metric,
					isNumber: true,
					cell: ({ vitals }: ReturnType<typeof pageRows>[number]) => {
						const vital = vitals.get(metric);
						if (!vital) return "–";
						return (
							<span class="vital" data-rating={vital.rating ?? undefined} title={text.ratings[vital.rating ?? ""]}>
								{metric === "CLS" ? vital.value.toFixed(3) : text.ms(vital.value)}
							</span>
						);
					},
				})),
				{ title: text.recorderOverhead, isNumber: true, cell: ({ cost }) => (cost ? <Cost cost={cost} /> : "–") },
			]}
		/>
	);
}

function Cost({ cost }: { cost: PageCost }) {
	const { ms, longestMs, longTasks, bytes: sent, lost } = cost;
	const parts = [
		text.longestTask(text.ms(longestMs)),
		longTasks > 0 && text.longTasks(longTasks),
		text.sent(bytes(sent)),
		lost > 0 && text.batchesLost(lost),
	];
	return <span title={parts.filter(Boolean).join(", ")}>{text.ms(ms)}</span>;
}

/** Form fields in the order in which they were filled in, with the time for each but without the values. */
export function Forms({ replay }: { replay: Replay }) {
	const timeline = replay.timeline.value;
	const rows = timeline ? fieldRows(timeline) : [];
	if (!rows.length) return <p class="sub">{text.noForms}</p>;
	return (
		<DataTable
			caption={text.formFields}
			rows={rows}
			keyOf={({ pageView, field }) => `${pageView.at} ${field.label}`}
			columns={[
				{
					title: text.field,
					cell: ({ field }) => (
						<button type="button" class="moment" onClick={() => replay.seek(field.first - replay.from.value)}>
							<span class="when">{clock(field.first - replay.from.value)}</span> {field.label}
						</button>
					),
				},
				{ title: text.page, cell: ({ pageView }) => (pageView.url === null ? "–" : pathOf(pageView.url)) },
				{ title: text.order, isNumber: true, cell: ({ order, fieldCount }) => text.nthOf(order, fieldCount) },
				{ title: text.changes, isNumber: true, cell: ({ field }) => count(field.count) },
				{ title: text.editingTime, isNumber: true, cell: ({ field }) => text.seconds(field.last - field.first) },
				{
					title: text.untilNextField,
					isNumber: true,
					cell: ({ untilNextMs }) => (untilNextMs === null ? "–" : text.seconds(untilNextMs)),
				},
			]}
		/>
	);
}
