import { expect, it } from "vitest";
import { failedRedactionCases, REDACTION_CASES } from "../support/redaction-cases.ts";

it("the redaction corpus comes out in workerd as everywhere", () => {
	expect(REDACTION_CASES.length).toBeGreaterThan(20);
	expect(failedRedactionCases()).toEqual([]);
});
