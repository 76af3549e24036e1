import { isId, uuidv7 } from "../src/contract/ids.ts";
import { SESSION_COOKIE, WINDOW_COOKIE } from "./browser-storage.ts";
import type { RecorderConfig, Shared } from "./config.ts";

/** The session's IDs, kept in the browser's storage, or in memory where there is none. */
export interface Session {
	readonly sessionId: string;
	readonly windowId: string;
	/** Window ID of this tab's last page, when it has changed. */
	readonly formerWindowId: string | null;
	/** The session began on this page. */
	readonly isNew: boolean;
	/** Epoch milliseconds. */
	readonly createdAt: number;
	/** First page of the session, without query and fragment. */
	readonly entryUrl: string;
	readonly entryReferrer: string;
	/** Returns whether the session is idle for too long or too old. Another tab may have kept it alive. */
	isOver(now: number): boolean;
	/** Extends the session. @returns false when another tab has begun a new session in the meantime */
	touch(now: number): boolean;
	/** Joins the browser's current session, or begins a new one when that is over. */
	join(now: number, page: Page): void;
	/** What was held back may be sent, on the other pages of the session too. */
	readonly isReleased: boolean;
	release(): void;
	/** Called when the page is closed or comes back: only one page at a time may use the tab's ID. */
	leave(): void;
	comeBack(): void;
	/** Removes everything that is stored. */
	forget(): void;
}

export interface Page {
	url: string;
	referrer: string;
}

const SESSION = "sentiero_session_id";
const CREATED = "sentiero_session_created_at";
const SEEN = "sentiero_session_last_seen";
const WINDOW = "sentiero_window_id";
const ENTRY_URL = "sentiero_entry_url";
const ENTRY_REFERRER = "sentiero_entry_referrer";
const RELEASED = "sentiero_released";
/** Set while a page uses the tab's ID: `window.open` and "duplicate tab" copy sessionStorage, and the copy is a new tab. */
const LIVE = "sentiero_window_live";
const TOUCH_MS = 5_000;

export function openSession(
	config: RecorderConfig,
	now: number,
	page: Page,
	{ writeCookie, removeStoredData }: Pick<Shared, "writeCookie" | "removeStoredData">,
): Session {
	const shared = storageOf(config.crossTabSessions ? "localStorage" : "sessionStorage");
	const own = storageOf("sessionStorage");
	const { sessionIdleTimeoutMs: idleMs, sessionMaxAgeMs: maxAgeMs } = config;
	const isPast = (created: number, seen: number, at: number) =>
		!(created > 0 && seen > 0) || at - seen > idleMs || at - created > maxAgeMs;
	const time = (key: string) => Number(shared.get(key));

	const former = own.get(WINDOW);
	const isOwn = isId(former) && !own.get(LIVE);
	const windowId = isOwn ? former : newId(now);
	let seen = now;
	let touchedAt = now;

	const session = {
		sessionId: "",
		windowId,
		formerWindowId: isOwn ? null : former,
		isNew: false,
		createdAt: now,
		entryUrl: "",
		entryReferrer: "",
		isReleased: false,
		isOver(at: number) {
			if (!isPast(session.createdAt, seen, at)) return false;
			seen = Math.max(seen, time(SEEN) || 0);
			return isPast(session.createdAt, seen, at);
		},
		touch(at: number) {
			seen = at;
			if (at - touchedAt < TOUCH_MS) return true;
			touchedAt = at;
			const current = shared.get(SESSION);
			if (isId(current) && current !== session.sessionId) return false;
			shared.set(SEEN, String(at));
			// Another tab may have released it.
			session.isReleased ||= shared.get(RELEASED) === session.sessionId;
			return true;
		},
		join(at: number, from: Page) {
			own.set(WINDOW, windowId);
			own.set(LIVE, "1");
			const known = shared.get(SESSION);
			session.isNew = !isId(known) || isPast(time(CREATED), time(SEEN), at);
			if (session.isNew) {
				shared.set(SESSION, newId(at));
				shared.set(CREATED, String(at));
				shared.set(ENTRY_URL, from.url);
				shared.set(ENTRY_REFERRER, from.referrer);
			}
			shared.set(SEEN, String(at));
			seen = at;
			touchedAt = at;
			session.sessionId = shared.get(SESSION)!;
			session.createdAt = time(CREATED);
			session.entryUrl = shared.get(ENTRY_URL) ?? from.url;
			session.entryReferrer = shared.get(ENTRY_REFERRER) ?? from.referrer;
			session.isReleased = shared.get(RELEASED) === session.sessionId;
			writeCookies(Math.round(maxAgeMs / 1000));
		},
		release() {
			session.isReleased = true;
			shared.set(RELEASED, session.sessionId);
		},
		leave: () => own.remove(LIVE),
		comeBack: () => own.set(LIVE, "1"),
		forget() {
			shared.clear();
			own.clear();
			removeStoredData();
		},
	};
	const writeCookies = (seconds: number) => {
		writeCookie(SESSION_COOKIE, session.sessionId, seconds);
		writeCookie(WINDOW_COOKIE, session.windowId, seconds);
	};
	session.join(now, page);
	return session;
}

function newId(now: number): string {
	const random = new Uint8Array(10);
	crypto.getRandomValues(random);
	return uuidv7(now, random);
}

interface KeyValues {
	get(key: string): string | null;
	set(key: string, value: string): void;
	remove(key: string): void;
	/** Clears the copy in memory. */
	clear(): void;
}

/** Reads and writes storage with a fallback in memory: in a sandboxed frame even the property access throws. */
function storageOf(name: "localStorage" | "sessionStorage"): KeyValues {
	const memory = new Map<string, string>();
	const attempt = <T>(act: (storage: Storage) => T): T | undefined => {
		try {
			return act(window[name]);
		} catch {
			return undefined;
		}
	};
	return {
		get: (key) => attempt((storage) => storage.getItem(key)) ?? memory.get(key) ?? null,
		set(key, value) {
			memory.set(key, value);
			attempt((storage) => storage.setItem(key, value));
		},
		remove(key) {
			memory.delete(key);
			attempt((storage) => storage.removeItem(key));
		},
		clear: () => memory.clear(),
	};
}
