import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import { applyPatches, type Patch } from "../src/tools/patch-source.ts";

/** Fixes bugs of rrweb 2.1.6's player at build time. The build fails if a patch does not apply. */
export const patchRrweb: Plugin = {
	name: "patch-rrweb",
	setup(build) {
		build.onLoad({ filter: /rrweb-player[\\/]dist[\\/]rrweb-player\.js$/ }, async ({ path }) => {
			return { contents: applyPatches("rrweb-player", await readFile(path, "utf8"), PATCHES), loader: "js" };
		});
	},
};

const PATCHES: Patch[] = [
	{
		// rrweb attaches a shadow root only with the root's first child. A style sheet may be adopted before that.
		from: "\n    if (!targetHost) return;\n    (_a2 = data.styles)",
		to: "\n      var _a3;\n      let newStyleSheet = null;",
		includes: "forEach((style)",
		replacement: `
    if (!targetHost) return;
    if (targetHost.nodeName !== "#document" && !targetHost.shadowRoot) {
      try {
        targetHost.attachShadow({ mode: "open" });
      } catch {}
    }
    (_a2 = data.styles) == null ? void 0 : _a2.forEach((style) => {`,
	},
	{
		// rrweb creates a constructed style sheet when the sheet is adopted. Therefore adoptions must be applied before
		// changes of rules. After a seek, rrweb applies them in the opposite order.
		from: "\n        this.constructedStyleMutations.forEach((data) => {",
		to: "\n      }\n      if (this.mousePos) {",
		includes: "this.applyAdoptedStyleSheet(data);",
		replacement: `
        this.adoptedStyleSheets.forEach((data) => this.applyAdoptedStyleSheet(data));
        this.adoptedStyleSheets = [];
        this.constructedStyleMutations.forEach((data) => this.applyStyleSheetMutation(data));
        this.constructedStyleMutations = [];`,
	},
	{
		// CSS custom properties are case-sensitive and may have any name. rrweb changes some of these names and ignores
		// others. This patch and the next two prevent that.
		from: '\nconst CUSTOM_PROPERTY_REGEX = /^--[a-zA-Z0-9-]+$/;\nconst camelize = (str) => {\n  if (CUSTOM_PROPERTY_REGEX.test(str)) return str;\n  return str.replace(camelizeRE, (_, c2) => c2 ? c2.toUpperCase() : "");\n};\nconst hyphenateRE = /\\B([A-Z])/g;\nconst hyphenate',
		to: "\nclass BaseRRNode {",
		includes: "toLowerCase()",
		replacement: `
const camelize = (str) => str.startsWith("--") ? str : str.replace(camelizeRE, (_, c2) => c2 ? c2.toUpperCase() : "");
const hyphenate = (str) => str.startsWith("--") ? str : str.replace(/\\B([A-Z])/g, "-$1").toLowerCase();`,
	},
	{
		from: "\n      if (hyphenateRE2.test(name)) return;",
		to: "\n      const normalizedName = camelize(name);\n      if (!value) delete",
		includes: "hyphenateRE2",
		replacement: "",
	},
	{
		from: '\n      if (hyphenateRE2.test(name)) return "";',
		to: "\n      const normalizedName = camelize(name);\n      const value = style",
		includes: "hyphenateRE2",
		replacement: "",
	},
	// A style element loses the rules that scripts have inserted when it is moved, so the rules are inserted again.
	...["oldStartNode, oldEndNode.nextSibling", "oldEndNode, oldStartNode", "nodeToMove, oldStartNode"].map(
		(nodes): Patch => ({
			from: ` oldTree.insertBefore(${nodes});`,
			to: " catch (e2)",
			includes: "insertBefore",
			replacement: ` moveKeepingRules(${nodes}, (node, next) => oldTree.insertBefore(node, next)); }`,
		}),
	),
	{
		from: "\nfunction diffChildren(oldTree, newTree, replayer, rrnodeMirror) {",
		to: "\n  const oldChildren = Array.from(oldTree.childNodes);",
		includes: "diffChildren",
		replacement: `
function moveKeepingRules(node, next, move) {
  const styles = node.nodeName === "STYLE" ? [node] : [...(node.querySelectorAll?.("style") ?? [])];
  const kept = styles.map((style) => [style, [...(style.sheet?.cssRules ?? [])].map((rule) => rule.cssText)]);
  move(node, next);
  for (const [style, rules] of kept) {
    const { sheet } = style;
    if (!sheet || sheet.cssRules.length === rules.length) continue;
    while (sheet.cssRules.length) sheet.deleteRule(0);
    for (const rule of rules) sheet.insertRule(rule, sheet.cssRules.length);
  }
}
function diffChildren(oldTree, newTree, replayer, rrnodeMirror) {`,
	},
];
