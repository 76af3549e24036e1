import { describe, expect, it } from "vitest";
import { tabSpans, windowAt } from "../../dashboard/state/tab-path.ts";
import { extract } from "../../src/analytics/extract.ts";
import { story } from "../support/story.ts";

const T = Date.UTC(2026, 0, 5, 12);
const spansOf = (windows: Record<string, string>) =>
	tabSpans(Object.entries(windows).map(([id, text]) => ({ id, trails: [extract(story(text, T), T + 3_600_000)] })));

describe("tab that the visitor was in", () => {
	it("is the one that was brought to the front or used last", () => {
		const spans = spansOf({
			a: '0s visit / · 1s click #a · 2s scroll 9 · 5s tag __visibility {"hidden":true} · 20s type a',
			b: '3s visit /b · 6s tag __visibility {"hidden":false} · 8s click #b',
		});
		expect(spans.map(({ at, windowId }) => `${windowId} ${(at - T) / 1000}`)).toEqual(["a 1", "b 6", "a 20"]);
		const windows = ["a", "b"].map((id) => ({ id, lastAt: T + 30_000 }));
		expect([0, 1, 5.9, 6, 19, 29, 30].map((seconds) => windowAt(spans, T + seconds * 1000, windows))).toEqual([
			...[null, "a", "a", "b", "b", "a", null],
		]);
	});

	it("is not one that only loads a page", () => {
		expect(spansOf({ a: "0s visit / · 1s click #a", b: "3s visit /b · 4s mutation · 5s move" })).toHaveLength(1);
	});

	it("is null without any action", () => {
		expect(windowAt(spansOf({ a: "0s visit /" }), T + 9_000, [{ id: "a", lastAt: T + 10_000 }])).toBeNull();
	});
});
