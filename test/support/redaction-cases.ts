import { createRedactor, DEFAULT_REDACTION, type RedactionOptions } from "../../src/contract/redact.ts";
import cases from "../fixtures/redaction_cases.json" with { type: "json" };

/** One case of the corpus that the engine must pass wherever it runs. Custom patterns are sources. */
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

/** Names of the cases that come out otherwise, at once or when what came out goes in again. */
export function failedRedactionCases(): string[] {
	return REDACTION_CASES.filter((it) => {
		const once = runRedactionCase(it);
		const twice = runRedactionCase({ ...it, input: once as never });
		return [once, twice].some((output) => JSON.stringify(output) !== JSON.stringify(it.output));
	}).map(({ name }) => name);
}
