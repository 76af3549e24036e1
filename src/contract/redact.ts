import {
	CUSTOM,
	META,
	type RecordedEvent,
	TAG_CLICK,
	TAG_ERROR,
	TAG_FORM_SUBMIT,
	TAG_NAVIGATION,
	TAG_NETWORK,
	TAG_RESOURCE,
	TAG_ROUTE,
	TAG_VITAL,
} from "./events.ts";
import { MAX_PAYLOAD_DEPTH } from "./limits.ts";

/**
 * Redaction, with the same code in the recorder and in the Worker. It is idempotent: the Worker does not change what
 * the recorder has redacted already. It takes linear time on any text, because texts may come from an attacker.
 */

export const REDACTED = "[redacted]";

export type PatternName = "url" | "jwt" | "email" | "long_hex" | "card";
export const PATTERN_NAMES: readonly PatternName[] = ["url", "jwt", "email", "long_hex", "card"];

/**
 * How a page's URL is redacted. `strip` removes query and fragment. `keep_filtered` removes denied parameters, keeps
 * allowed ones, and redacts the values of all others. `keep_all` changes nothing in the URL.
 */
export type UrlMode = "strip" | "keep_filtered" | "keep_all";

export interface RedactionOptions {
	urlMode: UrlMode;
	/** Parameter names; case is ignored. The deny list has priority and always includes the built-in names. */
	urlParamAllowlist: readonly string[];
	urlParamDenylist: readonly string[];
	disabledPatterns: readonly PatternName[];
	/** Custom patterns as global regular expressions. In the Worker, `compilePattern` has checked them. */
	customPatterns: readonly RegExp[];
	/** Built-in patterns that are also applied to the page itself: to texts and attributes in snapshots and mutations. */
	domPatterns: readonly PatternName[];
}

export const DEFAULT_REDACTION: RedactionOptions = {
	urlMode: "strip",
	urlParamAllowlist: [],
	urlParamDenylist: [],
	disabledPatterns: [],
	customPatterns: [],
	domPatterns: [],
};

const DENIED_PARAMS = [
	..."token access_token refresh_token id_token password passwd pwd secret api_key apikey".split(" "),
	..."key sig signature code auth session sessionid otp".split(" "),
];

export interface Redactor {
	text(text: string): string;
	/** Redacts the URL of a page: its query and fragment by `urlMode`, each segment of its path by the patterns. */
	url(url: string): string;
	/**
	 * Redacts the URL of a file. Only the patterns email and jwt apply to its path: the others could redact a hash in the
	 * name of the file, and then the file could not be loaded.
	 */
	file(url: string): string;
	/** Redacts all strings in a value, including keys. Replaces objects nested deeper than `MAX_PAYLOAD_DEPTH`. */
	deep(value: unknown): unknown;
	/** Redacts an event. Returns the same object if there is nothing to redact. */
	event(event: RecordedEvent): RecordedEvent;
	metadata(metadata: Record<string, unknown>): Record<string, unknown>;
}

