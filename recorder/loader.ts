import { cookieValue, isOptedOut } from "../src/contract/consent.ts";
import { removeStoredData, writeCookie } from "./browser-storage.ts";
import {
	BOOT,
	type Boot,
	type NotRecordingReason,
	type RecorderCall,
	type RecorderConfig,
	type SentieroApi,
} from "./config.ts";
import { DEFAULTS, merge } from "./defaults.ts";
import { guard } from "./guard.ts";
import { watchUrl } from "./instruments/url.ts";
import { isIncluded, isSampled } from "./rules.ts";
import { createLoadScript } from "./script.ts";

/** `/recorder.js`: decides whether this visitor is recorded, queues early calls and errors, and loads the recorder. */

/** File name of the recorder bundle with its hash; set by the build. */
declare const RECORDER_FILE: string;
/** Recorder options of wrangler.toml; set by the build. */
declare const BUILD_CONFIG: Record<string, unknown>;

/** Maximum number of calls and errors that are queued until the recorder has loaded. */
const MAX_EARLY = 100;

/** localStorage key of the visitor's consent answer. */
const CONSENT = "sentiero_consent";
/** The consent answer given on this page, for browsers without storage. */
let consented: boolean | null = null;
/** Whether the page called `start()`, which overrides sampling. */
let started = false;

guard(load);

function load(): void {
	const host = window as unknown as Record<string, unknown>;
	if (host[BOOT]) return;
	const ownScript = document.currentScript as HTMLScriptElement | null;
	const config = configOf(ownScript);
	const loadScript = createLoadScript(ownScript?.nonce);
	let reason: NotRecordingReason | null = null;
	let boot: Boot | null = null;
	let isWatchingUrl = false;
	const early: RecorderCall[] = [];
	const dispatch = (call: RecorderCall) => {
		if (boot?.handleCall) boot.handleCall(call);
		// Calls made before consent or before `start()` are queued in memory.
		else if ((boot && !boot.stopped) || reason === "no_consent" || reason === "not_started") {
			if (early.length < MAX_EARLY) early.push(call);
		}
	};
	const onError = (event: Event) => {
		if (boot && !boot.handleCall) dispatch({ kind: "error", at: Date.now(), event });
	};
	const begin = () => {
		if (boot) return;
		reason = notRecordingReason(config);
		if (reason === "url_excluded" && !isWatchingUrl) {
			isWatchingUrl = true;
			watchUrl(begin);
		}
		if (reason) return;
		const isSampled = (again?: boolean) => sample(config, again);
		const shared = {
			isFramed,
			isIncluded,
			isSampled,
			writeCookie,
			watchUrl,
			loadScript,
			removeStoredData: () => removeStoredData(keptKeys),
		};
		const newBoot: Boot = { config, early, stopped: null, isForced: started, ...shared };
		boot = newBoot;
		host[BOOT] = newBoot;
		if (config.captureErrors) {
			// In the capture phase, because error events of resources do not bubble.
			addEventListener("error", onError, true);
			addEventListener("unhandledrejection", onError);
		}
		const markFailed = () => {
			newBoot.stopped = "failed";
		};
		try {
			loadScript(new URL(`assets/${RECORDER_FILE}`, ownScript?.src || config.eventsUrl).href, markFailed);
		} catch {
			markFailed();
		}
	};
	/** Keys that survive an opt-out, because they store the opt-out and consent answers. */
	const keptKeys = [CONSENT, config.optOutCookieName];
	const stopAndForget = (newReason: NotRecordingReason) => {
		early.length = 0;
		reason = newReason;
		if (boot) {
			boot.stopped = newReason;
			boot.handleCall?.({ kind: "forget" });
		}
		removeStoredData(keptKeys);
		guard(() => indexedDB.deleteDatabase("sentiero"));
	};
	const api: SentieroApi = {
		addCustomEvent: (tag, payload) => dispatch({ kind: "custom", at: Date.now(), tag, payload }),
		setMetadata: (values) => dispatch({ kind: "metadata", values }),
		identify: (id, traits) => {
			const values: Record<string, unknown> = { user_id: String(id) };
			for (const key in traits) values[`user_${key}`] = traits[key];
			dispatch({ kind: "metadata", values });
		},
		start: () => {
			started = true;
			if (boot) boot.isForced = true;
			begin();
			dispatch({ kind: "start" });
		},
		pause: () => dispatch({ kind: "pause" }),
		stop: () => dispatch({ kind: "stop" }),
		flush: () => dispatch({ kind: "flush" }),
		sessionUrl: () => {
			const state = boot?.stopped ? null : boot?.report?.();
			if (!state || state.held) return null;
			return new URL(`sessions/${state.sessionId}/windows/${state.windowId}?t=${Date.now()}`, config.eventsUrl).href;
		},
		optOut: () => {
			stopAndForget("opted_out");
			writeOptOut(config.optOutCookieName, "1", 31_536_000);
		},
		optIn: () => writeOptOut(config.optOutCookieName, "", 0),
		consent: (given) => {
			writeStored(CONSENT, given ? "1" : "0");
			consented = given;
			if (!given) return stopAndForget("no_consent");
			// Consent given after a refusal starts a new recorder.
			if (boot?.stopped === "no_consent") {
				boot = null;
				delete host[BOOT];
			}
			begin();
		},
		status: () => {
			const state = boot?.report?.();
			const why = boot ? (boot.stopped ?? state?.reason ?? null) : reason;
			return {
				recording: !why,
				reason: why,
				held: state?.held ?? false,
				lost: state?.lost ?? 0,
				problem: state?.problem ?? null,
				sentBytes: state?.sentBytes ?? 0,
			};
		},
	};
	// This event fires when another tab changes storage: the visitor may have opted out there or withdrawn consent.
	addEventListener("storage", ({ key, newValue }) => {
		if (key === CONSENT && newValue === "0") stopAndForget("no_consent");
		else if (key === config.optOutCookieName && isOptedOut(newValue)) stopAndForget("opted_out");
	});
	// Every method is guarded, because reading an argument may throw, for example in a getter of the page.
	const safe = Object.entries(api).map(([name, method]) => [
		name,
		(...args: unknown[]) => guard(() => (method as (...args: unknown[]) => unknown)(...args)),
	]);
	// The page may already have created `window.Sentiero`. Its other properties are kept.
	host.Sentiero = { ...(host.Sentiero as object | undefined), ...Object.fromEntries(safe) };
	// A prerendered page has no visitor yet.
	if ((document as { prerendering?: boolean }).prerendering) {
		reason = "not_started";
		document.addEventListener("prerenderingchange", begin);
	} else begin();
}

