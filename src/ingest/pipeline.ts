import type { BatchResponse } from "../contract/wire.ts";
import { configOf, type Env } from "../env.ts";
import { limitAddress, limitSession } from "../http/rate.ts";
import { enforceLimits } from "./admission-limits.ts";
import { admit, chooseProject } from "./admit.ts";
import { decode } from "./decode.ts";
import { enrich } from "./enrich.ts";
import { index, store } from "./persist.ts";
import { redact } from "./redact.ts";

/**
 * Ingests one batch. Each step may reject the batch with a code of `http/errors.ts`. The response waits for R2, which
 * makes the chunk durable, and never for D1.
 * @param onProject called with the first project that accepts the origin, then with the project of the batch
 */
export async function ingest(
	request: Request,
	env: Env,
	ctx: Pick<ExecutionContext, "waitUntil">,
	onProject: (id: string) => void = () => {},
): Promise<BatchResponse> {
	const config = configOf(env);
	const admission = admit(request, config);
	onProject(admission.projects[0]!.id);
	await limitAddress(request, env);
	const decoded = await decode(request, config);
	const project = chooseProject(admission, decoded.batch.project);
	onProject(project.id);
	enforceLimits(project, decoded.batch, Date.now());
	await limitSession(env, project.id, decoded.batch.sessionId);
	const batch = redact(decoded.batch, config);
	const receipt = enrich(request, admission, config, Date.now());
	const stored = await store(env, project, batch, decoded, receipt);
	ctx.waitUntil(index(env, project, stored));
	return { status: "ok" };
}
