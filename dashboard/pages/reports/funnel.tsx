import type { Filter } from "../../../src/contract/filter.ts";
import { api, type FunnelInfo, read } from "../../api.ts";
import { sessionListHref } from "../../state/filters.ts";
import { sessionPath } from "../../state/paths.ts";
import { reportScope, type Scope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { query, queryAll, setQuery, setQueryAll } from "../../state/route.ts";
import { Choice } from "../../ui/filters.tsx";
import { count, DataTable, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { FACETS, FacetValue } from "./facets.tsx";
import { ReportFrame } from "./frame.tsx";
import * as text from "./funnel.text.ts";
import * as shared from "./shared.text.ts";
import { StepInput, useSuggestions } from "./steps.tsx";

const MAX_STEPS = 8;
const MINUTE_MS = 60_000;
const WINDOWS = [
	["", text.anyTime],
	[String(10 * MINUTE_MS), text.within10Minutes],
	[String(60 * MINUTE_MS), text.within1Hour],
	[String(24 * 60 * MINUTE_MS), text.within1Day],
] as const;

export function FunnelReport() {
	const scope = reportScope();
	const steps = queryAll("step");
	const complete = steps.filter((step) => /^\w+:./.test(step));
	const [within, by] = [query("within") ?? "", query("by") ?? ""];
	const loaded = useReport(
		JSON.stringify([scope, complete, within, by]),
		() => fetchFunnel(scope, complete, within, by),
		SLOW_REFRESH_MS,
	);
	const suggestions = useSuggestions(scope);
	const set = (next: string[]) => setQueryAll("step", next);
	const shown = steps.length < 2 ? [...steps, ...Array(2 - steps.length).fill("")] : steps;
	return (
		<ReportFrame
			loaded={loaded}
			isEmpty={() => false}
			empty={null}
			input={
				<>
					<ol class="steps">
						{shown.map((step, i) => (
							<li key={i}>
								<StepInput
									label={text.step(i + 1)}
									value={step}
									suggestions={suggestions}
									onChange={(value) => set(shown.map((it, n) => (n === i ? value : it)))}
								/>
								{shown.length > 2 && (
									<button
										type="button"
										class="button quiet"
										aria-label={text.removeStep(i + 1)}
										onClick={() => set(shown.filter((_, n) => n !== i))}
									>
										{text.remove}
									</button>
								)}
							</li>
						))}
					</ol>
					{shown.length < MAX_STEPS && (
						<button type="button" class="button" onClick={() => set([...shown, "page:"])}>
							{text.addStep}
						</button>
					)}
				</>
			}
			skeleton={complete.length < 2 ? <p class="sub">{text.chooseSteps}</p> : <Skeleton steps={complete.length} />}
			controls={
				<>
					<Choice
						label={text.timeWindow}
						value={within}
						options={WINDOWS}
						onChange={(value) => setQuery({ within: value || null })}
					/>
					<Choice
						label={text.breakdown}
						value={by}
						options={[["", text.noBreakdown], ...Object.entries(FACETS)]}
						onChange={(value) => setQuery({ by: value || null })}
					/>
				</>
			}
		>
			{(data) =>
				data.steps.length ? (
					<>
						<Result data={data} />
						<Breakdown data={data} />
					</>
				) : (
					<p class="sub">{text.chooseSteps}</p>
				)
			}
		</ReportFrame>
	);
}

const Skeleton = ({ steps }: { steps: number }) => (
	<ol class="funnel" aria-hidden="true">
		{Array.from({ length: steps }, (_, i) => (
			<li key={i}>
				<div class="funnel-bar" style={{ "--share": `${100 / (i + 1)}%` }}>
					&nbsp;
				</div>
				<div class="funnel-notes" />
			</li>
		))}
	</ol>
);

/** Requests the funnel. The cast is needed because Hono's client has no type for repeated parameters. */
async function fetchFunnel(scope: Scope, steps: string[], within: string, by: string): Promise<FunnelInfo> {
	const params = { ...scope, step: steps, ...(within && { within }), ...(by && { by }) } as never;
	return (await read(api.analytics.funnel.$get({ query: params }))) as FunnelInfo;
}

const KINDS = { page: text.page, click: text.clickOn, tag: text.customEvent };

function Result({ data: { steps, project, projects } }: { data: FunnelInfo }) {
	const linkProject = projects.length > 1 ? project : undefined;
	return (
		<ol class="funnel">
			{steps.map(({ kind, value, sessions, rate, medianMs, came, lost }, i) => (
				<li key={i}>
					<div class="funnel-bar" style={{ "--share": `${rate ?? 0}%` }}>
						<span>
							{i === 0 ? (
								<a href={sessionListHref(filterOfStep(kind, value))}>
									<b>{count(sessions)}</b>
								</a>
							) : (
								<b>{count(sessions)}</b>
							)}{" "}
							{KINDS[kind]} <code>{value}</code>
						</span>
						<span class="funnel-rate">{percent(rate)}</span>
					</div>
					<div class="funnel-notes">
						{medianMs !== null && <p class="sub">{text.afterPrevious(duration(medianMs))}</p>}
						{i > 0 && <Examples label={text.reached} of={came} project={linkProject} />}
						<Examples label={text.droppedOff} of={lost} project={linkProject} />
					</div>
				</li>
			))}
		</ol>
	);
}

/** Links to some sessions, each at the moment of the step. */
function Examples({
	label,
	of,
	project,
}: {
	label: string;
	of: FunnelInfo["steps"][number]["came"];
	project?: string | undefined;
}) {
	if (!of.length) return null;
	return (
		<p class="sub">
			{label}{" "}
			{of.map(({ sessionId, at }, i) => (
				<a key={sessionId} href={sessionPath(sessionId, project, null, at)}>
					{i + 1}
				</a>
			))}
		</p>
	);
}

/** Returns the filter for sessions that contain a step. */
function filterOfStep(kind: FunnelInfo["steps"][number]["kind"], value: string): Filter {
	return { [kind === "click" ? "clicked" : kind]: value };
}

/** The funnel for each value of the selected breakdown. */
function Breakdown({ data: { rows, steps } }: { data: FunnelInfo }) {
	const by = query("by") as keyof typeof FACETS | null;
	if (!by || !rows.length) return null;
	return (
		<section class="report-part">
			<h2>{FACETS[by]}</h2>
			<DataTable
				caption={FACETS[by]}
				rows={rows}
				keyOf={({ value }) => value}
				columns={[
					{ title: shared.value, cell: ({ value }) => <FacetValue of={by} value={value} /> },
					...steps.map((_, i) => ({
						...{ title: text.step(i + 1), isNumber: true },
						cell: ({ sessions }: FunnelInfo["rows"][number]) => count(sessions[i]!),
					})),
					{
						...{ title: text.completed, isNumber: true },
						cell: ({ rate, isLow }) => <span class={isLow ? "sub" : ""}>{percent(rate)}</span>,
					},
				]}
			/>
		</section>
	);
}
