import { api, type RetentionInfo, read } from "../../api.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { count, percent, TableBox } from "../../ui/table.tsx";
import { ReportFrame } from "./frame.tsx";
import * as text from "./retention.text.ts";
import { TableSkeleton } from "./skeletons.tsx";

/** Shows how many people with a user ID return in the weeks after their first session. */
export function RetentionReport() {
	const scope = reportScope();
	const loaded = useReport(
		JSON.stringify(scope),
		() => read(api.analytics.retention.$get({ query: scope })),
		SLOW_REFRESH_MS,
	);
	return (
		<ReportFrame
			loaded={loaded}
			isEmpty={({ cohorts }) => !cohorts.length}
			skeleton={<TableSkeleton rows={5} />}
			empty={
				<p>
					{text.empty} <code>Sentiero.identify("4711")</code>.
				</p>
			}
		>
			{({ cohorts }) => <Cohorts cohorts={cohorts} />}
		</ReportFrame>
	);
}

function Cohorts({ cohorts }: { cohorts: RetentionInfo["cohorts"] }) {
	const weeks = Math.max(0, ...cohorts.map(({ came }) => came.length));
	return (
		<>
			<TableBox label={text.cohorts}>
				<table class="data retention">
					<caption class="hidden">{text.caption}</caption>
					<thead>
						<tr>
							<th scope="col">{text.firstSession}</th>
							<th scope="col" class="number">
								{text.people}
							</th>
							{Array.from({ length: weeks }, (_, i) => (
								<th key={i} scope="col" class="number">
									{text.later(i + 1)}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{cohorts.map(({ week, people, came }) => (
							<tr key={week}>
								<th scope="row">{week}</th>
								<td class="number" data-label={text.people}>
									{count(people)}
								</td>
								{Array.from({ length: weeks }, (_, i) => (
									<td key={i} class="number" data-label={text.later(i + 1)}>
										{i < came.length && <Share n={came[i]!} of={people} />}
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</TableBox>
			<p class="sub">{text.weeks}</p>
		</>
	);
}

function Share({ n, of }: { n: number; of: number }) {
	const share = Math.round((n / of) * 1000) / 10;
	return (
		<span class="cohort" style={{ "--share": `${share}%` }} title={text.returned(n, of)}>
			{percent(share)}
		</span>
	);
}
