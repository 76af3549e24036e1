import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, isRecording, sitePage } from "../support/site.ts";
import { openStage, type Stage, until } from "../support/stage.ts";

/** Runs the restore drill of docs/operations.md: empties D1 and R2 and restores a backup, without erased sessions. */

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "backup-"));
let stage: Stage;
beforeAll(async () => {
	stage = await openStage({ "/a.html": sitePage({ body: "<h1>Kept</h1>" }) });
});
afterAll(async () => {
	await stage.close();
	rmSync(folder, { recursive: true });
});

/** Runs a command and returns its output. @throws an error with the output if the command fails */
function run(verb: "backup" | "restore"): Promise<string> {
	const child = spawn(process.execPath, [`${root}src/tools/backup.ts`, verb, folder], {
		env: { ...process.env, URL: stage.worker, BASIC_AUTH: "demo:demo" },
	});
	let output = "";
	child.stdout.on("data", (text) => (output += text));
	child.stderr.on("data", (text) => (output += text));
	return new Promise((resolve, reject) =>
		child.on("exit", (code) => (code ? reject(new Error(output)) : resolve(output))),
	);
}

const sessions = async () =>
	(await stage.api<{ sessions: { id: string; events: number; metadata: object }[] }>("/sessions")).sessions;

async function recordSession(user: string): Promise<void> {
	const context = await stage.browser.newContext();
	const page = await context.newPage();
	await page.goto(`${stage.shop}/a.html`);
	await isRecording(page);
	await call(page, "identify", user);
	await call(page, "addCustomEvent", "bought");
	await call(page, "flush");
	await until(
		async () => (await sessions()).map(({ metadata }) => (metadata as { user_id?: string }).user_id),
		(users) => users.includes(user),
	);
	await page.goto("about:blank");
	await page.waitForTimeout(300);
	await context.close();
}

async function loseEverything(): Promise<void> {
	const { DB, CHUNKS } = (await stage.bindings()) as unknown as {
		DB: { prepare(sql: string): { run(): Promise<unknown> } };
		CHUNKS: { list(): Promise<{ objects: { key: string }[] }>; delete(keys: string[]): Promise<void> };
	};
	for (const table of ["sessions", "chunks", "packs", "erasures", "counters", "refusals", "jobs"]) {
		await DB.prepare(`DELETE FROM ${table}`).run();
	}
	await CHUNKS.delete((await CHUNKS.list()).objects.map(({ key }) => key));
}

describe("restore drill", () => {
	it("restores every session unchanged, except those erased after the backup", async () => {
		for (const user of ["u-1", "u-2", "u-3"]) await recordSession(user);
		await stage.scheduled();
		expect(await run("backup")).toMatch(/(\d+) objects, \1 downloaded/);
		const erased = (await sessions()).find(({ metadata }) => (metadata as { user_id: string }).user_id === "u-2")!;
		await stage.api(`/sessions/${erased.id}`, { method: "DELETE" });
		// The next backup contains the tombstone instead of the recording.
		expect(await run("backup")).toMatch(/[1-9] objects were deleted from R2/);
		const before = await sessions();
		const stored = (await stage.chunks()).map((chunk) => JSON.stringify(chunk)).sort();

		await loseEverything();
		expect(await sessions()).toEqual([]);
		expect(await run("restore")).toContain(" restored");
		expect((await sessions()).map((it) => ({ ...it, live: null }))).toEqual(
			before.map((it) => ({ ...it, live: null })),
		);
		expect((await stage.chunks()).map((chunk) => JSON.stringify(chunk)).sort()).toEqual(stored);
		// A second restore changes nothing, and a late batch of the erased session is rejected.
		expect(await run("restore")).toContain(" 0 restored");
		const events = [{ type: 3, timestamp: Date.now(), data: {} }];
		await fetch(`${stage.worker}/events`, {
			method: "POST",
			body: JSON.stringify({ sessionId: erased.id, windowId: "w", events }),
		});
		await new Promise((resolve) => setTimeout(resolve, 500));
		expect((await sessions()).map(({ id }) => id)).not.toContain(erased.id);
	});

	it("reports a damaged file, and restores the rest", async () => {
		const objects = join(folder, "objects");
		const [file] = readdirSync(objects, { recursive: true, withFileTypes: true }).filter(
			(it) => it.isFile() && it.parentPath.includes(join("objects", "default")),
		);
		writeFileSync(join(file!.parentPath, file!.name), "damaged");
		await loseEverything();
		await expect(run("restore")).rejects.toThrow(/Skipping default\/.+: the file is damaged or missing/);
		expect((await sessions()).length).toBeGreaterThan(0);
	});
});
