import { describe, expect, it } from "vitest";
import { digest, type Facts, VIEW_ENTRY, VIEW_EXIT, VIEW_FIRST } from "../../src/analytics/digest.ts";
import { extract } from "../../src/analytics/extract.ts";
import { SITE, storyChunks } from "../support/story.ts";

const NOON = Date.UTC(2026, 5, 10, 12);

/** Returns the facts of a session. Each text describes a window; `|` separates its chunks. */
function factsOf(windows: string | string[], metadata: Record<string, unknown> = {}, base = NOON): Facts[] {
	const all = [windows]
		.flat()
		.map((text, i): [string, ReturnType<typeof extract>[]] => [
			`w${i}`,
			storyChunks(text.split("|"), base).map((events) => extract(events, base + 3_600_000)),
		]);
	return digest({ windows: new Map(all), client: {}, metadata });
}

const only = (windows: string | string[], metadata?: Record<string, unknown>) => {
	const facts = factsOf(windows, metadata);
	expect(facts).toHaveLength(1);
	return facts[0]!;
};
const word = ({ details }: Facts, index: number) => details.words[index]?.replace(SITE, "") ?? null;
const views = (facts: Facts) => facts.details.views.map(([, , url]) => word(facts, url));

describe("page views", () => {
	it.each([
		["have no URL if it is unknown", "0s move · 1s click 1,2 · 2s move", [null]],
		["include the events before the first URL", "0s click 1,2 · 1s meta /a · 2s move", ["/a"]],
		["continue at the same URL", "0s visit /a · 5s visit /a · 9s meta /a", ["/a"]],
		["begin at another URL", "0s visit /a · 5s visit /b", ["/a", "/b"]],
		["begin again at the return to a URL", "0s visit /a · 5s visit /b · 9s visit /a", ["/a", "/b", "/a"]],
		["begin at a route change", "0s visit /a · 5s route /b", ["/a", "/b"]],
		["do not begin at a checkout", "0s visit /a · 5s checkout /a | 9s checkout /a", ["/a"]],
		["are not split by chunks", "0s visit /a | 5s move | 9s visit /b", ["/a", "/b"]],
	])("%s", (_, text, expected) => {
		const facts = only(text);
		expect(views(facts)).toEqual(expected);
		expect(facts.views).toBe(expected.length);
	});

	it("do not exist in a session without windows", () => {
		expect(digest({ windows: new Map(), client: {}, metadata: {} })).toEqual([]);
	});

	it("are flagged as first and last of their tab, and as first of their URL in the session", () => {
		const facts = only(["0s visit /a · 9s visit /b", "4s visit /b · 5s visit /a"]);
		expect(
			facts.details.views.map(([at, window, url, , , , , flags]) => [at, window, word(facts, url), flags]),
		).toEqual([
			[0, 0, "/a", VIEW_ENTRY | VIEW_FIRST],
			[9_000, 0, "/b", VIEW_EXIT | VIEW_FIRST],
			[4_000, 1, "/b", VIEW_ENTRY],
			[5_000, 1, "/a", VIEW_EXIT],
		]);
		expect(facts.details.windows).toEqual([
			["w0", 0],
			["w1", 4_000],
		]);
	});

	it("last until the next one, or until the last activity", () => {
		const facts = only("0s visit /a · 4s move · 8s visit /b · 9s move · 60s visit /c");
		expect(facts.details.views.map(([, , , ms]) => ms)).toEqual([8_000, 1_000, null]);
	});

	it("have the deepest scroll position; a document starts at its top, a checkout does not", () => {
		const facts = only(
			"0s visit /a · 1s scroll 900 · 2s scroll 100 · 3s scroll 5000 in 12 | 4s checkout /a from 100 · 5s click 10,20 · 6s visit /a · 7s click 10,20 · 8s visit /b from 300",
		);
		expect(facts.details.views.map(([, , , , depth]) => depth)).toEqual([900, 300]);
		expect(facts.details.clicks.map(([, x, y]) => [x, y])).toEqual([
			[10, 120],
			[10, 20],
		]);
	});

	it("determine entry, exit, external referrer and campaign of the session", () => {
		const story = "0s visit /a · 1s visit /b";
		expect(only(story, { entry_referrer: "https://search.example/x" }).profile).toEqual({
			...{ entry: `${SITE}/a`, exit: `${SITE}/b`, referrer: "https://search.example/x" },
		});
		expect(only(story, { entry_referrer: `${SITE}/x` }).profile).not.toHaveProperty("referrer");
		expect(
			only(story, { entry_url: `${SITE}/y?UTM_Source=%20a+b&utm_source=c`, utm_medium: "mail" }).profile,
		).toMatchObject({
			...{ entry: `${SITE}/y?UTM_Source=%20a+b&utm_source=c`, source: "a b", medium: "mail" },
		});
	});
});

