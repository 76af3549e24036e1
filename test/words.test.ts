import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/**
 * The product, its documents and its code use the field's standard terms (docs/glossary.md). This list contains phrases
 * that a reader would have to decode, and what to write instead. The tests search all code, comments, UI texts and
 * documents for these phrases, also across line breaks.
 */
const BANNED: [phrase: RegExp, instead: string][] = [
	[/\b(re)?told\b/i, "reported, shown, sent"],
	[/\b(go|goes|going|went) on\b/i, "continue, live session"],
	[/\b(give|gives|giving|given|gave) way\b/i, "yield"],
	[/\bof (your|the site's|the page's) own\b/i, "custom, your"],
	[/\bparted by\b/i, "separated by, comma-separated"],
	[/\bmade-up\b/i, "sample"],
	[/\bwhat \w+ has it\b/i, "name the thing"],
	[/\b(hand|hands|handed|handing) out\b/i, "export, send"],
	[/\btak(e|es|en|ing) back\b|\btook back\b/i, "revoke, undo"],
	[/\bby (itself|themselves)\b/i, "automatically"],
	[/\bwhose visit\b/i, "person, user ID"],
	[/\bput together\b/i, "combine, pack"],
	[/\banew\b/i, "again"],
	[/\bnot drawn\b/i, "not sampled"],
	[/\bin a rage\b|\braged at\b|\bdead on\b/i, "rage clicks, dead clicks"],
	[/\bcame to an end\b|\bits time has ended\b/i, "expired"],
	[/\bupkeep\b/i, "background jobs"],
	[/\bre?seal(s|ed|ing)?\b/i, "encrypt, re-encrypt"],
	[/\blaws? of the\b/i, "rule, boundary"],
];

/** Files that are not checked: the sample site, recorded inputs, generated files, and this list. */
const SKIPPED = /^(test\/(demo\/site|fixtures|words\.test\.ts)|migrations|package-lock\.json|LICENSE)/;
/** Commands and routes that keep an earlier name as an alias. */
const ALIASES = /["/ ]reseal"?/;

const root = fileURLToPath(new URL("../", import.meta.url));
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], { cwd: root, encoding: "utf8" })
	.split("\n")
	.filter((file) => /\.(tsx?|md|html|css|toml|json|sh)$|^\.ci\/run$/.test(file) && !SKIPPED.test(file));

describe("words", () => {
	it("are checked in the whole tree", () => {
		for (const file of ["README.md", "src/app.ts", "dashboard/pages/sessions.tsx", "docs/glossary.md"]) {
			expect(files).toContain(file);
		}
	});

	it("are the field's standard terms in code, comments, texts and documents", () => {
		expect(files.flatMap((file) => findBanned(file, read(file)))).toEqual([]);
	});

	it("are also checked across line breaks and comment markers", () => {
		expect(findBanned("a.ts", "/** Reads a session that goes\n * on. */")).toEqual([
			"a.ts:1 “goes on”: continue, live session",
		]);
		expect(findBanned("a.ts", "const told = 1;\n// parted\n// by commas")).toHaveLength(2);
		expect(findBanned("a.md", "Sessions are deleted automatically 30 days after their last activity.")).toEqual([]);
	});
});

function read(file: string): string {
	try {
		return readFileSync(root + file, "utf8");
	} catch {
		return ""; // The file was deleted, but Git still lists it.
	}
}

function findBanned(file: string, text: string): string[] {
	// Line breaks, with indentation and comment markers, become one space. `lineOf` maps offsets back to line numbers.
	const lineOf: number[] = [];
	let joined = "";
	for (const [i, line] of text.split("\n").entries()) {
		const content = `${line.replace(/^\s*(\/\*\*?|\*\/?|\/\/|#|>|--)?\s*/, "")} `;
		joined += content;
		for (let n = 0; n < content.length; n++) lineOf.push(i + 1);
	}
	return BANNED.flatMap(([phrase, instead]) =>
		[...joined.matchAll(new RegExp(phrase, "gi"))]
			.filter(
				({ 0: found, index }) =>
					!(/reseal/i.test(found) && ALIASES.test(joined.slice(index - 1, index + found.length + 1))),
			)
			.map(({ 0: found, index }) => `${file}:${lineOf[index]} “${found}”: ${instead}`),
	);
}
