import { api, type ConversionsInfo, read } from "../../api.ts";
import { sessionPath } from "../../state/paths.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { query, setQuery } from "../../state/route.ts";
import { count, DataTable, percent } from "../../ui/table.tsx";
import * as text from "./conversions.text.ts";
import { FACETS, FacetValue } from "./facets.tsx";
import { ReportFrame } from "./frame.tsx";
import * as shared from "./shared.text.ts";
import { TableSkeleton } from "./skeletons.tsx";
import { StepInput, useSuggestions } from "./steps.tsx";

const FACET_NAMES = Object.keys(FACETS) as (keyof typeof FACETS)[];

export function ConversionsReport() {
	const scope = reportScope();
	const goal = query("goal") ?? "";
	const params: typeof scope & { goal?: string } = { ...scope, ...(/^\w+:./.test(goal) && { goal }) };
	const loaded = useReport(
		JSON.stringify(params),
		() => read(api.analytics.conversions.$get({ query: params })),
		SLOW_REFRESH_MS,
	);
	const suggestions = useSuggestions(scope);
	return (
		<ReportFrame
			loaded={loaded}
			isEmpty={() => false}
			empty={null}
			input={
				<div class="steps">
					<StepInput
						label={text.goal}
						value={goal || "tag:"}
						suggestions={suggestions}
						onChange={(value) => setQuery({ goal: value })}
					/>
				</div>
			}
			skeleton={params.goal ? <Skeleton /> : <p class="sub">{text.chooseGoal}</p>}
		>
			{(data) => (data.result ? <Result data={data} result={data.result} /> : <p class="sub">{text.chooseGoal}</p>)}
		</ReportFrame>
	);
}

const Skeleton = () => (
	<>
		<p class="report-part">&nbsp;</p>
		<section class="report-part">
			<h2>&nbsp;</h2>
			<TableSkeleton rows={4} />
		</section>
	</>
);

type Result = NonNullable<ConversionsInfo["result"]>;

function Result({ data: { project, projects }, result }: { data: ConversionsInfo; result: Result }) {
	const link = (example: { sessionId: string; at: number } | null, label: string) =>
		example && (
			<a href={sessionPath(example.sessionId, projects.length > 1 ? project : undefined, null, example.at)}>{label}</a>
		);
	const rate = result.sessions ? ` (${percent(Math.round((result.converted / result.sessions) * 1000) / 10)})` : "";
	return (
		<>
			<p class="report-part">
				<b>{count(result.converted)}</b>
				{text.result(result.sessions, rate)}
			</p>
			{FACET_NAMES.map((name) => [name, result.facets[name]] as const).map(
				([name, rows]) =>
					rows.length > 0 && (
						<section key={name} class="report-part">
							<h2>{FACETS[name]}</h2>
							<DataTable
								caption={FACETS[name]}
								rows={rows}
								keyOf={({ value }) => value}
								columns={[
									{
										title: shared.value,
										cell: ({ value }) => <FacetValue of={name} value={value} />,
									},
									{ title: shared.sessions, isNumber: true, cell: ({ sessions }) => count(sessions) },
									{ title: text.conversions, isNumber: true, cell: ({ conversions }) => count(conversions) },
									{
										title: text.rate,
										isNumber: true,
										cell: ({ rate, isLow }) => <span class={isLow ? "sub" : ""}>{percent(rate)}</span>,
									},
									{
										title: text.examples,
										cell: ({ converted, notConverted }) => (
											<>
												{link(converted, text.converted)} {link(notConverted, text.notConverted)}
											</>
										),
									},
								]}
							/>
						</section>
					),
			)}
		</>
	);
}