/**
 * Returns why this visitor is not recorded; null if they are. Runs before anything is stored, fetched or listened to.
 */
function notRecordingReason(config: RecorderConfig): NotRecordingReason | null {
	if (!config.eventsUrl) return "no_address";
	if (isFramed()) return "framed";
	if (config.respectGpc && (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl)
		return "global_privacy_control";
	if (config.respectDnt && navigator.doNotTrack === "1") return "do_not_track";
	const name = config.optOutCookieName;
	if (isOptedOut(cookieValue(readCookies(), name)) || isOptedOut(readStored(name))) return "opted_out";
	if (config.consent && !(consented ?? readStored(CONSENT) === "1")) return "no_consent";
	if (!isIncluded(location.href, config.urlInclude, config.urlExclude)) return "url_excluded";
	if (started) return null;
	if (!config.autoStart) return "not_started";
	return sample(config) ? null : "sampled_out";
}

/** @param again true when a new session began and a new decision is due */
function sample(config: RecorderConfig, again?: boolean): boolean {
	const storage = () => (config.crossTabSessions ? localStorage : sessionStorage);
	return isSampled(config.sampleRate, config.sessionIdleTimeoutMs, storage, Date.now(), again);
}

/** Returns whether this page is in a same-origin frame of a recorded page. That recording includes the frame. */
function isFramed(): boolean {
	try {
		return window !== parent && BOOT in parent;
	} catch {
		return false;
	}
}

/** Merges the options of all sources. By default, batches are sent to `events` in the folder of the script. */
function configOf(script: HTMLScriptElement | null): RecorderConfig {
	const config = { ...DEFAULTS };
	const warn = (text: string, value: unknown) => console.warn("Sentiero:", text, value);
	if (script?.src) config.eventsUrl = new URL("events", script.src).href;
	merge(config, BUILD_CONFIG, warn);
	const element = document.getElementById("sentiero-config");
	if (element) {
		try {
			merge(config, JSON.parse(element.textContent ?? ""), warn);
		} catch {
			warn("invalid JSON:", element);
		}
	}
	for (const [key, text] of Object.entries(script?.dataset ?? {})) {
		if (key in DEFAULTS) {
			const value = parseValue(text ?? "", DEFAULTS[key as keyof RecorderConfig]);
			merge(config, { [key]: value }, warn);
		}
	}
	try {
		if (config.eventsUrl) config.eventsUrl = new URL(config.eventsUrl, document.baseURI).href;
	} catch {
		warn("invalid URL:", config.eventsUrl);
		config.eventsUrl = "";
	}
	return config;
}

/** Parses an attribute by the type of its option: lists are comma-separated, objects are JSON. */
function parseValue(text: string, defaultValue: unknown): unknown {
	if (typeof defaultValue === "boolean") return text !== "false";
	if (typeof defaultValue === "number") return text.trim() ? Number(text) : null;
	if (Array.isArray(defaultValue)) return text.split(",").map((item) => item.trim());
	if (typeof defaultValue === "string") return text;
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

/** Returns the page's cookies; reading them throws in a sandboxed frame. */
function readCookies(): string {
	try {
		return document.cookie;
	} catch {
		return "";
	}
}

function readStored(name: string): string | null {
	try {
		return localStorage.getItem(name);
	} catch {
		return null;
	}
}

/** Writes the opt-out to a cookie and to localStorage, unless the site has set `optOutCookieName` to "". */
function writeOptOut(name: string, value: string, seconds: number): void {
	if (!name) return;
	writeCookie(name, value, seconds);
	writeStored(name, value);
}

function writeStored(name: string, value: string): void {
	try {
		if (value) localStorage.setItem(name, value);
		else localStorage.removeItem(name);
	} catch {
		// Storage is not available in this frame.
	}
}
