import { describe, expect, it } from "vitest";
import { fieldRows, pageRows } from "../../dashboard/state/page-rows.ts";
import { extract } from "../../src/analytics/extract.ts";
import { readTimeline } from "../../src/analytics/timeline.ts";
import { SITE, storyChunks } from "../support/story.ts";

const T = Date.UTC(2026, 0, 5, 12);

function read(...texts: string[]) {
	const trails = storyChunks(texts, T).map((events) => extract(events, T + 3_600_000));
	const story = readTimeline("w", trails);
	return { trails, story };
}

describe("pages of a window", () => {
	const vital = (metric: string, value: number, path: string) =>
		`tag __perf ${JSON.stringify({ metric, value, rating: "good", url: SITE + path })}`;
	const cost = (ms: number) => `tag __cost {"ms":${ms},"longestMs":9,"longTasks":1,"bytes":500,"lost":0}`;

	it("have the last value of each web vital, even if it arrives on the next page", () => {
		const { story, trails } = read(
			`0s visit /a · 1s ${vital("LCP", 900, "/a")} · 2s ${vital("LCP", 1200, "/a")} · 3s visit /b`,
			`4s ${vital("CLS", 0.1, "/a")} · 5s ${vital("LCP", 700, "/b")}`,
		);
		const rows = pageRows(story, trails).map(({ pageView, vitals }) => [
			pageView.url,
			...[...vitals].map(([metric, { value }]) => `${metric} ${value}`),
		]);
		expect(rows).toEqual([
			[`${SITE}/a`, "LCP 1200", "CLS 0.1"],
			[`${SITE}/b`, "LCP 700"],
		]);
	});

	it("have the number of screens seen and the latest recorder overhead", () => {
		const { story, trails } = read(
			`0s visit /a · 1s scroll 720 · 2s ${cost(10)} · 3s ${cost(12)} · 4s visit /b · 5s ${cost(3)}`,
		);
		expect(pageRows(story, trails).map(({ screens, cost }) => [screens, cost?.ms])).toEqual([
			[2, 12],
			[1, 3],
		]);
	});
});

describe("form fields", () => {
	it("are listed by page, in the order of their first change", () => {
		const { story } = read(`
			0s visit / with a, b, c · 1s type b · 2s type b · 3.5s type a · 99s type c · 100s visit /two with d · 101s type d
		`);
		const rows = fieldRows(story).map(
			({ field, order: place, fieldCount: of, untilNextMs }) =>
				`${field.label} ${place}/${of} ${field.count}× ${untilNextMs}`,
		);
		expect(rows).toEqual(["b 1/3 2× 2500", "a 2/3 1× null", "c 3/3 1× null", "d 1/1 1× null"]);
	});
});
