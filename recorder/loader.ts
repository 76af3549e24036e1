import { cookieValue, isOptedOut } from "../src/contract/consent.ts";
import { removeStoredData, writeCookie } from "./browser-storage.ts";
import {
	BOOT,
	type Boot,
	type EarlyCall,
	type NotRecordingReason,
	type RecorderConfig,
	type SentieroApi,
} from "./config.ts";
import { DEFAULTS, merge } from "./defaults.ts";
import { guard } from "./guard.ts";
import { watchUrl } from "./instruments/url.ts";
import { isIncluded, isSampled } from "./rules.ts";

/** File name of the recorder bundle with its hash, and the recorder options of wrangler.toml. Both are set by the build. */
declare const RECORDER_FILE: string;
declare const BUILD_CONFIG: Record<string, unknown>;

/** `/recorder.js`: decides whether this visitor is recorded, queues early calls and errors, and loads the recorder. */

/** Calls and errors queued until the recorder has loaded. */
const MAX_EARLY = 100;

/** localStorage key of the visitor's consent answer. */
const CONSENT = "sentiero_consent";
/** The answer for this page, for when storage is not available. */
let consented: boolean | null = null;
/** The page called `start()`, which overrides sampling. */
let started = false;

guard(load);

function load(): void {
	const host = window as unknown as Record<string, unknown>;
	if (host[BOOT]) return;
	const own = document.currentScript as HTMLScriptElement | null;
	const config = configOf(own);
	let reason: NotRecordingReason | null = null;
	let boot: Boot | null = null;
	let watched = false;
	const early: EarlyCall[] = [];
	const push = (it: EarlyCall) => {
		if (boot?.handleCall) boot.handleCall(it);
		// Calls made before consent are kept in memory until consent is given.
		else if ((boot && !boot.stopped) || reason === "no_consent" || reason === "not_started") {
			if (early.length < MAX_EARLY) early.push(it);
		}
	};
	const onError = (event: Event) => {
		if (boot && !boot.handleCall) push({ kind: "error", at: Date.now(), event });
	};
	const begin = () => {
		if (boot) return;
		reason = notRecordingReason(config);
		if (reason === "url_excluded" && !watched) {
			watched = true;
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
			removeStoredData: () => removeStoredData(keptKeys),
		};
		const it: Boot = { config, early, stopped: null, isForced: started, ...shared };
		boot = it;
		host[BOOT] = it;
		if (config.captureErrors) {
			// In the capture phase, because error events of resources do not bubble.
			addEventListener("error", onError, true);
			addEventListener("unhandledrejection", onError);
		}
		const failed = () => {
			it.stopped = "failed";
		};
		try {
			const script = document.createElement("script");
			script.src = new URL(`assets/${RECORDER_FILE}`, own?.src || config.eventsUrl).href;
			script.async = true;
			script.onerror = failed;
			(document.head ?? document.documentElement).append(script);
		} catch {
			failed();
		}
	};
	/** Keys that survive an opt-out: the answers by which the recorder knows to stay away. */
	const keptKeys = [CONSENT, config.optOutCookieName];
	const stopAndForget = (why: NotRecordingReason) => {
		early.length = 0;
		reason = why;
		if (boot) {
			boot.stopped = why;
			boot.handleCall?.({ kind: "forget" });
		}
		removeStoredData(keptKeys);
		guard(() => indexedDB.deleteDatabase("sentiero"));
	};
	const api: SentieroApi = {
		addCustomEvent: (tag, payload) => push({ kind: "custom", at: Date.now(), tag, payload }),
		setMetadata: (values) => push({ kind: "metadata", values }),
		identify: (id, traits) => {
			const values: Record<string, unknown> = { user_id: String(id) };
			for (const key in traits) values[`user_${key}`] = traits[key];
			push({ kind: "metadata", values });
		},
		start: () => {
			started = true;
			if (boot) boot.isForced = true;
			begin();
			push({ kind: "start" });
		},
		pause: () => push({ kind: "pause" }),
		stop: () => push({ kind: "stop" }),
		flush: () => push({ kind: "flush" }),
		sessionUrl: () => {
			const it = boot?.stopped ? null : boot?.report?.();
			if (!it || it.held) return null;
			return new URL(`sessions/${it.sessionId}/windows/${it.windowId}?t=${Date.now()}`, config.eventsUrl).href;
		},
		optOut: () => {
			stopAndForget("opted_out");
			remember(config.optOutCookieName, "1", 31_536_000);
		},
		optIn: () => remember(config.optOutCookieName, "", 0),
		consent: (given) => {
			store(CONSENT, given ? "1" : "0");
			consented = given;
			if (!given) return stopAndForget("no_consent");
			// Consent given after a refusal starts a fresh recorder.
			if (boot?.stopped === "no_consent") {
				boot = null;
				delete host[BOOT];
			}
			begin();
		},
		status: () => {
			const it = boot?.report?.();
			const why = boot ? (boot.stopped ?? it?.reason ?? null) : reason;
			return {
				recording: !why,
				reason: why,
				held: it?.held ?? false,
				lost: it?.lost ?? 0,
				problem: it?.problem ?? null,
			};
		},
	};
	// The visitor opted out in another tab.
	addEventListener("storage", ({ key, newValue }) => {
		if (key === CONSENT && newValue === "0") stopAndForget("no_consent");
		else if (key === config.optOutCookieName && isOptedOut(newValue)) stopAndForget("opted_out");
	});
	// The page may have created the object with members of its own; its arguments may throw when they are read.
	const safe = Object.entries(api).map(([name, act]) => [
		name,
		(...args: unknown[]) => guard(() => (act as (...args: unknown[]) => unknown)(...args)),
	]);
	host.Sentiero = { ...(host.Sentiero as object | undefined), ...Object.fromEntries(safe) };
	// A prerendered page has no visitor yet.
	if ((document as { prerendering?: boolean }).prerendering) {
		reason = "not_started";
		document.addEventListener("prerenderingchange", begin);
	} else begin();
}

