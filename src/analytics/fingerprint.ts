import { MAX_FRAME_CHARS } from "../contract/limits.ts";

/**
 * Which exceptions are one issue: those of one project, one class and the same first frames, lines set aside. The same
 * text, byte for byte, as Sentiero hashes, so that what was grouped there stays grouped.
 */

const FRAMES = 5;

export type Normalize = (frame: string) => string;

/** What the SHA-256 is made of. @param platform of the report @param own the operator's, which go before ours */
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

const noAddress = (frame: string) => frame.replace(/0x[0-9a-f]+/gi, "0xHEX");
const generic: Normalize = (frame) => noAddress(frame).replace(/:\d+(?::\d+)?$/, ":N");
/** `at f (file.js:10:5)`, and `file.js:10:5` alone. */
const javascript: Normalize = (frame) => noAddress(frame).replace(/:\d+(?::\d+)?(\)?)$/, ":N$1");

const NORMALIZERS: Record<string, Normalize> = {
	ruby: (frame) =>
		noAddress(frame)
			.replace(/:\d+(?=:in )/g, ":N")
			.replace(/:\d+$/, ":N"),
	crystal: (frame) => noAddress(frame).replace(/:\d+(?::\d+)?(?= in )/g, ":N"),
	javascript,
	node: javascript,
};

/** Whole characters, also of those that JavaScript counts as two. */
export function firstChars(text: string, count: number): string {
	if (text.length <= count) return text;
	return [...text.slice(0, count * 2)].slice(0, count).join("");
}

/** Ruby's: of ASCII's white space, and NUL. */
function trim(text: string): string {
	let [from, to] = [0, text.length];
	const isBlank = (i: number) => "\t\n\v\f\r \0".includes(text[i]!);
	while (from < to && isBlank(from)) from++;
	while (to > from && isBlank(to - 1)) to--;
	return text.slice(from, to);
}
