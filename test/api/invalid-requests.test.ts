import { describe, expect, it } from "vitest";
import { api, batchOf, pageEvents, post } from "../support/worker.ts";

describe("an invalid request", () => {
	it.each([
		...["POST /maintenance/check?cursor=", "POST /maintenance/reindex?cursor=", "POST /maintenance/reencrypt?cursor="],
		...["POST /backup/begin?cursor=", "GET /backup?cursor=", "GET /sessions?cursor=", "GET /issues?cursor="],
		...["GET /server-events?cursor=", "GET /audit?cursor=", "POST /maintenance/analytics?cursor="],
	])("with an invalid cursor does not fail: %s", async (route) => {
		await post(batchOf({ sessionId: "a", events: pageEvents(Date.now() - 60_000) }));
		const [method, path] = route.split(" ");
		for (const cursor of ["fg", btoa('["fg"]').replaceAll("=", ""), "%00", "x".repeat(3_000)]) {
			const { status } = await api(`${path}${cursor}`, { method });
			expect(status, cursor.slice(0, 9)).toBeLessThan(500);
		}
	});

	it("with a position that names no chunk is rejected", async () => {
		for (const cursor of ["fg", btoa("a/b"), btoa("a/b/c/d/e")]) {
			expect((await api(`/maintenance/check?cursor=${cursor}`, { method: "POST" })).status).toBe(400);
		}
		expect((await api(`/maintenance/check?cursor=${btoa("a/b/c/d")}`, { method: "POST" })).status).toBe(200);
	});

	it("with a key that R2 cannot have is rejected", async () => {
		for (const [key, status] of [
			["k".repeat(1_025), 400],
			["é".repeat(513), 400],
			["", 400],
			["k".repeat(1_024), 404],
		] as const) {
			const path = `/backup/object?key=${encodeURIComponent(key)}`;
			expect((await api(path)).status).toBe(status);
			if (status === 400) expect((await api(path, { method: "PUT", body: "x" })).status).toBe(400);
		}
	});
});