/** Returns why this visitor is not recorded; null when they are. Runs before anything is stored, fetched or listened to. */
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

/** A same-origin frame of a recorded page is part of that page's recording. */
function isFramed(): boolean {
	try {
		return window !== parent && BOOT in parent;
	} catch {
		return false;
	}
}

/** Merges the options of all sources. By default batches go to `events` beside the script's own URL. */
function configOf(script: HTMLScriptElement | null): RecorderConfig {
	const config = { ...DEFAULTS };
	const warn = (text: string, value: unknown) => console.warn("Sentiero:", text, value);
	if (script?.src) config.eventsUrl = new URL("events", script.src).href;
	merge(config, BUILD_CONFIG, warn);
	const island = document.getElementById("sentiero-config");
	if (island) {
		try {
			merge(config, JSON.parse(island.textContent ?? ""), warn);
		} catch {
			warn("invalid JSON:", island);
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
function parseValue(text: string, preset: unknown): unknown {
	if (typeof preset === "boolean") return text !== "false";
	if (typeof preset === "number") return text.trim() ? Number(text) : null;
	if (Array.isArray(preset)) return text.split(",").map((item) => item.trim());
	if (typeof preset === "string") return text;
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}

/** Reading cookies throws in a sandboxed frame. */
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

/** Stores the opt-out in a cookie and in localStorage, unless the site has set its name to empty. */
function remember(name: string, value: string, seconds: number): void {
	if (!name) return;
	writeCookie(name, value, seconds);
	store(name, value);
}

function store(name: string, value: string): void {
	try {
		if (value) localStorage.setItem(name, value);
		else localStorage.removeItem(name);
	} catch {
		// Without storage nothing can be remembered, and no visitor recognized.
	}
}
