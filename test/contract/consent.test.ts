import { describe, expect, it } from "vitest";
import { cookieValue, isOptedOut } from "../../src/contract/consent.ts";

describe("opt-out value", () => {
	it.each(["1", "true", "yes", "False", "00", " "])("%j opts out", (value) => expect(isOptedOut(value)).toBe(true));
	it.each(["", "0", "false", null, undefined])("%j does not opt out", (value) => expect(isOptedOut(value)).toBe(false));
});

describe("cookie value", () => {
	it.each<[string, string | null]>([
		["optout=1", "1"],
		["a=b; optout=1; c=d", "1"],
		["a=b;optout=1", "1"],
		["  optout = 1 ", "1"],
		["optout=", ""],
		["optout=a=b", "a=b"],
		["optout=%20", "%20"],
		["optout=1; optout=2", "1"],
		["my_optout=1; optout_=1; OPTOUT=1", null],
		["a=optout=1", null],
		["optout", null],
		["=1; ;", null],
		["", null],
	])("in %j is %j", (cookies, value) => expect(cookieValue(cookies, "optout")).toBe(value));
});
