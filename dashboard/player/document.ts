import Player from "rrweb-player";
import { FULL_SNAPSHOT, META, type RecordedEvent } from "../../src/contract/events.ts";
import { adaptEvents, mediaAt } from "./adapt.ts";
import { applyLiveState, FOCUS_RULE } from "./live-state.ts";
import { recordedPage } from "./player.text.ts";
import type { FromPlayer, ToPlayer, View } from "./protocol.ts";
import { forgetScrolls } from "./scroll.ts";

/**
 * The script of the document that plays recordings. The document's Content-Security-Policy allows only this script and
 * no connections. The dashboard owns the clock and controls the player with messages.
 */

/** rrweb's type of recorded events. */
type RrwebEvents = ConstructorParameters<typeof Player>[0]["props"]["events"];

/** Minimum time between two `time` messages. */
const TICK_MS = 50;
/** Interval at which the position of the recorded page is checked. During playback, `tick` checks it as well. */
const VIEW_POLL_MS = 150;
/** rrweb's event `finish` is ignored if playback is further than this from the end of the recording. */
const FINISH_SLACK_MS = 200;

let player: Player | null = null;
let queued: RecordedEvent[] = [];
let speed = 1;
let skip = true;
let playing = false;
/** Whether a `tick` is scheduled, so that repeated `play` messages do not schedule another one. */
let ticking = false;
let lastTick = 0;
/** The earliest time that can be displayed: 1 ms after the first full snapshot. */
let firstFrame = 0;
/** The moment that is displayed while nothing plays. */
let stillAt = 0;
/** Time of the latest event that was added to rrweb. */
let newest = 0;
/** JSON of the last posted view. */
let lastPosted = "";

addEventListener("message", ({ origin, source, data }: MessageEvent<ToPlayer>) => {
	if (origin !== location.origin || source !== parent) return;
	try {
		onHostMessage(data);
	} catch (error) {
		console.error("the player failed", error);
		postToHost({ kind: "error", reason: "failed" });
	}
});
addEventListener("resize", () => fit());
setInterval(reportView, VIEW_POLL_MS);
postToHost({ kind: "ready" });

