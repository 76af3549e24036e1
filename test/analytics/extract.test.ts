import { describe, expect, it } from "vitest";
import { extract } from "../../src/analytics/extract.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { MAX_EVENT_AGE_MS, MAX_EVENT_LEAD_MS, MAX_TRAIL_BYTES } from "../../src/contract/limits.ts";
import type { Trail, TrailPage } from "../../src/contract/trail.ts";
import { type Random, randomFrom } from "../support/random.ts";
import { element, SITE, story, textNode } from "../support/story.ts";

const T = Date.UTC(2026, 0, 5, 12);
const RECEIVED = T + 3_600_000;

const trailOf = (text: string) => extract(story(text, T), RECEIVED);
/** Formats entries as text, such as `at node y · at node y`. */
const flat = (entries: unknown[][] = []) => entries.map((entry) => entry.map(String).join(" ")).join(" · ");
const custom = (tag: unknown, payload: unknown, timestamp = T): RecordedEvent => ({
	type: 5,
	timestamp,
	data: { tag, payload },
});

describe("trail", () => {
	it("has the significant moments of a batch", () => {
		const trail = trailOf(`
			0s started · 0s visit /pricing "Prices" with email · 0.4s loaded
			2s click #buy · 2.3s mutation · 4s scroll 640 · 5s type email · 5.5s type email
			6s tag __form_submit {"name":"order","url":"/pricing"}
			6.1s tag purchase {"total":3} · 14s tag __perf {"metric":"CLS","value":0.02,"rating":"good"}
		`);
		expect(trail).toEqual({
			v: 1,
			from: T,
			to: 14_000,
			types: { 0: 1, 1: 1, 2: 1, 3: 5, 4: 1, 5: 4 },
			snapshots: [0],
			answer: 0,
			bursts: [
				[0, 6100],
				[14_000, 14_000],
			],
			sums: [1, 1, 0],
			pages: [[0, `${SITE}/pricing`, "Prices", 1280, 720, 0, "load"]],
			clicks: [[2000, 100, 200, 2, 11, "#buy", 300]],
			scrolls: [[4000, 1, 640]],
			fields: [[0, 10, "email"]],
			inputs: [[0, 10, "email", 5000, 5500, 2]],
			submits: [[6000, "order", null, "/pricing"]],
			vitals: [[14_000, "CLS", 0.02, "good", `${SITE}/pricing`]],
			tags: [[6100, "purchase", '{"total":3}']],
		} satisfies Trail);
	});

	it("without events is only a header", () => {
		expect(extract([], RECEIVED)).toEqual({ v: 1, from: RECEIVED, to: 0, sums: [0, 0, 0], types: {} });
		expect(trailOf("3s move")).toEqual({
			v: 1,
			from: T + 3000,
			to: 0,
			sums: [0, 0, 0],
			types: { 3: 1 },
			bursts: [[0, 0]],
		});
	});
});

describe("sums", () => {
	it("are exact, even if lists are cut", () => {
		const error = (n: number) =>
			`${n}s tag error ${JSON.stringify({ message: "x".repeat(400), stack: "y".repeat(1500) })}`;
		const clicks = Array.from({ length: 300 }, (_, n) => `${n}s click #b${n}`);
		const errors = Array.from({ length: 40 }, (_, n) => error(n));
		const routes = Array.from({ length: 60 }, (_, n) => `${n}s route /r${n}`);
		const trail = trailOf([...clicks, ...errors, ...routes].join(" · "));
		expect(trail.sums).toEqual([60, 300, 40]);
		expect(trail.cut).toEqual(expect.arrayContaining(["clicks", "errors", "pages"]));
	});
});

describe("clock skew", () => {
	const HOUR = 3_600_000;

	it("of more than 10 minutes corrects all times, and keeps durations", () => {
		const events = [0, 4_000, 20_000].map((at) => ({ type: 3, timestamp: T + HOUR + at, data: { source: 1 } }));
		const trail = extract(events, T + 21_000, -HOUR);
		expect(trail).toMatchObject({ from: T, to: 20_000, shift: -HOUR });
		const behind = events.map((event) => ({ ...event, timestamp: event.timestamp - 21 * 24 * HOUR }));
		expect(extract(behind, T + 21_000, 20 * 24 * HOUR + 23 * HOUR)).toMatchObject({ to: 20_000 });
	});

	it("of less than 10 minutes is recorded, and corrects nothing", () => {
		const events = [{ type: 3, timestamp: T + 60_000, data: { source: 1 } }];
		expect(extract(events, T, -60_000)).toEqual({ ...extract(events, T), skew: -60_000 });
	});

	it.each([999, -999, 0])("of %i ms is not recorded: it is mostly transfer time", (skew) => {
		const events = [{ type: 3, timestamp: T, data: { source: 1 } }];
		expect(extract(events, T, skew)).not.toHaveProperty("skew");
	});
});

describe("header", () => {
	it("counts events by type, and events of invalid types under a question mark", () => {
		const types = [3, 3, 4, 99, 0, -1, 1.5, 100, "3", null, undefined, Number.NaN, {}];
		const events = types.map((type) => ({ type }));
		expect(extract(events, RECEIVED).types).toEqual({ 0: 1, 3: 2, 4: 1, 99: 1, "?": 8 });
	});

	it.each<[string, string, number | undefined]>([
		["a Meta", "0s move · 1s meta / · 2s mutation", 1000],
		["a mutation", "0s move · 1.5s mutation · 2s type a", 1500],
		["an input", "0s move · 1.7s type a", 1700],
		[
			"not a click, scroll, route or custom event",
			"0s click #a · 1s scroll 5 · 2s route /x · 3s tag t · 4s move",
			undefined,
		],
	])("has the time of the first response: %s", (_, text, answer) => expect(trailOf(text).answer).toBe(answer));

	it.each([
		["one event", "2s move", "0 0"],
		["not at a pause of 5 s", "0s move · 5s move · 10s move", "0 10000"],
		["at a longer pause", "0s move · 5.001s move · 6s move", "0 0 · 5001 6000"],
		["counting events of any kind", "0s visit / · 4s tag t · 8s scroll 1 · 12s loaded", "0 12000"],
	])("splits bursts: %s", (_, text, bursts) => expect(flat(trailOf(text).bursts)).toBe(bursts));

	it("has the times of full snapshots", () => {
		expect(trailOf("1s visit / · 2s mutation · 3s snapshot · 3s snapshot").snapshots).toEqual([0, 2000, 2000]);
	});
});

