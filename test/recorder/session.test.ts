// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { RecorderConfig } from "../../recorder/config.ts";
import { openSession } from "../../recorder/session.ts";

const HOUR = 3_600_000;
const T = Date.UTC(2026, 0, 1);
const CONFIG = { crossTabSessions: true, sessionIdleTimeoutMs: HOUR / 2, sessionMaxAgeMs: 24 * HOUR } as RecorderConfig;
const PAGE = { url: "https://shop.example/a", referrer: "" };

const open = (at: number, page = PAGE, config = CONFIG) => openSession(config, at, page);

beforeEach(() => {
	localStorage.clear();
	sessionStorage.clear();
});

describe("a session", () => {
	it("goes on over pages, with the entry page it began with", () => {
		const first = open(T);
		const second = open(T + HOUR / 4, { url: "https://shop.example/b", referrer: "https://shop.example/a" });
		expect([first.isNew, second.isNew]).toEqual([true, false]);
		expect(second).toMatchObject({
			sessionId: first.sessionId,
			windowId: first.windowId,
			entryUrl: PAGE.url,
			entryReferrer: "",
		});
	});

	it("ends after the idle time, which a touch puts off, and at its greatest age in any case", () => {
		const first = open(T);
		expect(open(T + HOUR / 2 + 1).sessionId).not.toBe(first.sessionId);

		localStorage.clear();
		let current = open(T);
		for (let at = T; at <= T + 24 * HOUR; at += HOUR / 3) {
			const next = open(at);
			expect(next.sessionId).toBe(current.sessionId);
			next.touch(at + 6_000);
			current = next;
		}
		const after = open(T + 24 * HOUR + 1);
		expect(after.sessionId).not.toBe(current.sessionId);
		expect(after.windowId).toBe(current.windowId);
	});

	it.each([
		["sentiero_session_created_at", "soon"],
		["sentiero_session_created_at", "-1"],
		["sentiero_session_last_seen", ""],
		["sentiero_session_id", "not an id!"],
	])("begins anew when %s is %j", (key, value) => {
		const first = open(T);
		localStorage.setItem(key, value);
		expect(open(T + 1_000).sessionId).not.toBe(first.sessionId);
	});

	it("is one for each tab when the page wants it so", () => {
		const config = { ...CONFIG, crossTabSessions: false };
		const first = open(T, PAGE, config);
		expect(localStorage.length).toBe(0);
		sessionStorage.clear();
		expect(open(T, PAGE, config).sessionId).not.toBe(first.sessionId);
	});

	it("lives in memory where storage is denied", () => {
		const denied = vi.spyOn(window, "localStorage", "get").mockImplementation(() => {
			throw new DOMException("denied", "SecurityError");
		});
		const session = open(T);
		expect(session.sessionId).toMatch(/^[0-9a-f-]{36}$/);
		session.touch(T + 10_000);
		session.forget();
		denied.mockRestore();
	});

	it("leaves nothing behind when it is forgotten, and touches nothing else", () => {
		localStorage.setItem("theirs", "1");
		open(T).forget();
		expect(Object.keys(localStorage)).toEqual(["theirs"]);
		expect(sessionStorage.length).toBe(0);
	});
});
