import { useEffect, useState } from "preact/hooks";
import { api, type MaintenanceInfo, read } from "../api.ts";
import { messageOf } from "../state/sessions.ts";
import { count } from "../ui/table.tsx";
import { Ago } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { PersonalData } from "./erasures.tsx";
import * as text from "./maintenance.text.ts";

export function MaintenancePage() {
	const [info, setInfo] = useState<MaintenanceInfo | null>(null);
	const [error, setError] = useState("");
	const load = () => void read(api.maintenance.$get()).then(setInfo, (failure) => setError(messageOf(failure)));
	useTitle(text.title);
	useEffect(load, []);
	const projects = info?.projects ?? [];
	const hasRetention = projects.some(({ retentionDays }) => retentionDays !== null);
	return (
		<div class="page narrow">
			<header class="page-head">
				<h1>{text.title}</h1>
			</header>
			{error && (
				<p class="notice bad" role="alert">
					{error}
				</p>
			)}
			<section>
				<h2>{text.retention}</h2>
				{projects.map(({ id, name, retentionDays }) => (
					<p key={id}>
						{projects.length > 1 && <b>{name}: </b>}
						{retentionDays === null ? text.keptForever : text.deletedAfter(retentionDays)}
					</p>
				))}
				{hasRetention && <JobButton label={text.deleteExpired} run={purgeAll} onDone={load} />}
			</section>
			<section>
				<h2>{text.backgroundJobs}</h2>
				<p>
					{info?.upkeepRanAt ? (
						<>
							{text.lastRan} <Ago at={info.upkeepRanAt} />.
						</>
					) : (
						text.neverRan
					)}
				</p>
				{info?.troubles.map(({ job, error: reason, ranAt }) => (
					<p class="notice bad" key={job}>
						{text.jobFailed(job)} <Ago at={ranAt} />: {reason}
					</p>
				))}
			</section>
			<PersonalData onDone={load} />
			<section>
				<h2>{text.index}</h2>
				<p>{text.aboutIndex}</p>
				<JobButton label={text.rebuildIndex} run={reindexAll} onDone={load} />
			</section>
			{info && (
				<section>
					<h2>{text.storage}</h2>
					<p>{packingState(info.packing)}</p>
				</section>
			)}
			{info && (
				<section>
					<h2>{text.encryption}</h2>
					<p>{info.encryptionKey ? text.encrypted(info.encryptionKey) : text.notEncrypted}</p>
					{info.encryptionKey && <JobButton label={text.reencryptAll} run={reencryptAll} onDone={load} />}
				</section>
			)}
			<section>
				<h2>{text.notRecorded}</h2>
				<p>{text.aboutNotRecorded}</p>
				{info && !info.refusals.length && <p class="sub">{text.none}</p>}
				{info && info.refusals.length > 0 && (
					<table class="plain">
						<thead>
							<tr>
								<th scope="col">{text.reason}</th>
								<th scope="col" class="number">
									{text.batches}
								</th>
							</tr>
						</thead>
						<tbody>
							{info.refusals.map(({ project, reason, origin, count: n }) => (
								<tr key={`${project} ${reason} ${origin}`}>
									<td>
										{text.reasons[reason] ?? text.malformed(reason)}
										{origin && <span class="sub mono">{origin}</span>}
										{info.projects.length > 1 && (
											<span class="sub">{info.projects.find(({ id }) => id === project)?.name ?? project}</span>
										)}
									</td>
									<td class="number">{count(n)}</td>
								</tr>
							))}
						</tbody>
					</table>
				)}
			</section>
		</div>
	);
}

const DAY_MS = 86_400_000;
/** Age of a recording, in days, after which it is packed. */
const PACKED_AFTER_DAYS = 2;

function packingState({ perMinute, oldestUnpackedStart }: MaintenanceInfo["packing"]): string {
	if (!perMinute) return text.notPacked;
	const late =
		oldestUnpackedStart === null ? 0 : Math.floor((Date.now() - oldestUnpackedStart) / DAY_MS) - PACKED_AFTER_DAYS;
	return late < 1 ? text.packed : `${text.packed} ${text.packingBehind(late, perMinute)}`;
}

/** A button that runs a job step by step, with the job's progress. */
function JobButton({
	label,
	run,
	onDone,
}: {
	label: string;
	run(onProgress: OnProgress): Promise<void>;
	onDone(): void;
}) {
	const [busy, setBusy] = useState(false);
	const [progress, setProgress] = useState("");
	const start = async () => {
		setBusy(true);
		setProgress("");
		await run(setProgress).catch((failure) => setProgress(messageOf(failure)));
		setBusy(false);
		onDone();
	};
	return (
		<div class="work">
			<button type="button" class="button" disabled={busy} onClick={start}>
				{label}
			</button>
			<span role="status">{progress}</span>
		</div>
	);
}

type OnProgress = (message: string) => void;

async function purgeAll(onProgress: OnProgress): Promise<void> {
	let total = 0;
	for (;;) {
		const { purged, more } = await read(api.maintenance.purge.$post());
		total += purged;
		onProgress(text.deletedSoFar(total));
		if (!more) return;
	}
}

const reindexAll = (onProgress: OnProgress) =>
	runSteps(onProgress, text.reindexed, async (cursor) => {
		const { indexed, ...step } = await read(api.maintenance.reindex.$post({ query: { cursor } }));
		return { ...step, changed: indexed };
	});

/** The route "reseal", and the field `sealed` of its response, keep the names of earlier versions. */
const { reseal: reencrypt } = api.maintenance;
const reencryptAll = (onProgress: OnProgress) =>
	runSteps(onProgress, text.reencrypted, async (cursor) => {
		const { sealed, ...step } = await read(reencrypt.$post({ query: { cursor } }));
		return { ...step, changed: sealed };
	});

interface Step {
	seen: number;
	changed: number;
	unreadable: string[];
	cursor: string | null;
}

/** Repeats the step of a job until the job is done, and shows the totals of all steps. */
async function runSteps(
	onProgress: OnProgress,
	changedText: (n: number) => string,
	runStep: (cursor?: string) => Promise<Step>,
): Promise<void> {
	let seen = 0;
	let changed = 0;
	let unreadable = 0;
	let cursor: string | undefined;
	do {
		const step = await runStep(cursor);
		seen += step.seen;
		changed += step.changed;
		unreadable += step.unreadable.length;
		cursor = step.cursor ?? undefined;
		onProgress(text.chunksChecked(seen, changedText(changed), unreadable, !cursor));
	} while (cursor);
}