describe("pages", () => {
	/** Formats the pages, without the size of the viewport, which is the same in all stories. */
	const pagesOf = (text: string) =>
		flat(trailOf(text).pages?.map(([at, url, title, , , y, cause]) => [at, url.replace(SITE, ""), title, y, cause]));

	it.each([
		["a load", '0s visit /a "A"', "0 /a A 0 load"],
		["a reload of the same address", "0s visit /a · 1s visit /a", "0 /a null 0 load · 1000 /a null 0 load"],
		["a checkout", "0s visit /a · 1s checkout /a from 300", "0 /a null 0 load · 1000 /a null 300 checkout"],
		["a checkout at the start of a chunk", "0s checkout /a", "0 /a null 0 checkout"],
		["a route", '0s visit /a · 1s route /b "B"', "0 /a null 0 load · 1000 /b B null route"],
		["a load that restores the scroll position", "0s visit /a from 640", "0 /a null 640 load"],
		["a Meta without a snapshot", "0s meta /a", "0 /a null null load"],
	])("include %s", (_, text, pages) => expect(pagesOf(text)).toBe(pages));

	it.each<[string, string, string[]]>([
		["another URL is a load", "0s meta /a · 1s meta /b · 2s meta /a", ["load", "load", "load"]],
		["the same URL is a checkout", "0s meta /a · 1s meta /a", ["load", "checkout"]],
		[
			"the same URL after a document started is a load",
			"0s meta /a · 1s started · 1.5s loaded · 2s meta /a",
			["load", "load"],
		],
		["one started document makes one load", "0s started · 1s meta /a · 2s meta /a", ["load", "checkout"]],
		[
			"a late load event starts no document",
			"0s started · 1s meta /a · 1.5s loaded · 2s meta /a",
			["load", "checkout"],
		],
		[
			"the URL of a route is that of the document",
			"0s meta /a · 1s route /b · 2s meta /b",
			["load", "route", "checkout"],
		],
	])("of a recorder that sends no cause: %s", (_, text, causes) => {
		expect(trailOf(text).pages?.map((page) => page[6])).toEqual(causes);
	});

	it.each<[string, string, (string | null)[]]>([
		["of the Meta", '0s visit /a "A"', ["A"]],
		["of the snapshot, if the Meta has none", '0s meta /a · 0s snapshot "A"', ["A"]],
		["of the load, if the snapshot comes after a route", '0s visit /a · 1s route /b "B" · 2s snapshot "A"', ["A", "B"]],
		["null, if there is none", "0s meta /a · 0s snapshot", [null]],
	])("have the title %s", (_, text, titles) => expect(trailOf(text).pages?.map((page) => page[2])).toEqual(titles));

	it.each<[string, unknown[], string | null]>([
		["trimmed", [element(4, "title", [textNode(5, "\n A \n")])], "A"],
		["not an empty one", [element(4, "title", [textNode(5, " ")])], null],
		["not one without a text", [element(4, "title", [])], null],
		["not that of an SVG image", [element(4, "svg", [element(5, "title", [textNode(6, "Icon")])])], null],
		["not one in the body", [element(4, "body", [element(5, "title", [textNode(6, "No")])])], null],
	])("find the title in the snapshot: %s", (_, childNodes, title) => {
		const events = [
			...story("0s meta /a", T),
			{ type: 2, timestamp: T, data: { node: { type: 0, id: 1, childNodes } } },
		];
		expect(extract(events, RECEIVED).pages?.[0]?.[2]).toBe(title);
	});

	it("have the scroll position and title of their first snapshot", () => {
		expect(trailOf('0s meta /a · 0s snapshot "A" from 100 · 1s snapshot "B" from 200').pages).toEqual([
			[0, `${SITE}/a`, "A", 1280, 720, 100, "load"],
		]);
	});

	it.each<[string, object, TrailPage | undefined]>([
		["no URL", { width: 5 }, undefined],
		["an empty URL", { href: " " }, undefined],
		["a URL that is not a string", { href: 7 }, undefined],
		["invalid sizes", { href: "/", width: -1, height: "720" }, [0, "/", null, null, null, null, "load"]],
		["sizes with fractions", { href: "/", width: 375.4, height: 0 }, [0, "/", null, 375, null, null, "load"]],
		["an invalid cause", { href: "/", cause: "route" }, [0, "/", null, null, null, null, "load"]],
		["an invalid title", { href: "/", title: ["A"] }, [0, "/", null, null, null, null, "load"]],
	])("are read from a Meta event with %s", (_, data, page) => {
		expect(extract([{ type: 4, timestamp: T, data }], RECEIVED).pages?.[0]).toEqual(page);
	});

	it("have URLs and titles that are cut if they are too long", () => {
		const [page] = extract([{ type: 4, data: { href: `/${"a".repeat(5000)}`, title: "b".repeat(5000) } }], T).pages!;
		expect([page![1].length, page![2]!.length]).toEqual([1024, 160]);
	});
});

