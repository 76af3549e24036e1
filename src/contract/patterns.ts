/**
 * Custom redaction patterns run on visitors' texts, and a running regular expression cannot be stopped. Therefore only
 * patterns without catastrophic backtracking are accepted: a repetition must not match what can follow it. Then there
 * is only one way to match a text, and matching takes linear time.
 */

/** Upper bound that replaces the missing bound of `*`, `+` and `{2,}`. Patterns with a higher bound are rejected. */
const MAX_REPEATS = 128;
const MAX_CHARS = 500;

export class PatternError extends Error {}

/**
 * Compiles a custom pattern.
 * @param pattern `source`, `/source/` or `/source/i`
 * @returns a global regular expression
 * @throws PatternError with a message that can follow `… cannot be used:`, such as `it matches the empty string`
 */
export function compilePattern(pattern: string): RegExp {
	const [, inner, flags] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [null, pattern, ""];
	const source = inner!;
	if (source.length > MAX_CHARS) throw new PatternError(`it is longer than ${MAX_CHARS} characters`);
	if (flags && flags !== "i") throw new PatternError(`the only supported flag is i, not ${flags}`);
	try {
		new RegExp(source, flags);
	} catch (error) {
		throw new PatternError(error instanceof Error ? error.message : String(error));
	}
	const reader = new Reader(source, flags ?? "");
	const bounded = reader.bounded();
	if (new RegExp(bounded).test("")) throw new PatternError("it matches the empty string");
	return new RegExp(bounded, `g${flags}`);
}

/** A part of a sequence in a pattern: a character, class or group with its quantifier. */
interface Atom {
	text: string;
	/** For each character of `SAMPLES`: whether the atom, or for a group any atom in it, can match the character. */
	matches: boolean[];
	isOptional: boolean;
	/** Whether the texts that the atom matches can differ in length. */
	isVariable: boolean;
	/** Whether the atom is or contains a repetition of variable length, such as `a*` or `a{2,3}`, but not `a?`. */
	hasLoop: boolean;
}

/** Characters with which atoms are tested: all of Latin-1, and a few that stand for all others. */
const SAMPLES = [
	...Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)),
	"Ā",
	"ж",
	"中",
	"\u2028",
	"\ud83d",
];

/** Parses a pattern, checks each sequence in it, and writes a copy with bounded repetitions. */
class Reader {
	readonly #source: string;
	readonly #flags: string;
	#at = 0;
	#out = "";

	constructor(source: string, flags: string) {
		this.#source = source;
		this.#flags = flags;
	}

	/** Returns the source with an upper bound on each repetition. @throws PatternError */
	bounded(): string {
		this.#alternatives();
		return this.#out;
	}

