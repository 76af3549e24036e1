import type Player from "rrweb-player";

/**
 * Works around a bug of rrweb 2.1.6: `RRDocument.destroyTree` keeps `scrollData`. After a seek past a scroll and a page
 * change, the next seek would scroll the new page to the scroll position of the old one.
 */
export function forgetScrolls(replayer: ReturnType<Player["getReplayer"]>): void {
	const forget = () => {
		(replayer as unknown as { virtualDom: { scrollData: unknown } }).virtualDom.scrollData = null;
	};
	replayer.on("fullsnapshot-rebuilded", forget);
	// Runs after rrweb's own listener, which applies the scroll.
	replayer.on("flush", forget);
}
