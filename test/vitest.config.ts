import { fileURLToPath } from "node:url";
import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Four suites: the laws of the tree, pure functions in Node, the Worker in workerd, the whole in a real browser. */
export default defineConfig({
	root,
	test: {
		projects: [
			{ root, test: { name: "static", include: ["test/boundaries.test.ts", "test/words.test.ts"] } },
			{
				root,
				test: { name: "pure", include: ["test/{contract,analytics,recorder,dashboard}/**/*.test.ts"] },
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
					testTimeout: 60_000,
					hookTimeout: 120_000,
					// They wait for the most part: two at once take little more than half the time.
					maxWorkers: 2,
					sequence: { groupOrder: 1 },
					// A busy machine may be too slow once; at home every failure is looked into.
					retry: process.env.CI ? 1 : 0,
				},
			},
		],
	},
});
