import { TAG_CONSOLE } from "../../src/contract/events.ts";
import { BOOT, type Boot } from "../config.ts";
import { selectorOf } from "./clicks.ts";
import type { Emit, Instrument } from "./instrument.ts";

/**
 * What the page writes on the console: `{level, args}`, each argument as a text. A file of its own, which hands itself
 * to the recorder that fetched it.
 */
const LEVELS = { warn: ["warn", "error"], all: ["log", "info", "debug", "warn", "error"] } as const;

const MAX_PER_PAGE = 300;
const MAX_ARGS = 10;
const MAX_ARG_CHARS = 1_000;

const boot = (window as unknown as Record<string, Boot | undefined>)[BOOT];

const watch: Instrument = (emit) => {
	const levels = LEVELS[boot!.config.captureConsole as keyof typeof LEVELS] ?? [];
	const state = { left: MAX_PER_PAGE, isBusy: false };
	const stops = levels.map((level) => wrap(level, emit, state));
	return () => {
		for (const stop of stops) stop();
	};
};

/** The page's own call comes first; what is written while we look is not looked at. */
function wrap(
	level: "log" | "info" | "debug" | "warn" | "error",
	emit: Emit,
	state: { left: number; isBusy: boolean },
): () => void {
	const { console: page } = window;
	const original = page[level];
	let active = true;
	const wrapped = function (this: Console, ...args: unknown[]): void {
		original.apply(this, args);
		if (!active || state.isBusy || state.left <= 0) return;
		state.isBusy = true;
		try {
			state.left--;
			emit(TAG_CONSOLE, { level, args: args.slice(0, MAX_ARGS).map(textOf) });
		} catch {
			// Not the page's to see.
		}
		state.isBusy = false;
	};
	page[level] = wrapped;
	return () => {
		active = false;
		if (page[level] === wrapped) page[level] = original;
	};
}

function textOf(value: unknown): string {
	try {
		if (typeof value === "string") return clip(value);
		if (value instanceof Error) return clip(value.stack || String(value));
		if (value instanceof Element) return `<${selectorOf(value)}>`;
		if (typeof value === "object" && value !== null) return clip(JSON.stringify(value) ?? String(value));
		return clip(String(value));
	} catch {
		return "(cannot be shown)";
	}
}

const clip = (text: string) => (text.length > MAX_ARG_CHARS ? `${text.slice(0, MAX_ARG_CHARS)}…` : text);

boot?.bring?.("console", watch);
