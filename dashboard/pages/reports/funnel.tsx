import { api, type FunnelInfo, read } from "../../api.ts";
import { reportScope, type Scope, useReport } from "../../state/report.ts";
import { queryAll, sessionPath, setQueryAll } from "../../state/route.ts";
import { count, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { Frame } from "./frame.tsx";
import { StepInput, useVocabulary } from "./steps.tsx";

const MAX_STEPS = 8;

export function FunnelReport() {
	const scope = reportScope();
	const steps = queryAll("step");
	const asked = steps.filter((step) => /^\w+:./.test(step));
	const loaded = useReport(JSON.stringify([scope, asked]), () => ask(scope, asked));
	const words = useVocabulary(scope);
	const set = (next: string[]) => setQueryAll("step", next);
	const shown = steps.length < 2 ? [...steps, ...Array(2 - steps.length).fill("")] : steps;
	return (
		<Frame loaded={loaded} isEmpty={() => false} empty={null}>
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
						<Result data={data} />
					) : (
						<p class="sub">Choose two steps or more: pages, clicks, or events of your own.</p>
					)}
				</>
			)}
		</Frame>
	);
}

/** Hono's client knows no repeated parameters. */
async function ask(scope: Scope, steps: string[]): Promise<FunnelInfo> {
	const query = { ...scope, step: steps } as never;
	return (await read(api.analytics.funnel.$get({ query }))) as FunnelInfo;
}

function Result({ data: { steps, project, projects } }: { data: FunnelInfo }) {
	return (
		<ol class="funnel">
			{steps.map(({ kind, value, sessions, rate, medianMs, lost }, i) => (
				<li key={i}>
					<div class="funnel-bar" style={{ "--share": `${rate ?? 0}%` }}>
						<b>{count(sessions)}</b> {kind === "tag" ? "event" : kind === "click" ? "click on" : kind}{" "}
						<code>{value}</code>
						<span class="funnel-rate">{percent(rate)}</span>
					</div>
					{medianMs !== null && <p class="sub">{duration(medianMs)} after the step before (median)</p>}
					{lost.length > 0 && (
						<p class="sub">
							Came no further:{" "}
							{lost.map(({ sessionId, at }, n) => (
								<a key={sessionId} href={sessionPath(sessionId, projects.length > 1 ? project : undefined, null, at)}>
									{n + 1}
								</a>
							))}
						</p>
					)}
				</li>
			))}
		</ol>
	);
}
