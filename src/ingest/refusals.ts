import type { Env } from "../env.ts";
import type { Failure } from "../http/errors.ts";
import { addRefusals, type Refusal } from "../storage/refusals.ts";

/** Counts that are not in D1 yet. They are collected, so that not every rejected request costs a write. */
const pending = new Map<string, Refusal>();
const FLUSH_MS = 30_000;
/** Limit of statements per write: below the 50 D1 queries that the free plan allows per request. */
const MAX_PENDING = 30;
/**
 * Kinds of refusals (project, code and origin) that this isolate has counted. The first refusal of a kind is written at
 * once, unless a write is under way. The number of kinds is limited, because a flood of invented origins would otherwise
 * cause a flood of writes.
 */
const seen = new Set<string>();
const MAX_SEEN = 50;
let flushedAt = 0;
let flushing = false;

/**
 * Counts a refusal for the operator. The first one of each kind is written at once; repetitions are written together,
 * at most every 30 s.
 */
export function noteRefusal(
	env: Env,
	ctx: Pick<ExecutionContext, "waitUntil">,
	project: string,
	{ code, details }: Failure,
	now: number,
): void {
	const origin = code === "origin_refused" ? String(details.origin ?? "") : "";
	const key = `${project} ${code} ${origin}`;
	const isFirst = !seen.has(key);
	if (isFirst && seen.size < MAX_SEEN) seen.add(key);
	const refused = pending.get(key) ?? { project, reason: code, origin, count: 0 };
	refused.count++;
	if (pending.size < MAX_PENDING) pending.set(key, refused);
	if (flushing || (!(isFirst && seen.has(key)) && now - flushedAt < FLUSH_MS)) return;
	flushedAt = now;
	const batch = [...pending.values()];
	pending.clear();
	flushing = true;
	ctx.waitUntil(
		addRefusals(env.DB, batch, now)
			.catch((error) => {
				console.error("cannot write refusals: they are written with the next ones", error);
				for (const it of batch) {
					const key = `${it.project} ${it.reason} ${it.origin}`;
					const newer = pending.get(key);
					if (newer) newer.count += it.count;
					else pending.set(key, it);
				}
			})
			.finally(() => {
				flushing = false;
			}),
	);
}

/** Clears this isolate's counts; for tests. */
export function resetRefusals(): void {
	pending.clear();
	seen.clear();
	flushedAt = 0;
	flushing = false;
}
