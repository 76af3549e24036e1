import { isId, uuidv7 } from "../src/contract/ids.ts";
import { SESSION_COOKIE, WINDOW_COOKIE } from "./browser-storage.ts";
import type { RecorderConfig, Shared } from "./config.ts";

/** The session and its IDs, kept in web storage, or in memory if storage is not available. */
export interface Session {
	readonly sessionId: string;
	readonly windowId: string;
	/** Window ID of the tab's previous page if this page uses a new one; otherwise null. */
	readonly formerWindowId: string | null;
	/** Whether the session began on this page. */
	readonly isNew: boolean;
	/** Time at which the session began, in epoch milliseconds. */
	readonly createdAt: number;
	/** First page of the session, without query and fragment. */
	readonly entryUrl: string;
	readonly entryReferrer: string;
	/** Returns whether the session has expired: its tabs have been inactive for too long, or the session is too old. */
	isOver(now: number): boolean;
	/** Extends the session. @returns false when another tab has begun a new session in the meantime */
	touch(now: number): boolean;
	/** Joins the browser's current session, or begins a new one if that session has expired. */
	join(now: number, page: Page): void;
	/** Whether held-back batches may be sent. Once true, it is true on all pages of the session. */
	readonly isReleased: boolean;
	release(): void;
	/** Frees the tab's window ID when the page is closed, because only one page at a time may use it. */
	leave(): void;
	/** Takes the window ID again when the page is restored from the back-forward cache. */
	comeBack(): void;
	/** Removes everything stored about the visitor, except their opt-out and consent answers. */
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
/**
 * Key that is set while a page uses the tab's window ID. `window.open` and "Duplicate tab" copy sessionStorage, so a
 * page that finds this key is in a new tab, which needs its own window ID.
 */
const LIVE = "sentiero_window_live";
/** Minimum time between two updates of the session's last activity in storage. */
const TOUCH_MS = 5_000;

export function openSession(
	config: RecorderConfig,
	now: number,
	page: Page,
	{ writeCookie, removeStoredData }: Pick<Shared, "writeCookie" | "removeStoredData">,
): Session {
	const sessionStore = storageOf(config.crossTabSessions ? "localStorage" : "sessionStorage");
	const tabStore = storageOf("sessionStorage");
	const { sessionIdleTimeoutMs: idleMs, sessionMaxAgeMs: maxAgeMs } = config;
	const isExpired = (created: number, seen: number, at: number) =>
		!(created > 0 && seen > 0) || at - seen > idleMs || at - created > maxAgeMs;
	const readTime = (key: string) => Number(sessionStore.get(key));

	const formerId = tabStore.get(WINDOW);
	const isReusable = isId(formerId) && !tabStore.get(LIVE);
	const windowId = isReusable ? formerId : newId(now);
	let seen = now;
	let touchedAt = now;

	const session = {
		sessionId: "",
		windowId,
		formerWindowId: isReusable ? null : formerId,
		isNew: false,
		createdAt: now,
		entryUrl: "",
		entryReferrer: "",
		isReleased: false,
		isOver(at: number) {
			if (!isExpired(session.createdAt, seen, at)) return false;
			seen = Math.max(seen, readTime(SEEN) || 0);
			return isExpired(session.createdAt, seen, at);
		},
		touch(at: number) {
			seen = at;
			if (at - touchedAt < TOUCH_MS) return true;
			touchedAt = at;
			const current = sessionStore.get(SESSION);
			if (isId(current) && current !== session.sessionId) return false;
			sessionStore.set(SEEN, String(at));
			// Another tab may have released the session.
			session.isReleased ||= sessionStore.get(RELEASED) === session.sessionId;
			return true;
		},
		join(at: number, entryPage: Page) {
			tabStore.set(WINDOW, windowId);
			tabStore.set(LIVE, "1");
			const storedId = sessionStore.get(SESSION);
			session.isNew = !isId(storedId) || isExpired(readTime(CREATED), readTime(SEEN), at);
			if (session.isNew) {
				sessionStore.set(SESSION, newId(at));
				sessionStore.set(CREATED, String(at));
				sessionStore.set(ENTRY_URL, entryPage.url);
				sessionStore.set(ENTRY_REFERRER, entryPage.referrer);
			}
			sessionStore.set(SEEN, String(at));
			seen = at;
			touchedAt = at;
			session.sessionId = sessionStore.get(SESSION)!;
			session.createdAt = readTime(CREATED);
			session.entryUrl = sessionStore.get(ENTRY_URL) ?? entryPage.url;
			session.entryReferrer = sessionStore.get(ENTRY_REFERRER) ?? entryPage.referrer;
			session.isReleased = sessionStore.get(RELEASED) === session.sessionId;
			writeCookies(Math.round(maxAgeMs / 1000));
		},
		release() {
			session.isReleased = true;
			sessionStore.set(RELEASED, session.sessionId);
		},
		leave: () => tabStore.remove(LIVE),
		comeBack: () => tabStore.set(LIVE, "1"),
		forget() {
			sessionStore.clear();
			tabStore.clear();
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
	/** Clears only the copy in memory. */
	clear(): void;
}

/**
 * Reads and writes storage with a fallback in memory: in a sandboxed frame, even reading `window.localStorage` throws.
 */
function storageOf(name: "localStorage" | "sessionStorage"): KeyValues {
	const memory = new Map<string, string>();
	const attempt = <T>(callback: (storage: Storage) => T): T | undefined => {
		try {
			return callback(window[name]);
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
