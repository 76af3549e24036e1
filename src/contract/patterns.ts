/**
 * The operator's own patterns run on visitors' texts, and nothing can stop a regular expression once it runs. So only
 * those are taken that cannot run away: what repeats must end where what follows it begins, whatever the text. Then no
 * text makes them try twice, and the time is linear.
 */

/** Repetitions without an end get this one. */
const MAX_REPEATS = 128;
const MAX_CHARS = 500;

export class PatternError extends Error {}

/**
 * @param pattern `source`, or `/source/` and perhaps `i` behind it
 * @returns a global regular expression
 * @throws PatternError with a sentence about what is wrong
 */
export function compilePattern(pattern: string): RegExp {
	const [, inner, flags] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [null, pattern, ""];
	const source = inner!;
	if (source.length > MAX_CHARS) throw new PatternError(`longer than ${MAX_CHARS} characters`);
	if (flags && flags !== "i") throw new PatternError(`the only flag is i, not ${flags}`);
	try {
		new RegExp(source, flags);
	} catch (error) {
		throw new PatternError(error instanceof Error ? error.message : String(error));
	}
	const reader = new Reader(source, flags ?? "");
	const bounded = reader.bounded();
	if (new RegExp(bounded).test("")) throw new PatternError("it matches nothing at all, and so everywhere");
	return new RegExp(bounded, `g${flags}`);
}

/** One thing after another in a pattern: the characters it may take, and whether it may take none, or several. */
interface Atom {
	text: string;
	/** Of the codes in SAMPLES. */
	takes: boolean[];
	isOptional: boolean;
	repeats: boolean;
	/** A repetition of no fixed number is in it, or is it. */
	loops: boolean;
}

/** Latin letters, digits and signs one by one, and a few of all others, which classes treat alike. */
const SAMPLES = [
	...Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)),
	"Ā",
	"ж",
	"中",
	"\u2028",
	"\ud83d",
];

class Reader {
	readonly #source: string;
	readonly #flags: string;
	#at = 0;
	#out = "";

	constructor(source: string, flags: string) {
		this.#source = source;
		this.#flags = flags;
	}

	/** The source with an end to every repetition. */
	bounded(): string {
		this.#alternatives();
		return this.#out;
	}

	#alternatives(): Atom[][] {
		const all: Atom[][] = [[]];
		while (this.#at < this.#source.length && this.#source[this.#at] !== ")") {
			if (this.#source[this.#at] === "|") {
				this.#take(1);
				all.push([]);
				continue;
			}
			const atom = this.#atom();
			if (atom) all.at(-1)!.push(...atom);
		}
		for (const sequence of all) check(sequence);
		return all;
	}

	/** null for what takes no room: a border, a beginning, an end. */
	#atom(): Atom[] | null {
		const begin = this.#at;
		const rest = this.#source.slice(begin);
		if (/^(?:\^|\$|\\b|\\B)/.test(rest)) {
			this.#take(rest[0] === "\\" ? 2 : 1);
			return null;
		}
		if (/^\(\?(?:[=!]|<[=!])/.test(rest)) throw new PatternError("it looks ahead or behind, which is not supported");
		if (/^\\(?:[1-9]|k<)/.test(rest)) throw new PatternError("it refers back to a group, which is not supported");
		let inner: Atom[][] | null = null;
		const group = /^\((?:\?:|\?<\w+>)?/.exec(rest);
		if (group) {
			this.#take(group[0].length);
			inner = this.#alternatives();
			this.#take(1);
		} else {
			const one = /^(?:\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|.)|\[(?:\\.|[^\]\\])*\]|.)/is.exec(rest)!;
			this.#take(one[0].length);
		}
		const text = this.#source.slice(begin, this.#at);
		const { isRound, ...quantifier } = this.#quantifier();
		if (!inner) {
			const test = new RegExp(`^(?:${text})$`, this.#flags);
			return [{ text, takes: SAMPLES.map((it) => test.test(it)), ...quantifier, loops: isRound && quantifier.repeats }];
		}
		if (isRound) {
			checkRound(inner, text);
			// Each beginning would be read anew, times the one, times the other.
			if (inner.flat().some(({ loops }) => loops)) {
				throw new PatternError(`${text} is repeated, and something in it is too: it could try for seconds`);
			}
		}
		// One way through it: what is in it stands in the row.
		if (inner.length === 1 && !isRound && !quantifier.isOptional) return inner[0]!;
		const parts = inner.flat();
		const takes = SAMPLES.map((_, i) => parts.some((part) => part.takes[i]));
		const mayBeEmpty = inner.some((sequence) => sequence.every(({ isOptional }) => isOptional));
		const repeats = quantifier.repeats || parts.some((part) => part.repeats) || inner.length > 1;
		const loops = (isRound && quantifier.repeats) || parts.some((part) => part.loops);
		return [{ text, takes, isOptional: quantifier.isOptional || mayBeEmpty, repeats, loops }];
	}

	#quantifier(): Pick<Atom, "isOptional" | "repeats"> & { isRound: boolean } {
		const rest = this.#source.slice(this.#at);
		const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(rest);
		if (!found) return { isOptional: false, repeats: false, isRound: false };
		const [all, from, comma, to] = found;
		this.#at += all.length;
		const lazy = /.\?$/.test(all) ? "?" : "";
		const min = from === undefined ? (all[0] === "+" ? 1 : 0) : Number(from);
		const max = all[0] === "?" ? 1 : from === undefined ? MAX_REPEATS : comma ? Number(to || MAX_REPEATS) : min;
		if (min > MAX_REPEATS || max > MAX_REPEATS) throw new PatternError(`it repeats more than ${MAX_REPEATS} times`);
		this.#out += `{${min},${Math.max(min, max)}}${lazy}`;
		return { isOptional: min === 0, repeats: min !== max, isRound: max > 1 };
	}

	#take(count: number): void {
		this.#out += this.#source.slice(this.#at, this.#at + count);
		this.#at += count;
	}
}

/** What repeats, or may be left out, must take nothing that could be the beginning of what follows it. */
function check(sequence: readonly Atom[]): void {
	sequence.forEach((atom, i) => {
		if (!atom.repeats && !atom.isOptional) return;
		for (const next of sequence.slice(i + 1)) {
			rejectOverlap(atom, next);
			if (!next.isOptional) break;
		}
	});
}

/** The same for what comes round again: what follows its end is its beginning; and its ways must begin differently. */
function checkRound(ways: readonly Atom[][], text: string): void {
	const beginnings = ways.map((way): Atom => {
		const end = way.findIndex(({ isOptional }) => !isOptional);
		const first = end < 0 ? way : way.slice(0, end + 1);
		const takes = SAMPLES.map((_, i) => first.some((atom) => atom.takes[i]));
		return { text, takes, isOptional: false, repeats: false, loops: false };
	});
	beginnings.forEach((one, i) => {
		for (const other of beginnings.slice(i + 1)) rejectOverlap(one, other);
	});
	for (const way of ways) for (const beginning of beginnings) check([...way, beginning]);
}

function rejectOverlap(atom: Atom, next: Atom): void {
	const shared = SAMPLES.find((_, i) => atom.takes[i] && next.takes[i]);
	if (shared === undefined) return;
	const which = JSON.stringify(shared);
	throw new PatternError(`both ${atom.text} and ${next.text} behind it may take ${which}: it could try for hours`);
}
