import { describe, expect, it } from "vitest";
import { replaceProperty } from "../../recorder/replace-property.ts";

function pageWith(descriptor: PropertyDescriptor) {
	return Object.defineProperty({}, "size", descriptor) as { size?: number };
}

describe("a replaced accessor", () => {
	it("is used until it is restored", () => {
		const page = pageWith({ get: () => 1, configurable: true });
		const original = Object.getOwnPropertyDescriptor(page, "size");
		const restore = replaceProperty(page, "size", ({ get }) => ({ get: () => get!() + 1 }));
		expect(page.size).toBe(2);
		restore();
		expect(Object.getOwnPropertyDescriptor(page, "size")).toEqual(original);
	});

	it.each<[string, PropertyDescriptor]>([
		["getter", { get: () => 9 }],
		["setter", { set: () => {} }],
	])("is not restored if the page has replaced the %s since then", (_, change) => {
		const page = pageWith({ get: () => 1, set: () => {}, configurable: true });
		const restore = replaceProperty(page, "size", (original) => ({ ...original, get: () => 2 }));
		const ofPage = { ...Object.getOwnPropertyDescriptor(page, "size"), ...change };
		Object.defineProperty(page, "size", ofPage);
		restore();
		expect(Object.getOwnPropertyDescriptor(page, "size")).toEqual(ofPage);
	});

	it("stays if it cannot be replaced", () => {
		const page = pageWith({ get: () => 1 });
		replaceProperty(page, "size", () => ({ get: () => 2 }))();
		expect(page.size).toBe(1);
		expect(replaceProperty({}, "size", () => ({ get: () => 2 }))()).toBeUndefined();
	});
});
