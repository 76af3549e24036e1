import type { Replay } from "../../state/replay.ts";
import type { Key } from "../../ui/keys.tsx";

/** Keys that play, wherever a recording is shown. */
export function playingKeys(replay: Replay): Key[] {
	return [
		{ key: " ", shown: "Space", does: "Play or pause", run: replay.toggle },
		{ key: "ArrowRight", shown: "→", does: "5 seconds on", run: () => replay.skipBy(1) },
		{ key: "ArrowLeft", shown: "←", does: "5 seconds back", run: () => replay.skipBy(-1) },
		{ key: "ArrowUp", shown: "↑", does: "Faster", run: () => replay.faster(1) },
		{ key: "ArrowDown", shown: "↓", does: "Slower", run: () => replay.faster(-1) },
		{ key: "s", does: "Skip quiet spans, or not", run: () => replay.toggleSkip() },
	];
}
