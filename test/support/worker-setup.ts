import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach } from "vitest";
import { forgetRefusals } from "../../src/ingest/refusals.ts";
import { forgetStates } from "../../src/ingest/restrain.ts";

/** Each test begins with empty stores, the real migrations, and an isolate that knows nothing. */
beforeEach(async () => {
	forgetStates();
	forgetRefusals();
	await reset();
	await applyD1Migrations(env.DB, env.MIGRATIONS);
});
