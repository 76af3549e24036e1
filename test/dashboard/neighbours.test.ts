import { beforeAll, describe, expect, it, vi } from "vitest";

const NOW = Date.UTC(2026, 6, 15, 12);
let listQuery: typeof import("../../dashboard/state/neighbours.ts").listQuery;

beforeAll(async () => {
	vi.stubGlobal("location", { pathname: "/", search: "", origin: "http://dashboard.example" });
	vi.stubGlobal("addEventListener", () => {});
	vi.stubGlobal("document", { getElementById: () => null });
	({ listQuery } = await import("../../dashboard/state/neighbours.ts"));
});

describe("query of the session list from which a session was opened", () => {
	it.each<[string, Record<string, string>]>([
		["", {}],
		["q=gold&errors=true&sort=duration", { q: "gold", errors: "true", sort: "duration" }],
		["days=7&project=shop", { project: "shop", since: "2026-07-09" }],
		["days=1", { since: "2026-07-15" }],
		["days=8", {}],
		["days=7&since=2026-01-01&until=2026-01-02", { since: "2026-01-01", until: "2026-01-02" }],
	])("becomes the equivalent query of the API: %s", (list, expected) => {
		expect(listQuery(list, NOW)).toEqual(expected);
	});
});