describe("rage and dead clicks", () => {
	it.each([
		["three at most 1 s apart", "1s click 10,20 · 2s click 10,20 · 3s click 10,20", [[1_000, 3]]],
		["six in two seconds", [0, 1, 2, 3, 4, 5].map((i) => `${1 + i * 0.4}s click 10,20`).join(" · "), [[1_000, 6]]],
		["not two", "1s click 10,20 · 1.2s click 10,20", []],
		["not more than 1 s apart", "1s click 10,20 · 2s click 10,20 · 3.001s click 10,20", []],
		["not more than 30 px apart", "1s click 40,20 · 1.1s click 71,20 · 1.2s click 40,20", []],
		["30 px apart", "1s click 40,40 · 1.1s click 70,70 · 1.2s click 10,10", [[1_000, 3]]],
		[
			"not with responses",
			"1s click 1,2 · 1.01s mutation · 1.1s click 1,2 · 1.11s mutation · 1.2s click 1,2 · 1.21s mutation",
			[],
		],
		[
			"not with a response to the second of three",
			"1s click 1,2 · 1.6s click 1,2 · 1.9s mutation · 2.5s click 1,2",
			[],
		],
		[
			"with an error instead of a response",
			'1s click 1,2 · 1.3s click 1,2 · 1.6s click 1,2 · 1.7s tag error {"message":"no"}',
			[[1_000, 3]],
		],
		["not with a custom event", "1s click 1,2 · 1.1s click 1,2 · 1.2s click 1,2 · 1.3s tag more", []],
		["across chunks", "1s click 10,20 · 1.1s click 10,20 | 1.2s click 10,20", [[1_000, 3]]],
		[
			"two series",
			"1s click 1,2 · 1.1s click 1,2 · 1.2s click 1,2 · 3s click 1,2 · 3.1s click 1,2 · 3.2s click 1,2",
			[
				[1_000, 3],
				[3_000, 3],
			],
		],
	])("rage clicks: %s", (_, text, expected) => {
		const facts = only(`0s visit /a · ${text} · 30s move`);
		expect(facts.details.rageClicks.map(([at, , , , count]) => [at, count])).toEqual(expected);
		expect(facts.rageClicks).toBe(expected.length);
	});

	it.each([
		["no response", "1s click 1,2 · 9s move", 1],
		["not with a response after exactly 500 ms", "1s click 1,2 · 1.5s mutation · 9s move", 0],
		["a later response", "1s click 1,2 · 1.501s mutation · 9s move", 1],
		["not with a response at the same time, after the click", "1s click 1,2 · 1s mutation · 9s move", 0],
		["not with a response at the same time, in the next chunk", "1s click 1,2 | 1s mutation · 9s move", 0],
		["a mutation at the same time, before the click", "1s mutation · 1s click 1,2 · 9s move", 1],
		["not with a response in the next chunk", "1s click 1,2 | 1.3s mutation", 0],
		["a late response in the next chunk", "1s click 1,2 | 1.6s mutation", 1],
		["scrolling is no response", "1s click 1,2 · 1.1s scroll 50 · 9s move", 1],
		["not with an input", "1s click 1,2 · 1.1s type a · 9s move", 0],
		["not with a custom event", '1s click 1,2 · 1.1s tag bought {"n":1} · 9s move', 0],
		["not with a followed link", '1s click 1,2 · 1.1s tag navigation {"url":"https://x.example/"} · 9s move', 0],
		["not with a form submission", "1s click 1,2 · 1.1s tag __form_submit {} · 9s move", 0],
		["an error instead of a response", '1s click 1,2 · 1.1s tag error {"message":"no"} · 9s move', 1],
		["not the last click before another page", "1s click 1,2 · 4s visit /b · 9s move", 0],
		["an earlier click before another page", "1s click 1,2 · 2s click 80,90 · 4s visit /b · 9s move", 1],
		["not rage clicks", "1s click 1,2 · 1.1s click 1,2 · 1.2s click 1,2 · 9s move", 0],
	])("dead clicks: %s", (_, text, count) => {
		const facts = only(`0s visit /a · ${text}`);
		expect(facts.deadClicks).toBe(count);
		expect(facts.details.deadClicks.map((dead) => dead[4])).toEqual(
			Array.from({ length: count }, () => (text.includes("error") ? 1 : 0)),
		);
	});

	it("rage clicks: not on targets that need no response, such as fields and selected text", () => {
		const clicks = [1_000, 1_100, 1_200];
		const rageClicks = (answers?: string) => {
			const events = [
				...storyChunks(
					[`0s visit /a · ${clicks.map((ms) => `${ms / 1000}s click 1,2`).join(" · ")} · 9s move`],
					NOON,
				)[0]!,
				...clicks.map((ms) => ({
					...{ type: 5, timestamp: NOON + ms, data: { tag: "__click", payload: { selector: "p", answers } } },
				})),
			].sort((a, b) => a.timestamp! - b.timestamp!);
			return digest({ windows: new Map([["w", [extract(events, NOON)]]]), client: {}, metadata: {} })[0]!.rageClicks;
		};
		expect([rageClicks("control"), rageClicks("selection"), rageClicks()]).toEqual([0, 0, 1]);
	});

	it("dead clicks: not on targets that need no response", () => {
		const click = (answers?: string) => ({
			...{ type: 5, timestamp: NOON + 1_001, data: { tag: "__click", payload: { selector: "a#x", answers } } },
		});
		const events = (answers?: string) => [
			...storyChunks(["0s visit /a · 1s click 1,2 · 9s move"], NOON)[0]!,
			click(answers),
		];
		const deadClicks = (answers?: string) =>
			digest({ windows: new Map([["w", [extract(events(answers), NOON)]]]), client: {}, metadata: {} })[0]!.deadClicks;
		expect([deadClicks("control"), deadClicks()]).toEqual([0, 1]);
	});
});

