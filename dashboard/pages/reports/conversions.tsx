import { api, type ConversionsInfo, read } from "../../api.ts";
import { sessionPath } from "../../state/paths.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { query, setQuery } from "../../state/route.ts";
import { count, DataTable, percent } from "../../ui/table.tsx";
import { FACETS, FacetValue } from "./facets.tsx";
import { Frame } from "./frame.tsx";
import { StepInput, useVocabulary } from "./steps.tsx";

const FACET_NAMES = Object.keys(FACETS) as (keyof typeof FACETS)[];

export function ConversionsReport() {
	const scope = reportScope();
	const goal = query("goal") ?? "";
	const asked = { ...scope, ...(/^\w+:./.test(goal) && { goal }) };
	const loaded = useReport(
		JSON.stringify(asked),
		() => read(api.analytics.conversions.$get({ query: asked })),
		SLOW_REFRESH_MS,
	);
	const words = useVocabulary(scope);
	return (
		<Frame loaded={loaded} isEmpty={() => false} empty={null}>
			{(data) => (
				<>
					<div class="steps">
						<StepInput
							label="Goal"
							value={goal || "tag:"}
							words={words}
							onChange={(value) => setQuery({ goal: value })}
						/>
					</div>
					{data.result ? (
						<Result data={data} result={data.result} />
					) : (
						<p class="sub">Choose what counts as reached: a page, a click, or an event of your own.</p>
					)}
				</>
			)}
		</Frame>
	);
}

type Result = NonNullable<ConversionsInfo["result"]>;

function Result({ data: { project, projects }, result }: { data: ConversionsInfo; result: Result }) {
	const link = (example: { sessionId: string; at: number } | null, words: string) =>
		example && (
			<a href={sessionPath(example.sessionId, projects.length > 1 ? project : undefined, null, example.at)}>{words}</a>
		);
	return (
		<>
			<p class="report-part">
				<b>{count(result.converted)}</b> of {count(result.sessions)} sessions reached it
				{result.sessions > 0 && ` (${percent(Math.round((result.converted / result.sessions) * 1000) / 10)})`}.
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
										title: "Value",
										cell: ({ value }) => <FacetValue of={name} value={value} />,
									},
									{ title: "Sessions", isNumber: true, cell: ({ sessions }) => count(sessions) },
									{ title: "Reached", isNumber: true, cell: ({ conversions }) => count(conversions) },
									{
										title: "Rate",
										isNumber: true,
										cell: ({ rate, isLow }) => <span class={isLow ? "sub" : ""}>{percent(rate)}</span>,
									},
									{
										title: "Watch",
										cell: ({ converted, notConverted }) => (
											<>
												{link(converted, "one that did")} {link(notConverted, "one that did not")}
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
