import { DEFAULT_OPT_OUT_COOKIE } from "../src/contract/consent.ts";
import { SESSION_IDLE_MS, SESSION_MAX_AGE_MS } from "../src/contract/limits.ts";
import type { RecorderConfig } from "./config.ts";

export const DEFAULTS: RecorderConfig = {
	eventsUrl: "",
	project: "",
	autoStart: true,
	sampleRate: 1,
	minimumDurationMs: 0,
	recordOn: [],
	lookBackMinutes: 2,
	urlInclude: [],
	urlExclude: [],
	respectGpc: true,
	respectDnt: false,
	consent: "",
	optOutCookieName: DEFAULT_OPT_OUT_COOKIE,
	crossTabSessions: true,
	sessionIdleTimeoutMs: SESSION_IDLE_MS,
	sessionMaxAgeMs: SESSION_MAX_AGE_MS,
	flushIntervalMs: 0,
	flushEventThreshold: 0,
	maskAllInputs: true,
	maskInputOptions: {},
	blockSelector: "[data-rr-block]",
	maskTextSelector: "[data-rr-mask]",
	ignoreSelector: "[data-rr-ignore]",
	maskAllText: false,
	maskLength: 0,
	keepAttributes: [],
	captureMetadata: true,
	captureErrors: true,
	trackNavigation: true,
	captureClicks: true,
	trackCustomEvents: true,
	trackForms: true,
	captureWebVitals: true,
	captureConsole: "",
	captureNetwork: false,
	mutationLimit: 25_000,
	stylesheetLimit: 20_000,
	recorderOptions: {},
	redaction: {},
};

/**
 * Merges options into the configuration; warns about unknown options and invalid values, and skips them. Options of the
 * recorder may also be given inside `recorderOptions`. Any value of `consent` except an empty one or `false` means that
 * consent is required.
 */
export function merge(
	config: RecorderConfig,
	options: Record<string, unknown>,
	warn: (text: string, value: unknown) => void,
): void {
	const target = config as unknown as Record<string, unknown>;
	const rrwebOptions = (options.recorderOptions ?? {}) as Record<string, unknown>;
	const nested = Object.entries(rrwebOptions).filter(([key]) => key in DEFAULTS);
	for (const [key, value] of [...nested, ...Object.entries(options)]) {
		const defaultValue = DEFAULTS[key as keyof RecorderConfig];
		if (key === "consent") config.consent = value && value !== "false" ? "required" : "";
		else if (!isValid(value, defaultValue) || (key === "sampleRate" && Number(value) > 1)) {
			warn(key in DEFAULTS ? `invalid ${key}:` : `unknown option: ${key}`, value);
		} else if (Array.isArray(value)) target[key] = value.filter(Boolean);
		else if (typeof value === "object") target[key] = { ...(target[key] as object), ...value };
		else target[key] = value === 0 && /^session/.test(key) ? defaultValue : value;
	}
}

function isValid(value: unknown, defaultValue: unknown): boolean {
	if (value === null || typeof value !== typeof defaultValue || Array.isArray(value) !== Array.isArray(defaultValue))
		return false;
	return typeof value !== "number" || (value >= 0 && value < 1 / 0);
}