describe("forms", () => {
	const forms = (text: string) => {
		const facts = only(text);
		return facts.details.forms.map(([url, sent, sends, fields]) => [
			...[word(facts, url), sent, sends],
			fields.map(([label, ms, changes]) => [word(facts, label), ms, changes]),
		]);
	};
	const submit = "tag __form_submit {}";

	it("are completed by a submission after a change", () => {
		expect(forms(`0s visit /a with a, b · 1s type a · 3s type a · 4s type b · 5s ${submit}`)).toEqual([
			[...["/a", 1, 1], [...[["a", 2_000, 1]], ["b", 0, 0]]],
		]);
	});

	it("are not completed by an earlier submission; a submission alone has no fields", () => {
		expect(forms(`0s visit /a with a · 1s ${submit} · 3s type a · 9s visit /b · 10s ${submit} · 11s visit /c`)).toEqual(
			[
				["/a", 0, 1, [["a", 0, 0]]],
				["/b", 0, 1, []],
			],
		);
	});

	it("belong to the page of their tab, and have labels from earlier chunks", () => {
		const facts = only(["0s visit /a with a | 5s type a", "4s visit /b"]);
		expect(facts.details.forms.map(([url, , , fields]) => [word(facts, url), word(facts, fields[0]![0])])).toEqual([
			["/a", "a"],
		]);
	});
});

describe("web vitals", () => {
	it("are the last value of each page view, under the measured URL", () => {
		const vital = (metric: string, value: number, url: string) =>
			`tag __perf ${JSON.stringify({ metric, value, rating: "good", url: SITE + url })}`;
		const facts = only(
			`0s visit /a · 1s ${vital("CLS", 0.1, "/a")} · 2s ${vital("CLS", 0.2, "/a")} · 3s route /b · 3.1s ${vital("CLS", 0.3, "/a")} · 4s ${vital("LCP", 900, "/b")}`,
		);
		expect(
			facts.details.vitals.map(([, , url, metric, value]) => [word(facts, url), word(facts, metric), value]),
		).toEqual([
			["/a", "CLS", 0.3],
			["/b", "LCP", 900],
		]);
	});
});

