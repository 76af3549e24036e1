import Player from "rrweb-player";
import { FULL_SNAPSHOT, META, type RecordedEvent } from "../../src/contract/events.ts";
import { adaptEvents, mediaAt } from "./adapt.ts";
import { applyLiveState, FOCUS_RULE } from "./live-state.ts";
import { recordedPage } from "./player.text.ts";
import type { FromPlayer, ToPlayer, View } from "./protocol.ts";
import { forgetScrolls } from "./scroll.ts";

/**
 * The document that plays recordings. Its Content-Security-Policy allows this script only and no connections. It has no
 * logic of its own: it displays what the dashboard, which owns the clock, tells it to.
 */

type PlayerEvents = ConstructorParameters<typeof Player>[0]["props"]["events"];

const TICK_MS = 50;
/** How often the scroll position and size of the page are checked while nothing plays. */
const VIEW_POLL_MS = 150;
const FINISH_SLACK_MS = 200;

let player: Player | null = null;
let queued: RecordedEvent[] = [];
let speed = 1;
let skip = true;
let playing = false;
/** Whether a `tick` is scheduled: one at a time, however often "play" arrives. */
let ticking = false;
let lastTick = 0;
/** Time of the first full snapshot: nothing can be displayed before it. */
let firstFrame = 0;
/** The moment on screen while nothing plays. */
let stillAt = 0;
/** Time of the latest event that rrweb has. */
let newest = 0;
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
			else createPlayer(message.events);
			return;
		case "end":
			if (!player) postToHost({ kind: "error", reason: queued.length <= 1 ? "one-event" : "no-snapshot" });
			return;
		case "play": {
			const at = Math.max(message.at, firstFrame);
			// rrweb emits `finish` only after it has played an event, and no events are left here.
			if (at > newest) {
				showStill(at);
				postToHost({ kind: "finished" });
				return;
			}
			playing = true;
			// Stops a fast-forward through inactivity whose target may be in the past after a seek.
			player?.getReplayer().setConfig({ skipInactive: false });
			player?.getReplayer().setConfig({ skipInactive: skip });
			player?.getReplayer().play(offsetOf(at));
			if (!ticking) requestAnimationFrame(tick);
			ticking = true;
			return;
		}
		case "pause":
			// rrweb renders a moment without the events of that very millisecond.
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

/** Offsets of rrweb count from its first event, which changes when an earlier one is added. */
function offsetOf(at: number): number {
	return at - player!.getReplayer().getMetaData().startTime;
}

/** Adds events. Those that belong to the moment on screen are rendered at once: rrweb would wait for the next seek. */
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
			replayer.addEvent(event as PlayerEvents[number]);
		} else {
			insert(event);
			isLate ||= isVisible;
		}
	}
	if (playing || !isVisible) return;
	// rrweb processes added events in a microtask.
	queueMicrotask(() => {
		if (playing) return;
		// Moving forward, rrweb ignores events older than the current frame; moving back, it renders from the snapshot.
		if (isLate) replayer.pause(offsetOf(firstFrame));
		replayer.pause(offsetOf(stillAt));
	});
}

/** Returns the time of the full snapshot that a moment is rendered from. */
function snapshotBefore(at: number): number {
	const { events } = player!.getReplayer().service.state.context;
	return events.findLast(({ type, timestamp }) => type === FULL_SNAPSHOT && timestamp < at)?.timestamp ?? 0;
}

/** Inserts an event for later seeks. rrweb's `addEvent` would apply it to the current page, whatever the event's time. */
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

/** Queues events until a full snapshot arrives, then creates the player. Earlier events change a page that was not recorded. */
function createPlayer(events: RecordedEvent[]): void {
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
		// rrweb reports the end late: a seek may have moved away from it by then.
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

/** Posts the position of the page when it has changed. */
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
	const text = JSON.stringify(view);
	if (text === lastPosted || !view.width) return;
	lastPosted = text;
	postToHost({ kind: "view", view });
}

function fit(): void {
	if (!player) return;
	// Its types omit `$set`, which every Svelte component has.
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