describe("clicks", () => {
	const clicksOf = (text: string) => trailOf(text).clicks ?? [];

	it.each<[string, string, (number | null)[]]>([
		["a mutation", "0s click #buy · 0.3s mutation", [300]],
		["an input", "0s click #buy · 0.2s type a", [200]],
		["another page", "0s click #buy · 0.7s visit /next", [700]],
		["the first of several responses", "0s click #buy · 0.3s mutation · 0.5s mutation", [300]],
		[
			"the next response, each of them separately",
			"0s click #a · 1s click #b · 1.5s mutation · 2s click #c · 2.1s mutation",
			[1500, 500, 100],
		],
		["a later event with the same time", "0s click 1,1 · 0s mutation · 1s mutation", [0]],
		["no earlier event with the same time", "0s mutation · 0s click 1,1 · 1s mutation", [1000]],
		["no event before them", "0s mutation · 1s click 1,1", [null]],
		["no scroll, move or custom event", "0s click 1,1 · 1s scroll 9 · 2s move · 3s tag t · 4s route /x", [null]],
		["an event up to 5 seconds later", "0s click 1,1 · 5s mutation", [5000]],
		["no event more than 5 seconds later", "0s click 1,1 · 5.001s mutation", [-1]],
		["nothing if there is no response for 5 seconds", "0s click 1,1 · 5s move", [-1]],
		["an unknown response if the chunk ends earlier", "0s click 1,1 · 4.999s move", [null]],
		["nothing or an unknown response, each of them separately", "0s click 1,1 · 3s click 2,2 · 6s move", [-1, null]],
	])("are answered by %s", (_, text, answers) => expect(clicksOf(text).map((click) => click[6])).toEqual(answers));

	it.each<[string, string, (string | null)[]]>([
		["their own", "0s click #a · 1s click #b", ["#a", "#b"]],
		["one 100 ms later", "0s click 1,1 · 0.1s selector #a", ["#a"]],
		["one 100 ms before", "0s selector #a · 0.1s click 1,1", ["#a"]],
		["none more than 100 ms away", "0s selector #a · 0.101s click 1,1 · 0.202s selector #b", [null]],
		["that of the nearest click", "0s click 1,1 · 0.06s click 2,2 · 0.08s selector #a", [null, "#a"]],
		["one per click", "0s click 1,1 · 0.05s click 2,2 · 0.05s selector #b · 0.06s selector #a", ["#a", "#b"]],
		["not an extra one", "0s click 1,1 · 0.01s selector #a · 0.02s selector #b", ["#a"]],
		[
			"only clicks with the primary button",
			"0s touch 1,1 · 0s click 1,1 · 0.01s selector #a · 0.01s doubleclick 1,1",
			[null, "#a", null],
		],
	])("have a selector: %s", (_, text, selectors) => {
		expect(clicksOf(text).map((click) => click[5])).toEqual(selectors);
	});

	it("have a kind, a position and a node", () => {
		expect(
			clicksOf("0s touch #a · 1s click 7,9 · 2s doubleclick #b · 3s rightclick #a").map((it) => it.slice(0, 5)),
		).toEqual([
			[0, 100, 200, 7, 10],
			[1000, 7, 9, 2, null],
			[2000, 100, 200, 4, 11],
			[3000, 100, 200, 3, 10],
		]);
	});

	it.each<[string, object, unknown[] | undefined]>([
		["have positions in whole pixels", { type: 2, x: 1.4, y: -2.6, id: 5 }, [0, 1, -3, 2, 5, null, null]],
		["are skipped without a position", { type: 2, id: 5 }, undefined],
		["are skipped with half a position", { type: 2, x: 1, y: "2", id: 5 }, undefined],
		["have no node if it is invalid", { type: 2, x: 1, y: 2, id: 1.5 }, [0, 1, 2, 2, null, null, null]],
		["do not include a mouse button that goes down", { type: 1, x: 1, y: 2, id: 5 }, undefined],
		["do not include focus", { type: 5, id: 5 }, undefined],
	])("%s", (_, data, click) => {
		const events = [{ type: 3, timestamp: T, data: { source: 2, ...data } }];
		expect(extract(events, RECEIVED).clicks?.[0]).toEqual(click);
	});
});

describe("scrolls", () => {
	it.each([
		["a single scroll", "0s scroll 5", "0 1 5"],
		["down: first and last", "0s scroll 5 · 1s scroll 50 · 2s scroll 500", "0 1 5 · 2000 1 500"],
		[
			"down and up: the turning point, which is the deepest",
			"0s scroll 5 · 1s scroll 900 · 2s scroll 400 · 3s scroll 20",
			"0 1 5 · 1000 1 900 · 3000 1 20",
		],
		[
			"up and down repeatedly: each turning point",
			"0s scroll 0 · 1s scroll 9 · 2s scroll 1 · 3s scroll 8 · 4s scroll 2",
			"0 1 0 · 1000 1 9 · 2000 1 1 · 3000 1 8 · 4000 1 2",
		],
		["a pause is no turning point", "0s scroll 0 · 1s scroll 5 · 2s scroll 5 · 3s scroll 9", "0 1 0 · 3000 1 9"],
		[
			"a pause at the start has its start and end",
			"0s scroll 5 · 1s scroll 5 · 2s scroll 5 · 3s scroll 9",
			"0 1 5 · 2000 1 5 · 3000 1 9",
		],
		[
			"a pause at a turning point is one turning point",
			"0s scroll 0 · 1s scroll 9 · 2s scroll 9 · 3s scroll 1",
			"0 1 0 · 2000 1 9 · 3000 1 1",
		],
		[
			"nodes separately, in time order",
			"0s scroll 0 · 1s scroll 7 in 12 · 2s scroll 9 · 3s scroll 8 in 12",
			"0 1 0 · 1000 12 7 · 2000 1 9 · 3000 12 8",
		],
		[
			"another page starts again",
			"0s scroll 0 · 1s scroll 9 · 2s visit /b · 3s scroll 20 · 4s scroll 30",
			"0 1 0 · 1000 1 9 · 3000 1 20 · 4000 1 30",
		],
		[
			"a checkout and a route do not start again",
			"0s scroll 0 · 1s checkout /a · 2s scroll 9 · 3s route /b · 4s scroll 30",
			"0 1 0 · 4000 1 30",
		],
	])("are reduced to the start, the end and turning points: %s", (_, text, scrolls) =>
		expect(flat(trailOf(text).scrolls)).toBe(scrolls),
	);

	it("keep the first, last and deepest position of any sequence", () => {
		const random = randomFrom(4);
		for (let i = 0; i < 200; i++) {
			const positions = random.many(2 + random.below(40), () => random.below(2000));
			const points = trailOf(positions.map((y, at) => `${at}s scroll ${y}`).join("·")).scrolls!.map(([, , y]) => y);
			expect(Math.max(...points)).toBe(Math.max(...positions));
			expect([points[0], points.at(-1)]).toEqual([positions[0], positions.at(-1)]);
		}
	});

	it("belong to the page if they have no node, and are ignored if they have no numbers", () => {
		const scroll = (data: object) => ({ type: 3, timestamp: T, data: { source: 3, ...data } });
		expect(extract([scroll({ y: 7.6 })], RECEIVED).scrolls).toEqual([[0, 1, 8]]);
		expect(
			extract([scroll({ id: 1 }), scroll({ id: 1, y: "5" }), scroll({ id: 1, y: null })], RECEIVED).scrolls,
		).toBeUndefined();
	});
});

