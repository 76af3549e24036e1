import type { RedactionOptions } from "../src/contract/redact.ts";
import type { writeCookie } from "./browser-storage.ts";
import type { Instrument, WatchVitals } from "./instruments/instrument.ts";
import type { watchUrl } from "./instruments/url.ts";
import type { OpenStore } from "./pending-batch.ts";
import type { isIncluded } from "./rules.ts";
import type { LoadScript } from "./script.ts";

/**
 * Options of the recorder. Later sources override earlier ones: the defaults, wrangler.toml at build time, the page's
 * `#sentiero-config`, `data-*` attributes of the script tag. docs/recorder.md explains each option. Many names are
 * those of the Sentiero gem.
 */
export interface RecorderConfig {
	/** URL that batches are posted to; absolute once it is resolved. */
	eventsUrl: string;
	/** Project ID; empty unless several projects are configured. */
	project: string;
	/** If false, recording waits for `Sentiero.start()`. */
	autoStart: boolean;
	/** Share of sessions that are recorded, 0 to 1. */
	sampleRate: number;
	/** Sessions shorter than this are never sent. */
	minimumDurationMs: number;
	/** Events of which one must occur before anything is sent: `error` or names of custom events. Empty: no condition. */
	recordOn: string[];
	/** With `recordOn`: the number of minutes before the trigger that are also sent. */
	lookBackMinutes: number;
	/** Patterns of paths or full URLs; `*` matches any text. `urlExclude` overrides `urlInclude`. Empty: all pages. */
	urlInclude: string[];
	urlExclude: string[];
	respectGpc: boolean;
	/** Also honor the older Do Not Track signal. */
	respectDnt: boolean;
	/**
	 * `required`: recording waits for `Sentiero.consent(true)`; the answer is remembered. Empty: no consent is needed.
	 */
	consent: string;
	/** Cookie and localStorage key of the visitor's opt-out. */
	optOutCookieName: string;
	/** true: one session for all tabs of a browser; false: one session per tab. */
	crossTabSessions: boolean;
	/** A session ends after this time without activity, in milliseconds; 0: the default. */
	sessionIdleTimeoutMs: number;
	/** A session ends at this age, in milliseconds; 0: the default. */
	sessionMaxAgeMs: number;
	/** Age of the oldest buffered event, in milliseconds, at which a batch is sent; 0: the default flush rule. */
	flushIntervalMs: number;
	/** Number of buffered events at which a batch is sent; 0: the default flush rule. */
	flushEventThreshold: number;
	/**
	 * If false, fields are masked only if they are secret (passwords, card numbers, one-time codes), in a masked area, or
	 * of a type in `maskInputOptions`.
	 */
	maskAllInputs: boolean;
	/** Field types that are masked even if `maskAllInputs` is false, in rrweb's format: `{ email: true }`. */
	maskInputOptions: Record<string, unknown>;
	blockSelector: string;
	maskTextSelector: string;
	ignoreSelector: string;
	/** Whether all text is masked, not only text that matches `maskTextSelector`. */
	maskAllText: boolean;
	/** Fixed length of masks, in characters; 0: as long as the text. */
	maskLength: number;
	/** Lower-case names of attributes to record unchanged. Other attributes that are not known to be safe are emptied. */
	keepAttributes: string[];
	captureMetadata: boolean;
	captureErrors: boolean;
	trackNavigation: boolean;
	captureClicks: boolean;
	trackCustomEvents: boolean;
	trackForms: boolean;
	/** Whether web vitals are recorded, by a part that is loaded when the page is idle. */
	captureWebVitals: boolean;
	/** Recorded console messages. `warn`: warnings and errors; `all`: every level; any other value: none. */
	captureConsole: string;
	/** Whether method, URL, status, timing and sizes of the page's requests are recorded. */
	captureNetwork: boolean;
	/** Recording pauses after more than this number of DOM changes within ten seconds; 0: no limit. */
	mutationLimit: number;
	/**
	 * Maximum number of CSS rules in all linked style sheets together. If there are more, the recording does not contain
	 * these style sheets, and the replay loads them by URL.
	 */
	stylesheetLimit: number;
	/** Options of rrweb; options.ts lists those that are passed on. Options of the recorder are accepted here, too. */
	recorderOptions: Record<string, unknown>;
	/** Redaction options. Custom patterns are regular expressions, written as `source` or `/source/flags`. */
	redaction: Partial<Omit<RedactionOptions, "customPatterns" | "urlMode">> & {
		urlMode?: string;
		customPatterns?: string[];
	};
}

/** Name of the `window` property that the loader and the recorder share. */
export const BOOT = "__sentiero";

