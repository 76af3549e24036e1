import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { createReplay, type Replay } from "../state/replay.ts";
import type { Source } from "../state/source.ts";
import { icons } from "../ui/icons.tsx";
import { Keys } from "../ui/keys.tsx";
import { Mark } from "../ui/mark.tsx";
import { Blank } from "../ui/shell.tsx";
import { duration } from "../ui/time.tsx";
import { Controls, Frame, StageTrouble } from "./replay.tsx";

interface Props {
	source: Source;
	head: ComponentChildren;
	/** When there is nothing to show. */
	gone: ComponentChildren;
}

/** A recording that does not come from the dashboard's own list: the picture, its tabs and its controls. */
export function Viewer({ source, head, gone }: Props) {
	const [wid, show] = useState<string | null>(null);
	const replay = useMemo(() => createReplay("", wid, undefined, null, source), [source, wid]);
	useEffect(() => replay.start(), [replay]);
	const trouble = replay.trouble.value;
	if (trouble?.kind === "gone") return <Blank title="There is nothing here">{gone}</Blank>;
	return (
		<div class="replay viewer">
			<header class="replay-head">{head}</header>
			<Tabs replay={replay} onShow={show} />
			<div class="stage">
				{trouble ? (
					<StageTrouble trouble={trouble} />
				) : (
					replay.chunks.value.length > 0 && <Frame key={replay.windowId.value} replay={replay} />
				)}
				{!trouble && (!replay.started.value || replay.waiting.value) && (
					<div class="stage-over" role="status">
						<Mark size={56} walking />
						<span class="hidden">Loading the recording</span>
					</div>
				)}
				{!trouble && replay.started.value && !replay.playing.value && !replay.waiting.value && (
					<button type="button" class="stage-play" aria-label="Play" onClick={replay.play}>
						{icons.play}
					</button>
				)}
			</div>
			<Controls replay={replay} />
			{replay.missing.value > 0 && (
				<p class="notice warn viewer-note">
					{replay.missing.value} parts of this recording are missing; the rest plays.
				</p>
			)}
			<Keys
				keys={[
					{ key: " ", shown: "Space", does: "Play or pause", run: replay.toggle },
					{ key: "ArrowRight", shown: "→", does: "5 seconds on", run: () => replay.skipBy(1) },
					{ key: "ArrowLeft", shown: "←", does: "5 seconds back", run: () => replay.skipBy(-1) },
					{ key: "ArrowUp", shown: "↑", does: "Faster", run: () => replay.faster(1) },
					{ key: "ArrowDown", shown: "↓", does: "Slower", run: () => replay.faster(-1) },
					{ key: "s", does: "Skip quiet spans, or not", run: () => replay.toggleSkip() },
				]}
			/>
		</div>
	);
}

function Tabs({ replay, onShow }: { replay: Replay; onShow(wid: string): void }) {
	const windows = replay.detail.value?.windows ?? [];
	if (windows.length < 2) return null;
	return (
		<nav class="windows" aria-label="Tabs of this recording">
			{windows.map(({ id, startedAt, lastAt }, i) => (
				<button
					key={id}
					type="button"
					aria-current={id === replay.windowId.value ? "page" : undefined}
					onClick={() => onShow(id)}
				>
					Tab {i + 1} <span class="sub">{duration(lastAt - startedAt)}</span>
				</button>
			))}
		</nav>
	);
}