describe("form fields", () => {
	const labelOf = (tag: string, attributes: object) =>
		extract([{ type: 2, data: { node: element(5, tag, [], attributes) } }], RECEIVED).fields?.[0]?.[2];

	it.each<[string, object, string | undefined]>([
		["input", { name: "email", type: "email" }, "email (email)"],
		["input", { name: "email", id: "e1" }, "email"],
		["input", { id: "e1", type: "checkbox" }, "e1 (checkbox)"],
		["input", { type: "search" }, "search"],
		["input", {}, "input"],
		["input", { name: " ", id: "", type: " tel " }, "tel"],
		["input", { name: 7, type: null }, "input"],
		["input", { name: "csrf", type: "hidden" }, undefined],
		["select", { name: "country", type: "x" }, "country"],
		["textarea", { id: "note" }, "note"],
		["textarea", {}, "textarea"],
		["button", { name: "go" }, undefined],
		["div", { name: "go" }, undefined],
	])("%s %j has the label %j", (tag, attributes, label) => expect(labelOf(tag, attributes)).toBe(label));

	it("never hold a value", () => {
		const secret = { value: "s3cret", placeholder: "s3cret", checked: true };
		const trail = extract(
			[{ type: 2, data: { node: element(5, "input", [textNode(6, "s3cret")], secret) } }],
			RECEIVED,
		);
		expect(JSON.stringify(trail)).not.toContain("s3cret");
	});

	it.each([
		["from a snapshot", "0s visit / with a, b", "0 10 a · 0 11 b"],
		["from a mutation", "0s visit / with a · 1s mutation with b", "0 10 a · 0 11 b"],
		["for the page on which the chunk began", "0s mutation with a", "-1 10 a"],
		["for that page also from a snapshot without a Meta event", "0s snapshot with a", "-1 10 a"],
		["once per page", "0s visit / with a · 1s checkout / with a · 2s mutation with a", "0 10 a"],
		["again on the next page", "0s visit / with a · 1s visit / with a", "0 10 a · 1 10 a"],
		[
			"with the index of their page, which counts routes and checkouts",
			"0s visit / · 1s route /b · 2s visit /c with a",
			"2 10 a",
		],
	])("are listed %s", (_, text, fields) => expect(flat(trailOf(text).fields)).toBe(fields));

	it("in an added tree are listed in document order", () => {
		const form = element(20, "form", [element(21, "div", [element(22, "input")]), element(23, "select")]);
		const adds = [{ node: form }, { node: element(24, "textarea") }, null, {}];
		expect(extract([{ type: 3, data: { source: 0, adds } }], RECEIVED).fields?.map(([, node]) => node)).toEqual([
			22, 23, 24,
		]);
	});

	it("with a changed label are listed again", () => {
		const add = (name: string) => ({
			type: 3,
			data: { source: 0, adds: [{ node: element(5, "input", [], { name }) }] },
		});
		expect(extract([add("a"), add("b"), add("b")], RECEIVED).fields).toEqual([
			[-1, 5, "a"],
			[-1, 5, "b"],
		]);
	});
});

describe("inputs", () => {
	it.each([
		["one input", "0s visit / with a · 1s type a", "0 10 a 1000 1000 1"],
		["several inputs into a field", "0s visit / with a · 1s type a · 2s type a · 4s type a", "0 10 a 1000 4000 3"],
		[
			"fields separately",
			"0s visit / with a, b · 1s type a · 2s type b · 3s type a",
			"0 10 a 1000 3000 2 · 0 11 b 2000 2000 1",
		],
		["a field added by a mutation", "0s visit / · 1s mutation with a · 2s type a", "0 10 a 2000 2000 1"],
		["a field of the page on which the chunk began", "0s type a", "-1 10 null 0 0 1"],
		[
			"the same node on the next page is another field",
			"0s visit / with a · 1s type a · 2s visit /b · 3s type a",
			"0 10 a 1000 1000 1 · 1 10 null 3000 3000 1",
		],
		[
			"a checkout is the same page",
			"0s visit / with a · 1s type a · 2s checkout / with a · 3s type a",
			"0 10 a 1000 3000 2",
		],
		["a route is the same page", "0s visit / with a · 1s type a · 2s route /b · 3s type a", "0 10 a 1000 3000 2"],
	])("are grouped by field: %s", (_, text, inputs) => expect(flat(trailOf(text).inputs)).toBe(inputs));

	it("without a node only count as a response", () => {
		const trail = extract([{ type: 3, data: { source: 5, text: "x" } }], RECEIVED);
		expect([trail.inputs, trail.answer]).toEqual([undefined, 0]);
	});

	it("never hold a value", () => {
		const input = { source: 5, id: 7, text: "s3cret", isChecked: true, userTriggered: true };
		expect(JSON.stringify(extract([{ type: 3, data: input }], RECEIVED))).not.toContain("s3cret");
	});
});

describe("form submissions and links", () => {
	it.each<[object, unknown[]]>([
		[{ name: "pay", id: "f1", url: "/cart" }, [0, "pay", "f1", "/cart"]],
		[{ id: " f1 " }, [0, null, "f1", null]],
		[{ name: ["pay"], url: 7 }, [0, null, null, null]],
		[{}, [0, null, null, null]],
	])("include a submission %j", (payload, submit) => {
		expect(extract([custom("__form_submit", payload)], RECEIVED).submits).toEqual([submit]);
	});

	it.each<[object, unknown[] | undefined]>([
		[{ url: "/next", text: " Next " }, [0, "/next", "Next", 0]],
		[{ url: "https://x.example/", external: true }, [0, "https://x.example/", null, 1]],
		[{ url: "/", text: "", external: false }, [0, "/", null, 0]],
		[{ text: "no URL" }, undefined],
	])("include a link %j", (payload, link) => {
		expect(extract([custom("navigation", payload)], RECEIVED).links?.[0]).toEqual(link);
	});

	it("have texts that are cut if they are too long", () => {
		const long = "x".repeat(5000);
		const trail = extract(
			[custom("__form_submit", { name: long, id: long, url: long }), custom("navigation", { url: long, text: long })],
			T,
		);
		expect(trail.submits![0]!.slice(1).map((it) => String(it).length)).toEqual([80, 80, 1024]);
		expect(trail.links![0]!.slice(1, 3).map((it) => String(it).length)).toEqual([1024, 100]);
	});
});