export function createRedactor(options: RedactionOptions = DEFAULT_REDACTION): Redactor {
	const active = PATTERN_NAMES.filter((name) => !options.disabledPatterns.includes(name));
	const text = (value: string) => applyPatterns(value, active, options.customPatterns);
	const domPatterns = PATTERN_NAMES.filter((name) => options.domPatterns.includes(name));
	const dom =
		domPatterns.length || options.customPatterns.length
			? (value: string) => applyPatterns(value, domPatterns, options.customPatterns)
			: null;
	const allowed = new Set(options.urlParamAllowlist.map((name) => name.toLowerCase()));
	const denied = new Set([...DENIED_PARAMS, ...options.urlParamDenylist.map((name) => name.toLowerCase())]);

	const redactUrl = (value: string, path: (text: string) => string) => {
		if (options.urlMode === "keep_all") return value;
		const [before, rest] =
			options.urlMode === "keep_filtered" ? filterQuery(value, allowed, denied, text) : [cutAtQuery(value), ""];
		return redactPath(before, path) + rest;
	};
	const personalPatterns = active.filter((name) => name === "email" || name === "jwt");
	const redactPersonal = (value: string) => applyPatterns(value, personalPatterns, []);
	const url = (value: string) => redactUrl(value, text);
	const fileDenied = new Set([...denied, ...DENIED_FILE_PARAMS]);
	const isSecretValue = (value: string) =>
		TOKEN_VALUE.test(value) || applyPatterns(value, FILE_PATTERNS, options.customPatterns) !== value;
	const file = (value: string): string => {
		if (options.urlMode === "keep_all") return value;
		const [path, query] = value.split("#", 1)[0]!.split(/\?(.*)/s) as [string, string?];
		const parts = (query ?? "").split("&").flatMap((part) => fileParam(part, fileDenied, isSecretValue, file));
		return redactPath(path, redactPersonal) + (parts.length ? `?${parts.join("&")}` : "");
	};
	const deep = (value: unknown) => walkStrings(value, text, 0);

	const fieldRules: Record<string, Record<string, (value: string) => string>> = {
		[TAG_NAVIGATION]: { url, text },
		[TAG_FORM_SUBMIT]: { url },
		[TAG_ERROR]: { message: text, stack: text, source: url },
		[TAG_CLICK]: { selector: text },
		[TAG_ROUTE]: { url, title: text },
		[TAG_VITAL]: { url },
		[TAG_NETWORK]: { url },
		[TAG_RESOURCE]: { url },
	};

	const redactFields = (value: Record<string, unknown>, rules: Record<string, (value: string) => string>) =>
		mapEntries(value, (key, field) => {
			const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
			if (rule && typeof field === "string") return [key, rule(field)];
			return [text(key), walkStrings(field, text, 1)];
		});

	/**
	 * Redacts the data of a custom event, except the tag, which is a name. `fieldRules` apply to the payloads of the
	 * recorder's own events.
	 */
	const redactCustom = (data: Record<string, unknown>) => {
		const rules =
			typeof data.tag === "string" && Object.hasOwn(fieldRules, data.tag) ? fieldRules[data.tag] : undefined;
		return mapEntries(data, (key, value) => {
			if (key === "tag") return [key, value];
			return [key, key === "payload" && rules && isRecord(value) ? redactFields(value, rules) : deep(value)];
		});
	};

	const event = (it: RecordedEvent): RecordedEvent => {
		const data = it.data;
		if (it.type === CUSTOM) {
			const next = isRecord(data) ? redactCustom(data) : deep(data);
			return next === data ? it : { ...it, data: next };
		}
		if (!isRecord(data)) return it;
		if (it.type === META) {
			const next = mapEntries(data, (key, value) => {
				if (typeof value !== "string") return [key, value];
				return [key, key === "href" ? url(value) : text(value)];
			});
			return next === data ? it : { ...it, data: next };
		}
		if (!dom) return it;
		const next = walkTree(data, dom);
		return next === data ? it : { ...it, data: next };
	};

	// Only the patterns email and jwt apply to user IDs. Many IDs are long numbers, which long_hex and card would redact.
	const metadataRules = { url, referrer: url, entry_url: url, entry_referrer: url, user_id: redactPersonal };
	const metadata = (it: Record<string, unknown>) =>
		mapEntries(it, (key, value) => {
			const rule = Object.hasOwn(metadataRules, key) ? metadataRules[key as keyof typeof metadataRules] : undefined;
			return [key, rule && typeof value === "string" ? rule(value) : deep(value)];
		});

	return { text, url, file, deep, event, metadata };
}

