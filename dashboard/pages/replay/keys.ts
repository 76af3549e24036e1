import type { Replay } from "../../state/replay.ts";
import type { Shortcut } from "../../ui/keys.tsx";
import * as text from "../replay.text.ts";

/** Returns the keyboard shortcuts for playback, which all pages with a recording have. */
export function playingKeys(replay: Replay): Shortcut[] {
	return [
		{ key: " ", shown: text.space, does: text.playOrPause, run: replay.toggle },
		{ key: "ArrowRight", shown: "→", does: text.forward, run: () => replay.skipBy(1) },
		{ key: "ArrowLeft", shown: "←", does: text.back, run: () => replay.skipBy(-1) },
		{ key: "ArrowUp", shown: "↑", does: text.faster, run: () => replay.faster(1) },
		{ key: "ArrowDown", shown: "↓", does: text.slower, run: () => replay.faster(-1) },
		{ key: "s", does: text.skipInactivity, run: () => replay.toggleSkip() },
	];
}
