import { app } from "./app.ts";
import { tick } from "./cron/index.ts";
import type { Env } from "./env.ts";

export default {
	fetch: app.fetch,
	async scheduled(controller, env) {
		await tick(env, controller.scheduledTime);
	},
} satisfies ExportedHandler<Env>;