/** Returns the URL up to the first `?` or `#`. */
export function cutAtQuery(url: string): string {
	const at = url.search(/[?#]/);
	return at < 0 ? url : url.slice(0, at);
}

/**
 * Redacts each segment of a path. If a segment contains a secret only in percent-encoded form, it is replaced
 * completely.
 */
function redactPath(path: string, text: (value: string) => string): string {
	const segment = (raw: string) => {
		const redacted = text(raw);
		if (!redacted.includes("%")) return redacted;
		const plain = decoded(redacted);
		return text(plain) === plain ? redacted : REDACTED;
	};
	return path.split("/").map(segment).join("/");
}

/**
 * Filters the query and redacts the fragment.
 * @returns the URL before the query, and the remaining query and fragment
 */
function filterQuery(
	url: string,
	allowed: ReadonlySet<string>,
	denied: ReadonlySet<string>,
	text: (value: string) => string,
): [string, string] {
	const hash = url.indexOf("#");
	const fragment = hash < 0 ? "" : text(url.slice(hash + 1));
	const beforeHash = hash < 0 ? url : url.slice(0, hash);
	const mark = beforeHash.indexOf("?");
	const path = mark < 0 ? beforeHash : beforeHash.slice(0, mark);
	const pairs: string[] = [];
	for (const pair of mark < 0 ? [] : beforeHash.slice(mark + 1).split("&")) {
		const eq = pair.indexOf("=");
		const rawName = eq < 0 ? pair : pair.slice(0, eq);
		const name = rawName.toLowerCase();
		if (denied.has(name)) continue;
		if (allowed.has(name) || eq < 0) {
			pairs.push(pair);
			continue;
		}
		const value = decoded(pair.slice(eq + 1));
		const redacted = text(value);
		// Escapes the decoded value again: a bare `%`, `&` or `#` would begin an escape, parameter or fragment.
		pairs.push(redacted === value ? pair : `${rawName}=${redacted.replace(/[%&#]/g, encodeURIComponent)}`);
	}
	return [path, (pairs.length ? `?${pairs.join("&")}` : "") + (fragment ? `#${fragment}` : "")];
}

/**
 * Query parameters that are removed from the URLs of files: signatures and credentials (AWS, Google Cloud, Azure,
 * CloudFront).
 */
const DENIED_FILE_PARAMS = [
	..."x-amz-signature x-amz-credential x-amz-security-token x-goog-signature x-goog-credential awsaccesskeyid".split(
		" ",
	),
	..."policy key-pair-id googleaccessid sid jwt hash hmac nonce".split(" "),
];
/** A parameter of a file's URL is removed if its value matches one of these patterns: no image server needs it. */
const FILE_PATTERNS: readonly PatternName[] = ["jwt", "email", "long_hex", "card"];
/** A value of at least 32 characters with letters and digits is assumed to be a token or a signature. */
const TOKEN_VALUE = /^(?=.*\d)(?=.*[a-z])[\w+/=.~-]{32,}$/i;

/**
 * Redacts a parameter in the URL of a file. Image servers need parameters such as `w=200`, `id=7` and `url=/a.png`; a
 * secret, or a part without a name, is removed.
 * @returns a list with the parameter, or an empty list if it is removed
 */
function fileParam(
	part: string,
	denied: ReadonlySet<string>,
	isSecret: (value: string) => boolean,
	file: (url: string) => string,
): string[] {
	const eq = part.indexOf("=");
	if (eq < 1 || denied.has(decoded(part.slice(0, eq)).toLowerCase())) return [];
	const value = decoded(part.slice(eq + 1));
	if (isSecret(value)) return [];
	if (!/[?#]/.test(value)) return [part];
	// A value with a query or fragment is itself the URL of a file, as in /_next/image?url=….
	return [`${part.slice(0, eq)}=${encodeURIComponent(file(value))}`];
}

/** Decodes percent-escapes one sequence at a time, so that an invalid sequence leaves the others decodable. */
function decoded(value: string): string {
	return value.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
		try {
			return decodeURIComponent(escapes);
		} catch {
			return escapes;
		}
	});
}

function applyPatterns(value: string, names: readonly PatternName[], custom: readonly RegExp[]): string {
	let out = value;
	for (const name of names) out = PATTERNS[name](out);
	for (const pattern of custom) out = out.replace(pattern, REDACTED);
	return out;
}

/** Each pattern starts with a cheap test, because most texts contain nothing to redact. */
const PATTERNS: Record<PatternName, (text: string) => string> = {
	url: (text) => (text.includes("://") ? text.replace(/https?:\/\/\S*/gi, cutInText) : text),
	jwt: (text) => (text.includes("eyJ") ? redactTokens(text) : text),
	email: (text) => (text.includes("@") ? redactEmails(text) : text),
	long_hex: (text) => (text.length < 32 ? text : text.replace(/\b[0-9a-f]{32,}\b/gi, REDACTED)),
	card: (text) => (text.length < 13 ? text : text.replace(/\b\d(?:[ -]?\d){12,}\b/g, redactCards)),
};

/** Cuts the query off a URL in a text. In a stack trace, keeps the line and column that follow the URL of a file. */
function cutInText(url: string): string {
	const cut = cutAtQuery(url);
	if (cut === url || !/\.[a-z]\w{0,4}$/i.test(cut)) return cut;
	return cut + (/(?::\d{1,7}){1,2}\)?$/.exec(url)?.[0] ?? "");
}

/**
 * Redacts card numbers in a run of digit groups. A card number consists of whole groups, has 13 to 19 digits and passes
 * the Luhn check. It is found even if another number stands before or after it.
 */
function redactCards(run: string, at: number, text: string): string {
	const groups = run.split(/[ -]/);
	const passes = luhnOf(run);
	let out = "";
	let start = 0;
	let digitAt = 0;
	for (let first = 0; first < groups.length; first++) {
		let digits = 0;
		let found = 0;
		for (let last = first; last < groups.length && digits + groups[last]!.length <= 19; last++) {
			digits += groups[last]!.length;
			if (digits >= 13 && passes(digitAt, digitAt + digits)) found = last - first + 1;
		}
		const taken = groups.slice(first, first + Math.max(found, 1));
		const length = taken.reduce((sum, group) => sum + group.length + 1, -1);
		out += found ? cardMark(run.slice(start, start + length), at + start, text) : taken[0];
		digitAt += length - taken.length + 1;
		first += taken.length - 1;
		start += length;
		out += run.charAt(start++);
	}
	return out;
}

/**
 * Returns the redaction mark for a card, with a space after it if the card starts in a URL and contains a space.
 * Without the space, the text after the card would become part of the URL, and the next pass would cut it off.
 */
function cardMark(card: string, at: number, text: string): string {
	const end = at + card.length;
	if (!card.includes(" ") || end === text.length || isSpace(text, end)) return REDACTED;
	let start = at;
	while (start > 0 && !isSpace(text, start - 1)) start--;
	return /https?:\/\//i.test(text.slice(start, at)) ? `${REDACTED} ` : REDACTED;
}

/**
 * Prepares the Luhn check of parts of a run. Nine in ten numbers that are not card numbers, such as times in
 * milliseconds, fail the check. The running sums are computed once, so that checking any part takes constant time.
 * @returns a function that checks the digits from `start` up to, not including, `end`
 */
function luhnOf(run: string): (start: number, end: number) => boolean {
	/** Running sums of the digits. `evens` doubles the digits at even positions, `odds` those at odd positions. */
	const evens = [0];
	const odds = [0];
	for (let i = 0; i < run.length; i++) {
		const digit = run.charCodeAt(i) - 48;
		if (digit < 0 || digit > 9) continue;
		const position = evens.length - 1;
		const doubled = digit > 4 ? digit * 2 - 9 : digit * 2;
		evens.push(evens[position]! + (position % 2 ? digit : doubled));
		odds.push(odds[position]! + (position % 2 ? doubled : digit));
	}
	return (start, end) => {
		// The Luhn check does not double the last digit, which is at `end - 1`.
		const sums = end % 2 ? odds : evens;
		return (sums[end]! - sums[start]!) % 10 === 0;
	};
}

const isSpace = (text: string, at: number) => /\s/.test(text.charAt(at));

/**
 * Redacts JSON web tokens: `eyJ…` and two more base64url segments. Takes linear time: it reads each run of token
 * characters only once.
 */
function redactTokens(text: string): string {
	return text.replace(/[\w.-]{8,}/g, (run) => {
		if (!run.includes("eyJ")) return run;
		const parts = run.split(".");
		const out: string[] = [];
		for (let i = 0; i < parts.length; i++) {
			const part = parts[i]!;
			const start = part.indexOf("eyJ");
			if (start < 0 || part.length < start + 4 || !parts[i + 1] || !parts[i + 2]) {
				out.push(part);
				continue;
			}
			out.push(part.slice(0, start) + REDACTED);
			i += 2;
		}
		return out.join(".");
	});
}

/**
 * Redacts email addresses. Reads in both directions from each `@`, because a regular expression would be tried at each
 * letter of a long word and take seconds on 80 KB.
 */
function redactEmails(text: string): string {
	let out = "";
	let done = 0;
	for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
		let start = at;
		while (start > done && isLocalChar(text.charCodeAt(start - 1))) start--;
		if (start === at) continue;
		let runEnd = at + 1;
		while (runEnd < text.length && isDomainChar(text.charCodeAt(runEnd))) runEnd++;
		const end = domainEnd(text, at + 1, runEnd);
		if (end < 0) continue;
		out += text.slice(done, start) + REDACTED;
		done = end;
	}
	return done === 0 ? text : out + text.slice(done);
}

