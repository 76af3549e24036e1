import type { DigestInput, Facts } from "../analytics/digest.ts";
import { SESSION_IDLE_MS } from "../contract/limits.ts";
import { type LiveQuery, ROLLUP_DEVICES, readLiveSessions, writeFacts } from "./facts.ts";
import { isD1Available } from "./health.ts";
import {
	daysToAnonymize,
	readUnrolled,
	rollupName,
	saveAnonymizedDay,
	type Unrolled,
	writeRollups,
} from "./rollups.ts";

/** Limits of a step, so that it takes a few milliseconds of CPU time and a few calls to D1. */
const STEP_SESSIONS = 25;
const STEP_FACTS = 50;

/** Computations on facts. Callers pass them in, because storage imports only types from analytics. */
export interface Analysis {
	digest(session: DigestInput): Facts[];
	/** Names of the sections of a rollup, such as `pages`. */
	sections: readonly string[];
	/** Adds facts to the sums of a section, which are given and returned as JSON. null: there are no sums yet. */
	sum(section: string, json: string | null, facts: readonly Facts[]): string;
	/** Anonymizes the sums of a section, given and returned as JSON: merges values that only a few sessions had. */
	anonymize(section: string, json: string): string;
}

/**
 * Runs one step of settling: writes the facts of live sessions that have received nothing for `SESSION_IDLE_MS`.
 * @returns whether there are more such sessions
 */
export async function settleStep(
	db: D1Database,
	project: string,
	analysis: Analysis,
	{ since, neverSettled }: Pick<LiveQuery, "since" | "neverSettled">,
	now: number,
): Promise<boolean> {
	const inactiveSince = now - SESSION_IDLE_MS;
	const { sessions, isCut } = await readLiveSessions(db, project, {
		since,
		neverSettled,
		inactiveSince,
		limit: STEP_SESSIONS,
	});
	if (!sessions.length) return false;
	const settled = sessions.map((session) => ({ session, facts: analysis.digest(session) }));
	try {
		await writeFacts(db, project, settled);
	} catch (error) {
		// D1 may reject the facts of one session, which must not block the others.
		console.error("facts were not written; retrying session by session", error);
		for (const { session, facts } of settled) {
			try {
				await writeFacts(db, project, [{ session, facts }]);
			} catch (reason) {
				if (!(await isD1Available(db))) throw reason;
				console.error(`facts of ${session.id} cannot be written`, reason);
				await writeFacts(db, project, [{ session, facts: [] }]);
			}
		}
	}
	return isCut;
}

/**
 * Runs one step of rolling up: adds up to `STEP_FACTS` facts of the oldest day with facts that are not rolled up yet.
 * @returns number of facts added
 */
export async function rollUpStep(db: D1Database, project: string, analysis: Analysis): Promise<number> {
	const unrolled = await readUnrolled(db, project, STEP_FACTS);
	if (!unrolled) return 0;
	await rollUp(db, project, analysis, unrolled);
	return unrolled.facts.length;
}

async function rollUp(db: D1Database, project: string, analysis: Analysis, unrolled: Unrolled): Promise<void> {
	const changed = new Map<string, string>();
	// The rollups of an anonymized day no longer change. Late facts are only marked as included.
	for (const cell of unrolled.closed ? [] : ROLLUP_DEVICES) {
		const facts = unrolled.facts.filter(({ profile }) => cell === "" || profile.device === cell);
		if (!facts.length) continue;
		for (const section of analysis.sections) {
			const name = rollupName(section, cell);
			changed.set(name, analysis.sum(section, unrolled.rollups.get(name) ?? null, facts));
		}
	}
	await writeRollups(db, project, unrolled, changed);
}

/**
 * Anonymizes days before their recordings are deleted: merges values that only a few sessions had into "(other)", and
 * prevents later changes of the rollups. Processes at most two days per call.
 * @param lastDay last UTC day to anonymize, yyyymmdd
 */
export async function anonymizeDays(
	db: D1Database,
	bucket: R2Bucket,
	project: string,
	analysis: Analysis,
	lastDay: number,
): Promise<void> {
	for (const day of await daysToAnonymize(db, project, lastDay, 2)) {
		for (let step = 0; step < 5; step++) {
			const unrolled = await readUnrolled(db, project, STEP_FACTS, day);
			if (!unrolled) break;
			if (unrolled.facts.length) {
				await rollUp(db, project, analysis, unrolled);
				continue;
			}
			const anonymized = new Map(
				[...unrolled.rollups].map(([name, json]) => [name, analysis.anonymize(name.split("/")[0]!, json)]),
			);
			if (await writeRollups(db, project, unrolled, anonymized, true))
				await saveAnonymizedDay(bucket, project, day, anonymized);
			break;
		}
	}
}
