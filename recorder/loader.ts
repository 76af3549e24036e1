import { cookieValue, isOptedOut } from "../src/contract/consent.ts";
import { removeStoredData, writeCookie } from "./browser-storage.ts";
import {
	BOOT,
	type Boot,
	type Early,
	type NotRecordingReason,
	type RecorderConfig,
	type SentieroApi,
} from "./config.ts";
import { DEFAULTS, merge } from "./defaults.ts";
import { guard } from "./guard.ts";
import { watchUrl } from "./instruments/address.ts";
import { isIncluded, isSampled } from "./rules.ts";

/** The recorder's file name, with its hash; and what wrangler.toml says of the recorder. Filled in by the build. */
declare const RECORDER_FILE: string;
declare const BAKED: Record<string, unknown>;

/** `/recorder.js`: decides whether this visitor is recorded at all, keeps what happens early, fetches the recorder. */

/** Calls and errors kept until the recorder is there. */
const MAX_EARLY = 100;

/** Remembered answer of a visitor who was asked. */
const CONSENT = "sentiero_consent";
/** Where it cannot be stored, for this page at least. */
let consented: boolean | null = null;
/** The page asked for it, whatever was drawn. */
let started = false;

guard(load);

function load(): void {
	const host = window as unknown as Record<string, unknown>;
	if (host[BOOT]) return;
	const own = document.currentScript;
	const config = configOf(own as HTMLScriptElement | null);
	let reason: NotRecordingReason | null = null;
	let boot: Boot | null = null;
	let watched = false;
	let early: Early[] = [];
	const push = (it: Early) => {
		if (boot?.handleCall) boot.handleCall(it);
		// What is called before a yes is kept in memory until there is one.
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
			removeStoredData: () => removeStoredData(words),
		};
		const it: Boot = { config, early, stopped: null, isForced: started, ...shared };
		boot = it;
		host[BOOT] = it;
		if (config.captureErrors) {
			// Capturing, so that what does not load is heard too.
			addEventListener("error", onError, true);
			addEventListener("unhandledrejection", onError);
		}
		const failed = () => {
			it.stopped = "failed";
		};
		try {
			const script = document.createElement("script");
			script.src = new URL(`assets/${RECORDER_FILE}`, own && "src" in own && own.src ? own.src : config.eventsUrl).href;
			script.async = true;
			script.onerror = failed;
			(document.head ?? document.documentElement).append(script);
		} catch {
			failed();
		}
	};
	/** What the visitor said stays, and so does what an earlier page could not send of nobody. */
	const words = [CONSENT, config.optOutCookieName];
	const forget = (why: NotRecordingReason) => {
		early = [];
		reason = why;
		if (boot) {
			boot.early.length = 0;
			boot.stopped = why;
			boot.handleCall?.({ kind: "forget" });
		}
		removeStoredData(words);
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
			forget("opted_out");
			remember(config.optOutCookieName, "1", 31_536_000);
		},
		optIn: () => remember(config.optOutCookieName, "", 0),
		consent: (given) => {
			store(CONSENT, given ? "1" : "0");
			consented = given;
			if (!given) return forget("no_consent");
			// A yes after a no begins anew.
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
	// Said in another tab.
	addEventListener("storage", ({ key, newValue }) => {
		if (key === CONSENT && newValue === "0") forget("no_consent");
		else if (key === config.optOutCookieName && isOptedOut(newValue)) forget("opted_out");
	});
	// A page may have made the object itself, to hang things of its own on; what it hands us may throw when it is read.
	const safe = Object.entries(api).map(([name, act]) => [
		name,
		(...args: unknown[]) => guard(() => (act as (...args: unknown[]) => unknown)(...args)),
	]);
	host.Sentiero = { ...(host.Sentiero as object | undefined), ...Object.fromEntries(safe) };
	// A page that is only prepared, in case the visitor goes there, has no visitor.
	if ((document as { prerendering?: boolean }).prerendering) {
		reason = "not_started";
		document.addEventListener("prerenderingchange", begin);
	} else begin();
}

/** Before anything is stored, fetched or listened to. */
function notRecordingReason(config: RecorderConfig): NotRecordingReason | null {
	const { globalPrivacyControl } = navigator as { globalPrivacyControl?: boolean };
	if (!config.eventsUrl) return "no_address";
	if (isFramed()) return "framed";
	if (config.respectGpc && globalPrivacyControl) return "global_privacy_control";
	if (config.respectDnt && navigator.doNotTrack === "1") return "do_not_track";
	const name = config.optOutCookieName;
	if (isOptedOut(cookieValue(readCookies(), name)) || isOptedOut(readStored(name))) return "opted_out";
	if (config.consent && !(consented ?? readStored(CONSENT) === "1")) return "no_consent";
	if (!isIncluded(location.href, config.urlInclude, config.urlExclude)) return "url_excluded";
	if (started) return null;
	if (!config.autoStart) return "not_started";
	return sample(config) ? null : "sampled_out";
}

/** @param again a new session began */
function sample(config: RecorderConfig, again?: boolean): boolean {
	const storage = () => (config.crossTabSessions ? localStorage : sessionStorage);
	return isSampled(config.sampleRate, config.sessionIdleTimeoutMs, storage, Date.now(), again);
}

/** A frame of the page's own is part of the page's recording. */
function isFramed(): boolean {
	try {
		return window !== parent && BOOT in parent;
	} catch {
		return false;
	}
}

/** The events address is the script's own with another last segment, unless the page says another. */
function configOf(script: HTMLScriptElement | null): RecorderConfig {
	const config = { ...DEFAULTS };
	const complain = (text: string, value: unknown) => console.warn("Sentiero:", text, value);
	if (script?.src) config.eventsUrl = new URL("events", script.src).href;
	merge(config, BAKED, complain);
	const island = document.getElementById("sentiero-config");
	if (island) {
		try {
			merge(config, JSON.parse(island.textContent ?? ""), complain);
		} catch {
			complain("not JSON:", island);
		}
	}
	for (const [key, text] of Object.entries(script?.dataset ?? {})) {
		if (key in DEFAULTS) {
			const value = valueFrom(text ?? "", DEFAULTS[key as keyof RecorderConfig]);
			merge(config, { [key]: value }, complain);
		}
	}
	try {
		if (config.eventsUrl) config.eventsUrl = new URL(config.eventsUrl, document.baseURI).href;
	} catch {
		complain("no address:", config.eventsUrl);
		config.eventsUrl = "";
	}
	return config;
}

/** An attribute's text as what the option is: lists part at commas, objects are JSON. */
function valueFrom(text: string, preset: unknown): unknown {
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

/** Both throw in a frame without storage. */
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

/** Where the site has given the opt-out a name. */
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
		// Without storage there is nothing to remember it by, and nothing that would recognise the visitor.
	}
}
