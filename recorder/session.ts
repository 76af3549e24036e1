import { isId, uuidv7 } from "../src/contract/ids.ts";
import type { RecorderConfig } from "./config.ts";

/** Who this visit is: ids in the browser's storage, or in memory where there is none. */
export interface Session {
	sessionId: string;
	windowId: string;
	/** It begins with this page. */
	isNew: boolean;
	/** Where the session began; path only. */
	entryUrl: string;
	entryReferrer: string;
	/** Tells the other pages of this browser that the session is alive. */
	touch(now: number): void;
	/** Removes every trace. */
	forget(): void;
}

const SESSION = "sentiero_session_id";
const CREATED = "sentiero_session_created_at";
const SEEN = "sentiero_session_last_seen";
const WINDOW = "sentiero_window_id";
const ENTRY_URL = "sentiero_entry_url";
const ENTRY_REFERRER = "sentiero_entry_referrer";

export function openSession(config: RecorderConfig, now: number, page: { url: string; referrer: string }): Session {
	const shared = storageOf(config.crossTabSessions ? "localStorage" : "sessionStorage");
	const own = storageOf("sessionStorage");
	let sessionId = shared.get(SESSION);
	const isNew = !isId(sessionId) || isOver(shared, config, now);
	if (!isId(sessionId) || isNew) {
		sessionId = newId(now);
		shared.set(SESSION, sessionId);
		shared.set(CREATED, String(now));
		shared.set(ENTRY_URL, page.url);
		shared.set(ENTRY_REFERRER, page.referrer);
	}
	shared.set(SEEN, String(now));
	let windowId = own.get(WINDOW);
	if (!isId(windowId)) {
		windowId = newId(now);
		own.set(WINDOW, windowId);
	}
	let touchedAt = now;
	return {
		sessionId,
		windowId,
		isNew,
		entryUrl: shared.get(ENTRY_URL) ?? page.url,
		entryReferrer: shared.get(ENTRY_REFERRER) ?? page.referrer,
		touch(at) {
			if (at - touchedAt < 5_000) return;
			touchedAt = at;
			shared.set(SEEN, String(at));
		},
		forget() {
			for (const storage of [shared, own]) {
				for (const key of [SESSION, CREATED, SEEN, WINDOW, ENTRY_URL, ENTRY_REFERRER]) storage.remove(key);
			}
		},
	};
}

/** Too long silent, too old, or with times that make no sense. */
function isOver(storage: KeyValues, config: RecorderConfig, now: number): boolean {
	const created = Number(storage.get(CREATED));
	const seen = Number(storage.get(SEEN));
	if (!(created > 0) || !(seen > 0)) return true;
	return now - seen > config.sessionIdleTimeoutMs || now - created > config.sessionMaxAgeMs;
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
}

/** Even the property access throws in a sandboxed frame, or with cookies blocked. */
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
	};
}
