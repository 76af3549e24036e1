import { expect, it } from "vitest";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { isRecord } from "../../src/contract/redact.ts";
import { failedRedactionCases, REDACTION_CASES, type RedactionCase } from "../support/redaction-cases.ts";
import { apiJson, batchOf, envWith, post } from "../support/worker.ts";

it("the redaction corpus has the same output in workerd as in other runtimes", () => {
	expect(REDACTION_CASES.length).toBeGreaterThan(20);
	expect(failedRedactionCases()).toEqual([]);
});

it("the redaction corpus is stored redacted, and its output does not change when posted again", async () => {
	for (const [i, cases] of groupsOf(REDACTION_CASES).entries()) {
		const on = envWith(variablesOf(cases[0]!.options ?? {}));
		for (const side of ["input", "output"] as const) {
			const path = { sessionId: `group-${i}`, windowId: side };
			const sent = cases.map((it) => carrierOf(it, it[side]));
			expect((await post(batchOf({ ...path, ...merged(sent) }), { on })).status).toBe(200);
			const { events, metadata } = await apiJson<Carrier>(
				`/sessions/${path.sessionId}/windows/${path.windowId}/events`,
			);
			expect({ events, metadata }).toEqual(storable(merged(cases.map((it) => carrierOf(it, it.output)))));
		}
	}
});

/** Content of a batch that contains inputs or outputs of redaction cases. */
interface Carrier {
	events: RecordedEvent[];
	metadata?: Record<string, unknown>;
}

/** Returns batch content with a value. A text is placed deep in a payload, in a key, and in an error. */
function carrierOf({ kind }: RedactionCase, value: unknown): Carrier {
	const custom = (tag: string, payload: unknown) => ({ type: 5, data: { tag, payload } });
	if (kind === "event") return { events: [value as RecordedEvent] };
	if (kind === "metadata") return { events: [{ type: 3 }], metadata: value as Record<string, unknown> };
	const text = String(value);
	if (kind === "url")
		return { events: [custom("navigation", { url: text }), { type: 4, data: { href: text, width: 1, height: 1 } }] };
	return { events: [custom("own", { list: [{ [text]: text }] }), custom("error", { message: text, stack: text })] };
}

function merged(carriers: readonly Carrier[]): Carrier {
	return { ...carriers[0], events: carriers.flatMap(({ events }) => events) };
}

/** Returns batch content as the Worker stores it: objects in metadata become JSON text. */
function storable({ events, metadata }: Carrier): Carrier {
	const flat = Object.entries(metadata ?? {}).map(([key, it]) => [key, isRecord(it) ? JSON.stringify(it) : it]);
	return { events, ...(metadata && { metadata: Object.fromEntries(flat) }) };
}

/** Groups cases that fit into one batch: those with the same options. Each case of metadata has its own group. */
function groupsOf(cases: readonly RedactionCase[]): RedactionCase[][] {
	const groups = new Map<string, RedactionCase[]>();
	for (const it of cases) {
		const key = JSON.stringify([it.options, it.kind === "metadata" && it.name]);
		groups.set(key, [...(groups.get(key) ?? []), it]);
	}
	return [...groups.values()];
}

/** Returns options as configuration variables, such as REDACTION_URL_MODE for `urlMode`. */
function variablesOf(options: object): Record<string, unknown> {
	const variable = (name: string) => `REDACTION_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
	return Object.fromEntries(Object.entries(options).map(([name, value]) => [variable(name), value]));
}
