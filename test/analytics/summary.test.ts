import { describe, expect, it } from "vitest";
import { extract } from "../../src/analytics/extract.ts";
import { summarize } from "../../src/analytics/summary.ts";
import { MAX_EVENT_AGE_MS } from "../../src/contract/limits.ts";
import type { Batch } from "../../src/contract/wire.ts";
import { story } from "../support/story.ts";

const T = Date.UTC(2026, 0, 5, 12);
const RECEIVED = T + 60_000;
const receivedAt = (at: number) => ({ receivedAt: at, client: {} });

const batchOf = (text: string, more: Partial<Batch> = {}): Batch => ({
	sessionId: "s",
	windowId: "w",
	events: story(text, T),
	...more,
});

describe("summary of a chunk", () => {
	it("counts what the session list shows", () => {
		const batch = batchOf(`
			1s visit /a · 2s checkout /a · 3s route /b · 4s visit /c
			5s touch 1,1 · 5s click 1,1 · 6s doubleclick 1,1 · 7s rightclick 1,1 · 8s click #b
			9s tag error {"message":"x"} · 10s tag error {"message":"x"}
		`);
		expect(summarize(batch, receivedAt(RECEIVED))).toEqual({
			firstAt: T + 1000,
			lastAt: T + 10_000,
			events: 15,
			snapshots: 3,
			pages: 3,
			clicks: 2,
			errors: 2,
			trail: extract(batch.events, RECEIVED),
			metadata: {},
		});
	});

	it("has zeros for a chunk without activity, and the metadata unchanged", () => {
		const metadata = { plan: "pro", seats: 3, trial: false };
		expect(summarize(batchOf("0s move", { metadata }), receivedAt(RECEIVED))).toMatchObject({
			...{ firstAt: T, lastAt: T, events: 1, snapshots: 0, pages: 0, clicks: 0, errors: 0, metadata },
		});
	});

	it("has the time of receipt for a chunk without times, and clamps times far from it", () => {
		const events = [{ type: 3 }];
		expect(summarize({ sessionId: "s", windowId: "w", events }, receivedAt(RECEIVED))).toMatchObject({
			...{ firstAt: RECEIVED, lastAt: RECEIVED, events: 1 },
		});
		const old = batchOf("0s move · 30s move");
		expect(summarize(old, receivedAt(T + MAX_EVENT_AGE_MS + 10_000))).toMatchObject({
			firstAt: T + 10_000,
			lastAt: T + 30_000,
		});
	});
});
