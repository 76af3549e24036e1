import type { UrlMode } from "../src/contract/redact.ts";
import type { WatchVitals } from "./instruments/instrument.ts";

/** How a page is recorded. Baked into the loader; the page's own `#sentiero-config` and `data-*` win over it. */
export interface RecorderConfig {
	/** Where batches go; absolute once resolved. Sentiero's name for it. */
	eventsUrl: string;
	/** Project id, when the site belongs to one of several. */
	project?: string;
	respectGpc: boolean;
	/** Keep to the older Do Not Track as well. */
	respectDnt: boolean;
	/** Nothing begins before `Sentiero.consent(true)`; the answer is remembered. */
	consent?: "required";
	/** Cookie and localStorage key of the visitor's own opt-out. */
	optOutCookieName: string;
	/** One session over all tabs of a browser, or one for each. */
	crossTabSessions: boolean;
	/** Milliseconds. */
	sessionIdleTimeoutMs: number;
	sessionMaxAgeMs: number;
	blockSelector: string;
	maskTextSelector: string;
	ignoreSelector: string;
	/** Web vitals, by a file of their own that is fetched when the page is idle. */
	captureWebVitals: boolean;
	/** Every text is masked, not only what the selector names. */
	maskAllText: boolean;
	/** Masks of this many characters whatever they hide; 0: of the same length. */
	maskLength: number;
	/** Attributes recorded as they are, in lower case; the recorder empties those it does not know. */
	keepAttributes: string[];
	redaction: { urlMode: UrlMode };
}

/** What loader and recorder share: found on `window` under this name from the loader's first line to its end. */
export const BOOT = "__sentiero";

export interface Boot {
	config: RecorderConfig;
	/** Calls and errors from before the recorder was there, in order. */
	early: Early[];
	/** Why nothing may begin, or why it ended: be it before the recorder was there. */
	stopped: SilenceReason | null;
	/** Set by the recorder: takes what comes from now on. */
	take?(it: Early): void;
	/** Set by the recorder while it waits for the file of web vitals: takes what that brings. */
	vitals?(watch: WatchVitals): void;
}

export type Early =
	| { kind: "custom"; at: number; tag: string; payload: unknown }
	| { kind: "metadata"; values: Record<string, unknown> }
	| { kind: "error"; at: number; event: ErrorEvent | PromiseRejectionEvent }
	| { kind: "stop" };

/** `window.Sentiero`: there from the loader's first line, silent for a visitor who is not recorded. */
export interface SentieroApi {
	/** An event of the site's own. Names are 1 to 100 of letters, digits, `_`, `.` and `-`. */
	addCustomEvent(tag: string, payload?: unknown): void;
	/** Facts about the session, merged; each key's latest value counts. */
	setMetadata(values: Record<string, unknown>): void;
	/** Stops at once, forgets what was not sent, and remembers the wish. */
	optOut(): void;
	/** Takes the wish back; recording begins with the next page. */
	optIn(): void;
	/** The answer of a visitor who was asked, remembered: `true` begins now, `false` stops like an opt-out. */
	consent(given: boolean): void;
	/** Whether this visit is being recorded, and if not, why. */
	status(): { recording: boolean; reason: SilenceReason | null };
}

/** Why a visitor is not recorded. `stopped`: the server asked for it. `failed`: the recorder could not start. */
export type SilenceReason =
	| "global_privacy_control"
	| "do_not_track"
	| "opted_out"
	| "no_consent"
	| "no_address"
	| "stopped"
	| "failed";
