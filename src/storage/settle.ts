import type { DigestInput, Facts } from "../analytics/digest.ts";
import { SESSION_IDLE_MS } from "../contract/limits.ts";
import { CELLS, type LiveQuery, readLiveSessions, writeFacts } from "./facts.ts";
import { isD1Available } from "./health.ts";
import {
	daysToAnonymize,
	readUnrolled,
	rollupName,
	saveAnonymizedDay,
	type Unrolled,
	writeRollups,
} from "./rollups.ts";

/** What a step takes: some milliseconds of work, and a few calls. */
const STEP_SESSIONS = 25;
const STEP_FACTS = 50;

/** Passed in, because this room does not know how. */
export interface Analysis {
	digest(session: DigestInput): Facts[];
	/** Names of the parts of a rollup. */
	parts: readonly string[];
	/** Adds facts to the sums of a part, as JSON; null: nothing yet. */
	sum(part: string, json: string | null, facts: readonly Facts[]): string;
	/** The sums of a part as JSON without what only a few had. */
	fold(part: string, json: string): string;
}

/**
 * One step of settling: facts of sessions that have been silent for half an hour.
 * @param query which: all that began since then are read
 * @returns whether there are more
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
		neverSettled: neverSettled,
		inactiveSince: inactiveSince,
		limit: STEP_SESSIONS,
	});
	if (!sessions.length) return false;
	const settled = sessions.map((session) => ({ session, facts: analysis.digest(session) }));
	try {
		await writeFacts(db, project, settled);
	} catch (error) {
		// One of them may be what D1 will not take: it must not hold up the others.
		console.error("facts were not written; each on its own", error);
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
 * One step of summing up: some facts of the oldest day that has any that are not summed up.
 * @returns how many
 */
export async function rollUpStep(db: D1Database, project: string, analysis: Analysis): Promise<number> {
	const unrolled = await readUnrolled(db, project, STEP_FACTS);
	if (!unrolled) return 0;
	await rollUp(db, project, analysis, unrolled);
	return unrolled.facts.length;
}

async function rollUp(db: D1Database, project: string, analysis: Analysis, unrolled: Unrolled): Promise<void> {
	const changed = new Map<string, string>();
	// What comes after a day was closed is not told of it any more.
	for (const cell of unrolled.closed ? [] : CELLS) {
		const facts = unrolled.facts.filter(({ profile }) => cell === "" || profile.device === cell);
		if (!facts.length) continue;
		for (const part of analysis.parts) {
			const name = rollupName(part, cell);
			changed.set(name, analysis.sum(part, unrolled.rollups.get(name) ?? null, facts));
		}
	}
	await writeRollups(db, project, unrolled, changed);
}

/**
 * Closes days whose recordings are about to go: their sums stay, without what only a few had, and do not change any more.
 * @param lastDay UTC day, yyyymmdd
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
			const folded = new Map(
				[...unrolled.rollups].map(([name, json]) => [name, analysis.fold(name.split("/")[0]!, json)]),
			);
			if (await writeRollups(db, project, unrolled, folded, true))
				await saveAnonymizedDay(bucket, project, day, folded);
			break;
		}
	}
}