describe("web vitals", () => {
	it.each<[string, string, (string | null)[]]>([
		["their own", '0s visit /a · 1s tag __perf {"metric":"LCP","value":1,"url":"/before"}', ["/before"]],
		["of the page", '0s visit /a · 1s tag __perf {"metric":"LCP","value":1}', [`${SITE}/a`]],
		["of the route", '0s visit /a · 1s route /b · 2s tag __perf {"metric":"INP","value":1}', [`${SITE}/b`]],
		["null at the start of a chunk", '0s tag __perf {"metric":"LCP","value":1}', [null]],
		[
			"their own after the next page",
			'0s visit /a · 1s visit /b · 1s tag __perf {"metric":"CLS","value":0,"url":"/a"}',
			["/a"],
		],
	])("have a URL: %s", (_, text, urls) => expect(trailOf(text).vitals?.map((vital) => vital[4])).toEqual(urls));

	it.each<[object, unknown[] | undefined]>([
		[{ metric: "CLS", value: 0, rating: "good" }, [0, "CLS", 0, "good", null]],
		[{ metric: "LCP", value: 2512.4 }, [0, "LCP", 2512.4, null, null]],
		[{ metric: "LCP", value: "2512" }, undefined],
		[{ metric: "LCP", value: null }, undefined],
		[{ metric: "", value: 1 }, undefined],
		[{ value: 1 }, undefined],
	])("are read from %j", (payload, vital) => {
		expect(extract([custom("__perf", payload)], RECEIVED).vitals?.[0]).toEqual(vital);
	});
});

describe("errors", () => {
	const errorOf = (payload: unknown) => extract([custom("error", payload)], RECEIVED).errors![0]!;

	it("have message, type, stack, source location and release", () => {
		const payload = {
			message: "x is null",
			type: "TypeError",
			stack: "at a\nat b",
			source: "/app.js",
			lineno: 3,
			colno: 9,
			release: "1.2",
		};
		expect(errorOf(payload)).toEqual([0, "x is null", "TypeError", "at a\nat b", "/app.js:3:9", "1.2"]);
	});

	it.each<[object, string | null]>([
		[{ source: "/app.js", lineno: 3, colno: 9 }, "/app.js:3:9"],
		[{ source: "/app.js", lineno: 3 }, "/app.js:3"],
		[{ source: "/app.js", colno: 9 }, "/app.js"],
		[{ source: "/app.js", lineno: 0, colno: 0 }, "/app.js:0:0"],
		[{ source: "/app.js", lineno: "3", colno: 9 }, "/app.js"],
		[{ lineno: 3, colno: 9 }, null],
		[{ source: "" }, null],
	])("%j have the location %j", (payload, location) => expect(errorOf(payload)[4]).toBe(location));

	it.each<[unknown]>([[{}], [null], ["text"], [[1]], [{ message: "" }], [{ message: { a: 1 } }], [undefined]])(
		"%j are errors without a message",
		(payload) => expect(errorOf(payload)).toEqual([0, "Unknown error", null, null, null, null]),
	);

	it("that were repeated count as often as they were repeated", () => {
		const trail = extract(
			[custom("error", { message: "a" }), custom("error", { message: "a", repeats: 299 })],
			RECEIVED,
		);
		expect(trail.sums[2]).toBe(300);
		expect(trail.errors!.map(([, message, , , , , repeats]) => [message, repeats])).toEqual([
			["a", undefined],
			["a", 299],
		]);
	});

	it("count at most 100,000 times, however often they were repeated", () => {
		expect(extract([custom("error", { message: "a", repeats: 1e300 })], RECEIVED).sums[2]).toBe(100_000);
	});

	it("keep the top 20 lines of a stack, within 2 KB", () => {
		const lines = Array.from({ length: 50 }, (_, i) => `at f${i}`);
		expect(errorOf({ stack: lines.join("\n") })[3]?.split("\n")).toEqual(lines.slice(0, 20));
		expect(errorOf({ stack: "x".repeat(1_000_000) })[3]?.length).toBe(2048);
		expect(errorOf({ message: "m".repeat(5000) })[1].length).toBe(500);
	});
});

describe("custom events", () => {
	it.each<[string, unknown, string | null]>([
		["an object", { total: 3 }, '{"total":3}'],
		["a list", [1, "b"], '[1,"b"]'],
		["a text", "gold", '"gold"'],
		["a number", 0, "0"],
		["false", false, "false"],
		["null", null, "null"],
		["nothing", undefined, null],
		["an empty object", {}, null],
		["exactly 1 KB", "x".repeat(1022), `"${"x".repeat(1022)}"`],
		["more than 1 KB", "x".repeat(1023), null],
	])("have a payload: %s", (_, payload, json) => {
		expect(extract([custom("purchase", payload)], RECEIVED).tags).toEqual([[0, "purchase", json]]);
	});

	it("drop payloads that are nested too deeply", () => {
		let payload: unknown = 1;
		for (let i = 0; i < 100_000; i++) payload = [payload];
		expect(extract([custom("purchase", payload)], RECEIVED).tags).toEqual([[0, "purchase", null]]);
	});

	it("exclude internal tags and tags that are not strings", () => {
		const tags = [
			"__x",
			"__click",
			"__perf",
			"__route",
			"__form_submit",
			"error",
			"navigation",
			"a",
			"_b",
			"x".repeat(200),
			7,
			null,
			{},
		];
		const trail = extract(
			tags.map((tag) => custom(tag, {})),
			RECEIVED,
		);
		expect(trail.tags?.map(([, name]) => name)).toEqual(["a", "_b", "x".repeat(100)]);
	});
});

