import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * Removes unused parts of @rrweb/record at build time: the canvas recorder, which creates a blob worker while it loads and
 * so violates a CSP without `blob:`, cross-origin frames, fonts, inlined images and hooks. Stubs save 6 KB. Also adds the
 * hook `record.cost`, which measures what rrweb does in its own timers and listeners.
 */
export const slimRrweb: Plugin = {
	name: "slim-rrweb",
	setup(build) {
		build.onLoad({ filter: /@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, async ({ path }) => {
			let source = await readFile(path, "utf8");
			for (const { from, to, includes, replacement } of CUTS) {
				const start = source.indexOf(from);
				const end = source.indexOf(to, start + 1);
				if (start < 0 || end < start || !source.slice(start, end).includes(includes)) {
					throw new Error(`@rrweb/record has changed: cannot find ${includes.trim()} where slim-rrweb.ts expects it`);
				}
				source = source.slice(0, start) + replacement + source.slice(end);
			}
			// esbuild's helper for class fields is only needed for inherited or enumerated fields; rrweb has neither.
			source = source
				.replace(/__publicField\(this, "(\w+)", (.+)\);$/gm, "this.$1 = $2;")
				.replace(/__publicField\(this, "(\w+)"\);$/gm, "");
			return { contents: source, loader: "js" };
		});
	},
};

/** Each cut replaces the source from `from` up to `to`, which must contain `includes`. */
const CUTS = [
	{
		from: "\nvar chars = ",
		to: "\nclass StylesheetManager {",
		includes: "\nclass CanvasManager {",
		replacement: `
class CanvasManager {
	freeze() {}
	unfreeze() {}
	lock() {}
	unlock() {}
	reset() {}
}
`,
	},
	{
		from: "\nclass CrossOriginIframeMirror {",
		to: "\nclass IframeManager {",
		includes: "getRemoteIdToIdMap(",
		replacement: "\nclass CrossOriginIframeMirror {}\n",
	},
	{
		from: "\n  handleMessage(message) {",
		to: "\n}\nclass ShadowDomManager {",
		includes: "\n  transformCrossOriginEvent(",
		replacement: "\n  handleMessage() {}\n",
	},
	{
		from: "\nfunction initFontObserver(",
		to: "\nfunction initSelectionObserver(",
		includes: "FontFace",
		replacement: "\nfunction initFontObserver() { return () => {}; }\n",
	},
	{
		from: "\nfunction initCustomElementObserver(",
		to: "\nfunction initObservers(",
		includes: "\nfunction mergeHooks(",
		replacement: "\nfunction initCustomElementObserver() { return () => {}; }\nfunction mergeHooks() {}\n",
	},
	{
		from: '\n  if (tagName === "canvas" && recordCanvas) {',
		to: '\n  if (["audio", "video"].includes(tagName)) {',
		includes: "recordInlineImage",
		replacement: "",
	},
	{
		from: "\nfunction polyfill(",
		to: "\nfunction isSerializedIframe(",
		includes: "NodeList",
		replacement: "\nfunction polyfill() {}\n",
	},
	{
		from: "\n  const inEmittingFrame = ",
		to: "\n  if (mousemoveWait !== void 0",
		includes: "passEmitsToParent = true",
		replacement: "\n  const inEmittingFrame = true, passEmitsToParent = false;",
	},
	{
		from: "\nclass BaseRRNode {",
		to: "\nfunction on(type, fn,",
		includes: "RRDomException",
		replacement: "\nclass BaseRRNode {}\n",
	},
	{
		from: "\nconst DEPARTED_MIRROR_ACCESS_WARNING",
		to: "\nfunction throttle(func,",
		includes: "_mirror = new Proxy",
		replacement: "",
	},
	{
		from: "\n  const rrwebWrapped = (...rest) => {",
		to: "\n  return rrwebWrapped;",
		includes: "return cb(...rest);",
		replacement: `
	const rrwebWrapped = (...rest) => {
		const end = record.cost?.();
		try {
			return cb(...rest);
		} catch (error) {
			if (errorHandler?.(error) !== true) throw error;
		} finally {
			end?.();
		}
	};`,
	},
];
