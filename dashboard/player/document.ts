import Player from "rrweb-player";
import { FULL_SNAPSHOT, META, type RecordedEvent } from "../../src/contract/events.ts";
import type { FromPlayer, ToPlayer } from "./protocol.ts";

/**
 * The document that recordings are shown in. It runs under a policy of its own: no script but this one, no connection.
 * It holds events and frames and decides nothing; the clock is the dashboard's.
 */

type PlayerEvents = ConstructorParameters<typeof Player>[0]["props"]["events"];

const TICK_MS = 50;
const FINISH_SLACK_MS = 200;

let player: Player | null = null;
let waiting: RecordedEvent[] = [];
let speed = 1;
let skip = true;
let playing = false;
let lastTick = 0;
/** The first snapshot's own moment: before it there is nothing to see. */
let firstFrame = 0;
/** The moment that stands still, while nothing plays, as an offset from `start`. */
let shown = 0;
/** Epoch milliseconds of offset 0. */
let start = 0;

addEventListener("message", ({ origin, source, data }: MessageEvent<ToPlayer>) => {
	if (origin !== location.origin || source !== parent) return;
	try {
		take(data);
	} catch (error) {
		console.error("the player failed", error);
		say({ kind: "trouble", reason: "failed" });
	}
});
addEventListener("resize", () => fit());
say({ kind: "ready" });

function take(message: ToPlayer): void {
	switch (message.kind) {
		case "add":
			if (player) add(message.events);
			else begin(message.events);
			return;
		case "end":
			if (!player) say({ kind: "trouble", reason: waiting.length <= 1 ? "one-event" : "no-snapshot" });
			return;
		case "play":
			playing = true;
			player?.getReplayer().play(Math.max(message.offset, firstFrame));
			requestAnimationFrame(tick);
			return;
		case "pause":
			playing = false;
			// rrweb's picture of a moment is without what came in it.
			shown = Math.max(message.offset + 1, firstFrame);
			player?.getReplayer().pause(shown);
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

/** What belongs to the moment that stands still would wait, unseen, for the next seek. */
function add(events: readonly RecordedEvent[]): void {
	const replayer = player!.getReplayer();
	for (const event of events) replayer.addEvent(event as PlayerEvents[number]);
	if (playing || !events.some(({ timestamp = 0 }) => timestamp - start < shown)) return;
	// rrweb takes events a microtask later.
	queueMicrotask(() => playing || replayer.pause(shown));
}

/** Nothing can be shown before a full snapshot: what comes earlier would change a page that is not there. */
function begin(events: RecordedEvent[]): void {
	waiting.push(...events);
	const snapshot = waiting.findIndex(({ type }) => type === FULL_SNAPSHOT);
	if (snapshot < 0) return;
	const from = waiting[snapshot - 1]?.type === META ? snapshot - 1 : snapshot;
	if (waiting.length - from < 2) return;
	const recording = waiting.slice(from);
	start = recording[0]?.timestamp ?? 0;
	firstFrame = (waiting[snapshot]?.timestamp ?? 0) - start + 1;
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
	replayer.iframe.title = "The recorded page";
	replayer.on("finish", () => {
		// rrweb tells it a moment late: by then a seek may have led away from the end.
		const at = replayer.getCurrentTime();
		if (replayer.getMetaData().totalTime - at > FINISH_SLACK_MS) {
			if (playing) replayer.play(at);
			return;
		}
		playing = false;
		say({ kind: "finished" });
	});
	replayer.pause(firstFrame);
	say({ kind: "started", from: start });
}

function tick(now: number): void {
	if (!playing || !player) return;
	if (now - lastTick >= TICK_MS) {
		lastTick = now;
		say({ kind: "time", offset: player.getReplayer().getCurrentTime() });
	}
	requestAnimationFrame(tick);
}

function fit(): void {
	if (!player) return;
	// Its types leave out what every Svelte component has.
	(player as unknown as { $set(props: object): void }).$set(size());
	player.triggerResize();
}

function size(): { width: number; height: number } {
	return { width: innerWidth, height: innerHeight };
}

function say(message: FromPlayer): void {
	parent.postMessage(message, location.origin);
}