	#alternatives(): Atom[][] {
		const all: Atom[][] = [[]];
		while (this.#at < this.#source.length && this.#source[this.#at] !== ")") {
			if (this.#source[this.#at] === "|") {
				this.#copy(1);
				all.push([]);
				continue;
			}
			const atom = this.#atom();
			if (atom) all.at(-1)!.push(...atom);
		}
		for (const sequence of all) checkSequence(sequence);
		return all;
	}

	/** Reads an atom with its quantifier. Returns null for an assertion, such as `\b`, which matches no character. */
	#atom(): Atom[] | null {
		const start = this.#at;
		const rest = this.#source.slice(start);
		if (/^(?:\^|\$|\\b|\\B)/.test(rest)) {
			this.#copy(rest[0] === "\\" ? 2 : 1);
			return null;
		}
		if (/^\(\?(?:[=!]|<[=!])/.test(rest)) throw new PatternError("lookahead and lookbehind are not supported");
		if (/^\\(?:[1-9]|k<)/.test(rest)) throw new PatternError("back references are not supported");
		let inner: Atom[][] | null = null;
		const group = /^\((?:\?:|\?<\w+>)?/.exec(rest);
		if (group) {
			this.#copy(group[0].length);
			inner = this.#alternatives();
			this.#copy(1);
		} else {
			const token = /^(?:\\(?:u[0-9a-f]{4}|x[0-9a-f]{2}|.)|\[(?:\\.|[^\]\\])*\]|.)/is.exec(rest)!;
			this.#copy(token[0].length);
		}
		const text = this.#source.slice(start, this.#at);
		const { isRepeated, ...quantifier } = this.#quantifier();
		if (!inner) {
			const test = new RegExp(`^(?:${text})$`, this.#flags);
			return [
				{
					text,
					matches: SAMPLES.map((it) => test.test(it)),
					...quantifier,
					hasLoop: isRepeated && quantifier.isVariable,
				},
			];
		}
		if (isRepeated) {
			checkRepeated(inner, text);
			// For a loop in a loop, the engine may try every length of both loops from every position.
			if (inner.flat().some(({ hasLoop }) => hasLoop)) {
				throw new PatternError(`${text} is repeated and contains a repetition, which could take seconds`);
			}
		}
		// A group that has no alternatives and is matched exactly once is equal to its content.
		if (inner.length === 1 && !isRepeated && !quantifier.isOptional) return inner[0]!;
		const parts = inner.flat();
		const matches = SAMPLES.map((_, i) => parts.some((part) => part.matches[i]));
		const mayBeEmpty = inner.some((sequence) => sequence.every(({ isOptional }) => isOptional));
		const isVariable = quantifier.isVariable || parts.some((part) => part.isVariable) || inner.length > 1;
		const hasLoop = (isRepeated && quantifier.isVariable) || parts.some((part) => part.hasLoop);
		return [{ text, matches, isOptional: quantifier.isOptional || mayBeEmpty, isVariable, hasLoop }];
	}

	#quantifier(): Pick<Atom, "isOptional" | "isVariable"> & { isRepeated: boolean } {
		const rest = this.#source.slice(this.#at);
		const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/.exec(rest);
		if (!found) return { isOptional: false, isVariable: false, isRepeated: false };
		const [all, from, comma, to] = found;
		this.#at += all.length;
		const lazy = /.\?$/.test(all) ? "?" : "";
		const min = from === undefined ? (all[0] === "+" ? 1 : 0) : Number(from);
		const max = all[0] === "?" ? 1 : from === undefined ? MAX_REPEATS : comma ? Number(to || MAX_REPEATS) : min;
		if (min > MAX_REPEATS || max > MAX_REPEATS) throw new PatternError(`it repeats more than ${MAX_REPEATS} times`);
		this.#out += `{${min},${Math.max(min, max)}}${lazy}`;
		return { isOptional: min === 0, isVariable: min !== max, isRepeated: max > 1 };
	}

	#copy(count: number): void {
		this.#out += this.#source.slice(this.#at, this.#at + count);
		this.#at += count;
	}
}

/** Rejects a sequence in which a repeated or optional atom can match the beginning of the part after it. */
function checkSequence(sequence: readonly Atom[]): void {
	sequence.forEach((atom, i) => {
		if (!atom.isVariable && !atom.isOptional) return;
		for (const next of sequence.slice(i + 1)) {
			rejectOverlap(atom, next);
			if (!next.isOptional) break;
		}
	});
}

/**
 * Rejects a repeated group whose end can match the beginning of its next repetition, or whose alternatives can start
 * with the same character.
 */
function checkRepeated(alternatives: readonly Atom[][], text: string): void {
	const beginnings = alternatives.map((sequence): Atom => {
		const end = sequence.findIndex(({ isOptional }) => !isOptional);
		const first = end < 0 ? sequence : sequence.slice(0, end + 1);
		const matches = SAMPLES.map((_, i) => first.some((atom) => atom.matches[i]));
		return { text, matches, isOptional: false, isVariable: false, hasLoop: false };
	});
	beginnings.forEach((one, i) => {
		for (const other of beginnings.slice(i + 1)) rejectOverlap(one, other);
	});
	for (const sequence of alternatives) for (const beginning of beginnings) checkSequence([...sequence, beginning]);
}

function rejectOverlap(atom: Atom, next: Atom): void {
	const shared = SAMPLES.find((_, i) => atom.matches[i] && next.matches[i]);
	if (shared === undefined) return;
	const which = JSON.stringify(shared);
	throw new PatternError(`${atom.text} and ${next.text} after it can both match ${which}, which could take hours`);
}
