import Player from "rrweb-player";
import { FULL_SNAPSHOT, type RecordedEvent } from "../../src/contract/events.ts";
import { sanitizeEvents } from "./sanitize.ts";
import { forgetScrolls } from "./scroll.ts";

/**
 * A recording as a file: one player with its own controls for each tab, and no network. The document's policy allows no
 * script but this one.
 */

type PlayerProps = ConstructorParameters<typeof Player>[0]["props"];

/** A file has no host of its own that a recording could ask. */
const NO_HOST = "recorded.invalid";
const MARGIN = 32;
/** The player's own controls, and some room above. */
const BESIDE = 140;
const MIN_HEIGHT = 240;
const MAX_WIDTH = 1280;

interface Recording {
	windows: { events: RecordedEvent[] }[];
}

const { windows } = JSON.parse(document.getElementById("events")!.textContent ?? "") as Recording;
const place = document.getElementById("recording")!;
for (const [i, { events }] of windows.entries()) {
	const section = place.appendChild(document.createElement("section"));
	if (windows.length > 1) section.appendChild(document.createElement("h2")).textContent = `Tab ${i + 1}`;
	show(section, sanitizeEvents(events, 0, NO_HOST), `skip-${i}`);
}

function show(target: HTMLElement, events: RecordedEvent[], id: string): void {
	const snapshot = events.findIndex(({ type }) => type === FULL_SNAPSHOT);
	if (snapshot < 0 || events.length < 2) {
		target.appendChild(document.createElement("p")).textContent = "Nothing of this tab can be drawn.";
		return;
	}
	const width = Math.min(document.documentElement.clientWidth - MARGIN, MAX_WIDTH);
	const height = Math.max(MIN_HEIGHT, Math.min(Math.round((width * 9) / 16), innerHeight - BESIDE));
	const player = new Player({
		target,
		props: {
			...{ events: events as PlayerProps["events"], width, height, maxScale: 1 },
			...{ autoPlay: false, showController: true, skipInactive: true, showWarning: false, showDebug: false },
		},
	});
	forgetScrolls(player.getReplayer());
	player.getReplayer().iframe.title = "The recorded page";
	nameControls(target, id);
}

/** rrweb's controls have no names, and the ids of several players are the same. */
function nameControls(target: HTMLElement, id: string): void {
	const silent = [...target.querySelectorAll("button")].filter((button) => !button.textContent?.trim());
	silent.at(0)?.setAttribute("aria-label", "Play or pause");
	silent.at(-1)?.setAttribute("aria-label", "Full screen");
	const skip = target.querySelector("input");
	skip?.setAttribute("aria-label", "Skip what is quiet");
	if (skip) skip.id = id;
	target.querySelector("label")?.setAttribute("for", id);
}
