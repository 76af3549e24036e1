import type { RedactionOptions } from "../src/contract/redact.ts";
import type { writeCookie } from "./browser-storage.ts";
import type { watchUrl } from "./instruments/address.ts";
import type { Instrument, WatchVitals } from "./instruments/instrument.ts";
import type { OpenStore } from "./pending-batch.ts";
import type { isIncluded } from "./rules.ts";

/**
 * How a page is recorded. Each source wins over the one before: the defaults, what the build baked in from
 * wrangler.toml, the page's `#sentiero-config`, `data-*` on the script tag. docs/recorder.md explains each.
 */
export interface RecorderConfig {
	/** Where batches go; absolute once resolved. Sentiero's name for it, as are many others here. */
	eventsUrl: string;
	/** Project id, when the site belongs to one of several; else empty. */
	project: string;
	/** false: nothing begins before `Sentiero.start()`. */
	autoStart: boolean;
	/** Share of visits that are recorded, 0 to 1. */
	sampleRate: number;
	/** Nothing is sent of a session that is younger. */
	minimumDurationMs: number;
	/** Nothing is sent until one of these happens: `error`, or the name of an event. Empty: at once. */
	recordOn: string[];
	/** How much of what came before is sent then. */
	lookBackMinutes: number;
	/** Pages by pattern: paths, or whole addresses, with `*` for anything. Excluded wins; empty include: all. */
	urlInclude: string[];
	urlExclude: string[];
	respectGpc: boolean;
	/** Keep to the older Do Not Track as well. */
	respectDnt: boolean;
	/** `required`: nothing begins before `Sentiero.consent(true)`; the answer is remembered. */
	consent: string;
	/** Cookie and localStorage key of the visitor's own opt-out. */
	optOutCookieName: string;
	/** One session over all tabs of a browser, or one for each. */
	crossTabSessions: boolean;
	/** Milliseconds; 0: the default. */
	sessionIdleTimeoutMs: number;
	sessionMaxAgeMs: number;
	/** Age and number of waiting events at which they are sent; 0: the flush rule. */
	flushIntervalMs: number;
	flushEventThreshold: number;
	/** false: only passwords, cards and one-time codes are masked in fields. */
	maskAllInputs: boolean;
	blockSelector: string;
	maskTextSelector: string;
	ignoreSelector: string;
	/** Every text is masked, not only what the selector names. */
	maskAllText: boolean;
	/** Masks of this many characters whatever they hide; 0: of the same length. */
	maskLength: number;
	/** Attributes recorded as they are, in lower case; the recorder empties those it does not know. */
	keepAttributes: string[];
	captureMetadata: boolean;
	captureErrors: boolean;
	trackNavigation: boolean;
	captureClicks: boolean;
	trackCustomEvents: boolean;
	trackForms: boolean;
	/** Web vitals, by a file of their own that is fetched when the page is idle. */
	captureWebVitals: boolean;
	/** `warn`: warnings and errors; `all`; else none. */
	captureConsole: string;
	/** Method, address, status, times and sizes of the page's own requests. */
	captureNetwork: boolean;
	/** Changes of the page within ten seconds after which recording pauses; 0: no limit. */
	mutationLimit: number;
	/** CSS rules of linked sheets up to which they are copied into the recording; beyond, the replay loads them. */
	stylesheetLimit: number;
	/** rrweb's own; what is named above wins. */
	recorderOptions: Record<string, unknown>;
	/** Custom patterns as sources, or as `/source/flags`. */
	redaction: Partial<Omit<RedactionOptions, "customPatterns" | "urlMode">> & {
		urlMode?: string;
		customPatterns?: string[];
	};
}

/** What loader and recorder share: found on `window` under this name from the loader's first line to its end. */
export const BOOT = "__sentiero";

