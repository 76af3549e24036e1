import { useEffect, useState } from "preact/hooks";
import { api, type MaintenanceInfo, read } from "../api.ts";
import { messageOf } from "../state/sessions.ts";
import { Ago } from "../ui/time.tsx";
import { PersonalData } from "./erasures.tsx";

const REASONS: Record<string, string> = {
	origin_refused: "The site is not in CORS_ORIGINS",
	origin_required: "No Origin header, and REQUIRE_ORIGIN is on",
	opted_out: "The visitor opted out",
	global_privacy_control: "The visitor's browser sends Global Privacy Control",
	body_too_large: "A batch was larger than MAX_BATCH_BYTES, or a server's report than 512 KiB",
	too_many_events: "The batch held more than MAX_EVENTS_PER_REQUEST",
	bot: "The visitor said to be a program, and STORE_BOTS is off",
	sampled_out: "Left out by SAMPLE_RATE",
	session_too_old: "The session began more than eight days ago",
	session_full: "The session had reached MAX_EVENTS_PER_SESSION",
	day_full: "The day had reached MAX_SESSIONS_PER_DAY or MAX_BYTES_PER_DAY",
	rate_limited: "Too many batches, or reports of a server, in a minute; the recorder tries again",
	storage_unavailable: "R2 did not answer; the recorder tries again",
	method_not_allowed: "Not a POST request",
	invalid_ingest_key: "A server's key is not in INGEST_KEYS",
	exception_class_required: "A server's exception had no class",
	message_required: "A server's exception had no message",
	name_required: "A server's event had no name",
	invalid_report_session: "A server's report named no valid session",
	invalid_report_window: "A server's report named no valid window",
};

