import { readFileSync } from "node:fs";
import { createRedactor, DEFAULT_REDACTION, type RedactionOptions } from "../../src/contract/redact.ts";

/** One case of the corpus that the engine must pass wherever it runs. Custom patterns are sources. */
export interface RedactionCase {
	name: string;
	options?: Partial<Omit<RedactionOptions, "customPatterns">> & { customPatterns?: string[] };
	kind: "text" | "url" | "event" | "metadata";
	input: never;
	output: unknown;
}

export const REDACTION_CASES: RedactionCase[] = JSON.parse(
	readFileSync(new URL("../fixtures/redaction_cases.json", import.meta.url), "utf8"),
);

export function runRedactionCase({ options, kind, input }: RedactionCase): unknown {
	const customPatterns = options?.customPatterns?.map((source) => new RegExp(source, "g")) ?? [];
	return createRedactor({ ...DEFAULT_REDACTION, ...options, customPatterns })[kind](input);
}