function onHostMessage(message: ToPlayer): void {
	switch (message.kind) {
		case "add":
			adaptEvents(message.events);
			if (player) add(message.events);
			else addBeforePlayer(message.events);
			return;
		case "end":
			if (!player) postToHost({ kind: "error", reason: queued.length <= 1 ? "one-event" : "no-snapshot" });
			return;
		case "play": {
			const at = Math.max(message.at, firstFrame);
			// No events are left to play. rrweb emits `finish` only after it has played an event.
			if (at > newest) {
				showStill(at);
				postToHost({ kind: "finished" });
				return;
			}
			playing = true;
			// Stops a running fast-forward through inactivity, whose target may be in the past after a seek.
			player?.getReplayer().setConfig({ skipInactive: false });
			player?.getReplayer().setConfig({ skipInactive: skip });
			player?.getReplayer().play(offsetOf(at));
			if (!ticking) requestAnimationFrame(tick);
			ticking = true;
			return;
		}
		case "pause":
			// rrweb renders a moment without the events of that millisecond, so the moment one millisecond later is shown.
			showStill(Math.max(message.at + 1, firstFrame));
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

function showStill(at: number): void {
	playing = false;
	stillAt = at;
	player?.getReplayer().pause(offsetOf(at));
	reportView();
}

/** Converts epoch milliseconds to an offset from rrweb's first event. Adding an earlier event changes the offset. */
function offsetOf(at: number): number {
	return at - player!.getReplayer().getMetaData().startTime;
}

/** Adds events. If they affect the displayed moment, renders it again: rrweb would do so only at the next seek. */
function add(events: readonly RecordedEvent[]): void {
	const replayer = player!.getReplayer();
	let isVisible = false;
	let isLate = false;
	const drawnFrom = snapshotBefore(stillAt);
	for (const event of events) {
		const { timestamp = 0 } = event;
		if (event.type === FULL_SNAPSHOT) firstFrame = Math.min(firstFrame, timestamp + 1);
		isVisible ||= timestamp < stillAt && timestamp >= drawnFrom;
		if (timestamp >= newest) {
			newest = timestamp;
			replayer.addEvent(event as RrwebEvents[number]);
		} else {
			insert(event);
			isLate ||= isVisible;
		}
	}
	if (playing || !isVisible) return;
	// rrweb processes added events in a microtask.
	queueMicrotask(() => {
		if (playing) return;
		// To render events that are older than the current frame, rrweb must move back first: forward, it skips them.
		if (isLate) replayer.pause(offsetOf(firstFrame));
		replayer.pause(offsetOf(stillAt));
	});
}

/** Returns the time of the full snapshot from which a moment is rendered; 0 if there is none. */
function snapshotBefore(at: number): number {
	const { events } = player!.getReplayer().service.state.context;
	return events.findLast(({ type, timestamp }) => type === FULL_SNAPSHOT && timestamp < at)?.timestamp ?? 0;
}

/** Inserts an event by its time, for later seeks. rrweb's `addEvent` would apply the event to the current page. */
function insert(event: RecordedEvent): void {
	const { events } = player!.getReplayer().service.state.context;
	let low = 0;
	let high = events.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (events[middle]!.timestamp <= event.timestamp!) low = middle + 1;
		else high = middle;
	}
	events.splice(low, 0, event as RrwebEvents[number]);
}

/**
 * Queues events until there are a full snapshot and a second event, which rrweb needs, then creates the player.
 * Playback starts at the snapshot: events before it change a page that was not recorded.
 */
function addBeforePlayer(events: RecordedEvent[]): void {
	queued.push(...events);
	const snapshot = queued.findIndex(({ type }) => type === FULL_SNAPSHOT);
	if (snapshot < 0) return;
	const from = queued[snapshot - 1]?.type === META ? snapshot - 1 : snapshot;
	if (queued.length - from < 2) return;
	const recording = queued.slice(from);
	const earlier = queued.slice(0, from);
	firstFrame = (queued[snapshot]?.timestamp ?? 0) + 1;
	newest = recording.at(-1)?.timestamp ?? 0;
	stillAt = firstFrame;
	queued = [];
	const { width, height } = size();
	player = new Player({
		target: document.body,
		props: {
			events: recording as RrwebEvents,
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
			insertStyleRules: [FOCUS_RULE],
			mouseTail: { duration: 500, lineCap: "round", lineWidth: 2, strokeStyle: "oklch(0.66 0.16 48)" },
		},
	});
	const replayer = player.getReplayer();
	replayer.setConfig({ speed });
	forgetScrolls(replayer);
	applyLiveState(replayer);
	replayer.on("fullsnapshot-rebuilded", (event) => {
		const scheme = /prefers-color-scheme:(\w+)/.exec(mediaAt((event as RecordedEvent).timestamp ?? 0))?.[1];
		replayer.iframe.style.colorScheme = scheme ?? "";
	});
	replayer.iframe.title = recordedPage;
	replayer.on("finish", () => {
		// rrweb emits `finish` late: a seek may have moved away from the end in the meantime.
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
		reportView();
	}
	requestAnimationFrame(tick);
}

/** Posts the position, scale and scroll position of the recorded page if one of them has changed. */
function reportView(): void {
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
	const json = JSON.stringify(view);
	if (json === lastPosted || !view.width) return;
	lastPosted = json;
	postToHost({ kind: "view", view });
}

function fit(): void {
	if (!player) return;
	// rrweb-player's types omit `$set`, which every Svelte component has.
	(player as unknown as { $set(props: object): void }).$set(size());
	player.triggerResize();
	reportView();
}

function size(): { width: number; height: number } {
	return { width: innerWidth, height: innerHeight };
}

function postToHost(message: FromPlayer): void {
	parent.postMessage(message, location.origin);
}
