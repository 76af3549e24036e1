import Player from "rrweb-player";
import { FULL_SNAPSHOT, META, type RecordedEvent } from "../../src/contract/events.ts";
import type { FromPlayer, ToPlayer, View } from "./protocol.ts";
import { forgetScrolls } from "./scroll.ts";

/**
 * The document that recordings are shown in. It runs under a policy of its own: no script but this one, no connection.
 * It holds events and frames and decides nothing; the clock is the dashboard's.
 */

type PlayerEvents = ConstructorParameters<typeof Player>[0]["props"]["events"];

const TICK_MS = 50;
/** How often the page is looked at for having been scrolled or resized, while nothing plays. */
const LOOK_MS = 150;
const FINISH_SLACK_MS = 200;

let player: Player | null = null;
let waiting: RecordedEvent[] = [];
let speed = 1;
let skip = true;
let playing = false;
/** One at a time, however often it is told to play. */
let ticking = false;
let lastTick = 0;
/** The first snapshot's own moment: before it there is nothing to see. */
let firstFrame = 0;
/** The moment that stands still, while nothing plays. */
let shown = 0;
/** The latest event that rrweb was given. */
let newest = 0;
let lastPosted = "";

addEventListener("message", ({ origin, source, data }: MessageEvent<ToPlayer>) => {
	if (origin !== location.origin || source !== parent) return;
	try {
		onHostMessage(data);
	} catch (error) {
		console.error("the player failed", error);
		postToHost({ kind: "trouble", reason: "failed" });
	}
});
addEventListener("resize", () => fit());
setInterval(look, LOOK_MS);
postToHost({ kind: "ready" });

function onHostMessage(message: ToPlayer): void {
	switch (message.kind) {
		case "add":
			if (player) add(message.events);
			else begin(message.events);
			return;
		case "end":
			if (!player) postToHost({ kind: "trouble", reason: waiting.length <= 1 ? "one-event" : "no-snapshot" });
			return;
		case "play": {
			const at = Math.max(message.at, firstFrame);
			// rrweb tells of the end only when it plays an event.
			if (at > newest) {
				stand(at);
				postToHost({ kind: "finished" });
				return;
			}
			playing = true;
			// What it was hurrying to may be behind by now.
			player?.getReplayer().setConfig({ skipInactive: false });
			player?.getReplayer().setConfig({ skipInactive: skip });
			player?.getReplayer().play(offsetOf(at));
			if (!ticking) requestAnimationFrame(tick);
			ticking = true;
			return;
		}
		case "pause":
			// rrweb's picture of a moment is without what came in it.
			stand(Math.max(message.at + 1, firstFrame));
			return;
		case "speed":
			speed = message.speed;
			player?.getReplayer().setConfig({ speed });
			return;
		case "still":
			document.body.classList.add("still");
			return;
		case "skip":
			skip = message.on;
			player?.getReplayer().setConfig({ skipInactive: skip });
	}
}

function stand(at: number): void {
	playing = false;
	shown = at;
	player?.getReplayer().pause(offsetOf(at));
	look();
}

/** rrweb counts from the first event that it has, which changes when an earlier one comes. */
function offsetOf(at: number): number {
	return at - player!.getReplayer().getMetaData().startTime;
}

/** What belongs to the moment that stands still would wait, unseen, for the next seek. */
function add(events: readonly RecordedEvent[]): void {
	const replayer = player!.getReplayer();
	let isSeen = false;
	let isLate = false;
	const drawnFrom = snapshotBefore(shown);
	for (const event of events) {
		const { timestamp = 0 } = event;
		if (event.type === FULL_SNAPSHOT) firstFrame = Math.min(firstFrame, timestamp + 1);
		isSeen ||= timestamp < shown && timestamp >= drawnFrom;
		if (timestamp >= newest) {
			newest = timestamp;
			replayer.addEvent(event as PlayerEvents[number]);
		} else {
			insert(event);
			isLate ||= isSeen;
		}
	}
	if (playing || !isSeen) return;
	// rrweb takes events a microtask later.
	queueMicrotask(() => {
		if (playing) return;
		// Going on, rrweb leaves out what is older than what it showed; going back, it draws anew.
		if (isLate) replayer.pause(offsetOf(firstFrame));
		replayer.pause(offsetOf(shown));
	});
}

