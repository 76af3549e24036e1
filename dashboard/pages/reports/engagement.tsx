import { pathOf } from "../../../src/analytics/activity.ts";
import { api, type EngagementInfo, read } from "../../api.ts";
import { recordingsHref } from "../../state/filters.ts";
import { sessionPath } from "../../state/paths.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { query, setQuery } from "../../state/route.ts";
import { Choice } from "../../ui/filters.tsx";
import { Score } from "../../ui/score.tsx";
import { count, DataTable } from "../../ui/table.tsx";
import { Ago, duration } from "../../ui/time.tsx";
import { Frame } from "./frame.tsx";

const SIGNALS: Record<keyof EngagementInfo["sessions"][number]["signals"], string> = {
	rage: "rage clicks",
	dead: "dead clicks",
	churn: "back and forth",
	idle: "idle",
	thrash: "scrolled about",
	refills: "typed again",
	bounce: "left at once",
	abandon: "left after an error",
};

export function EngagementReport() {
	const scope = { ...reportScope(), sort: query("sort") === "duration" ? "duration" : "score" };
	const loaded = useReport(
		JSON.stringify(scope),
		() => read(api.analytics.engagement.$get({ query: scope })),
		SLOW_REFRESH_MS,
	);
	return (
		<Frame
			loaded={loaded}
			isEmpty={({ sessions }) => !sessions.length}
			empty={<p>Sessions show here by how much their visitors struggled.</p>}
			controls={
				<Choice
					label="Order"
					value={scope.sort}
					options={[
						["score", "Worst first"],
						["duration", "Longest first"],
					]}
					onChange={(sort) => setQuery({ sort: sort === "score" ? null : sort })}
				/>
			}
		>
			{({ sessions, scores, project, projects }) => (
				<>
					<p class="sub">
						{scores
							.map((n, i) => (
								<span key={i}>
									{i < scores.length - 1 && " · "}
									<a href={recordingsHref({ score: i < 4 ? `${i * 20}-${(i + 1) * 20}` : "80", sort: "score" })}>
										{count(n)}
									</a>{" "}
									at {i * 20} to {(i + 1) * 20}
								</span>
							))
							.reverse()}
					</p>
					<DataTable
						caption="Sessions by how much their visitors struggled"
						rows={sessions}
						keyOf={({ sessionId }) => sessionId}
						columns={[
							{
								title: "Session",
								cell: ({ sessionId, head }) => (
									<a href={sessionPath(sessionId, projects.length > 1 ? project : undefined)}>
										{head.entry ? pathOf(head.entry) : sessionId.slice(0, 8)}
									</a>
								),
							},
							{ title: "Score", isNumber: true, cell: ({ score }) => <Score value={score} /> },
							{ title: "Started", cell: ({ startedAt }) => <Ago at={startedAt} /> },
							{ title: "Duration", isNumber: true, cell: ({ durationMs }) => duration(durationMs) },
							{ title: "Why", cell: ({ signals }) => reasonsOf(signals) || "–" },
						]}
					/>
					<p class="sub">0 to 100, higher is worse: what counts how much stands in the documentation.</p>
				</>
			)}
		</Frame>
	);
}

function reasonsOf(signals: Record<string, number>): string {
	return Object.entries(SIGNALS)
		.filter(([name]) => (signals[name] ?? 0) > 0)
		.map(([name, words]) => (signals[name]! > 1 ? `${signals[name]} × ${words}` : words))
		.join(", ");
}