export interface Boot extends Shared {
	config: RecorderConfig;
	/** Calls and errors from before the recorder was there, in order. */
	early: Early[];
	/** Why nothing may begin, or why it ended: be it before the recorder was there. */
	stopped: NotRecordingReason | null;
	/** The page asked to be recorded, whatever is drawn. */
	isForced: boolean;
	/** Set by the recorder: takes what comes from now on. */
	handleCall?(it: Early): void;
	/** Set by the recorder. */
	report?(): Report;
	/** Set by the recorder: takes what its other files bring, each by its name. */
	registerPart?<K extends keyof Parts>(name: K, part: Parts[K]): void;
}

/** What both need, and is written down in the loader only. */
export interface Shared {
	/** The page around is recorded, with this one in it. */
	isFramed(): boolean;
	isIncluded: typeof isIncluded;
	/** Whether this visit is to be recorded; tells the draw that it goes on. @param again a new session began */
	isSampled(again?: boolean): boolean;
	writeCookie: typeof writeCookie;
	/** Removes all that is stored of the visitor, but for the answers that keep us away. */
	removeStoredData(): void;
	watchUrl: typeof watchUrl;
}

/** Files of their own, fetched by the visits that need them. */
export interface Parts {
	vitals: WatchVitals;
	console: Instrument;
	network: Instrument;
	store: OpenStore;
}

export interface Report {
	reason: NotRecordingReason | null;
	/** Recorded, and not sent yet, because of `minimumDurationMs` or `recordOn`. */
	held: boolean;
	/** Batches that were given up: refused, or one too many. */
	lost: number;
	/** The last refusal, in the server's words. */
	problem: string | null;
	sessionId: string;
	windowId: string;
}

export type Early =
	| { kind: "custom"; at: number; tag: string; payload: unknown }
	| { kind: "metadata"; values: Record<string, unknown> }
	| { kind: "error"; at: number; event: Event }
	| { kind: "start" | "pause" | "stop" | "flush" | "forget" };

/** `window.Sentiero`: there from the loader's first line, silent for a visitor who is not recorded. */
export interface SentieroApi {
	/** An event of the site's own. Names are 1 to 100 of letters, digits, `_`, `.` and `-`. */
	addCustomEvent(tag: string, payload?: unknown): void;
	/** Facts about the session, merged; each key's latest value counts. */
	setMetadata(values: Record<string, unknown>): void;
	/** Whose visit this is: an id of the site's own, never a name or an address, and facts about them. */
	identify(id: string | number, traits?: Record<string, unknown>): void;
	/** Begins, or goes on after `pause` and `stop`; sends what is held. Never against the visitor's wish. */
	start(): void;
	/** Nothing is captured until `start`. */
	pause(): void;
	/** Sends what waits and ends the session; `start`, or the next page, begins another. */
	stop(): void;
	/** Sends what waits now. */
	flush(): void;
	/** Where the dashboard shows this moment; null while there is nothing to show. */
	sessionUrl(): string | null;
	/** Stops at once, forgets what was not sent, and remembers the wish. */
	optOut(): void;
	/** Takes the wish back; recording begins with the next page. */
	optIn(): void;
	/** The answer of a visitor who was asked, remembered: `true` begins now, `false` stops like an opt-out. */
	consent(given: boolean): void;
	/** Whether this visit is being recorded, and if not, why. */
	status(): Status;
}

export interface Status {
	recording: boolean;
	reason: NotRecordingReason | null;
	held: boolean;
	lost: number;
	problem: string | null;
}

/** Why a visitor is not recorded. `framed`: the page around is, with this one in it. `stopped`: the server asked for it. `failed`: the recorder could not start. */
export type NotRecordingReason =
	| "global_privacy_control"
	| "do_not_track"
	| "opted_out"
	| "no_consent"
	| "no_address"
	| "framed"
	| "not_started"
	| "sampled_out"
	| "url_excluded"
	| "paused"
	| "ended"
	| "idle"
	| "too_many_changes"
	| "stopped"
	| "failed";
