import Player from "rrweb-player";
import { FULL_SNAPSHOT, type RecordedEvent } from "../../src/contract/events.ts";
import { adaptEvents } from "./adapt.ts";
import { applyLiveState, FOCUS_RULE } from "./live-state.ts";
import * as text from "./player.text.ts";
import { sanitizeEvents } from "./sanitize.ts";
import { forgetScrolls } from "./scroll.ts";

/**
 * The script of an exported HTML file, which shows a player with controls for each tab. The document's
 * Content-Security-Policy allows only this script and no network access.
 */

type PlayerProps = ConstructorParameters<typeof Player>[0]["props"];

/** Passed instead of the dashboard's host, which an exported file does not know. */
const NO_HOST = "recorded.invalid";
const MARGIN = 32;
/** Height of the player's controls plus the space above the player. */
const CHROME_PX = 140;
const MIN_HEIGHT = 240;
const MAX_WIDTH = 1280;

interface Recording {
	windows: { events: RecordedEvent[] }[];
}

const { windows } = JSON.parse(document.getElementById("events")!.textContent ?? "") as Recording;
const container = document.getElementById("recording")!;
for (const [i, { events }] of windows.entries()) {
	const section = container.appendChild(document.createElement("section"));
	if (windows.length > 1) section.appendChild(document.createElement("h2")).textContent = text.tab(i + 1);
	addPlayer(section, sanitizeEvents(events, 0, NO_HOST), `skip-${i}`);
}

function addPlayer(target: HTMLElement, events: RecordedEvent[], id: string): void {
	adaptEvents(events);
	const snapshot = events.findIndex(({ type }) => type === FULL_SNAPSHOT);
	if (snapshot < 0 || events.length < 2) {
		target.appendChild(document.createElement("p")).textContent = text.noPicture;
		return;
	}
	const player = new Player({
		target,
		props: {
			...{ events: events as PlayerProps["events"], ...size(), maxScale: 1 },
			...{ autoPlay: false, showController: true, skipInactive: true, showWarning: false, showDebug: false },
			insertStyleRules: [FOCUS_RULE],
		},
	});
	forgetScrolls(player.getReplayer());
	applyLiveState(player.getReplayer());
	player.getReplayer().iframe.title = text.recordedPage;
	labelControls(target, id);
	addEventListener("resize", () => {
		// rrweb-player's types omit `$set`, which every Svelte component has.
		(player as unknown as { $set(props: object): void }).$set(size());
		player.triggerResize();
	});
}

function size(): { width: number; height: number } {
	const width = Math.min(document.documentElement.clientWidth - MARGIN, MAX_WIDTH);
	return { width, height: Math.max(MIN_HEIGHT, Math.min(Math.round((width * 9) / 16), innerHeight - CHROME_PX)) };
}

/** Adds accessible names, which rrweb's controls lack, and unique IDs, which several players on one page need. */
function labelControls(target: HTMLElement, id: string): void {
	const unnamed = [...target.querySelectorAll("button")].filter((button) => !button.textContent?.trim());
	unnamed.at(0)?.setAttribute("aria-label", text.playOrPause);
	unnamed.at(-1)?.setAttribute("aria-label", text.fullScreen);
	const skip = target.querySelector("input");
	skip?.setAttribute("aria-label", text.skipInactivity);
	if (skip) skip.id = id;
	target.querySelector("label")?.setAttribute("for", id);
	const caption = target.querySelector(".switch .label");
	if (caption) caption.textContent = text.skipInactivity;
}
