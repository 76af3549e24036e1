import { describe, expect, it } from "vitest";
import { activity } from "../../src/analytics/activity.ts";
import { extract } from "../../src/analytics/extract.ts";
import { shownTrail } from "../../src/analytics/shown.ts";
import { story } from "../support/story.ts";

const T = Date.UTC(2026, 0, 5, 12);

describe("what people outside see of a trail", () => {
	it("is when something was done, not what, nor that nothing came of it", () => {
		const trail = extract(story('0s visit /secret "Secret" · 1s click #buy · 9s move', T), T + 3_600_000);
		const lines = (it: typeof trail) => activity([it]).map(({ title, subject }) => `${title} ${subject}`);
		expect(lines(trail)).toEqual(["Came to /secret", "Clicked #buy", "Dead click on #buy"]);
		expect(lines(shownTrail(trail, 0))).toEqual(["Came to ", "Clicked at 100, 200"]);
	});
});