/** State that the loader and the recorder share. */
export interface Boot extends Shared {
	config: RecorderConfig;
	/** Calls and errors queued until the recorder has loaded, oldest first. */
	early: RecorderCall[];
	/** Why recording must not begin, or why it ended; null while neither is the case. */
	stopped: NotRecordingReason | null;
	/** Whether the page called `start()`, which overrides sampling. */
	isForced: boolean;
	/** Set by the recorder: handles all later calls. */
	handleCall?(call: RecorderCall): void;
	/** Set by the recorder: returns the state of the recording. */
	report?(): Report;
	/** Set by the recorder: separately loaded parts register themselves through it. */
	registerPart?<K extends keyof Parts>(name: K, part: Parts[K]): void;
}

/** Functions that the loader and the recorder use. Only the loader's bundle contains them. */
export interface Shared {
	/** Returns whether this frame belongs to the recording of the page that embeds it. */
	isFramed(): boolean;
	isIncluded: typeof isIncluded;
	/**
	 * Returns whether this session is sampled, and extends the life of that decision.
	 * @param again true when a new session began and a new decision is due
	 */
	isSampled(again?: boolean): boolean;
	writeCookie: typeof writeCookie;
	/** Removes everything stored about the visitor except their opt-out and consent answers. */
	removeStoredData(): void;
	watchUrl: typeof watchUrl;
	loadScript: LoadScript;
}

/** Parts that are separate files, loaded only when they are needed. */
export interface Parts {
	vitals: WatchVitals;
	console: Instrument;
	network: Instrument;
	store: OpenStore;
	assets: InlineAsset;
}

/**
 * Records the picture of an element if a replay cannot load its file: a `blob:` URL, or an icon from a sprite file.
 * @param attribute name of the attribute with the file's URL
 * @param emit receives changed attributes of the element, and elements to add beside it
 */
export type InlineAsset = (
	element: Element,
	attribute: string,
	emit: (element: Element, attributes: Record<string, string>, added: AddedNode[]) => void,
) => void;

/** An element to add, in rrweb's format. `parentId` is null if it is added beside the element that uses the file. */
export interface AddedNode {
	parentId: number | null;
	node: { id: number };
}

/** State of the recording, from which the loader answers `status()` and `sessionUrl()`. */
export interface Report {
	reason: NotRecordingReason | null;
	/** Whether events are recorded but not sent yet, because of `minimumDurationMs` or `recordOn`. */
	held: boolean;
	/** Number of batches and events that were dropped: rejected, too large, or over the queue limit. */
	lost: number;
	/** Why data was last dropped: the server's error message, or a message of the recorder. */
	problem: string | null;
	/** Number of bytes that this page has sent. */
	sentBytes: number;
	sessionId: string;
	windowId: string;
}

/** A call of the API, or an early error, that the loader passes to the recorder. */
export type RecorderCall =
	| { kind: "custom"; at: number; tag: string; payload: unknown }
	| { kind: "metadata"; values: Record<string, unknown> }
	| { kind: "error"; at: number; event: Event }
	| { kind: "start" | "pause" | "stop" | "flush" | "forget" };

/** `window.Sentiero`: available as soon as the loader runs; does nothing for visitors who are not recorded. */
export interface SentieroApi {
	/** Records a custom event. Names are 1 to 100 letters, digits, `_`, `.` and `-`. */
	addCustomEvent(tag: string, payload?: unknown): void;
	/** Merges metadata into the session; the latest value of each key wins. */
	setMetadata(values: Record<string, unknown>): void;
	/** Links the session to a person by the site's user ID (never a name or an e-mail address), with optional traits. */
	identify(id: string | number, traits?: Record<string, unknown>): void;
	/** Starts or resumes recording and sends held-back batches. Never overrides a visitor's opt-out. */
	start(): void;
	/** Pauses capture until `start`. */
	pause(): void;
	/** Sends the buffered events and ends the session; `start` or the next page begins a new one. */
	stop(): void;
	/** Sends the buffered events now. */
	flush(): void;
	/**
	 * Returns the URL of the current moment in the dashboard; null if nothing is recorded or the recording is held back.
	 */
	sessionUrl(): string | null;
	/** Stops immediately, discards unsent events, and remembers the opt-out. */
	optOut(): void;
	/** Revokes the opt-out; recording begins on the next page. */
	optIn(): void;
	/** Stores the visitor's consent answer: `true` starts recording now, `false` stops it like an opt-out. */
	consent(given: boolean): void;
	/** Returns whether this page is being recorded and, if not, why. */
	status(): Status;
}

export interface Status {
	recording: boolean;
	reason: NotRecordingReason | null;
	held: boolean;
	lost: number;
	problem: string | null;
	/** Number of bytes that this page has sent. */
	sentBytes: number;
}

/**
 * Why a visitor is not recorded. `framed`: the embedding page records this frame. `refused`: the server refuses this
 * visitor, as bot traffic or because of an opt-out. `stopped`: the server asked the recorder to stop. `failed`: the
 * recorder could not start.
 */
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
	| "refused"
	| "failed";
