import { MAX_FRAME_CHARS } from "../contract/limits.ts";

/**
 * Groups exceptions into issues: by project, class, and the first frames without line numbers. The text to be hashed is
 * byte for byte that of Sentiero (the Ruby gem), so that links to issues in Sentiero remain valid.
 */

const FRAMES = 5;

export type Normalize = (frame: string) => string;

/**
 * Returns the text whose SHA-256 identifies the issue of an exception.
 * @param preset platform that is assumed if the report does not name one
 * @param own custom normalizers by platform; they replace the built-in ones
 */
export function fingerprintText(
	report: { project: string; exceptionClass: string; backtrace: readonly string[]; platform: string | null },
	preset = "ruby",
	own: Readonly<Record<string, Normalize>> = {},
): string {
	const { project, exceptionClass, backtrace, platform } = report;
	const normalize = normalizerOf(platform, preset, own);
	const frames = backtrace.slice(0, FRAMES).map((frame) => {
		const raw = trim(firstChars(frame, MAX_FRAME_CHARS));
		try {
			return firstChars(String(normalize(raw)), MAX_FRAME_CHARS);
		} catch {
			return raw;
		}
	});
	return `${project}\n${exceptionClass}\n${frames.join("\n")}`;
}

function normalizerOf(platform: string | null, preset: string, own: Readonly<Record<string, Normalize>>): Normalize {
	const known = (name: string) =>
		Object.hasOwn(own, name) ? own[name] : Object.hasOwn(NORMALIZERS, name) ? NORMALIZERS[name] : undefined;
	return (platform ? known(platform) : (known(preset) ?? known("ruby"))) ?? generic;
}

const maskAddresses = (frame: string) => frame.replace(/0x[0-9a-f]+/gi, "0xHEX");
const generic: Normalize = (frame) => maskAddresses(frame).replace(/:\d+(?::\d+)?$/, ":N");
/** Normalizes frames such as `at f (file.js:10:5)` and `file.js:10:5`. */
const javascript: Normalize = (frame) => maskAddresses(frame).replace(/:\d+(?::\d+)?(\)?)$/, ":N$1");

const NORMALIZERS: Record<string, Normalize> = {
	ruby: (frame) =>
		maskAddresses(frame)
			.replace(/:\d+(?=:in )/g, ":N")
			.replace(/:\d+$/, ":N"),
	crystal: (frame) => maskAddresses(frame).replace(/:\d+(?::\d+)?(?= in )/g, ":N"),
	javascript,
	node: javascript,
};

/** Returns the first characters of a text without splitting surrogate pairs. */
export function firstChars(text: string, count: number): string {
	if (text.length <= count) return text;
	return [...text.slice(0, count * 2)].slice(0, count).join("");
}

/** Removes the same characters as Ruby's `strip`: ASCII whitespace and NUL. */
function trim(text: string): string {
	let [from, to] = [0, text.length];
	const isBlank = (i: number) => "\t\n\v\f\r \0".includes(text[i]!);
	while (from < to && isBlank(from)) from++;
	while (to > from && isBlank(to - 1)) to--;
	return text.slice(from, to);
}
