import type { Env } from "../env.ts";
import type { Failure } from "../http/errors.ts";
import { addRefusals, type Refusal } from "../storage/refusals.ts";

/** Counts that are not in D1 yet: a refused request must not cost a write each. */
const pending = new Map<string, Refusal>();
const FLUSH_MS = 30_000;
/** Limit of statements per flush: below the free plan's 50 calls per request. */
const MAX_PENDING = 30;
/**
 * Refusals already written at once; limited, because a flood of invented origins would otherwise be a flood of writes.
 */
const seen = new Set<string>();
const MAX_SEEN = 50;
let flushedAt = 0;
let flushing = false;

/**
 * Counts refusals for the operator. The first of its kind is written at once; repeats are written together, every 30 s
 * at most.
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

/** Clears the counts of this isolate; for tests. */
export function resetRefusals(): void {
	pending.clear();
	seen.clear();
	flushedAt = 0;
	flushing = false;
}
