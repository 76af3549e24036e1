import { describe, expect, it } from "vitest";
import { ConfigError, configOf } from "../../src/env.ts";
import { envWith } from "../support/worker.ts";

const recorder = (vars: Record<string, unknown>) => configOf(envWith(vars)).recorder;

describe("recorder options of the configuration", () => {
	it("are empty by default", () => expect(recorder({})).toEqual({}));

	it.each<[Record<string, unknown>, Record<string, unknown>]>([
		[
			{ CAPTURE_CLICKS: false, TRACK_FORMS: "true" },
			{ captureClicks: false, trackForms: true },
		],
		[
			{ SESSION_IDLE_TIMEOUT: 600, SESSION_MAX_AGE: 3600 },
			{ sessionIdleTimeoutMs: 600_000, sessionMaxAgeMs: 3_600_000 },
		],
		[
			{ FLUSH_INTERVAL_MS: 5000, FLUSH_EVENT_THRESHOLD: 20 },
			{ flushIntervalMs: 5000, flushEventThreshold: 20 },
		],
		[
			{ MASK_TEXT_SELECTOR: ".secret", RESPECT_GPC: false },
			{ maskTextSelector: ".secret", respectGpc: false },
		],
		[
			{
				REDACTION_URL_MODE: "keep_filtered",
				REDACTION_URL_PARAM_DENYLIST: ["coupon"],
				REDACTION_DISABLED_PATTERNS: "card",
			},
			{ redaction: { urlMode: "keep_filtered", urlParamDenylist: ["coupon"], disabledPatterns: ["card"] } },
		],
		[
			{ INLINE_STYLESHEET: false, CHECKOUT_EVERY_N_MS: 60_000 },
			{ recorderOptions: { inlineStylesheet: false, checkoutEveryNms: 60_000 } },
		],
		[{ MASK_INPUT_OPTIONS: { email: true } }, { maskInputOptions: { email: true } }],
		[{ MASK_INPUT_OPTIONS: '{"tel":true}' }, { maskInputOptions: { tel: true } }],
		[{ USER_OPT_OUT: false }, { optOutCookieName: "" }],
		[{ OPT_OUT_COOKIE_NAME: "no_thanks" }, { optOutCookieName: "no_thanks" }],
		[
			{ RECORDER: { sampleRate: 0.1, captureClicks: true }, CAPTURE_CLICKS: false },
			{ sampleRate: 0.1, captureClicks: true },
		],
		[{ RECORDER: '{"consent":"required"}' }, { consent: "required" }],
	])("%j results in %j", (vars, options) => expect(recorder(vars)).toEqual(options));

	it.each([
		[{ RECORDER: "fast" }, "RECORDER"],
		[{ CAPTURE_CLICKS: "perhaps" }, "CAPTURE_CLICKS"],
		[{ FLUSH_INTERVAL_MS: -1 }, "FLUSH_INTERVAL_MS"],
		[{ BLOCK_SELECTOR: 7 }, "BLOCK_SELECTOR"],
		[{ MASK_INPUT_OPTIONS: "email" }, "MASK_INPUT_OPTIONS"],
		[{ MASK_INPUT_OPTIONS: ["email"] }, "MASK_INPUT_OPTIONS"],
		[{ REDACTION_URL_MODE: "all" }, "REDACTION_URL_MODE"],
		[{ REDACTION_CUSTOM_PATTERNS: ["(a+)+b"] }, "REDACTION_CUSTOM_PATTERNS: (a+)+b"],
		[{ ENCRYPTION_KEYS: "short:AAAA" }, "ENCRYPTION_KEYS"],
		[{ ENCRYPTION_KEYS: "no-colon" }, "ENCRYPTION_KEYS"],
		[{ INGEST_KEYS: "0123456789abcdef0123" }, "INGEST_KEYS"],
		[{ INGEST_KEYS: "nowhere:0123456789abcdef0123" }, "INGEST_KEYS"],
		[{ INGEST_KEYS: "default:short" }, "INGEST_KEYS: the key of default"],
		[{ INGEST_KEYS: "default:has spaces in it, and so on" }, "INGEST_KEYS"],
		[{ ANONYMIZE_IP: "perhaps" }, "ANONYMIZE_IP"],
		[{ FINGERPRINT_DEFAULT_PLATFORM: 7 }, "FINGERPRINT_DEFAULT_PLATFORM"],
		[{ MAX_PROBLEMS: -1 }, "MAX_PROBLEMS"],
		[{ MAX_SESSIONS_PER_DAY: "many" }, "MAX_SESSIONS_PER_DAY"],
		[{ SAMPLE_RATE: 2 }, "SAMPLE_RATE"],
	])("%j is rejected with an error that names the variable", (vars, name) => {
		expect(() => recorder(vars)).toThrow(ConfigError);
		expect(() => recorder(vars)).toThrow(name);
	});
});
