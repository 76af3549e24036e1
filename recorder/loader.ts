import { cookieValue, DEFAULT_OPT_OUT_COOKIE, isOptedOut } from "../src/contract/consent.ts";
import { SESSION_IDLE_MS, SESSION_MAX_AGE_MS } from "../src/contract/limits.ts";
import { BOOT, type Boot, type Early, type RecorderConfig, type SentieroApi, type SilenceReason } from "./config.ts";
import { writeCookie } from "./cookies.ts";
import { watchAddress } from "./instruments/address.ts";
import { isDrawn, isIncluded } from "./rules.ts";

/** The recorder's file name, with its hash; and what wrangler.toml says of the recorder. Filled in by the build. */
declare const RECORDER_FILE: string;
declare const BAKED: Record<string, unknown>;

/** `/recorder.js`: decides whether this visitor is recorded at all, keeps what happens early, fetches the recorder. */

const DEFAULTS: RecorderConfig = {
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

/** Calls and errors kept until the recorder is there. */
const MAX_EARLY = 100;

/** Remembered answer of a visitor who was asked. */
const CONSENT = "sentiero_consent";
/** Where it cannot be stored, for this page at least. */
let consented: boolean | null = null;
/** The page asked for it, whatever was drawn. */
let started = false;

try {
	load();
} catch (error) {
	console.warn("Sentiero could not start", error);
}

function load(): void {
	const host = window as unknown as Record<string, unknown>;
	if (host[BOOT]) return;
	const own = document.currentScript;
	const config = configOf(own as HTMLScriptElement | null);
	let reason: SilenceReason | null = null;
	let boot: Boot | null = null;
	let watched = false;
	const push = (it: Early) => {
		if (!boot) return;
		if (it.kind === "forget") boot.stopped = "opted_out";
		if (boot.take) boot.take(it);
		else if (boot.early.length < MAX_EARLY) boot.early.push(it);
	};
	const begin = () => {
		if (boot) return;
		reason = whyNot(config);
		if (reason === "url_excluded" && !watched) {
			watched = true;
			watchAddress(begin);
		}
		if (reason) return;
		boot = { config, early: [], stopped: null, isIncluded, isDrawn, writeCookie, watchAddress };
		host[BOOT] = boot;
		const onError = (event: ErrorEvent | PromiseRejectionEvent) => {
			if (!boot?.take) push({ kind: "error", at: Date.now(), event });
		};
		if (config.captureErrors) {
			addEventListener("error", onError);
			addEventListener("unhandledrejection", onError);
		}
		const script = document.createElement("script");
		script.src = new URL(`assets/${RECORDER_FILE}`, own && "src" in own && own.src ? own.src : config.eventsUrl).href;
		script.async = true;
		script.onerror = () => {
			boot!.stopped = "failed";
		};
		(document.head ?? document.documentElement).append(script);
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
			begin();
			push({ kind: "start" });
		},
		pause: () => push({ kind: "pause" }),
		stop: () => push({ kind: "stop" }),
		flush: () => push({ kind: "flush" }),
		sessionUrl: () => {
			const it = boot?.report?.();
			if (!it || it.held) return null;
			return new URL(`sessions/${it.sessionId}/windows/${it.windowId}?t=${Date.now()}`, config.eventsUrl).href;
		},
		optOut: () => {
			forget();
			writeCookie(config.optOutCookieName, "1", 31_536_000);
			store(config.optOutCookieName, "1");
		},
		optIn: () => {
			writeCookie(config.optOutCookieName, "", 0);
			store(config.optOutCookieName, "");
		},
		consent: (given) => {
			store(CONSENT, given ? "1" : "0");
			consented = given;
			if (given) begin();
			else forget();
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
	/** What an earlier page could not send is forgotten as well. */
	const forget = () => {
		push({ kind: "forget" });
		try {
			indexedDB.deleteDatabase("sentiero");
		} catch {
			// A frame without storage.
		}
	};
	// Said in another tab.
	addEventListener("storage", ({ key, newValue }) => {
		const isNo = key === CONSENT ? newValue === "0" : key === config.optOutCookieName && isOptedOut(newValue);
		if (isNo) forget();
	});
	// A page may have made the object itself, to hang things of its own on.
	host.Sentiero = { ...(host.Sentiero as object | undefined), ...api };
	// A page that is only prepared, in case the visitor goes there, has no visitor.
	if ((document as { prerendering?: boolean }).prerendering) {
		reason = "not_started";
		document.addEventListener("prerenderingchange", begin, { once: true });
	} else begin();
}

/** Before anything is stored, fetched or listened to. */
function whyNot(config: RecorderConfig): SilenceReason | null {
	const { globalPrivacyControl } = navigator as { globalPrivacyControl?: boolean };
	if (!config.eventsUrl) return "no_address";
	if (isFramed()) return "framed";
	if (config.respectGpc && globalPrivacyControl) return "global_privacy_control";
	if (config.respectDnt && navigator.doNotTrack === "1") return "do_not_track";
	const name = config.optOutCookieName;
	if (isOptedOut(cookieValue(readCookies(), name)) || isOptedOut(readStored(name))) return "opted_out";
	if (config.consent === "required" && !(consented ?? readStored(CONSENT) === "1")) return "no_consent";
	if (!isIncluded(location.href, config.urlInclude, config.urlExclude)) return "url_excluded";
	if (started) return null;
	if (!config.autoStart) return "not_started";
	const storage = () => (config.crossTabSessions ? localStorage : sessionStorage);
	return isDrawn(config.sampleRate, config.sessionIdleTimeoutMs, storage, Date.now()) ? null : "sampled_out";
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
	if (script?.src) config.eventsUrl = new URL("events", script.src).href;
	merge(config, BAKED);
	const island = document.getElementById("sentiero-config");
	if (island) {
		try {
			merge(config, JSON.parse(island.textContent ?? ""));
		} catch {
			console.warn("Sentiero: #sentiero-config is not JSON and was ignored");
		}
	}
	for (const [key, text] of Object.entries(script?.dataset ?? {})) {
		if (key in DEFAULTS) merge(config, { [key]: valueFrom(text ?? "", DEFAULTS[key as keyof RecorderConfig]) });
	}
	if (config.eventsUrl) config.eventsUrl = new URL(config.eventsUrl, document.baseURI).href;
	return config;
}

/** What is not of the kind it should be keeps its default. rrweb's options hold some that have names of their own here. */
function merge(config: RecorderConfig, given: Record<string, unknown>): void {
	const options = given.recorderOptions as Record<string, unknown> | undefined;
	for (const [key, value] of [...Object.entries(options ?? {}), ...Object.entries(given)]) {
		const preset = DEFAULTS[key as keyof RecorderConfig];
		const isKind = typeof value === typeof preset && Array.isArray(value) === Array.isArray(preset) && value !== null;
		if (isKind && (typeof value !== "number" || (value >= 0 && value < 1 / 0)))
			(config as unknown as Record<string, unknown>)[key] = value;
		else if (key in DEFAULTS) console.warn(`Sentiero: ${key} cannot be`, value);
	}
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

function store(name: string, value: string): void {
	try {
		if (value) localStorage.setItem(name, value);
		else localStorage.removeItem(name);
	} catch {
		// Without storage there is nothing to remember it by, and nothing that would recognise the visitor.
	}
}
