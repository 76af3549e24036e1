import type Player from "rrweb-player";

/**
 * Works around a bug of rrweb 2.1.6: `RRDocument.destroyTree` keeps `scrollData`, so a seek past a scroll and a page change
 * leaves the scroll position behind, and the next seek scrolls whatever page is shown to it.
 */
export function forgetScrolls(replayer: ReturnType<Player["getReplayer"]>): void {
	const forget = () => {
		(replayer as unknown as { virtualDom: { scrollData: unknown } }).virtualDom.scrollData = null;
	};
	replayer.on("fullsnapshot-rebuilded", forget);
	// Runs after rrweb's own listener, which applies the scroll.
	replayer.on("flush", forget);
}
