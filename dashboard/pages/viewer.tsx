import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { createReplay, type Replay } from "../state/replay.ts";
import type { Source } from "../state/source.ts";
import { Keys } from "../ui/keys.tsx";
import { Blank } from "../ui/shell.tsx";
import { duration } from "../ui/time.tsx";
import { Controls } from "./replay/controls.tsx";
import { playingKeys } from "./replay/keys.ts";
import { MissingChunks, Stage, toggleFullscreen } from "./replay/stage.tsx";
import { useTabInView } from "./replay/windows.tsx";

interface Props {
	source: Source;
	head: ComponentChildren;
	/** When there is nothing to show. */
	gone: ComponentChildren;
}

/** A recording that does not come from the dashboard's own list: the picture, its tabs and its controls. */
export function Viewer({ source, head, gone }: Props) {
	const page = useRef<HTMLDivElement>(null);
	const [wid, show] = useState<string | null>(null);
	const [isActual, setActual] = useState(false);
	const before = useRef<Replay | null>(null);
	const replay = useMemo(() => {
		const asked = { sid: "", wid, project: undefined, t: null, isPlaying: false, source };
		before.current = createReplay({ ...asked, before: before.current });
		return before.current;
	}, [source, wid]);
	useLayoutEffect(() => replay.start(), [replay]);
	const toggleSize = () => setActual(!isActual);
	const trouble = replay.trouble.value;
	if (trouble?.kind === "gone") return <Blank title="There is nothing here">{gone}</Blank>;
	return (
		<div class="replay viewer" ref={page}>
			<header class="replay-head">{head}</header>
			<Tabs replay={replay} onShow={show} />
			<MissingChunks replay={replay} />
			<Stage key={wid} replay={replay} isActual={isActual} overlay="off" />
			<Controls
				replay={replay}
				overlay="off"
				isActual={isActual}
				onActual={toggleSize}
				onFullscreen={() => toggleFullscreen(page)}
			/>
			<Keys
				keys={[
					...playingKeys(replay),
					{ key: "z", does: "Actual size, or fit", run: toggleSize },
					{ key: "f", does: "Full screen", run: () => toggleFullscreen(page) },
				]}
			/>
		</div>
	);
}

function Tabs({ replay, onShow }: { replay: Replay; onShow(wid: string): void }) {
	const windows = replay.detail.value?.windows ?? [];
	const bar = useTabInView(replay);
	if (windows.length < 2) return null;
	return (
		<nav ref={bar} class="windows" aria-label="Tabs of this recording">
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