/**
 * Returns the end of the longest domain that begins at `start` and ends at most at `end`. Its last label must have at
 * least two letters. Returns −1 if there is none.
 */
function domainEnd(text: string, start: number, end: number): number {
	for (let dot = end - 3; dot > start; dot--) {
		if (text.charCodeAt(dot) !== DOT || !isLetter(text.charCodeAt(dot + 1)) || !isLetter(text.charCodeAt(dot + 2)))
			continue;
		let last = dot + 3;
		while (last < end && isLetter(text.charCodeAt(last))) last++;
		return last;
	}
	return -1;
}

const DOT = 46;
const isLetter = (c: number) => (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
const isDigit = (c: number) => c >= 48 && c <= 57;
const isDomainChar = (c: number) => isLetter(c) || isDigit(c) || c === DOT || c === 45;
/** Returns whether a character may stand before the `@`: a letter, a digit or one of `. _ % + -`. */
const isLocalChar = (c: number) => isDomainChar(c) || c === 95 || c === 37 || c === 43;

function walkStrings(value: unknown, text: (value: string) => string, depth: number): unknown {
	if (typeof value === "string") return text(value);
	if (typeof value !== "object" || value === null) return value;
	if (depth >= MAX_PAYLOAD_DEPTH) return REDACTED;
	if (Array.isArray(value)) return mapItems(value, (item) => walkStrings(item, text, depth + 1));
	return mapEntries(value as Record<string, unknown>, (key, field) => [text(key), walkStrings(field, text, depth + 1)]);
}

/**
 * Redacts all strings in a DOM, but no keys. Unlike `walkStrings`, it does not recurse, because a DOM may be nested to
 * any depth.
 */
function walkTree(root: object, text: (value: string) => string): object {
	let changed = false;
	const copyOf = (node: object): object => (Array.isArray(node) ? [...node] : { ...node });
	const copy = copyOf(root);
	const open: object[] = [copy];
	for (let node = open.pop(); node; node = open.pop()) {
		const fields = node as Record<string, unknown>;
		for (const key of Object.keys(fields)) {
			const value = fields[key];
			if (typeof value === "string") {
				const next = text(value);
				if (next === value) continue;
				changed = true;
				setOwn(fields, key, next);
			} else if (typeof value === "object" && value !== null) {
				const child = copyOf(value);
				setOwn(fields, key, child);
				open.push(child);
			}
		}
	}
	return changed ? copy : root;
}

/** Defines a property. An assignment to `__proto__` would set the prototype instead, and the value would be lost. */
function setOwn(target: object, key: string, value: unknown): void {
	Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function mapItems(items: unknown[], map: (item: unknown) => unknown): unknown[] {
	let changed = false;
	const next = items.map((item) => {
		const out = map(item);
		if (out !== item) changed = true;
		return out;
	});
	return changed ? next : items;
}

/** Maps the entries of an object. Returns the same object if nothing changed, for callers that compare by identity. */
export function mapEntries(
	record: Record<string, unknown>,
	map: (key: string, value: unknown) => [string, unknown],
): Record<string, unknown> {
	let changed = false;
	const entries = Object.entries(record).map(([key, value]) => {
		const next = map(key, value);
		if (next[0] !== key || next[1] !== value) changed = true;
		return next;
	});
	return changed ? Object.fromEntries(entries) : record;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
