import { describe, expect, it } from "vitest";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { MAX_PAYLOAD_DEPTH } from "../../src/contract/limits.ts";
import {
	createRedactor,
	DEFAULT_REDACTION,
	PATTERN_NAMES,
	type PatternName,
	REDACTED,
	type RedactionOptions,
	type UrlMode,
} from "../../src/contract/redact.ts";
import { type Random, randomFrom } from "../support/random.ts";
import { REDACTION_CASES, runRedactionCase } from "../support/redaction-cases.ts";

const redactorWith = (options: Partial<RedactionOptions> = {}) => createRedactor({ ...DEFAULT_REDACTION, ...options });
const only = (name: PatternName) => redactorWith({ disabledPatterns: PATTERN_NAMES.filter((it) => it !== name) });
const plain = createRedactor();

const HEX = "00112233445566778899aabbccddeeff";
const CARD = "5105105105105100";
const JWT = "eyJhbGci.eyJzdWIi.c2ln";

/** For each pattern, a text and its redacted form. */
const SAMPLES: Record<PatternName, [string, string]> = {
	url: ["https://x.example/p?q=1", "https://x.example/p"],
	jwt: [JWT, REDACTED],
	email: ["mia@x.example", REDACTED],
	long_hex: [HEX, REDACTED],
	card: [CARD, REDACTED],
};

describe("redaction corpus", () => {
	it.each(REDACTION_CASES.map((it) => [it.name, it] as const))("%s", (_, it) => {
		const output = runRedactionCase(it);
		expect(output).toEqual(it.output);
		expect(runRedactionCase({ ...it, input: output as never })).toEqual(it.output);
	});
});

describe("URLs in a text", () => {
	it.each([
		["end at the next space", "https://a.co/?x, then", "https://a.co/ then"],
		[
			"are redacted if there are several",
			"http://a.co?x https://b.co/c#d\nhttp://e.co",
			"http://a.co https://b.co/c\nhttp://e.co",
		],
		["are removed together with the query that contains them", "http://a.co/?to=http://b.co/", "http://a.co/"],
		["are redacted directly after a word", "src=http://a.co/?k", "src=http://a.co/"],
		["lose a query even without a path", "http://?x", "http://"],
		["keep line and column of a stack frame", "at f (https://a.co/x.js?v=3:10:5)", "at f (https://a.co/x.js:10:5)"],
		["keep a line without a column", "https://a.co/x.js?v=3:10", "https://a.co/x.js:10"],
		[
			"keep digits after the query only if the path is a file",
			"https://a.co/verify?user:123456",
			"https://a.co/verify",
		],
		["are not redacted with other schemes", "ftp://a.co/?x //a.co/?y ://?z", "ftp://a.co/?x //a.co/?y ://?z"],
	])("%s", (_, input, output) => expect(plain.text(input)).toBe(output));
});

describe("JSON web tokens", () => {
	it.each([
		["are redacted even if they are very short", "eyJa.b.c", "[redacted]"],
		["are redacted at the end of a sentence", `${JWT}.`, "[redacted]."],
		["are redacted up to the third segment", `${JWT}.d`, "[redacted].d"],
		["are redacted if there are two in one word", `${JWT}.${JWT}`, "[redacted].[redacted]"],
		["are redacted directly after a word", `token_${JWT}`, "token_[redacted]"],
		["must have characters after eyJ", "eyJ.abc.def", "eyJ.abc.def"],
		["must not have an empty segment", "eyJabc..def eyJabc.def.", "eyJabc..def eyJabc.def."],
		["may begin in a later segment", "a.b.eyJ.eyJa.b.c", "a.b.eyJ.[redacted]"],
		["are redacted after an incomplete token", `eyJabc..${JWT}`, "eyJabc..[redacted]"],
	])("%s", (_, input, output) => expect(plain.text(input)).toBe(output));
});

