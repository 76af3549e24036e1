import type { Env } from "../env.ts";
import type { Failure } from "../http/errors.ts";
import { addRefusals, type Refused } from "../storage/refusals.ts";

/** Counts of this isolate that D1 has not had yet; a refused request must not cost a write each. */
const waiting = new Map<string, Refused>();
const FLUSH_MS = 30_000;
const MAX_WAITING = 200;
let flushedAt = 0;

/** Tells the operator why something was not recorded. The first refusal shows at once, the rest within half a minute. */
export function noteRefusal(
	env: Env,
	ctx: Pick<ExecutionContext, "waitUntil">,
	project: string,
	{ code, details }: Failure,
	now: number,
): void {
	const origin = code === "origin_refused" ? String(details.origin ?? "") : "";
	const key = `${project} ${code} ${origin}`;
	const refused = waiting.get(key) ?? { project, reason: code, origin, count: 0 };
	refused.count++;
	if (waiting.size < MAX_WAITING) waiting.set(key, refused);
	if (now - flushedAt < FLUSH_MS) return;
	flushedAt = now;
	const batch = [...waiting.values()];
	waiting.clear();
	ctx.waitUntil(addRefusals(env.DB, batch, now).catch((error) => console.error("refusals were not counted", error)));
}
