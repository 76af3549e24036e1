import { expect, it } from "vitest";
import { createUrlHistory } from "../../recorder/url-history.ts";

it("knows where the document was at any time, and of many routes the latest", () => {
	let now = 0;
	const addresses = createUrlHistory("/a", () => now);
	now = 100;
	addresses.add("/b");
	now = 200;
	addresses.add("/a");
	expect([0, 99, 100, 199, 200, 9_999].map(addresses.at)).toEqual(["/a", "/a", "/b", "/b", "/a", "/a"]);
	for (let i = 0; i < 150; i++) {
		now++;
		addresses.add(`/${i}`);
	}
	expect(addresses.at(now)).toBe("/149");
	expect(addresses.at(0)).toBe("/50");
});
