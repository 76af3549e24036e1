import { api, type RetentionInfo, read } from "../../api.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { count, percent, TableBox } from "../../ui/table.tsx";
import { Frame } from "./frame.tsx";

/** Of the people whose names the site says, who came again, week by week. */
export function RetentionReport() {
	const scope = reportScope();
	const loaded = useReport(
		JSON.stringify(scope),
		() => read(api.analytics.retention.$get({ query: scope })),
		SLOW_REFRESH_MS,
	);
	return (
		<Frame
			loaded={loaded}
			isEmpty={({ cohorts }) => !cohorts.length}
			empty={
				<p>
					People show here by the week they were first seen. Tell who is there with{" "}
					<code>Sentiero.identify("4711")</code>.
				</p>
			}
		>
			{({ cohorts }) => <Cohorts cohorts={cohorts} />}
		</Frame>
	);
}

function Cohorts({ cohorts }: { cohorts: RetentionInfo["cohorts"] }) {
	const weeks = Math.max(0, ...cohorts.map(({ came }) => came.length));
	return (
		<>
			<TableBox label="People by the week they were first seen">
				<table class="data retention">
					<caption class="hidden">People by the week they were first seen, and how many came again</caption>
					<thead>
						<tr>
							<th scope="col">First seen</th>
							<th scope="col" class="number">
								People
							</th>
							{Array.from({ length: weeks }, (_, i) => (
								<th key={i} scope="col" class="number">
									{i === 0 ? "1 week later" : `${i + 1} weeks`}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{cohorts.map(({ week, people, came }) => (
							<tr key={week}>
								<th scope="row">{week}</th>
								<td class="number">{count(people)}</td>
								{Array.from({ length: weeks }, (_, i) => (
									<td key={i} class="number">
										{i < came.length && <Share n={came[i]!} of={people} />}
									</td>
								))}
							</tr>
						))}
					</tbody>
				</table>
			</TableBox>
			<p class="sub">Weeks are ISO weeks, UTC; people count from the first of their sessions in the period.</p>
		</>
	);
}

function Share({ n, of }: { n: number; of: number }) {
	const share = Math.round((n / of) * 1000) / 10;
	return (
		<span class="cohort" style={{ "--share": `${share}%` }} title={`${count(n)} of ${count(of)}`}>
			{percent(share)}
		</span>
	);
}