/** Where the picture of a moment is drawn from. */
function snapshotBefore(at: number): number {
	const { events } = player!.getReplayer().service.state.context;
	return events.findLast(({ type, timestamp }) => type === FULL_SNAPSHOT && timestamp < at)?.timestamp ?? 0;
}

/** For later seeks only: rrweb's own way would change the page that is shown at once, whatever the event's time. */
function insert(event: RecordedEvent): void {
	const { events } = player!.getReplayer().service.state.context;
	let low = 0;
	let high = events.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (events[middle]!.timestamp <= event.timestamp!) low = middle + 1;
		else high = middle;
	}
	events.splice(low, 0, event as PlayerEvents[number]);
}

/** Nothing can be shown before a full snapshot: what comes earlier would change a page that is not there. */
function begin(events: RecordedEvent[]): void {
	waiting.push(...events);
	const snapshot = waiting.findIndex(({ type }) => type === FULL_SNAPSHOT);
	if (snapshot < 0) return;
	const from = waiting[snapshot - 1]?.type === META ? snapshot - 1 : snapshot;
	if (waiting.length - from < 2) return;
	const recording = waiting.slice(from);
	const earlier = waiting.slice(0, from);
	firstFrame = (waiting[snapshot]?.timestamp ?? 0) + 1;
	newest = recording.at(-1)?.timestamp ?? 0;
	shown = firstFrame;
	waiting = [];
	const { width, height } = size();
	player = new Player({
		target: document.body,
		props: {
			events: recording as PlayerEvents,
			width,
			height,
			maxScale: 1,
			autoPlay: false,
			showController: false,
			skipInactive: skip,
			speed: 1,
			showWarning: false,
			showDebug: false,
			triggerFocus: false,
			mouseTail: { duration: 500, lineCap: "round", lineWidth: 2, strokeStyle: "oklch(0.66 0.16 48)" },
		},
	});
	const replayer = player.getReplayer();
	replayer.setConfig({ speed });
	forgetScrolls(replayer);
	replayer.iframe.title = "The recorded page";
	replayer.on("finish", () => {
		// rrweb tells it a moment late: by then a seek may have led away from the end.
		const at = replayer.getCurrentTime();
		if (replayer.getMetaData().totalTime - at > FINISH_SLACK_MS) {
			if (playing) replayer.play(at);
			return;
		}
		playing = false;
		postToHost({ kind: "finished" });
	});
	replayer.pause(offsetOf(firstFrame));
	for (const event of earlier) insert(event);
	postToHost({ kind: "started" });
}

function tick(now: number): void {
	ticking = playing && player !== null;
	if (!playing || !player) return;
	if (now - lastTick >= TICK_MS) {
		lastTick = now;
		const replayer = player.getReplayer();
		postToHost({ kind: "time", at: replayer.getMetaData().startTime + replayer.getCurrentTime() });
		look();
	}
	requestAnimationFrame(tick);
}

/** Says where the page lies, when that has changed. */
function look(): void {
	const frame = player?.getReplayer().iframe;
	const page = frame?.contentWindow;
	if (!frame || !page) return;
	const box = frame.getBoundingClientRect();
	const view: View = {
		width: frame.offsetWidth,
		height: frame.offsetHeight,
		left: box.left,
		top: box.top,
		scale: box.width / (frame.offsetWidth || 1),
		scrollX: page.scrollX,
		scrollY: page.scrollY,
	};
	const text = JSON.stringify(view);
	if (text === lastPosted || !view.width) return;
	lastPosted = text;
	postToHost({ kind: "view", view });
}

function fit(): void {
	if (!player) return;
	// Its types leave out what every Svelte component has.
	(player as unknown as { $set(props: object): void }).$set(size());
	player.triggerResize();
	look();
}

function size(): { width: number; height: number } {
	return { width: innerWidth, height: innerHeight };
}

function postToHost(message: FromPlayer): void {
	parent.postMessage(message, location.origin);
}
