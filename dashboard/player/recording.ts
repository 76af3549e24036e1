import Player from "rrweb-player";
import { FULL_SNAPSHOT, type RecordedEvent } from "../../src/contract/events.ts";
import { playable } from "./playable.ts";

/**
 * A recording as a file: one player with its own controls for each tab, and no network. The document's policy allows no
 * script but this one.
 */

type PlayerProps = ConstructorParameters<typeof Player>[0]["props"];

/** A file has no host of its own that a recording could ask. */
const NO_HOST = "recorded.invalid";
const MARGIN = 32;
const MAX_WIDTH = 1280;

interface Recording {
	windows: { events: RecordedEvent[] }[];
}

const { windows } = JSON.parse(document.getElementById("events")!.textContent ?? "") as Recording;
const place = document.getElementById("recording")!;
for (const [i, { events }] of windows.entries()) {
	const section = place.appendChild(document.createElement("section"));
	if (windows.length > 1) section.appendChild(document.createElement("h2")).textContent = `Tab ${i + 1}`;
	show(section, playable(events, 0, NO_HOST));
}

function show(target: HTMLElement, events: RecordedEvent[]): void {
	const snapshot = events.findIndex(({ type }) => type === FULL_SNAPSHOT);
	if (snapshot < 0 || events.length < 2) {
		target.appendChild(document.createElement("p")).textContent = "Nothing of this tab can be drawn.";
		return;
	}
	const width = Math.min(document.documentElement.clientWidth - MARGIN, MAX_WIDTH);
	const player = new Player({
		target,
		props: {
			...{ events: events as PlayerProps["events"], width, height: Math.round((width * 9) / 16), maxScale: 1 },
			...{ autoPlay: false, showController: true, skipInactive: true, showWarning: false, showDebug: false },
		},
	});
	player.getReplayer().iframe.title = "The recorded page";
}
