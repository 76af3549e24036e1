import { describe, expect, it } from "vitest";
import { createUrlHistory } from "../../recorder/url-history.ts";

describe("URL history", () => {
	it("returns the URL at a time, and keeps the latest 100", () => {
		let now = 0;
		const history = createUrlHistory("/a", () => now);
		now = 100;
		history.add("/b");
		now = 200;
		history.add("/a");
		expect([0, 99, 100, 199, 200, 9_999].map(history.at)).toEqual(["/a", "/a", "/b", "/b", "/a", "/a"]);
		for (let i = 0; i < 150; i++) {
			now++;
			history.add(`/${i}`);
		}
		expect(history.at(now)).toBe("/149");
		expect(history.at(0)).toBe("/50");
	});
});
