import { describe, expect, it } from "vitest";
import { digest, type Facts, VIEW_ENTRY, VIEW_EXIT, VIEW_FIRST } from "../../src/analytics/digest.ts";
import { extract } from "../../src/analytics/extract.ts";
import { elapsed } from "../support/elapsed.ts";
import { SITE, storyChunks } from "../support/story.ts";

const NOON = Date.UTC(2026, 5, 10, 12);

/** Chunks are parted by `|`, windows are separate texts. */
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
const word = ({ details: moments }: Facts, index: number) => moments.words[index]?.replace(SITE, "") ?? null;
const views = (facts: Facts) => facts.details.views.map(([, , url]) => word(facts, url));

describe("pages", () => {
	it.each([
		["without an address there is one page, unknown", "0s move · 1s click 1,2 · 2s move", [null]],
		["what comes before the first address belongs to it", "0s click 1,2 · 1s meta /a · 2s move", ["/a"]],
		["the same address again is the same stay", "0s visit /a · 5s visit /a · 9s meta /a", ["/a"]],
		["another one is another", "0s visit /a · 5s visit /b", ["/a", "/b"]],
		["back again is a third", "0s visit /a · 5s visit /b · 9s visit /a", ["/a", "/b", "/a"]],
		["a route is a page", "0s visit /a · 5s route /b", ["/a", "/b"]],
		["a checkout is none", "0s visit /a · 5s checkout /a | 9s checkout /a", ["/a"]],
		["chunks do not part pages", "0s visit /a | 5s move | 9s visit /b", ["/a", "/b"]],
	])("%s", (_, text, expected) => {
		const facts = only(text);
		expect(views(facts)).toEqual(expected);
		expect(facts.views).toBe(expected.length);
	});

	it("nothing at all has no facts", () => {
		expect(digest({ windows: new Map(), client: {}, metadata: {} })).toEqual([]);
	});

	it("are told apart by tab, each with its first and last, in a session's first view of each", () => {
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

	it("last until the next one, or until nothing happened any more", () => {
		const facts = only("0s visit /a · 4s move · 8s visit /b · 9s move · 60s visit /c");
		expect(facts.details.views.map(([, , , ms]) => ms)).toEqual([8_000, 1_000, null]);
	});

	it("are as deep as somebody scrolled; a fresh document begins at its top, a checkout does not", () => {
		const facts = only(
			"0s visit /a · 1s scroll 900 · 2s scroll 100 · 3s scroll 5000 in 12 | 4s checkout /a from 100 · 5s click 10,20 · 6s visit /a · 7s click 10,20 · 8s visit /b from 300",
		);
		expect(facts.details.views.map(([, , , , depth]) => depth)).toEqual([900, 300]);
		expect(facts.details.clicks.map(([, x, y]) => [x, y])).toEqual([
			[10, 120],
			[10, 20],
		]);
	});

	it("know where a visit came from, but not from the site itself", () => {
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

describe("clicks of trouble", () => {
	it.each([
		["three within half a second", "1s click 10,20 · 1.2s click 10,20 · 1.5s click 10,20", [[1_000, 3]]],
		["two are none", "1s click 10,20 · 1.2s click 10,20", []],
		["further apart than ten pixels", "1s click 10,20 · 1.1s click 21,20 · 1.2s click 10,20", []],
		["ten pixels are near", "1s click 10,20 · 1.1s click 20,30 · 1.2s click 0,10", [[1_000, 3]]],
		["longer than half a second", "1s click 10,20 · 1.3s click 10,20 · 1.501s click 10,20", []],
		["over a chunk's border", "1s click 10,20 · 1.1s click 10,20 | 1.2s click 10,20", [[1_000, 3]]],
		[
			"two bouts",
			"1s click 1,2 · 1.1s click 1,2 · 1.2s click 1,2 · 3s click 1,2 · 3.1s click 1,2 · 3.2s click 1,2",
			[
				[1_000, 3],
				[3_000, 3],
			],
		],
	])("rage: %s", (_, text, expected) => {
		const facts = only(`0s visit /a · ${text} · 30s move`);
		expect(facts.details.rageClicks.map(([at, , , , count]) => [at, count])).toEqual(expected);
		expect(facts.rageClicks).toBe(expected.length);
	});

	it.each([
		["nothing came of it", "1s click 1,2 · 9s move", 1],
		["exactly half a second is an answer", "1s click 1,2 · 1.5s mutation · 9s move", 0],
		["later is none", "1s click 1,2 · 1.501s mutation · 9s move", 1],
		["at the same moment, right after it, is an answer", "1s click 1,2 · 1s mutation · 9s move", 0],
		["at the same moment, in the next chunk, is one", "1s click 1,2 | 1s mutation · 9s move", 0],
		["at the same moment, right before it, is none", "1s mutation · 1s click 1,2 · 9s move", 1],
		["the answer in the next chunk", "1s click 1,2 | 1.3s mutation", 0],
		["the answer in the next chunk, too late", "1s click 1,2 | 1.6s mutation", 1],
		["scrolling is no answer", "1s click 1,2 · 1.1s scroll 50 · 9s move", 1],
		["typing is one", "1s click 1,2 · 1.1s type a · 9s move", 0],
		["an event of the site's own", '1s click 1,2 · 1.1s tag bought {"n":1} · 9s move', 0],
		["a link that is followed", '1s click 1,2 · 1.1s tag navigation {"url":"https://x.example/"} · 9s move', 0],
		["a form that is sent", "1s click 1,2 · 1.1s tag __form_submit {} · 9s move", 0],
		["an error instead", '1s click 1,2 · 1.1s tag error {"message":"no"} · 9s move', 1],
		["the last one before another page", "1s click 1,2 · 4s visit /b · 9s move", 0],
		["not the last one before another page", "1s click 1,2 · 2s click 80,90 · 4s visit /b · 9s move", 1],
		["three of a rage", "1s click 1,2 · 1.1s click 1,2 · 1.2s click 1,2 · 9s move", 0],
	])("dead: %s", (_, text, count) => {
		const facts = only(`0s visit /a · ${text}`);
		expect(facts.deadClicks).toBe(count);
		expect(facts.details.deadClicks.map((dead) => dead[4])).toEqual(
			Array.from({ length: count }, () => (text.includes("error") ? 1 : 0)),
		);
	});

	it("none of a target that answers by itself", () => {
		const click = (answers?: string) => ({
			...{ type: 5, timestamp: NOON + 1_001, data: { tag: "__click", payload: { selector: "a#x", answers } } },
		});
		const events = (answers?: string) => [
			...storyChunks(["0s visit /a · 1s click 1,2 · 9s move"], NOON)[0]!,
			click(answers),
		];
		const deads = (answers?: string) =>
			digest({ windows: new Map([["w", [extract(events(answers), NOON)]]]), client: {}, metadata: {} })[0]!.deadClicks;
		expect([deads("control"), deads()]).toEqual([0, 1]);
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

	it("are sent when something typed is followed by it", () => {
		expect(forms(`0s visit /a with a, b · 1s type a · 3s type a · 4s type b · 5s ${submit}`)).toEqual([
			[...["/a", 1, 1], [...[["a", 2_000, 1]], ["b", 0, 0]]],
		]);
	});

	it("are not when it came before, or not at all; sending alone is no form", () => {
		expect(forms(`0s visit /a with a · 1s ${submit} · 3s type a · 9s visit /b · 10s ${submit} · 11s visit /c`)).toEqual(
			[
				["/a", 0, 1, [["a", 0, 0]]],
				["/b", 0, 1, []],
			],
		);
	});

	it("belong to the page of their own tab, and know a field's name from an earlier chunk", () => {
		const facts = only(["0s visit /a with a | 5s type a", "4s visit /b"]);
		expect(facts.details.forms.map(([url, , , fields]) => [word(facts, url), word(facts, fields[0]![0])])).toEqual([
			["/a", "a"],
		]);
	});
});

describe("web vitals", () => {
	it("are the last report of each stay, under their own address", () => {
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

describe("how much a visitor struggled", () => {
	const signals = (text: string | string[]) => only(text).signals;
	it.each<[string, string, Partial<Facts["signals"]>]>([
		["came back", "0s visit /a · 9s visit /b · 18s visit /a · 27s visit /b", { churn: 2 }],
		[
			"a link followed is not coming back",
			'0s visit /a · 1s tag navigation {"url":"https://shop.example/b"} · 2s visit /b',
			{ churn: 0 },
		],
		["idle", "0s visit /a · 20s move · 40s move", { idle: 1 }],
		["ten seconds are not idle", "0s visit /a · 10s move · 20s move", { idle: 0 }],
		[
			"scrolled there and back",
			"0s visit /a · 1s scroll 500 · 1.5s scroll 200 · 2s scroll 600 · 9s move",
			{ thrash: 1 },
		],
		["slowly", "0s visit /a · 1s scroll 500 · 3s scroll 200 · 9s move", { thrash: 0 }],
		["a little", "0s visit /a · 1s scroll 500 · 1.5s scroll 400 · 9s move", { thrash: 0 }],
		["typed again", "0s visit /a with a · 1s type a · 3s type a · 4s type a · 9s move", { refills: 2 }],
		["left at once", "0s visit /a · 4s move", { bounce: 1 }],
		["left soon", "0s visit /a · 5s move", { bounce: 0 }],
		["left after an error", '0s visit /a · 9s tag error {"message":"no"} · 17s move', { abandon: 1 }],
		["stayed after an error", '0s visit /a · 9s tag error {"message":"no"} · 17.1s move', { abandon: 0 }],
	])("%s", (_, text, expected) => expect(signals(text)).toMatchObject(expected));

	it("is a number from 0 to 100", () => {
		expect(only("0s visit /a · 6s move").score).toBe(0);
		expect(only("0s visit /a · 1s click 1,2 · 1.1s click 1,2 · 1.2s click 1,2 · 4s move").score).toBe(7 + 10);
	});
});

describe("a session over midnight", () => {
	it("has facts of both days, each with its own moments, and what is true of the whole on the first", () => {
		const base = Date.UTC(2026, 5, 10, 23, 59, 50);
		const facts = factsOf("0s visit /a · 1s tag early {} · 12s tag late {} | 15s visit /b · 20s click 1,2", {}, base);
		expect(
			facts.map(({ day, isFirstDay: begins, startedAt, durationMs, views, clicks, events }) => [
				...[day, begins, startedAt, durationMs, views, clicks, events],
			]),
		).toEqual([
			[20260610, true, base, 20_000, 1, 0, 4],
			[20260611, false, base, 0, 1, 1, 3],
		]);
		expect(
			facts.map(({ journey: steps }) => steps.list.map(([at, , name]) => [at, steps.words[name]!.replace(SITE, "")])),
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

it("takes a moment for a session of 400 busy chunks, too", () => {
	const busy = Array.from({ length: 60 }, (_, i) =>
		[`${i * 2}s route /p${i % 30}`, `${i * 2}.5s click ${i},20`, `${i * 2}.6s scroll ${(i % 7) * 300}`].join(" · "),
	).join(" · ");
	const trail = extract(storyChunks([busy], NOON)[0]!, NOON);
	const trails = Array.from({ length: 400 }, (_, i) => ({ ...trail, from: trail.from + i * 121_000 }));
	const ms = elapsed(() => digest({ windows: new Map([["w", trails]]), client: {}, metadata: {} }));
	expect(ms).toBeLessThan(1_000);
});

it("does not depend on how a session was cut into chunks", () => {
	const steps =
		"0s visit /a with a · 1s click #buy · 1.2s mutation · 3s scroll 700 · 4s type a · 30s visit /b · 31s click 5,6 · 40s move";
	const whole = only(steps);
	for (const at of [1, 2, 3, 4, 5, 6, 7]) {
		const parts = steps.split(" · ");
		const cut = `${parts.slice(0, at).join(" · ")} | ${parts.slice(at).join(" · ")}`;
		expect(only(cut)).toEqual(whole);
	}
});
