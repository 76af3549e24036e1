import { type eventWithTime, Replayer } from "rrweb";
import "rrweb/dist/style.css";

/** Plays events with rrweb's player. All options have their defaults, except that the mouse tail is off. */
Object.assign(window, {
	show(events: eventWithTime[], at: number) {
		document.body.replaceChildren();
		const replayer = new Replayer(events, { root: document.body, mouseTail: false });
		replayer.pause(at - events[0]!.timestamp);
	},
});
