import { expect, it } from "vitest";
import { api, batchOf, post, report } from "../support/worker.ts";

it.each([
	["GET", "/sessions/a/reported", "/sessions/a/reports"],
	["GET", "/analytics/errors", "/analytics/browser-issues"],
	["POST", "/maintenance/reseal", "/maintenance/reencrypt"],
])("%s %s is an alias of %s", async (method, alias, path) => {
	const events = [{ type: 5, timestamp: Date.now() - 1_000, data: { tag: "error", payload: { message: "Boom" } } }];
	await post(batchOf({ sessionId: "a", events }));
	await report("/track", { name: "order.paid", session_id: "a" });
	const [response, ofAlias] = [await api(path, { method }), await api(alias, { method })];
	expect([response.status, ofAlias.status]).toEqual([200, 200]);
	expect(await ofAlias.json()).toEqual(await response.json());
});
