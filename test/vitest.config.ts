import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Four projects: static checks of the tree, pure functions in Node, the Worker in workerd, end-to-end in a browser. */
export default defineConfig({
	root,
	test: {
		// The default is one worker less than the machine has cores.
		maxWorkers: 2,
		projects: [
			{ root, test: { name: "static", include: ["test/boundaries.test.ts", "test/words.test.ts"] } },
			{
				root,
				test: {
					name: "pure",
					include: ["test/{contract,analytics,recorder,dashboard}/**/*.test.ts"],
					isolate: false,
				},
			},
			{
				root,
				plugins: [
					cloudflareTest({
						wrangler: { configPath: "./wrangler.toml" },
						miniflare: {
							bindings: {
								MIGRATIONS: await readD1Migrations(`${root}migrations`),
								BASIC_AUTH: "demo:demo",
								CORS_ORIGINS: ["https://shop.example"],
							},
						},
					}),
				],
				test: {
					name: "worker",
					include: ["test/{ingest,api,cron,storage,http}/**/*.test.ts"],
					setupFiles: ["test/support/worker-setup.ts"],
					isolate: false,
				},
			},
			{
				root,
				test: {
					name: "browser",
					include: ["test/e2e/**/*.test.ts"],
					// Each file starts its own Worker and browser, but wrangler takes seconds to import.
					isolate: false,
					testTimeout: 60_000,
					hookTimeout: 120_000,
					sequence: { groupOrder: 1 },
					// A busy CI machine may time out once. Locally, every failure counts.
					retry: process.env.CI ? 1 : 0,
				},
			},
		],
	},
});
