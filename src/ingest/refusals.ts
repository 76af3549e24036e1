import type { Env } from "../env.ts";
import type { Failure } from "../http/errors.ts";
import { addRefusals, type Refusal } from "../storage/refusals.ts";

/** Counts of this isolate that D1 has not had yet; a refused request must not cost a write each. */
const pending = new Map<string, Refusal>();
const FLUSH_MS = 30_000;
/** Statements of one flush: below the free plan's 50 calls a request. */
const MAX_PENDING = 30;
/** What was told at once already; only so much, or a flood of made-up origins would be a flood of writes. */
const seen = new Set<string>();
const MAX_SEEN = 50;
let flushedAt = 0;
let flushing = false;

/** Tells the operator why something was not recorded. A first refusal of its kind shows at
 * once; its repeats are counted with the next one, half a minute later at the earliest. */
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
				console.error("refusals were not counted; the next ones take them along", error);
				for (const it of batch) {
					const again = `${it.project} ${it.reason} ${it.origin}`;
					const later = pending.get(again);
					if (later) later.count += it.count;
					else pending.set(again, it);
				}
			})
			.finally(() => {
				flushing = false;
			}),
	);
}

/** For tests: an isolate that has refused nothing. */
export function resetRefusals(): void {
	pending.clear();
	seen.clear();
	flushedAt = 0;
	flushing = false;
}
