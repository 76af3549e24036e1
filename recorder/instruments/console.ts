import { TAG_CONSOLE } from "../../src/contract/events.ts";
import { BOOT, type Boot } from "../config.ts";
import { selectorOf } from "./clicks.ts";
import type { Emit, Instrument } from "./instrument.ts";

/** Recorded levels by value of the option `captureConsole`. */
const LEVELS = { warn: ["warn", "error"], all: ["log", "info", "debug", "warn", "error"] } as const;

const MAX_PER_PAGE = 300;
const MAX_ARGS = 10;
const MAX_ARG_CHARS = 1_000;

const boot = (window as unknown as Record<string, Boot | undefined>)[BOOT];

/** Records console messages as `{level, args}`, each argument as text. A separately loaded part of the recorder. */
const watch: Instrument = (emit) => {
	const levels = LEVELS[boot!.config.captureConsole as keyof typeof LEVELS] ?? [];
	const state = { left: MAX_PER_PAGE, isBusy: false };
	const stops = levels.map((level) => wrap(level, emit, state));
	return () => {
		for (const stop of stops) stop();
	};
};

/** Wraps a console method. The page's call runs first. Calls that reading the arguments causes are not recorded. */
function wrap(
	level: "log" | "info" | "debug" | "warn" | "error",
	emit: Emit,
	state: { left: number; isBusy: boolean },
): () => void {
	const { console: pageConsole } = window;
	const original = pageConsole[level];
	let active = true;
	const wrapped = function (this: Console, ...args: unknown[]): void {
		original.apply(this, args);
		if (!active || state.isBusy || state.left <= 0) return;
		state.isBusy = true;
		try {
			state.left--;
			emit(TAG_CONSOLE, { level, args: args.slice(0, MAX_ARGS).map(formatValue) });
		} catch {
			// The page must not see errors of the recorder.
		}
		state.isBusy = false;
	};
	pageConsole[level] = wrapped;
	return () => {
		active = false;
		if (pageConsole[level] === wrapped) pageConsole[level] = original;
	};
}

function formatValue(value: unknown): string {
	try {
		if (typeof value === "string") return clip(value);
		if (value instanceof Error) return clip(value.stack || String(value));
		if (value instanceof Element) return `<${selectorOf(value)}>`;
		if (typeof value === "object" && value !== null) return clip(JSON.stringify(preview(value, 0)));
		return clip(String(value));
	} catch {
		return "(cannot be shown)";
	}
}

const MAX_DEPTH = 3;
const MAX_ENTRIES = 30;

/** Copies some own data properties of an object; getters are never called. */
function preview(value: unknown, depth: number): unknown {
	if (typeof value === "string") return clip(value);
	if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") return String(value);
	if (typeof value !== "object" || value === null) return value;
	if (depth >= MAX_DEPTH) return "…";
	if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((item) => preview(item, depth + 1));
	const entries: [string, unknown][] = [];
	for (const key in value) {
		if (entries.length >= MAX_ENTRIES) break;
		const property = Object.getOwnPropertyDescriptor(value, key);
		if (property && "value" in property) entries.push([key, preview(property.value, depth + 1)]);
	}
	return Object.fromEntries(entries);
}

const clip = (text: string) => (text.length > MAX_ARG_CHARS ? `${text.slice(0, MAX_ARG_CHARS)}…` : text);

boot?.registerPart?.("console", watch);