describe("times", () => {
	const at = (...timestamps: unknown[]) =>
		timestamps.map((timestamp, i) => ({ ...custom(`t${i}`, i), timestamp: timestamp as number }));
	const look = (events: RecordedEvent[]) => {
		const { from, to, tags } = extract(events, RECEIVED);
		return { from, to, tags: flat(tags?.map(([at, name]) => [at, name])) };
	};

	it("are sorted", () => {
		expect(look(at(T + 500, T, T + 200))).toEqual({ from: T, to: 500, tags: "0 t1 · 200 t2 · 500 t0" });
	});

	it("that are equal keep their order", () => {
		const names = Array.from({ length: 50 }, (_, i) => `0 t${i}`);
		expect(look(at(...names.map(() => T))).tags).toBe(names.join(" · "));
	});

	it("that are missing equal the time of the event before, or else the first time", () => {
		expect(look(at(undefined, T, undefined, T + 100, "5", Number.NaN, Number.POSITIVE_INFINITY))).toEqual({
			from: T,
			to: 100,
			tags: "0 t0 · 0 t1 · 0 t2 · 100 t3 · 100 t4 · 100 t5 · 100 t6",
		});
	});

	it("equal the time of receipt if all are missing", () => {
		expect(look(at(undefined, null))).toEqual({ from: RECEIVED, to: 0, tags: "0 t0 · 0 t1" });
	});

	const EARLIEST = RECEIVED - MAX_EVENT_AGE_MS;
	const LATEST = RECEIVED + MAX_EVENT_LEAD_MS;
	it.each<[string, number, number]>([
		["7 days old", EARLIEST, EARLIEST],
		["older", EARLIEST - 1, EARLIEST],
		["in 1970", 0, EARLIEST],
		["before 1970", -1e300, EARLIEST],
		["10 minutes ahead", LATEST, LATEST],
		["further ahead", LATEST + 1, LATEST],
		["far in the future", 1e300, LATEST],
		["with a fraction", T + 0.6, T + 1],
	])("%s are limited to 7 days before and 10 minutes after the time of receipt", (_, timestamp, from) => {
		expect(look(at(timestamp, undefined))).toEqual({ from, to: 0, tags: "0 t0 · 0 t1" });
	});

	it("far apart are clamped separately", () => {
		expect(look(at(0, T, 1e300))).toEqual({
			from: EARLIEST,
			to: LATEST - EARLIEST,
			tags: `0 t0 · ${T - EARLIEST} t1 · ${LATEST - EARLIEST} t2`,
		});
	});
});

/** Each list of a trail: its name, its maximum length, and a function that returns events for its i-th entry. */
const LISTS: [keyof Trail & string, number, (i: number, text: string) => RecordedEvent[]][] = [
	["snapshots", 40, (i) => [{ type: 2, timestamp: T + i, data: {} }]],
	["bursts", 60, (i) => [{ type: 6, timestamp: T + i * 6000 }]],
	[
		"pages",
		40,
		(i, text) => [{ type: 4, timestamp: T + i, data: { href: `/${i}${text}`, title: text, cause: "load" } }],
	],
	["clicks", 150, (i, text) => [click(i), ...(text ? [custom("__click", { selector: i + text }, T + i)] : [])]],
	["scrolls", 200, (i) => [{ type: 3, timestamp: T + i, data: { source: 3, id: 1, y: i % 2 } }]],
	[
		"fields",
		120,
		(i, text) => [{ type: 2, timestamp: T, data: { node: element(i, "input", [], { name: `a${text}` }) } }],
	],
	["inputs", 80, (i) => [{ type: 3, timestamp: T + i, data: { source: 5, id: i } }]],
	["submits", 30, (i, text) => [custom("__form_submit", { name: text, id: text, url: text }, T + i)]],
	["links", 40, (i, text) => [custom("navigation", { url: `/${text}`, text }, T + i)]],
	["vitals", 30, (i, text) => [custom("__perf", { metric: "LCP", value: i, rating: text, url: text }, T + i)]],
	["errors", 20, (i, text) => [custom("error", { message: text, stack: text, source: text, release: text }, T + i)]],
	["hidden", 60, (i) => [custom("__visibility", { hidden: i % 2 }, T + i)]],
	["failed", 30, (i, text) => [custom("__resource", { element: "img", url: `/${i}${text}` }, T + i)]],
	["limits", 10, (i) => [custom("__limit", { changes: 1e15, pauseMs: i }, T + i)]],
	["costs", 10, (i) => [custom("__cost", { ms: 1e15, bytes: 1e15 }, T + i)]],
	["tags", 60, (i, text) => [custom(`t${text}`, [text.slice(0, 900)], T + i)]],
];
const click = (i: number): RecordedEvent => ({
	type: 3,
	timestamp: T + i,
	data: { source: 2, type: 2, id: i, x: 1, y: 1 },
});
/** Returns the names of the lists that are cut if a list is too long. The events for fields are also snapshots. */
const cutBeside = (name: string) => (name === "fields" ? ["snapshots", name] : [name]);

describe("other events of the recorder", () => {
	it.each<[string, unknown, keyof Trail, unknown]>([
		["__visibility", { hidden: true }, "hidden", [0, 1]],
		["__visibility", { hidden: false }, "hidden", [0, 0]],
		["__resource", { element: "img", url: "/a.png" }, "failed", [0, "img", "/a.png"]],
		["__resource", { element: "img" }, "failed", undefined],
		["__limit", { changes: 30_000, pauseMs: 10_000 }, "limits", [0, 30_000, 10_000]],
		["__cost", { ms: 81, longestMs: 60, longTasks: 1, bytes: 9_000, lost: 0 }, "costs", [0, 81, 60, 1, 9_000, 0]],
		["__cost", "nothing", "costs", [0, 0, 0, 0, 0, 0]],
		["__console", { level: "warn", args: ["a"] }, "tags", undefined],
		["__network", { url: "/a" }, "tags", undefined],
	])("%s %j are read into the list %s", (tag, payload, list, entry) => {
		const found = extract([custom(tag, payload)], RECEIVED)[list] as unknown[] | undefined;
		expect(found?.[0]).toEqual(entry);
	});

	it("mark clicks whose target needs no response", () => {
		const events = [click(1), custom("__click", { selector: "input#a", answers: "control" }, T + 1)];
		expect(extract(events, RECEIVED).clicks![0]!.slice(5)).toEqual(["input#a", null, "control"]);
	});
});

