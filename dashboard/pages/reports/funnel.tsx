import type { Filter } from "../../../src/contract/filter.ts";
import { api, type FunnelInfo, read } from "../../api.ts";
import { recordingsHref } from "../../state/filters.ts";
import { sessionPath } from "../../state/paths.ts";
import { reportScope, type Scope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { query, queryAll, setQuery, setQueryAll } from "../../state/route.ts";
import { Choice } from "../../ui/filters.tsx";
import { count, DataTable, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { FACETS, FacetValue } from "./facets.tsx";
import { Frame } from "./frame.tsx";
import { StepInput, useVocabulary } from "./steps.tsx";

const MAX_STEPS = 8;
const MINUTE_MS = 60_000;
const WINDOWS = [
	["", "In any time"],
	[String(10 * MINUTE_MS), "Within 10 minutes"],
	[String(60 * MINUTE_MS), "Within an hour"],
	[String(24 * 60 * MINUTE_MS), "Within a day"],
] as const;

export function FunnelReport() {
	const scope = reportScope();
	const steps = queryAll("step");
	const asked = steps.filter((step) => /^\w+:./.test(step));
	const [within, by] = [query("within") ?? "", query("by") ?? ""];
	const loaded = useReport(
		JSON.stringify([scope, asked, within, by]),
		() => ask(scope, asked, within, by),
		SLOW_REFRESH_MS,
	);
	const words = useVocabulary(scope);
	const set = (next: string[]) => setQueryAll("step", next);
	const shown = steps.length < 2 ? [...steps, ...Array(2 - steps.length).fill("")] : steps;
	return (
		<Frame
			loaded={loaded}
			isEmpty={() => false}
			empty={null}
			controls={
				<>
					<Choice
						label="Time from the first step to the last"
						value={within}
						options={WINDOWS}
						onChange={(value) => setQuery({ within: value || null })}
					/>
					<Choice
						label="Told apart"
						value={by}
						options={[["", "Not told apart"], ...Object.entries(FACETS)]}
						onChange={(value) => setQuery({ by: value || null })}
					/>
				</>
			}
		>
			{(data) => (
				<>
					<ol class="steps">
						{shown.map((step, i) => (
							<li key={i}>
								<StepInput
									label={`Step ${i + 1}`}
									value={step}
									words={words}
									onChange={(value) => set(shown.map((it, n) => (n === i ? value : it)))}
								/>
								{shown.length > 2 && (
									<button
										type="button"
										class="button quiet"
										aria-label={`Remove step ${i + 1}`}
										onClick={() => set(shown.filter((_, n) => n !== i))}
									>
										Remove
									</button>
								)}
							</li>
						))}
					</ol>
					{shown.length < MAX_STEPS && (
						<button type="button" class="button" onClick={() => set([...shown, "page:"])}>
							Add a step
						</button>
					)}
					{data.steps.length ? (
						<>
							<Result data={data} />
							<Breakdown data={data} />
						</>
					) : (
						<p class="sub">Choose two steps or more: pages, clicks, or events of your own.</p>
					)}
				</>
			)}
		</Frame>
	);
}

/** Hono's client knows no repeated parameters. */
async function ask(scope: Scope, steps: string[], within: string, by: string): Promise<FunnelInfo> {
	const asked = { ...scope, step: steps, ...(within && { within }), ...(by && { by }) } as never;
	return (await read(api.analytics.funnel.$get({ query: asked }))) as FunnelInfo;
}

function Result({ data: { steps, project, projects } }: { data: FunnelInfo }) {
	const named = projects.length > 1 ? project : undefined;
	return (
		<ol class="funnel">
			{steps.map(({ kind, value, sessions, rate, medianMs, came, lost }, i) => (
				<li key={i}>
					<div class="funnel-bar" style={{ "--share": `${rate ?? 0}%` }}>
						{i === 0 ? (
							<a href={recordingsHref(filterOfStep(kind, value))}>
								<b>{count(sessions)}</b>
							</a>
						) : (
							<b>{count(sessions)}</b>
						)}{" "}
						{kind === "tag" ? "event" : kind === "click" ? "click on" : kind} <code>{value}</code>
						<span class="funnel-rate">{percent(rate)}</span>
					</div>
					{medianMs !== null && <p class="sub">{duration(medianMs)} after the step before (median)</p>}
					{i > 0 && <Examples words="Came this far" of={came} project={named} />}
					<Examples words="Came no further" of={lost} project={named} />
				</li>
			))}
		</ol>
	);
}

/** Some recordings, at their moment. */
function Examples({
	words,
	of,
	project,
}: {
	words: string;
	of: FunnelInfo["steps"][number]["came"];
	project?: string | undefined;
}) {
	if (!of.length) return null;
	return (
		<p class="sub">
			{words}:{" "}
			{of.map(({ sessionId, at }, i) => (
				<a key={sessionId} href={sessionPath(sessionId, project, null, at)}>
					{i + 1}
				</a>
			))}
		</p>
	);
}

/** The recordings of a step. */
function filterOfStep(kind: FunnelInfo["steps"][number]["kind"], value: string): Filter {
	return { [kind === "click" ? "clicked" : kind]: value };
}

/** The same by what people have, when that is asked for. */
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
					{ title: "Value", cell: ({ value }) => <FacetValue of={by} value={value} /> },
					...steps.map((_, i) => ({
						...{ title: `Step ${i + 1}`, isNumber: true },
						cell: ({ sessions }: FunnelInfo["rows"][number]) => count(sessions[i]!),
					})),
					{
						...{ title: "Came through", isNumber: true },
						cell: ({ rate, isLow }) => <span class={isLow ? "sub" : ""}>{percent(rate)}</span>,
					},
				]}
			/>
		</section>
	);
}
