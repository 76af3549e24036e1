import { describe, expect, it } from "vitest";
import { analysis } from "../../src/analytics/analysis.ts";
import { summarize } from "../../src/analytics/summary.ts";
import { CLICK, FULL_SNAPSHOT, INCREMENTAL, META, MOUSE_INTERACTION } from "../../src/contract/events.ts";
import { MAX_BATCH_BYTES } from "../../src/contract/limits.ts";
import type { Trail } from "../../src/contract/trail.ts";
import { demoSessions, readVisits, SITE } from "../support/demo-sessions.ts";
import { randomFrom } from "../support/random.ts";

const DAY = 86_400_000;
const FROM = Date.UTC(2026, 10, 1);
const visits = readVisits("http://localhost:8788");
const period = { count: visits.length * 2, from: FROM, to: FROM + 30 * DAY };
const sessions = [...demoSessions(randomFrom(1), visits, period)];
const client = { browser: "Chrome", os: "Windows", device: "Desktop" } as const;

describe("sample sessions of the demo", () => {
	it("use every recorded visit, spread over the period", () => {
		expect(sessions).toHaveLength(period.count);
		const starts = sessions.map(({ startedAt }) => startedAt);
		expect(Math.min(...starts)).toBeGreaterThanOrEqual(period.from);
		expect(Math.max(...starts)).toBeLessThan(period.to);
		expect(new Set(starts.map((at) => Math.floor(at / DAY))).size).toBeGreaterThan(15);
		const windowCounts = sessions.map(({ batches }) => new Set(batches.map(({ windowId }) => windowId)).size);
		expect(windowCounts.filter((n) => n === 2)).toHaveLength(
			2 * visits.filter(({ windows }) => windows.length === 2).length,
		);
	});

	it("have batches as the recorder sends them, with the origin of the shop", () => {
		for (const { sessionId, batches } of sessions) {
			for (const { events, ...batch } of batches) {
				expect(batch.sessionId).toBe(sessionId);
				expect(events.some(({ type }) => type === META) && events.some(({ type }) => type === FULL_SNAPSHOT)).toBe(
					true,
				);
				const times = events.map(({ timestamp }) => timestamp!);
				expect(times).toEqual(times.toSorted((a, b) => a - b));
				const json = JSON.stringify({ ...batch, events });
				expect(json.length).toBeLessThan(MAX_BATCH_BYTES);
				expect(json).not.toContain(SITE);
			}
		}
	});

	it("contain clicks, orders, unfinished orders and errors", () => {
		const facts = sessions.flatMap(({ batches }) => {
			const windows = new Map<string, Trail[]>();
			for (const batch of batches) {
				const { trail } = summarize(batch, { receivedAt: batch.events.at(-1)!.timestamp!, client });
				windows.set(batch.windowId, [...(windows.get(batch.windowId) ?? []), trail]);
			}
			return analysis.digest({ windows, client, metadata: {} });
		});
		const sum = (value: (it: (typeof facts)[number]) => number) => facts.reduce((n, it) => n + value(it), 0);
		const clicks = sessions
			.flatMap(({ batches }) => batches.flatMap(({ events }) => events))
			.filter(({ type, data }) => type === INCREMENTAL && isClick(data as Record<string, unknown>));
		expect(sum((it) => it.clicks)).toBe(clicks.length);
		expect(sum((it) => it.rageClicks)).toBeGreaterThanOrEqual(2);
		expect(sum((it) => it.deadClicks)).toBeGreaterThanOrEqual(2);
		expect(sum((it) => it.errors)).toBeGreaterThanOrEqual(4);
		const journeys = JSON.stringify(facts.map(({ journey }) => journey));
		for (const tag of ["add_to_cart", "checkout_started", "purchase"]) expect(journeys).toContain(tag);
	});
});

function isClick({ source, type }: Record<string, unknown>): boolean {
	return source === MOUSE_INTERACTION && type === CLICK;
}
