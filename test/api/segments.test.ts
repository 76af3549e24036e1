import { describe, expect, it } from "vitest";
import { MAX_SEGMENTS } from "../../src/contract/limits.ts";
import { api, apiJson, envWith } from "../support/worker.ts";

interface Segment {
	id: string;
	name: string;
	query: string;
}

const save = (name: unknown, query: unknown, init: RequestInit = {}) =>
	api("/segments", {
		...init,
		method: "POST",
		body: JSON.stringify({ name, query }),
		headers: { "content-type": "application/json", ...init.headers },
	});
const saved = async () => (await apiJson<{ segments: Segment[] }>("/segments")).segments;

describe("saved segments", () => {
	it("are listed by name and can be deleted", async () => {
		await save("Phones", "device=Mobile&page=%2Fcart");
		await save("  German mail ", "?country=DE&source=mail&project=other&days=7&sort=score");
		expect((await saved()).map(({ name, query }) => [name, query])).toEqual([
			["German mail", "country=DE&source=mail"],
			["Phones", "page=%2Fcart&device=Mobile"],
		]);
		await save("Phones", "device=Tablet");
		expect((await saved()).map(({ query }) => query)).toEqual(["country=DE&source=mail", "device=Tablet"]);
		await apiJson(`/segments/${(await saved())[1]!.id}`, { method: "DELETE" });
		expect((await saved()).map(({ name }) => name)).toEqual(["German mail"]);
	});

	it("belong to a project", async () => {
		const on = envWith({
			PROJECTS: [
				{ id: "shop", origins: ["https://shop.example"] },
				{ id: "blog", origins: ["https://blog.example"] },
			],
			CORS_ORIGINS: undefined,
		});
		const of = async (project: string) =>
			(await apiJson<{ segments: Segment[] }>(`/segments?project=${project}`, { on })).segments.length;
		await api("/segments?project=blog", {
			on,
			method: "POST",
			body: JSON.stringify({ name: "a", query: "errors=true" }),
			headers: { "content-type": "application/json" },
		});
		expect([await of("shop"), await of("blog")]).toEqual([0, 1]);
	});

	it.each([
		["", "device=Mobile", "name"],
		["x".repeat(61), "device=Mobile", "name"],
		[7, "device=Mobile", "name"],
		["a", "", "query"],
		["a", "project=x&unknown=1", "query"],
		["a", null, "query"],
	])("with the name %j and the filter %j are rejected", async (name, query, field) => {
		const response = await save(name, query);
		expect([response.status, await response.json()]).toEqual([400, { error: `missing or invalid ${field}` }]);
		expect(await saved()).toEqual([]);
	});

	it("that are not JSON are rejected with the usual error", async () => {
		const headers = { "content-type": "application/json" };
		const response = await api("/segments", { method: "POST", body: "{", headers });
		expect([response.status, await response.json()]).toEqual([400, { error: "invalid JSON body" }]);
	});

	it("are limited in number", async () => {
		for (let i = 0; i < MAX_SEGMENTS; i++) await save(`s${i}`, "errors=true");
		expect((await save("one more", "errors=true")).status).toBe(409);
		expect((await save("s3", "device=Mobile")).status).toBe(200);
		expect(await saved()).toHaveLength(MAX_SEGMENTS);
	});

	it("cannot be written by another site with a user's login", async () => {
		const headers = { "sec-fetch-site": "cross-site", origin: "https://evil.example", "content-type": "text/plain" };
		expect((await save("a", "errors=true", { headers })).status).toBe(403);
	});
});
