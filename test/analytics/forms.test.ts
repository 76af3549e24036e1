import { expect, it } from "vitest";
import { formOf, formsOf } from "../../src/analytics/forms.ts";

it("the report of a page has its form, even if 100 other pages have forms that more sessions started", () => {
	const sums = Object.fromEntries(
		Array.from({ length: 101 }, (_, i) => [
			`/${i}`,
			{ s: 200 - i, completed: 10, sends: 10, fields: { "q (text)": { s: 5 } } },
		]),
	);
	expect(formsOf(sums)).toHaveLength(100);
	expect(formOf(sums, "/100")).toMatchObject({ url: "/100", started: 100, completionRate: 10 });
	expect(formOf(sums, "/0")).toEqual(formsOf(sums)[0]);
	expect(formOf(sums, "/none")).toBeNull();
});