describe("email addresses", () => {
	it.each([
		["may have every allowed character in the local part", "a.B_1%+-@b.co", "[redacted]"],
		["may have subdomains", "mia@a.b-c.d1.example", "[redacted]"],
		["are redacted in brackets", "<mia@x.example>", "<[redacted]>"],
		["end with the last valid top-level domain", "mia@x.example.c", "[redacted].c"],
		["are redacted before digits", "mia@x.co1", "[redacted]1"],
		["are redacted before another address", "a@b.co1@c.de", "[redacted][redacted]"],
		["are redacted after an extra @", "a@b@c.de", "a@[redacted]"],
		["are redacted before an extra @", "a@b.co@c.de", "[redacted]@c.de"],
		["begin after a non-ASCII letter", "jürgen@x.de", "jü[redacted]"],
		["must have a local part", "@b.co ü@b.co", "@b.co ü@b.co"],
		["must have a valid domain", "a@ a@b a@.co a@b.c a@b.1a a@-", "a@ a@b a@.co a@b.c a@b.1a a@-"],
	])("%s", (_, input, output) => expect(plain.text(input)).toBe(output));
});

describe("long hexadecimal strings", () => {
	it.each([
		["may have 64 digits", HEX + HEX, "[redacted]"],
		["are redacted in a path", `/f/${HEX}.js`, "/f/[redacted].js"],
		["must have at least 32 digits", HEX.slice(1), HEX.slice(1)],
		["are not redacted within a longer word", `0x${HEX} id_${HEX} ${HEX}g`, `0x${HEX} id_${HEX} ${HEX}g`],
	])("%s", (_, input, output) => expect(plain.text(input)).toBe(output));
});

describe("card numbers", () => {
	it.each([
		["may have 13 digits", "4222222222222", "[redacted]"],
		["may have 19 digits", "6304000000000000000", "[redacted]"],
		["are distinguished from a time in milliseconds by their checksum", "1790000000000", "1790000000000"],
		["are not redacted with a wrong digit", "5105105105105101", "5105105105105101"],
		["are not redacted with 12 digits", "510510510510", "510510510510"],
		["are not redacted with 20 digits", "00005105105105105100", "00005105105105105100"],
		["are redacted before a security code", "5105 1051 0510 5100 737", "[redacted] 737"],
		["are redacted after another number", "1 5105-1051-0510-5100", "1 [redacted]"],
		["are redacted before a date and a security code", `${CARD} 12 29 123`, "[redacted] 12 29 123"],
		["may not contain two spaces in a row", "510510510510  5100", "510510510510  5100"],
		["may not contain a space and a hyphen in a row", "510510510510 -5100", "510510510510 -5100"],
		["are redacted if two are separated by a space", `${CARD} ${CARD}`, "[redacted] [redacted]"],
		["are redacted within punctuation", `(${CARD}), #${CARD}!`, "([redacted]), #[redacted]!"],
		[
			"are redacted in a URL, which does not absorb the text after them",
			"http://a.co/5105 1051 0510 5100?x",
			"http://a.co/[redacted] ?x",
		],
	])("%s", (_, input, output) => expect(plain.text(input)).toBe(output));
});

