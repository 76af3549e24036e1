import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach } from "vitest";

/** Each test begins with empty stores and the real migrations. */
beforeEach(async () => {
	await reset();
	await applyD1Migrations(env.DB, env.MIGRATIONS);
});