describe("limits", () => {
	it.each(LISTS)("%s: the first %i entries are kept; if there are more, `cut` names the list", (name, cap, make) => {
		const events = (count: number) => Array.from({ length: count }, (_, i) => make(i, "")).flat();
		const full = extract(events(cap), RECEIVED);
		expect(full[name]).toHaveLength(cap);
		expect(full.cut ?? []).not.toContain(name);
		const cut = extract(events(cap + 5), RECEIVED);
		expect(cut[name]).toEqual(extract(events(cap), RECEIVED)[name]);
		expect(cut.cut).toEqual(cutBeside(name));
	});

	it.each(LISTS)("a trail of long %s is at most 16 KB, and its `cut` names the list", (name, _, make) => {
		for (const text of ["x".repeat(5000), "é€".repeat(3000), "😀".repeat(3000), "\u0000\ud800".repeat(3000)]) {
			const trail = extract(Array.from({ length: 500 }, (_, i) => make(i, text)).flat(), RECEIVED);
			expect(Buffer.byteLength(JSON.stringify(trail))).toBeLessThanOrEqual(MAX_TRAIL_BYTES);
			expect(trail.cut).toContain(name);
		}
	});

	it("a trail of everything is at most 16 KB, with something in each list", () => {
		const text = "x".repeat(5000);
		const events = Array.from({ length: 300 }, (_, i) => LISTS.flatMap(([, , make]) => make(i, text))).flat();
		const trail = extract(events, RECEIVED + 3_600_000);
		expect(Buffer.byteLength(JSON.stringify(trail))).toBeLessThanOrEqual(MAX_TRAIL_BYTES);
		for (const [name] of LISTS) expect(trail[name], name).not.toBeUndefined();
		expect(trail.cut?.toSorted()).toEqual(LISTS.map(([name]) => name).toSorted());
	});

	it("bursts over the limit do not extend the last one", () => {
		const trail = trailOf(Array.from({ length: 70 }, (_, i) => `${i * 10}s move · ${i * 10 + 1}s move`).join("·"));
		expect(trail.bursts?.at(-1)).toEqual([590_000, 591_000]);
	});
});

describe("arbitrary events", () => {
	/** Mostly names of known fields, so that random events pass the first checks. */
	const KEYS =
		"type timestamp data source id x y href width height title cause node childNodes attributes tagName textContent name adds initialOffset top tag payload url text selector message stack lineno metric value external repeats answers hidden element changes pauseMs ms bytes __proto__".split(
			" ",
		);
	const WORDS =
		"input select title body svg hidden email load checkout route __click __route __form_submit __perf __visibility __resource __limit __cost error navigation purchase / /a https://x.example/".split(
			" ",
		);
	const NUMBERS = [0, 1, 2, 3, 4, 5, 7, 10, -1, 0.5, 1e300, -1e300, 5e-324, 2 ** 53, T, T + 1, T + 4000, T + 9000, 0];

	const value = (random: Random, depth: number): unknown => {
		switch (random.below(depth > 5 ? 5 : 9)) {
			case 0:
				return random.pick(WORDS);
			case 1:
				return random.pick(NUMBERS);
			case 2:
				return random.pick(["", " ", "€", "😀", "\ud800", "\u0000", '"', "\n", "x".repeat(random.below(3000))]);
			case 3:
				return random.pick([null, true, false]);
			case 4:
				return random.below(3000);
			case 5:
				return random.many(random.below(5), () => value(random, depth + 1));
			default:
				return record(random, depth + 1);
		}
	};
	const record = (random: Random, depth: number): Record<string, unknown> =>
		Object.fromEntries(random.many(random.below(7), () => [random.pick(KEYS), value(random, depth)]));
	const node = (random: Random, depth: number): unknown => ({
		type: random.below(4),
		id: random.below(500),
		tagName: random.pick(WORDS),
		attributes: record(random, 3),
		childNodes: depth > 4 ? value(random, 3) : random.many(random.below(3), () => node(random, depth + 1)),
	});
	const payload = (random: Random): unknown =>
		random.pick([
			() => value(random, 0),
			() => ({ url: random.pick(WORDS), message: "m", ...record(random, 0) }),
			() => ({ metric: "LCP", value: random.pick(NUMBERS), ...record(random, 0) }),
		])();
	const event = (random: Random): RecordedEvent => {
		if (random.below(8) === 0) return record(random, 0) as RecordedEvent;
		const type = random.pick([0, 1, 2, 3, 3, 3, 3, 4, 5, 5, 5]);
		const data: Record<string, unknown> = record(random, 0);
		if (type === 2) data.node = node(random, 0);
		if (type === 3 && random.below(2)) data.adds = random.many(3, () => ({ node: node(random, 0) }));
		if (type === 3) Object.assign(data, { source: random.below(7), type: random.below(9), id: random.below(9) });
		if (type === 3 && random.below(2)) Object.assign(data, { x: random.below(99), y: random.below(9999) });
		if (type === 4) data.href = random.pick(WORDS);
		if (type === 5) Object.assign(data, { tag: random.pick(WORDS), payload: payload(random) });
		return { type, timestamp: random.pick([T, T + random.below(60_000), ...NUMBERS]), data };
	};

	it("result in a valid trail, the same each time, and are not changed", () => {
		const random = randomFrom(5);
		const lists = new Set<string>();
		for (let i = 0; i < 250; i++) {
			const events = random.many(random.below(40), () => event(random));
			const before = JSON.stringify(events);
			const trail = extract(events, RECEIVED);
			const json = JSON.stringify(trail);
			expect(JSON.stringify(events)).toBe(before);
			expect(JSON.stringify(extract(JSON.parse(before), RECEIVED))).toBe(json);
			expect(json).not.toMatch(/Infinity|NaN|undefined/);
			expect(Buffer.byteLength(json)).toBeLessThanOrEqual(MAX_TRAIL_BYTES);
			expect(Object.values(trail.types).reduce((a, b) => a + b, 0)).toBe(events.length);
			expectWithin(trail);
			for (const name of Object.keys(trail)) lists.add(name);
		}
		expect([...lists]).toEqual(expect.arrayContaining(LISTS.map(([name]) => name)));
	});

	function expectWithin(trail: Trail): void {
		const { to } = trail;
		const inside = (at: unknown) => typeof at === "number" && Number.isInteger(at) && at >= 0 && at <= to;
		const inOrder = (times: number[]) => times.every((at, i) => i === 0 || at >= times[i - 1]!);
		expect(Number.isInteger(trail.from) && Number.isInteger(to) && to >= 0).toBe(true);
		expect(trail.from).toBeGreaterThanOrEqual(RECEIVED - MAX_EVENT_AGE_MS);
		expect(trail.from + to).toBeLessThanOrEqual(RECEIVED + MAX_EVENT_LEAD_MS);
		for (const name of [
			"pages",
			"clicks",
			"scrolls",
			"submits",
			"links",
			"vitals",
			"errors",
			"tags",
			"hidden",
			"failed",
			"limits",
			"costs",
		] as const) {
			const times = (trail[name] ?? []).map((entry) => entry[0]);
			expect(times.every(inside) && inOrder(times), name).toBe(true);
		}
		for (const [, , , first, last, count] of trail.inputs ?? []) {
			expect(inside(first) && inside(last) && first <= last && count > 0).toBe(true);
		}
		for (const [first, last] of trail.bursts ?? []) expect(inside(first) && inside(last) && first <= last).toBe(true);
		if (trail.answer !== undefined) expect(inside(trail.answer)).toBe(true);
		for (const [at, , , , , , answer] of trail.clicks ?? []) {
			expect(answer === null || answer === -1 || (answer >= 0 && answer <= 5000 && inside(at + answer))).toBe(true);
		}
		for (const name of trail.cut ?? []) expect(LISTS.map(([list]) => list)).toContain(name);
	}

	it("may have a document 20,000 levels deep, with a title and a field", () => {
		let node = element(20_010, "input", [], { name: "deep" });
		for (let id = 20_009; id > 9; id--) node = element(id, "div", [node]);
		const head = element(3, "head", [element(4, "title", [textNode(5, "Deep")])]);
		const tree = { type: 0, id: 1, childNodes: [element(2, "html", [head, element(6, "body", [node])])] };
		const events = [...story("0s meta /deep", T), { type: 2, timestamp: T, data: { node: tree } }];
		const trail = extract(events, RECEIVED);
		expect([trail.pages?.[0]?.[2], trail.fields]).toEqual(["Deep", [[0, 20_010, "deep"]]]);
		const added = extract([{ type: 3, timestamp: T, data: { source: 0, adds: [{ node }] } }], RECEIVED);
		expect(added.fields).toEqual([[-1, 20_010, "deep"]]);
	});

	// Quadratic time for so many events would exceed the test's time limit.
	const many = (make: (i: number) => RecordedEvent) => Array.from({ length: 100_000 }, (_, i) => make(i));
	it.each<[string, RecordedEvent[]]>([
		["clicks, each with its selector", many((i) => (i % 2 ? click(i) : custom("__click", { selector: "#a" }, T + i)))],
		[
			"clicks and mutations at one time",
			many((i) => (i % 2 ? click(0) : { type: 3, timestamp: T, data: { source: 0 } })),
		],
		[
			"turning points of a scroll",
			many((i) => ({ type: 3, timestamp: T + i, data: { source: 3, id: i % 99, y: i % 2 } })),
		],
		["bursts", many((i) => ({ type: 3, timestamp: T - i * 6000 }))],
		["inputs", many((i) => ({ type: 3, timestamp: T + i, data: { source: 5, id: i } }))],
		["pages with long URLs", many((i) => ({ type: 4, timestamp: T + i, data: { href: `${i}${"x".repeat(999)}` } }))],
		["fields", many((i) => ({ type: 3, data: { source: 0, adds: [{ node: element(i, "input") }] } }))],
	])("take linear time: 100,000 %s", (_, events) => {
		const { types } = extract(events, RECEIVED);
		expect(Object.values(types).reduce((sum, n) => sum + n, 0)).toBe(100_000);
	});
});

