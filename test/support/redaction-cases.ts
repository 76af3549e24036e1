import { createRedactor, DEFAULT_REDACTION, type RedactionOptions } from "../../src/contract/redact.ts";
import cases from "../fixtures/redaction_cases.json" with { type: "json" };

/** A test case that redaction must pass in every runtime. `customPatterns` are sources of regular expressions. */
export interface RedactionCase {
	name: string;
	options?: Partial<Omit<RedactionOptions, "customPatterns">> & { customPatterns?: string[] };
	kind: "text" | "url" | "event" | "metadata";
	input: never;
	output: unknown;
}

export const REDACTION_CASES = cases as unknown as RedactionCase[];

export function runRedactionCase({ options, kind, input }: RedactionCase): unknown {
	const customPatterns = options?.customPatterns?.map((source) => new RegExp(source, "g")) ?? [];
	return createRedactor({ ...DEFAULT_REDACTION, ...options, customPatterns })[kind](input);
}

/** Returns the names of the cases whose output is wrong, or changes when it is redacted again. */
export function failedRedactionCases(): string[] {
	return REDACTION_CASES.filter((it) => {
		const once = runRedactionCase(it);
		const twice = runRedactionCase({ ...it, input: once as never });
		return [once, twice].some((output) => JSON.stringify(output) !== JSON.stringify(it.output));
	}).map(({ name }) => name);
}
