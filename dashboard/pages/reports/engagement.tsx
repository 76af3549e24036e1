import { pathOf } from "../../../src/analytics/activity.ts";
import { api, type EngagementInfo, read } from "../../api.ts";
import { sessionListHref } from "../../state/filters.ts";
import { sessionPath } from "../../state/paths.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { query, setQuery } from "../../state/route.ts";
import { Choice } from "../../ui/filters.tsx";
import { Score } from "../../ui/score.tsx";
import { count, DataTable } from "../../ui/table.tsx";
import { Ago, duration } from "../../ui/time.tsx";
import * as text from "./engagement.text.ts";
import { ReportFrame } from "./frame.tsx";
import { TableSkeleton } from "./skeletons.tsx";

/** Reasons for a score, in display order: the name of the signal, and the function that returns the text. */
const REASONS: [keyof EngagementInfo["sessions"][number]["signals"], (n: number) => string][] = [
	["rage", text.rage],
	["dead", text.dead],
	["churn", text.churn],
	["idle", text.idle],
	["thrash", text.thrash],
	["refills", text.refills],
	["bounce", text.bounce],
	["abandon", text.abandon],
];

export function EngagementReport() {
	const scope = { ...reportScope(), sort: query("sort") === "duration" ? "duration" : "score" };
	const loaded = useReport(
		JSON.stringify(scope),
		() => read(api.analytics.engagement.$get({ query: scope })),
		SLOW_REFRESH_MS,
	);
	return (
		<ReportFrame
			loaded={loaded}
			isEmpty={({ sessions }) => !sessions.length}
			empty={<p>{text.empty}</p>}
			skeleton={
				<>
					<p class="sub">{text.byScore}</p>
					<TableSkeleton />
				</>
			}
			controls={
				<Choice
					label={text.sortBy}
					value={scope.sort}
					options={[
						["score", text.highestScore],
						["duration", text.longest],
					]}
					onChange={(sort) => setQuery({ sort: sort === "score" ? null : sort })}
				/>
			}
		>
			{({ sessions, scores, project, projects }) => (
				<>
					<p class="sub">
						{text.byScore}{" "}
						{scores
							.map((n, i) => (
								<span key={i}>
									{i < scores.length - 1 && " · "}
									{text.range(i * 20, (i + 1) * 20)}{" "}
									<a href={sessionListHref({ score: i < 4 ? `${i * 20}-${(i + 1) * 20}` : "80", sort: "score" })}>
										{count(n)}
									</a>
								</span>
							))
							.reverse()}
					</p>
					<DataTable
						caption={text.sessions}
						rows={sessions}
						keyOf={({ sessionId }) => sessionId}
						columns={[
							{
								title: text.session,
								cell: ({ sessionId, head }) => (
									<a href={sessionPath(sessionId, projects.length > 1 ? project : undefined)}>
										{head.entry ? pathOf(head.entry) : sessionId.slice(0, 8)}
									</a>
								),
							},
							{ title: text.score, isNumber: true, cell: ({ score }) => <Score value={score} /> },
							{ title: text.started, cell: ({ startedAt }) => <Ago at={startedAt} /> },
							{ title: text.duration, isNumber: true, cell: ({ durationMs }) => duration(durationMs) },
							{ title: text.reasons, cell: ({ signals }) => reasonsOf(signals) || "–" },
						]}
					/>
					<p class="sub">{text.scoreNote}</p>
				</>
			)}
		</ReportFrame>
	);
}

function reasonsOf(signals: Record<string, number>): string {
	return REASONS.filter(([name]) => (signals[name] ?? 0) > 0)
		.map(([name, label]) => label(signals[name]!))
		.join(", ");
}
