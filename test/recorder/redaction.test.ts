import { afterEach, describe, expect, it, vi } from "vitest";
import type { RecorderConfig } from "../../recorder/config.ts";
import { redactorOf } from "../../recorder/redaction.ts";

const redactor = (redaction: RecorderConfig["redaction"]) => redactorOf({ redaction } as RecorderConfig);

afterEach(() => vi.restoreAllMocks());

describe("redaction options", () => {
	it.each([
		["keepFiltered", "https://x.example/a?page=2"],
		["keep_filtered", "https://x.example/a?page=2"],
		["keepAll", "https://x.example/a?page=2&token=1"],
		["strip", "https://x.example/a"],
		["everything", "https://x.example/a"],
		[undefined, "https://x.example/a"],
	])("with URL mode %s result in %s", (urlMode, expected) => {
		expect(redactor(urlMode ? { urlMode } : {}).url("https://x.example/a?page=2&token=1")).toBe(expected);
	});

	it("accept patterns as sources or with flags, and skip invalid ones with a warning", () => {
		const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
		const { text } = redactor({ customPatterns: ["ORD-\\d+", "/tkt-\\d+/i", "(", "/x/zz"] });
		expect(text("ORD-1 ord-2 TKT-3 tkt-4")).toBe("[redacted] ord-2 [redacted] [redacted]");
		expect(warn).toHaveBeenCalledTimes(2);
	});
});