describe("signals of frustration", () => {
	const signals = (text: string | string[]) => only(text).signals;
	it.each<[string, string, Partial<Facts["signals"]>]>([
		["returns to a page", "0s visit /a · 9s visit /b · 18s visit /a · 27s visit /b", { churn: 2 }],
		[
			"the page behind a followed link",
			'0s visit /a · 1s tag navigation {"url":"https://shop.example/b"} · 2s visit /b',
			{ churn: 0 },
		],
		["longer inactivity", "0s visit /a · 20s move · 40s move", { idle: 1 }],
		["ten seconds of inactivity", "0s visit /a · 10s move · 20s move", { idle: 0 }],
		[
			"scrolling far and back",
			"0s visit /a · 1s scroll 500 · 1.5s scroll 200 · 2s scroll 600 · 9s move",
			{ thrash: 1 },
		],
		["slow scrolling back", "0s visit /a · 1s scroll 500 · 3s scroll 200 · 9s move", { thrash: 0 }],
		["scrolling back a little", "0s visit /a · 1s scroll 500 · 1.5s scroll 400 · 9s move", { thrash: 0 }],
		["refilled fields", "0s visit /a with a · 1s type a · 3s type a · 4s type a · 9s move", { refills: 2 }],
		["a bounce", "0s visit /a · 4s move", { bounce: 1 }],
		["a session of 5 s", "0s visit /a · 5s move", { bounce: 0 }],
		["an end soon after an error", '0s visit /a · 9s tag error {"message":"no"} · 17s move', { abandon: 1 }],
		["an end long after an error", '0s visit /a · 9s tag error {"message":"no"} · 17.1s move', { abandon: 0 }],
	])("include or exclude %s", (_, text, expected) => expect(signals(text)).toMatchObject(expected));

	it("add up to a score from 0 to 100", () => {
		expect(only("0s visit /a · 6s move").score).toBe(0);
		expect(only("0s visit /a · 1s click 1,2 · 1.1s click 1,2 · 1.2s click 1,2 · 4s move").score).toBe(7 + 10);
	});
});

describe("session over midnight", () => {
	it("has facts of both days, each with its events, and the session's numbers on the first", () => {
		const base = Date.UTC(2026, 5, 10, 23, 59, 50);
		const facts = factsOf("0s visit /a · 1s tag early {} · 12s tag late {} | 15s visit /b · 20s click 1,2", {}, base);
		expect(
			facts.map(({ day, isFirstDay, startedAt, durationMs, views, clicks, events }) => [
				...[day, isFirstDay, startedAt, durationMs, views, clicks, events],
			]),
		).toEqual([
			[20260610, true, base, 20_000, 1, 0, 4],
			[20260611, false, base, 0, 1, 1, 3],
		]);
		expect(
			facts.map(({ journey: { list, words } }) => list.map(([at, , name]) => [at, words[name]!.replace(SITE, "")])),
		).toEqual([
			[
				[0, "/a"],
				[1_000, "early"],
			],
			[
				[12_000, "late"],
				[15_000, "/b"],
			],
		]);
	});
});

// Quadratic time would exceed the test's time limit.
it("digests a session of 2,000 busy chunks in linear time", () => {
	const busy = Array.from({ length: 60 }, (_, i) =>
		[`${i * 2}s route /p${i % 30}`, `${i * 2}.5s click ${i},20`, `${i * 2}.6s scroll ${(i % 7) * 300}`].join(" · "),
	).join(" · ");
	const trail = extract(storyChunks([busy], NOON)[0]!, NOON);
	const trails = Array.from({ length: 2_000 }, (_, i) => ({ ...trail, from: trail.from + i * 121_000 }));
	const facts = digest({ windows: new Map([["w", trails]]), client: {}, metadata: {} });
	expect(facts.reduce((sum, { clicks }) => sum + clicks, 0)).toBe(2_000 * 60);
});

it("does not depend on how a session is split into chunks", () => {
	const steps =
		"0s visit /a with a · 1s click #buy · 1.2s mutation · 3s scroll 700 · 4s type a · 30s visit /b · 31s click 5,6 · 40s move";
	const whole = only(steps);
	for (const at of [1, 2, 3, 4, 5, 6, 7]) {
		const parts = steps.split(" · ");
		const cut = `${parts.slice(0, at).join(" · ")} | ${parts.slice(at).join(" · ")}`;
		expect(only(cut)).toEqual(whole);
	}
});