describe("each pattern", () => {
	/** The reference implementation: as simple as possible, and far too slow for untrusted texts. */
	const REFERENCE: Record<PatternName, (text: string) => string> = {
		url: (text) =>
			text.replace(/https?:\/\/\S*/gi, (url) =>
				url.replace(/[?#].*?((:\d{1,7}){0,2}\)?)$/, (_, place) => (place.includes(":") ? place : "")),
			),
		jwt: (text) => text.replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, REDACTED),
		email: (text) => text.replace(/[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}/g, REDACTED),
		long_hex: (text) => text.replace(/\b[0-9a-f]{32,}\b/gi, REDACTED),
		card: (text) => {
			// Replaces, from left to right, the longest match between word boundaries that passes the checksum.
			const isBorder = (at: number) => /\w/.test(text.charAt(at - 1)) !== /\w/.test(text.charAt(at));
			const isCard = (it: string) =>
				/^\d(?:[ -]?\d){12,18}$/.test(it) &&
				[...it.replace(/\D/g, "")].reverse().reduce((sum, digit, i) => {
					const value = Number(digit) * (i % 2 ? 2 : 1);
					return sum + (value > 9 ? value - 9 : value);
				}, 0) %
					10 ===
					0;
			let out = "";
			for (let start = 0; start < text.length; ) {
				let end = Math.min(text.length, start + 37);
				while (end > start && !(isBorder(start) && isBorder(end) && isCard(text.slice(start, end)))) end--;
				out += end > start ? REDACTED : text.charAt(start);
				start = Math.max(end, start + 1);
			}
			return out;
		},
	};
	const PIECES: Record<PatternName, string[]> = {
		url: ["http://", "HTTPS://", "http:/", "s://", "a.co", "/p", "?", "#", " ", "\n", "x=1", "é"],
		jwt: ["eyJ", "eyJa", "ey", "J", ".", "..", "a", "Z9_-", " ", ":", "b.c", "é"],
		email: ["@", "a", "b.co", ".", "..", "-", "_", "%", "+", "1", "Z", "de", " ", ",", "é"],
		long_hex: ["0011223344556677", "889900AABBCCDDEE", "f", "g", "_", " ", "-", "0x", "é"],
		card: ["5105", "1051 0510", "5105105105105100", "5100", "51", "0", " ", "  ", "-", "_", "x", ".", "é"],
	};

	it.each(PATTERN_NAMES)("%s finds the same as the reference, on random texts", (name) => {
		const random = randomFrom(7);
		const redact = only(name).text;
		let found = 0;
		for (let i = 0; i < 4000; i++) {
			const text = random.many(1 + random.below(14), () => random.pick(PIECES[name])).join("");
			const expected = REFERENCE[name](text);
			if (expected !== text) found++;
			expect(redact(text), JSON.stringify(text)).toBe(expected);
		}
		expect(found).toBeGreaterThan(100);
	});

	it.each(PATTERN_NAMES)("%s can be disabled alone", (name) => {
		const redact = redactorWith({ disabledPatterns: [name] }).text;
		for (const other of PATTERN_NAMES) {
			const [input, output] = SAMPLES[other];
			expect(redact(`see ${input} there`)).toBe(`see ${other === name ? input : output} there`);
		}
	});

	// Linear code takes a small part of the test's time limit for these sizes. Quadratic code takes minutes.
	const times = (piece: string) => piece.repeat(Math.ceil(500_000 / piece.length));
	const HOSTILE: [string, string][] = [
		["a long word", times("a")],
		["a long word, then an email address", `${times("a.")}@b.co`],
		["an email address with an endless domain", `a@${times("b.")}1`],
		["many @ between letters", times("a@")],
		["many @ alone", times("@")],
		["many email addresses", times("a@b.co ")],
		["email addresses without a gap", times("a@b.co1")],
		["beginnings of tokens without dots", times("eyJ")],
		["beginnings of tokens with dots", times("eyJ.")],
		["incomplete tokens", times("eyJa.b..")],
		["tokens without a gap", times("eyJa.b.c.")],
		["short words with dots", times("eyJ.a.b ")],
		["beginnings of URLs", times("http://")],
		["half a scheme", times("https:/")],
		["an endless URL", `http://${times("a?")}`],
		["many URLs", times("http://a?b ")],
		["digits", times("1")],
		["digits with spaces", times("1 ")],
		["digits with hyphens", times("1-")],
		["one digit too many", times("12345678901234567890 ")],
		["cards in a URL", `http://${times("5105 1051 0510 5100,")}`],
		["cards in URLs", times("http://a/5105 1051 0510 5100,")],
		["hexadecimal digits", times("f")],
		["hexadecimal strings with one more letter", times(`${HEX}g `)],
		["white space", times(" ")],
	];

	it.each(HOSTILE)("redacts 500 KB in linear time: %s", (_, text) => {
		for (const redactor of [plain, ...PATTERN_NAMES.map(only)]) redactor.text(text);
	});

	it.each<[string, string]>([
		["parameters", times("&a=b")],
		["parameters with email addresses", times("&a=b@c.de")],
		["invalid escapes", `a=${times("%")}`],
		["escapes", `a=${times("%40")}`],
		["marks", times("?#")],
	])("redacts a URL of 500 KB in linear time, in each mode: %s", (_, query) => {
		for (const urlMode of ["strip", "keep_filtered", "keep_all"] as const) {
			const { url } = redactorWith({ urlMode });
			url(`https://x.example/?${query}`);
		}
	});
});

describe("custom patterns", () => {
	it("apply to the recorded DOM as well", () => {
		const { event } = redactorWith({ customPatterns: [/ORD-\d{4,9}/g] });
		expect(event({ type: 3, data: { texts: [{ value: "ORD-1234 of a@b.co" }] } })).toEqual({
			type: 3,
			data: { texts: [{ value: "[redacted] of a@b.co" }] },
		});
	});

	it("start from the beginning of each text", () => {
		const { text } = redactorWith({ customPatterns: [/ORD-\d/g] });
		expect(["ORD-1", "ORD-2", "ORD-3"].map(text)).toEqual([REDACTED, REDACTED, REDACTED]);
	});
});

describe("a URL", () => {
	const URL = "https://x.example/a@b.co?q=1&token=2#top";
	it.each<[UrlMode, string]>([
		["strip", "https://x.example/[redacted]"],
		["keep_filtered", "https://x.example/[redacted]?q=1#top"],
		["keep_all", URL],
	])("is redacted as configured in mode %s", (urlMode, output) =>
		expect(redactorWith({ urlMode }).url(URL)).toBe(output),
	);

	it.each<[string, string, string]>([
		["an email address", "/users/mia@x.example/cards", "/users/[redacted]/cards"],
		["an escaped email address", "/users/mia%40x.example/cards", "/users/[redacted]/cards"],
		["a reset token", `/reset/${HEX}/new`, "/reset/[redacted]/new"],
		["a card", `/pay/${CARD}`, "/pay/[redacted]"],
		["invalid escapes", "/a%zz/b", "/a%zz/b"],
		["an email address after an invalid escape", "/u/50%-mia%40x.example", "/u/[redacted]"],
		[
			"not a UUID, a number or a name",
			"/o/3f2b8c1e-9d4a-4e6b-8f00-c0ffee123abc/20931/mia",
			"/o/3f2b8c1e-9d4a-4e6b-8f00-c0ffee123abc/20931/mia",
		],
	])("is redacted in its path: %s", (_, input, output) => expect(plain.url(input)).toBe(output));

	it("of a file keeps the hash in the file name", () => {
		expect(plain.file(`/assets/app.${HEX}.js?v=1`)).toBe(`/assets/app.${HEX}.js?v=1`);
		expect(plain.file("/avatars/mia@x.example.png")).toBe("/avatars/[redacted]");
	});

	it.each<[string, string]>([
		["", ""],
		["?", ""],
		["#", ""],
		["/a?#", "/a"],
		["/a#b?c", "/a"],
	])("%j becomes %j in mode strip", (input, output) => expect(plain.url(input)).toBe(output));

	const { url } = redactorWith({ urlMode: "keep_filtered" });
	it.each<[string, string, string]>([
		["nothing", "", ""],
		["an empty fragment", "/a?b#", "/a?b"],
		["empty pairs", "/a?&b=1&&", "/a?&b=1&&"],
		["a question mark in the fragment", "/a#b?token=1", "/a#b?token=1"],
		["a question mark in the query", "/a?b=1?token=2", "/a?b=1?token=2"],
		["a # in the fragment", "/a#b#a@b.co", "/a#b#[redacted]"],
		["names in any case", "/a?Token=1&PASSWORD=2&b=3", "/a?b=3"],
		["a denied name without a value", "/a?otp&b", "/a?b"],
		["a value with an equals sign", "/a?b=c=a@b.co", "/a?b=c=[redacted]"],
		["a plus sign, which is not a space", "/a?b=5105+1051+0510+5100", "/a?b=5105+1051+0510+5100"],
		["an escaped space", "/a?b=5105%201051%200510%205100", "/a?b=[redacted]"],
		["a URL in a value", "/a?to=https%3A%2F%2Fx.example%2F%3Fk%3D1", "/a?to=https://x.example/"],
		["invalid escapes, which stay encoded", "/a?b=%zz/a@b.co", "/a?b=%25zz/[redacted]"],
	])("is redacted in mode keep_filtered: %s", (_, input, output) => expect(url(input)).toBe(output));

	it("loses parameters with built-in or configured denied names, even if they are also allowed", () => {
		const names =
			"token access_token refresh_token id_token password passwd pwd secret api_key apikey key sig signature code auth session sessionid otp".split(
				" ",
			);
		expect(names).toHaveLength(18);
		const { url } = redactorWith({
			urlMode: "keep_filtered",
			urlParamAllowlist: [...names, "coupon", "page"],
			urlParamDenylist: ["COUPON"],
		});
		for (const name of [...names, "coupon"]) {
			expect(url(`/a?${name}=1&${name.toUpperCase()}=2&page=a@b.co`)).toBe("/a?page=a@b.co");
		}
	});
});

describe("redaction of an event", () => {
	const custom = (tag: unknown, payload: unknown): RecordedEvent => ({ type: 5, timestamp: 1, data: { tag, payload } });
	const payloadAfter = (tag: unknown, payload: unknown, redactor = plain) =>
		(redactor.event(custom(tag, payload)).data as { payload: unknown }).payload;

	const URL = "/a@b.co?x=1";
	const MAIL = "a@b.co?x=1";
	it.each<[string, Record<string, string>, Record<string, string>]>([
		[
			"navigation",
			{ url: URL, text: MAIL, title: URL },
			{ url: "/[redacted]", text: "[redacted]?x=1", title: "/[redacted]?x=1" },
		],
		["__form_submit", { url: URL, name: MAIL }, { url: "/[redacted]", name: "[redacted]?x=1" }],
		[
			"error",
			{ message: MAIL, stack: MAIL, source: URL, release: MAIL },
			{ message: "[redacted]?x=1", stack: "[redacted]?x=1", source: "/[redacted]", release: "[redacted]?x=1" },
		],
		["__click", { selector: URL, url: URL }, { selector: "/[redacted]?x=1", url: "/[redacted]?x=1" }],
		["__route", { url: URL, title: MAIL }, { url: "/[redacted]", title: "[redacted]?x=1" }],
		["__perf", { url: URL, metric: "LCP" }, { url: "/[redacted]", metric: "LCP" }],
		["purchase", { url: URL }, { url: "/[redacted]?x=1" }],
		["__proto__", { url: URL }, { url: "/[redacted]?x=1" }],
		["constructor", { url: URL }, { url: "/[redacted]?x=1" }],
	])("applies the rule of each field of %s", (tag, input, output) => expect(payloadAfter(tag, input)).toEqual(output));

	it("is the same for URLs of pages, routes and web vitals, so that they can be joined", () => {
		const href = "https://x.example/a?page=2&token=1";
		for (const urlMode of ["strip", "keep_filtered", "keep_all"] as const) {
			const redactor = redactorWith({ urlMode });
			const meta = redactor.event({ type: 4, data: { href } }).data as { href: string };
			expect(payloadAfter("__route", { url: href }, redactor)).toEqual({ url: meta.href });
			expect(payloadAfter("__perf", { url: href }, redactor)).toEqual({ url: meta.href });
		}
	});

	it("covers payloads of any JSON type, even with a known tag", () => {
		for (const tag of ["purchase", "navigation", "error", 7, undefined]) {
			expect(payloadAfter(tag, "mail a@b.co")).toBe("mail [redacted]");
			expect(payloadAfter(tag, ["a@b.co", [{ x: "c@d.co" }]])).toEqual([REDACTED, [{ x: REDACTED }]]);
			expect(payloadAfter(tag, { a: { b: ["c", { d: "e@f.gh" }] } })).toEqual({ a: { b: ["c", { d: REDACTED }] } });
			for (const value of [4111111111111111, true, null]) expect(payloadAfter(tag, value)).toBe(value);
		}
	});

	it("covers a field with a rule at any depth if its value is not a string", () => {
		expect(payloadAfter("navigation", { url: { href: "a@b.co" }, text: ["c@d.co"] })).toEqual({
			url: { href: REDACTED },
			text: [REDACTED],
		});
	});

	it("covers keys; if keys become equal, the last one stays", () => {
		const payload = { "a@b.co": 1, keep: 2, "c@d.co": 3, nested: { [CARD]: "x" } };
		const redacted = { [REDACTED]: 3, keep: 2, nested: { [REDACTED]: "x" } };
		expect(payloadAfter("purchase", payload)).toEqual(redacted);
		expect(payloadAfter("error", payload)).toEqual(redacted);
	});

	it("treats __proto__ as an ordinary key, and redacts its value", () => {
		const json = '{"__proto__":{"mail":"a@b.co"},"constructor":"c@d.co"}';
		const redacted = '{"__proto__":{"mail":"[redacted]"},"constructor":"[redacted]"}';
		expect(JSON.stringify(payloadAfter("purchase", JSON.parse(json)))).toBe(redacted);
		expect(JSON.stringify(payloadAfter("error", JSON.parse(json)))).toBe(redacted);
		expect(JSON.stringify(plain.metadata(JSON.parse(json)))).toBe(redacted);
		const shown = redactorWith({ domPatterns: ["email"] }).event({ type: 2, data: JSON.parse(json) });
		expect(JSON.stringify(shown.data)).toBe(redacted);
		const around = JSON.parse(
			'{"type":5,"__proto__":{"x":1},"data":{"tag":"t","__proto__":{"y":2},"payload":"a@b.co"}}',
		);
		expect(JSON.stringify(plain.event(around))).toBe(
			'{"type":5,"__proto__":{"x":1},"data":{"tag":"t","__proto__":{"y":2},"payload":"[redacted]"}}',
		);
	});

	it("keeps payloads down to the depth limit, and redacts everything below it", () => {
		const inObjects = (depth: number, leaf: unknown): unknown => (depth ? { a: inObjects(depth - 1, leaf) } : leaf);
		const inLists = (depth: number, leaf: unknown): unknown => (depth ? [inLists(depth - 1, leaf)] : leaf);
		for (const nested of [inObjects, inLists]) {
			const fits = nested(MAX_PAYLOAD_DEPTH, "leaf");
			expect(payloadAfter("purchase", fits)).toBe(fits);
			expect(payloadAfter("purchase", nested(MAX_PAYLOAD_DEPTH + 1, "leaf"))).toEqual(
				nested(MAX_PAYLOAD_DEPTH, REDACTED),
			);
			expect(payloadAfter("error", { extra: nested(MAX_PAYLOAD_DEPTH, "leaf") })).toEqual({
				extra: nested(MAX_PAYLOAD_DEPTH - 1, REDACTED),
			});
		}
		let bottomless: unknown = "leaf";
		for (let i = 0; i < 100_000; i++) bottomless = { a: bottomless };
		expect(payloadAfter("purchase", bottomless)).toEqual(inObjects(MAX_PAYLOAD_DEPTH, REDACTED));
	});

	it("covers everything beside the payload, and data of any type", () => {
		const data = { tag: "lead", payload: {}, note: "a@b.co", list: ["c@d.co"] };
		expect(plain.event({ type: 5, data }).data).toEqual({ ...data, note: "[redacted]", list: ["[redacted]"] });
		expect(plain.event({ type: 5, data: "a@b.co" }).data).toBe("[redacted]");
	});

	it("returns the same object if there is nothing to redact", () => {
		const clean: RecordedEvent[] = [
			{ type: 4, timestamp: 1, data: { href: "https://x.example/", width: 1280, height: 720, title: "Home" } },
			custom("purchase", { total: 3, items: [{ sku: "A-1" }, null, true], note: "thanks" }),
			custom("navigation", { url: "/next", text: "Next", external: false }),
			custom("error", { message: "x is not a function", lineno: 3, extra: { a: ["b"] } }),
			custom("note", "a text"),
			{ type: 5, data: { tag: "empty" } },
			{ type: 5, data: "plain" },
			{ type: 2, data: { node: { childNodes: [{ textContent: "a@b.co" }] } } },
			{ type: 3, data: null },
			{ timestamp: 2 },
			{},
		];
		for (const event of clean) expect(plain.event(event)).toBe(event);
		const { event: redactShown } = redactorWith({ domPatterns: ["jwt"] });
		for (const event of clean) expect(redactShown(event)).toBe(event);
		const metadata = { url: "https://x.example/", plan: "pro", nested: { list: [1, "two"] } };
		expect(plain.metadata(metadata)).toBe(metadata);
		expect(plain.deep(metadata)).toBe(metadata);
	});

	it("does not change the original", () => {
		const frozen = <T>(value: T): T => {
			if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
			return value;
		};
		const { event } = redactorWith({ domPatterns: [...PATTERN_NAMES] });
		const tree = frozen({ type: 2, data: { node: { childNodes: [{ textContent: "a@b.co", id: 3 }] } } });
		expect(event(tree)).toEqual({ type: 2, data: { node: { childNodes: [{ textContent: REDACTED, id: 3 }] } } });
		expect(payloadAfter("purchase", frozen({ a: [{ b: "a@b.co" }] }))).toEqual({ a: [{ b: REDACTED }] });
		expect(plain.event(frozen({ type: 4, data: { href: "/a?b" } }))).toEqual({ type: 4, data: { href: "/a" } });
	});

	it("leaves data unchanged if it is not an object", () => {
		for (const data of [null, undefined, 7, "text", [], [1]]) {
			for (const type of [2, 3, 4, 5, "5", null]) {
				const event = { type, data };
				expect(plain.event(event)).toBe(event);
			}
		}
	});
});

describe("redaction of a Meta event", () => {
	it.each<[UrlMode, string]>([
		["strip", "/a"],
		["keep_filtered", "/a?q=1"],
		["keep_all", "/a?q=1&key=2"],
	])("covers its URL in mode %s", (urlMode, href) => {
		const { event } = redactorWith({ urlMode });
		expect(event({ type: 4, data: { href: "/a?q=1&key=2" } })).toEqual({ type: 4, data: { href } });
	});

	it("leaves numbers, and a URL that is not a string", () => {
		const event = { type: 4, data: { href: 5105105105105100, width: 1280, height: null } };
		expect(plain.event(event)).toBe(event);
	});
});

describe("DOM patterns", () => {
	const all = PATTERN_NAMES.map((name) => SAMPLES[name][0]);
	const snapshot = (values: string[]) => ({
		type: 2,
		data: { node: { childNodes: values.map((value) => ({ attributes: { title: value }, textContent: value })) } },
	});

	it.each(PATTERN_NAMES)("redact %s if it is configured, and nothing else", (name) => {
		const { event } = redactorWith({ domPatterns: [name] });
		expect(event(snapshot(all))).toEqual(
			snapshot(PATTERN_NAMES.map((other) => SAMPLES[other][other === name ? 1 : 0])),
		);
	});

	it("redact a configured pattern even if it is disabled elsewhere", () => {
		const redactor = redactorWith({ domPatterns: ["email"], disabledPatterns: ["email"] });
		expect(redactor.text("a@b.co")).toBe("a@b.co");
		expect(redactor.event(snapshot(["a@b.co"]))).toEqual(snapshot([REDACTED]));
	});

	it("are applied in the same order, whatever the order of their configuration", () => {
		const text = `${HEX}${JWT}`;
		for (const domPatterns of [["jwt", "long_hex"] as const, ["long_hex", "jwt"] as const]) {
			expect(redactorWith({ domPatterns }).event(snapshot([text]))).toEqual(snapshot(["[redacted][redacted]"]));
		}
	});

	it("work on a DOM 20,000 levels deep", () => {
		let node: unknown = { textContent: "a@b.co" };
		for (let i = 0; i < 20_000; i++) node = { childNodes: [node] };
		const redacted = redactorWith({ domPatterns: ["email"] }).event({ type: 2, data: { node } });
		let inner = (redacted.data as { node: { childNodes?: [never] } }).node;
		while (inner.childNodes) inner = inner.childNodes[0];
		expect(inner).toEqual({ textContent: REDACTED });
	});
});

describe("redaction of metadata", () => {
	it("applies the configured mode to the four URLs, and keeps keys and other types", () => {
		const metadata = { url: "/?a=1", referrer: "/?b=1&key=2", entry_url: "/#c", entry_referrer: "/", "a@b.co": 7 };
		expect(plain.metadata(metadata)).toEqual({ ...metadata, url: "/", referrer: "/", entry_url: "/" });
		expect(redactorWith({ urlMode: "keep_filtered" }).metadata(metadata)).toEqual({ ...metadata, referrer: "/?b=1" });
		expect(redactorWith({ urlMode: "keep_all" }).metadata(metadata)).toBe(metadata);
	});

	it("covers a URL entry at any depth if it is not a string", () => {
		expect(plain.metadata({ url: ["a@b.co"], entry_url: 3 })).toEqual({ url: [REDACTED], entry_url: 3 });
	});
});

describe("redacting a second time", () => {
	const PIECES = [
		..."http:// HTTPS:// ://a.co/ eyJ eyJa.b.c . .. @ a a@b.co c.de 5105 1051 0510 5100 1 12345 - _ é %".split(" "),
		..."%40 %20 %25 %26 %23 %2540 %zz & = ? # token= q= + [redacted] [ ] x".split(" "),
		...[" ", " ", "\n", "00112233445566778899aabbccddeeff", "0011223344556677", "5105 1051 0510 5100", "1234567890123"],
	];
	const randomText = (random: Random) => random.many(1 + random.below(24), () => random.pick(PIECES)).join("");
	const subset = <T>(random: Random, items: readonly T[]) => items.filter(() => random.below(3) > 0);

	it("changes no text, with any patterns", () => {
		const random = randomFrom(1);
		for (let i = 0; i < 20_000; i++) {
			const { text } = i % 2 ? plain : redactorWith({ disabledPatterns: subset(random, PATTERN_NAMES) });
			const once = text(randomText(random));
			expect(text(once)).toBe(once);
		}
	});

	it("changes no URL in any mode", () => {
		const random = randomFrom(2);
		const modes = (["strip", "keep_filtered", "keep_filtered", "keep_all"] as const).map((urlMode) =>
			redactorWith({ urlMode, urlParamAllowlist: ["x"] }),
		);
		for (let i = 0; i < 20_000; i++) {
			const { url } = random.pick(modes);
			const once = url(`/p?q=${randomText(random)}`);
			expect(url(once)).toBe(once);
		}
	});

	it("returns the same event and metadata", () => {
		const random = randomFrom(3);
		const value = (depth: number): unknown => {
			const kind = random.below(depth > 3 ? 5 : 8);
			if (kind < 4) return randomText(random);
			if (kind < 5) return random.pick([null, true, 0, 5105105105105100]);
			if (kind < 6) return random.many(random.below(4), () => value(depth + 1));
			return Object.fromEntries(random.many(random.below(4), () => [key(), value(depth + 1)]));
		};
		const key = () =>
			random.pick(["url", "text", "message", "source", "href", "title", "selector", randomText(random)]);
		const tags = ["navigation", "__form_submit", "error", "__click", "__route", "__perf", "purchase"];
		for (let i = 0; i < 4000; i++) {
			const redactor = redactorWith({
				urlMode: random.pick(["strip", "keep_filtered"]),
				disabledPatterns: i % 2 ? [] : subset(random, PATTERN_NAMES),
				domPatterns: subset(random, PATTERN_NAMES),
			});
			const data = random.pick([
				() => ({ tag: random.pick(tags), payload: value(0) }),
				() => ({ href: randomText(random), title: randomText(random) }),
				() => ({ tree: value(0) }),
			])();
			const once = redactor.event({ type: random.pick([2, 3, 4, 5]), data });
			expect(redactor.event(once)).toBe(once);
			const metadata = redactor.metadata({ url: randomText(random), plan: value(0) });
			expect(redactor.metadata(metadata)).toBe(metadata);
		}
	});
});
