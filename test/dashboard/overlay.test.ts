import { describe, expect, it } from "vitest";
import { depthOf, spotsOf } from "../../dashboard/state/overlay.ts";
import { extract } from "../../src/analytics/extract.ts";
import { readTimeline } from "../../src/analytics/timeline.ts";
import { storyChunks } from "../support/story.ts";

const T = Date.UTC(2026, 0, 5, 12);
const read = (...texts: string[]) =>
	readTimeline(
		"w",
		storyChunks(texts, T).map((events) => extract(events, T + 3_600_000)),
	);

describe("overlay of a page", () => {
	const story = read(
		`0s visit /a · 1s click 10,20 · 1.1s mutation · 2s scroll 500 · 3s click 10,20 · 3.1s mutation
		4s visit /b · 5s click 7,7 · 5.2s click 7,7 · 5.4s click 7,7`,
		"20s visit /a · 21s click 30,40 · 29s move",
	);
	const at = (seconds: number, until = Number.POSITIVE_INFINITY) =>
		spotsOf(story, T + seconds * 1000, until).map(({ x, y, kind }) => `${kind} ${x},${y}`);

	it("has the clicks of all page views of this URL, by their position on the page", () => {
		expect(at(2)).toEqual(["click 10,20", "click 10,520", "dead 30,40"]);
	});

	it("has only the clicks up to a moment if it is limited to that moment", () => {
		expect(at(2, T + 2_000)).toEqual(["click 10,20"]);
	});

	it("marks a rage click once, at its first click", () => {
		expect(at(6)).toEqual(["rage 7,7", "click 7,7", "click 7,7"]);
	});

	it("has the maximum scroll depth", () => {
		expect(depthOf(story, T + 1_000)).toBe(1_220);
		expect(depthOf(story, T + 6_000)).toBe(720);
		expect(depthOf(read("0s move"), T)).toBeNull();
	});
});