export function MaintenancePage() {
	const [info, setInfo] = useState<MaintenanceInfo | null>(null);
	const [error, setError] = useState("");
	const load = () => void read(api.maintenance.$get()).then(setInfo, (failure) => setError(messageOf(failure)));
	useEffect(() => {
		document.title = "Maintenance – Sentiero";
		load();
	}, []);
	const projects = info?.projects ?? [];
	const isPurging = projects.some(({ retentionDays }) => retentionDays !== null);
	return (
		<div class="page narrow">
			<header class="page-head">
				<h1>Maintenance</h1>
			</header>
			{error && (
				<p class="notice bad" role="alert">
					{error}
				</p>
			)}
			<section>
				<h2>Retention</h2>
				{projects.map(({ id, name, retentionDays }) => (
					<p key={id}>
						{projects.length > 1 && <b>{name}: </b>}
						{retentionDays === null
							? "Recordings are kept for ever. Set RETENTION_DAYS to let them go by themselves."
							: `Each session is erased by itself, ${retentionDays} days after its last moment.`}
					</p>
				))}
				<p class="sub">
					{info?.upkeepRanAt ? (
						<>
							Upkeep last ran <Ago at={info.upkeepRanAt} />.
						</>
					) : (
						"Upkeep has not run yet. In production it runs every minute."
					)}
				</p>
				{info?.troubles.map(({ job, error: why, ranAt }) => (
					<p class="notice bad" key={job}>
						Upkeep’s job “{job}” failed <Ago at={ranAt} />: {why}
					</p>
				))}
				{isPurging && <Work label="Erase what is past retention" run={purgeAll} onDone={load} />}
			</section>
			<PersonalData onDone={load} />
			<section>
				<h2>Index</h2>
				<p>
					Lists and timelines are read from D1, which can be rebuilt from the recordings in R2 at any time. Nothing is
					lost if this stops half-way; start it again.
				</p>
				<Work label="Rebuild the index" run={reindexAll} onDone={load} />
			</section>
			{info && (
				<section>
					<h2>Storage</h2>
					<p>{packingIn(info.packing)}</p>
				</section>
			)}
			{info && (
				<section>
					<h2>Encryption</h2>
					<p>
						{info.encryptionKey
							? `New recordings are encrypted with the key ${info.encryptionKey}. Older ones keep theirs until they are sealed anew; only then may it go.`
							: "Recordings are stored as they are. Set ENCRYPTION_KEYS to encrypt them."}
					</p>
					{info.encryptionKey && <Work label="Seal all with this key" run={reencryptAll} onDone={load} />}
				</section>
			)}
			<section>
				<h2>Not recorded</h2>
				<p>Batches that were refused in the last seven days, and why.</p>
				{info && !info.refusals.length && <p class="sub">None.</p>}
				{info && info.refusals.length > 0 && (
					<table class="plain">
						<thead>
							<tr>
								<th scope="col">Why</th>
								<th scope="col" class="number">
									Batches
								</th>
							</tr>
						</thead>
						<tbody>
							{info.refusals.map(({ project, reason, origin, count }) => (
								<tr key={`${project} ${reason} ${origin}`}>
									<td>
										{REASONS[reason] ?? `The batch was malformed (${reason})`}
										{origin && <span class="sub mono">{origin}</span>}
										{info.projects.length > 1 && (
											<span class="sub">{info.projects.find(({ id }) => id === project)?.name ?? project}</span>
										)}
									</td>
									<td class="number">{count.toLocaleString()}</td>
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
/** When a recording may be packed. */
const PACKED_DAYS = 2;

function packingIn({ perMinute, waitingSince }: MaintenanceInfo["packing"]): string {
	if (!perMinute) return "Recordings stay as they came. Set PACKS_PER_MINUTE to pack old ones into half the room.";
	const isNormal = "Recordings are packed when they are two days old, which takes half the room.";
	const late = waitingSince === null ? 0 : Math.floor((Date.now() - waitingSince) / DAY_MS) - PACKED_DAYS;
	if (late < 1) return isNormal;
	const days = late === 1 ? "a day" : `${late} days`;
	return `${isNormal} Packing is ${days} behind. If that grows, raise PACKS_PER_MINUTE, which is ${perMinute}.`;
}

/** A button for long work, which tells how far it is. */
function Work({
	label,
	run,
	onDone,
}: {
	label: string;
	run(tell: (text: string) => void): Promise<void>;
	onDone(): void;
}) {
	const [busy, setBusy] = useState(false);
	const [said, say] = useState("");
	const start = async () => {
		setBusy(true);
		say("");
		await run(say).catch((failure) => say(messageOf(failure)));
		setBusy(false);
		onDone();
	};
	return (
		<div class="work">
			<button type="button" class="button" disabled={busy} onClick={start}>
				{label}
			</button>
			<span role="status">{said}</span>
		</div>
	);
}

async function purgeAll(tell: (text: string) => void): Promise<void> {
	let total = 0;
	for (;;) {
		const { purged, more } = await read(api.maintenance.purge.$post());
		total += purged;
		tell(total === 1 ? "1 session erased" : `${total} sessions erased`);
		if (!more) return;
	}
}

const reindexAll = (tell: (text: string) => void) =>
	inSteps(tell, "put back", async (cursor) => {
		const { indexed, ...step } = await read(api.maintenance.reindex.$post({ query: { cursor } }));
		return { ...step, changed: indexed };
	});

const reencryptAll = (tell: (text: string) => void) =>
	inSteps(tell, "sealed anew", async (cursor) => {
		const { sealed, ...step } = await read(api.maintenance.reseal.$post({ query: { cursor } }));
		return { ...step, changed: sealed };
	});

interface Step {
	seen: number;
	changed: number;
	unreadable: string[];
	cursor: string | null;
}

async function inSteps(tell: (text: string) => void, verb: string, take: (cursor?: string) => Promise<Step>) {
	let seen = 0;
	let changed = 0;
	let unreadable = 0;
	let cursor: string | undefined;
	do {
		const step = await take(cursor);
		seen += step.seen;
		changed += step.changed;
		unreadable += step.unreadable.length;
		cursor = step.cursor ?? undefined;
		const trouble = unreadable ? `, ${unreadable} could not be read` : "";
		tell(
			`${seen.toLocaleString()} chunks looked at, ${changed.toLocaleString()} ${verb}${trouble}${cursor ? "…" : "."}`,
		);
	} while (cursor);
}
