import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * rrweb's record comes in one file with its recorder of canvases, whose worker it makes as a blob while it loads. We do
 * not record canvases: a stand-in saves 3 KB, and a page whose policy forbids blobs hears nothing of it.
 */
export const withoutCanvas: Plugin = {
	name: "without-canvas",
	setup(build) {
		build.onLoad({ filter: /@rrweb[\\/]record[\\/]dist[\\/]record\.js$/ }, async ({ path }) => {
			const source = await readFile(path, "utf8");
			const start = source.indexOf("\nconst jsContent = ");
			const end = source.indexOf("\nclass StylesheetManager {");
			if (start < 0 || end < start || !source.slice(start, end).includes("\nclass CanvasManager {")) {
				throw new Error("@rrweb/record is no longer laid out as it was: look where its CanvasManager is now");
			}
			return { contents: source.slice(0, start) + STAND_IN + source.slice(end), loader: "js" };
		});
	},
};

const STAND_IN = `
class CanvasManager {
	freeze() {}
	unfreeze() {}
	lock() {}
	unlock() {}
	reset() {}
}
`;
