import type Player from "rrweb-player";

/**
 * A seek past a scroll and a change of the page leaves the scroll's place in rrweb's model of the document (2.1.6:
 * `RRDocument.destroyTree` keeps `scrollData`), and the next seek would scroll to it whatever is shown by then.
 */
export function forgetScrolls(replayer: ReturnType<Player["getReplayer"]>): void {
	const forget = () => {
		(replayer as unknown as { virtualDom: { scrollData: unknown } }).virtualDom.scrollData = null;
	};
	replayer.on("fullsnapshot-rebuilded", forget);
	// After rrweb's own listener, which scrolls.
	replayer.on("flush", forget);
}
