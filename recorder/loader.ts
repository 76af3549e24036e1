import { cookieValue, DEFAULT_OPT_OUT_COOKIE, isOptedOut } from "../src/contract/consent.ts";
import { SESSION_IDLE_MS, SESSION_MAX_AGE_MS } from "../src/contract/limits.ts";
import { BOOT, type Boot, type Early, type RecorderConfig, type SentieroApi, type SilenceReason } from "./config.ts";

/** The recorder's file name, with its hash; filled in by the build. */
declare const RECORDER_FILE: string;

/** `/recorder.js`: decides whether this visitor is recorded at all, keeps what happens early, fetches the recorder. */

const DEFAULTS = {
	respectGpc: true,
	respectDnt: false,
	optOutCookieName: DEFAULT_OPT_OUT_COOKIE,
	crossTabSessions: true,
	sessionIdleTimeoutMs: SESSION_IDLE_MS,
	sessionMaxAgeMs: SESSION_MAX_AGE_MS,
	blockSelector: "[data-rr-block]",
	maskTextSelector: "[data-rr-mask]",
	ignoreSelector: "[data-rr-ignore]",
	captureWebVitals: true,
	maskAllText: false,
	maskLength: 0,
	keepAttributes: [],
	redaction: { urlMode: "strip" as const },
};

/** Calls and errors kept until the recorder is there. */
const MAX_EARLY = 100;

/** Remembered answer of a visitor who was asked. */
const CONSENT = "sentiero_consent";
/** Where it cannot be stored, for this page at least. */
let consented: boolean | null = null;

try {
	load();
} catch (error) {
	console.warn("Sentiero could not start", error);
}

function load(): void {
	const host = window as unknown as Record<string, unknown>;
	if (host[BOOT]) return;
	const own = document.currentScript;
	const config = configOf(own);
	const optOutName = config?.optOutCookieName ?? DEFAULT_OPT_OUT_COOKIE;
	let reason: SilenceReason | null = null;
	let boot: Boot | null = null;
	const push = (it: Early) => {
		if (!boot) return;
		if (it.kind === "stop") boot.stopped = "opted_out";
		if (boot.take) boot.take(it);
		else if (boot.early.length < MAX_EARLY) boot.early.push(it);
	};
	const begin = () => {
		reason = whyNot(config);
		if (reason || boot || !config) return;
		boot = { config, early: [], stopped: null };
		host[BOOT] = boot;
		const onError = (event: ErrorEvent | PromiseRejectionEvent) => {
			if (!boot?.take) push({ kind: "error", at: Date.now(), event });
		};
		addEventListener("error", onError);
		addEventListener("unhandledrejection", onError);
		const script = document.createElement("script");
		script.src = new URL(`assets/${RECORDER_FILE}`, own && "src" in own && own.src ? own.src : config.eventsUrl).href;
		script.async = true;
		document.head.append(script);
	};
	const api: SentieroApi = {
		addCustomEvent: (tag, payload) => push({ kind: "custom", at: Date.now(), tag, payload }),
		setMetadata: (values) => push({ kind: "metadata", values }),
		optOut: () => {
			push({ kind: "stop" });
			remember(optOutName, "1", 31_536_000);
		},
		optIn: () => remember(optOutName, "", 0),
		consent: (given) => {
			store(CONSENT, given ? "1" : "0");
			consented = given;
			if (given) begin();
			else push({ kind: "stop" });
		},
		status: () => ({ recording: boot !== null && !boot.stopped, reason: boot ? boot.stopped : reason }),
	};
	// A page may have made the object itself, to hang things of its own on.
	host.Sentiero = Object.assign(typeof host.Sentiero === "object" && host.Sentiero ? host.Sentiero : {}, api);
	begin();
}

/** Before anything is stored, fetched or listened to. */
function whyNot(config: RecorderConfig | null): SilenceReason | null {
	const { globalPrivacyControl } = navigator as { globalPrivacyControl?: boolean };
	if (!config) return "no_address";
	if (config.respectGpc && globalPrivacyControl) return "global_privacy_control";
	if (config.respectDnt && navigator.doNotTrack === "1") return "do_not_track";
	const name = config.optOutCookieName;
	if (isOptedOut(cookieValue(readCookies(), name)) || isOptedOut(readStored(name))) return "opted_out";
	if (config.consent === "required" && !(consented ?? readStored(CONSENT) === "1")) return "no_consent";
	return null;
}

/** The events address is the script's own with another last segment, unless the page says another. */
function configOf(script: HTMLOrSVGScriptElement | null): RecorderConfig | null {
	const config: Partial<RecorderConfig> = { ...DEFAULTS };
	const src = script && "src" in script ? script.src : "";
	if (src) config.eventsUrl = new URL("events", src).href;
	const island = document.getElementById("sentiero-config");
	if (island) {
		try {
			Object.assign(config, JSON.parse(island.textContent ?? ""));
		} catch {
			console.warn("Sentiero: #sentiero-config is not JSON and was ignored");
		}
	}
	const project = script?.dataset.project;
	if (project) config.project = project;
	if (script?.dataset.consent === "required") config.consent = "required";
	if (!config.eventsUrl) return null;
	config.eventsUrl = new URL(config.eventsUrl, document.baseURI).href;
	return config as RecorderConfig;
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

function remember(name: string, value: string, seconds: number): void {
	const secure = location.protocol === "https:" ? "; Secure" : "";
	try {
		// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere, and the server reads this one
		document.cookie = `${name}=${value}; path=/; max-age=${seconds}; SameSite=Lax${secure}`;
	} catch {
		// A frame without cookies.
	}
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