describe("radio buttons", () => {
	it("count when they are chosen, not when another choice clears them", () => {
		const choice = (at: number, id: number, isChecked: boolean) => ({
			...{ type: 3, timestamp: Date.UTC(2026, 5, 1) + at, data: { source: 5, id, text: "on", isChecked } },
		});
		const radio = (id: number) => element(id, "input", [], { type: "radio", name: "delivery" });
		const events = [
			{ type: 4, timestamp: Date.UTC(2026, 5, 1), data: { href: SITE, width: 800, height: 600 } },
			{
				type: 2,
				timestamp: Date.UTC(2026, 5, 1) + 1,
				data: { node: { type: 0, id: 1, childNodes: [element(2, "html", [radio(7), radio(8)])] } },
			},
			...[choice(100, 7, true), choice(100, 8, false), choice(900, 8, true), choice(900, 7, false)],
		];
		expect(extract(events, Date.UTC(2026, 5, 1) + 60_000).inputs).toMatchObject([
			[0, 7, "delivery (radio)", 100, 100, 1],
			[0, 8, "delivery (radio)", 900, 900, 1],
		]);
	});
});

describe("typing", () => {
	const T = Date.UTC(2026, 5, 1);
	const input = (at: number, typing: boolean, id = 7) => ({
		type: 3,
		timestamp: T + at,
		data: { source: 5, id, text: "***", isChecked: false, ...(typing && { typing }) },
	});
	const inputs = (...events: ReturnType<typeof input>[]) => extract(events, T + 60_000).inputs;

	it("and the change that ends it are one edit", () => {
		expect(inputs(input(0, true), input(600, true), input(1_200, true), input(1_500, false))).toEqual([
			[-1, 7, null, 0, 1_500, 1, 2],
		]);
	});

	it("after a change is another edit", () => {
		expect(inputs(input(0, true), input(500, false), input(5_000, true), input(6_000, false))![0]![5]).toBe(2);
	});

	it("that a script formats is one edit", () => {
		const scripted = { ...input(700, false), data: { ...input(700, false).data, scripted: true } };
		expect(inputs(input(0, true), scripted, input(1_200, true), input(1_500, false))).toEqual([
			[-1, 7, null, 0, 1_500, 1, 2],
		]);
	});

	it("that was not ended counts as an edit, and is marked", () => {
		expect(inputs(input(0, true), input(600, true))).toEqual([[-1, 7, null, 0, 600, 1, 3]]);
	});

	it("does not change the trails of recordings without typing events", () => {
		expect(inputs(input(0, false), input(600, false))).toEqual([[-1, 7, null, 0, 600, 2]]);
	});

	it("of 17 seconds is activity throughout", () => {
		const trail = extract(
			Array.from({ length: 35 }, (_, i) => input(i * 500, true)),
			T + 60_000,
		);
		expect(trail.bursts).toEqual([[0, 17_000]]);
	});
});
