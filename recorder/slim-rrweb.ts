import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * rrweb's record comes in one file with much that we never ask it for: its recorder of canvases, whose worker it makes
 * as a blob while it loads (a page whose policy forbids blobs hears of it), what joins frames of other origins, fonts,
 * pictures as data, hooks. Stand-ins save 6 KB. And whatever rrweb does on its own, from a timer or a listener, is measured: `record.cost`.
 */
export const slimRrweb: Plugin = {
	name: "slim-rrweb",
	setup(build) {
		build.onLoad({ filter: /@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, async ({ path }) => {
			let source = await readFile(path, "utf8");
			for (const { from, to, holds, by } of CUTS) {
				const start = source.indexOf(from);
				const end = source.indexOf(to, start + 1);
				if (start < 0 || end < start || !source.slice(start, end).includes(holds)) {
					throw new Error(`@rrweb/record is no longer laid out as it was: look where its ${holds.trim()} is now`);
				}
				source = source.slice(0, start) + by + source.slice(end);
			}
			// Written for classes that inherit and enumerate; these do neither.
			source = source
				.replace(/__publicField\(this, "(\w+)", (.+)\);$/gm, "this.$1 = $2;")
				.replace(/__publicField\(this, "(\w+)"\);$/gm, "");
			return { contents: source, loader: "js" };
		});
	},
};

/** From the first text to right before the second, which hold the third. */
const CUTS = [
	{
		from: "\nvar chars = ",
		to: "\nclass StylesheetManager {",
		holds: "\nclass CanvasManager {",
		by: `
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
		holds: "getRemoteIdToIdMap(",
		by: "\nclass CrossOriginIframeMirror {}\n",
	},
	{
		from: "\n  handleMessage(message) {",
		to: "\n}\nclass ShadowDomManager {",
		holds: "\n  transformCrossOriginEvent(",
		by: "\n  handleMessage() {}\n",
	},
	{
		from: "\nfunction initFontObserver(",
		to: "\nfunction initSelectionObserver(",
		holds: "FontFace",
		by: "\nfunction initFontObserver() { return () => {}; }\n",
	},
	{
		from: "\nfunction initCustomElementObserver(",
		to: "\nfunction initObservers(",
		holds: "\nfunction mergeHooks(",
		by: "\nfunction initCustomElementObserver() { return () => {}; }\nfunction mergeHooks() {}\n",
	},
	{
		from: '\n  if (tagName === "canvas" && recordCanvas) {',
		to: '\n  if (["audio", "video"].includes(tagName)) {',
		holds: "recordInlineImage",
		by: "",
	},
	{
		from: "\nfunction polyfill(",
		to: "\nfunction isSerializedIframe(",
		holds: "NodeList",
		by: "\nfunction polyfill() {}\n",
	},
	{
		from: "\n  const inEmittingFrame = ",
		to: "\n  if (mousemoveWait !== void 0",
		holds: "passEmitsToParent = true",
		by: "\n  const inEmittingFrame = true, passEmitsToParent = false;",
	},
	{
		from: "\nclass BaseRRNode {",
		to: "\nfunction on(type, fn,",
		holds: "RRDomException",
		by: "\nclass BaseRRNode {}\n",
	},
	{
		from: "\nconst DEPARTED_MIRROR_ACCESS_WARNING",
		to: "\nfunction throttle(func,",
		holds: "_mirror = new Proxy",
		by: "",
	},
	{
		from: "\n  const rrwebWrapped = (...rest) => {",
		to: "\n  return rrwebWrapped;",
		holds: "return cb(...rest);",
		by: `
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
