// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { removeStoredData } from "../../recorder/browser-storage.ts";
import type { RecorderConfig } from "../../recorder/config.ts";
import { openSession } from "../../recorder/session.ts";

const HOUR = 3_600_000;
const T = Date.UTC(2026, 0, 1);
const CONFIG = { crossTabSessions: true, sessionIdleTimeoutMs: HOUR / 2, sessionMaxAgeMs: 24 * HOUR } as RecorderConfig;
const PAGE = { url: "https://shop.example/a", referrer: "" };

let cookies: Record<string, [string, number]> = {};
const open = (at: number, page = PAGE, config = CONFIG) => {
	const writeCookie = (name: string, value: string, seconds: number) => {
		cookies[name] = [value, seconds];
	};
	const session = openSession(config, at, page, { writeCookie, removeStoredData: () => removeStoredData([]) });
	// `next` closes the latest page before it opens the tab's next one, as the browser does.
	pages.push(session);
	return session;
};
let pages: ReturnType<typeof openSession>[] = [];
/** Closes the tab's current page and opens its next one. */
const next = (at: number, page = PAGE, config = CONFIG) => {
	pages.at(-1)?.leave();
	return open(at, page, config);
};

beforeEach(() => {
	localStorage.clear();
	sessionStorage.clear();
	cookies = {};
	pages = [];
});

describe("recorder session", () => {
	it("continues across pages and keeps its entry page", () => {
		const first = open(T);
		const second = next(T + HOUR / 4, { url: "https://shop.example/b", referrer: "https://shop.example/a" });
		expect([first.isNew, second.isNew]).toEqual([true, false]);
		expect(second).toMatchObject({
			sessionId: first.sessionId,
			windowId: first.windowId,
			entryUrl: PAGE.url,
			entryReferrer: "",
		});
	});

	it("ends after the idle timeout, which activity extends, and at its maximum age in any case", () => {
		const first = open(T);
		expect(open(T + HOUR / 2 + 1).sessionId).not.toBe(first.sessionId);

		localStorage.clear();
		let current = open(T);
		for (let at = T; at <= T + 24 * HOUR; at += HOUR / 3) {
			const page = next(at);
			expect(page.sessionId).toBe(current.sessionId);
			page.touch(at + 6_000);
			current = page;
		}
		const after = next(T + 24 * HOUR + 1);
		expect(after.sessionId).not.toBe(current.sessionId);
		expect(after.windowId).toBe(current.windowId);
	});

	it.each([
		["sentiero_session_created_at", "soon"],
		["sentiero_session_created_at", "-1"],
		["sentiero_session_last_seen", ""],
		["sentiero_session_id", "not an id!"],
	])("is replaced when %s is %j", (key, value) => {
		const first = open(T);
		localStorage.setItem(key, value);
		expect(open(T + 1_000).sessionId).not.toBe(first.sessionId);
	});

	it("is one per tab when crossTabSessions is false", () => {
		const config = { ...CONFIG, crossTabSessions: false };
		const first = open(T, PAGE, config);
		expect(localStorage.length).toBe(0);
		sessionStorage.clear();
		expect(open(T, PAGE, config).sessionId).not.toBe(first.sessionId);
	});

	it("is kept in memory where storage is denied", () => {
		const denied = vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
			throw new DOMException("denied", "SecurityError");
		});
		const session = open(T);
		expect(session.sessionId).toMatch(/^[0-9a-f-]{36}$/);
		session.touch(T + 10_000);
		session.forget();
		denied.mockRestore();
	});

	it("removes its stored data when forgotten, and nothing else", () => {
		localStorage.setItem("theirs", "1");
		open(T).forget();
		expect(Object.keys(localStorage)).toEqual(["theirs"]);
		expect(sessionStorage.length).toBe(0);
	});

	it("can end while a page is open, unless another tab keeps it alive", () => {
		const session = open(T);
		expect(session.isOver(T + HOUR / 2)).toBe(false);
		expect(session.isOver(T + HOUR / 2 + 1)).toBe(true);
		localStorage.setItem("sentiero_session_last_seen", String(T + HOUR / 2));
		expect(session.isOver(T + HOUR / 2 + 1)).toBe(false);
		expect(session.isOver(T + HOUR + 1)).toBe(true);
		const before = session.sessionId;
		session.join(T + 2 * HOUR, { url: "https://shop.example/late", referrer: "" });
		expect(session.sessionId).not.toBe(before);
		expect(session).toMatchObject({ isNew: true, entryUrl: "https://shop.example/late", createdAt: T + 2 * HOUR });
		expect(cookies.sentiero_sid![0]).toBe(session.sessionId);
	});

	it("joins the session that another tab has begun", () => {
		const session = open(T);
		localStorage.setItem("sentiero_session_id", "theirs");
		expect(session.touch(T + 1_000)).toBe(true);
		expect(session.touch(T + 6_000)).toBe(false);
		session.join(T + 6_000, PAGE);
		expect(session).toMatchObject({ sessionId: "theirs", isNew: false });
	});

	it("gives a duplicated tab a new window ID, which the tab keeps on its next page", () => {
		const original = open(T);
		// `window.open` and "duplicate tab" copy sessionStorage.
		const copy = open(T + 1_000);
		expect(copy.windowId).not.toBe(original.windowId);
		expect(copy).toMatchObject({ sessionId: original.sessionId, formerWindowId: original.windowId });
		expect(next(T + 2_000).windowId).toBe(copy.windowId);
	});

	it("writes its IDs to cookies that last the maximum session age, and deletes them when forgotten", () => {
		const session = open(T);
		const seconds = 24 * 3600;
		expect(cookies).toEqual({
			sentiero_sid: [session.sessionId, seconds],
			sentiero_wid: [session.windowId, seconds],
		});
		// biome-ignore lint/suspicious/noDocumentCookie: written as the recorder writes it
		document.cookie = "sentiero_sid=x; path=/";
		session.forget();
		expect(document.cookie).toBe("");
	});

	it("stays released on the tab's next pages, until it ends", () => {
		const session = open(T);
		expect(session.isReleased).toBe(false);
		session.release();
		expect(next(T + 1_000).isReleased).toBe(true);
		expect(next(T + HOUR).isReleased).toBe(false);
	});
});
