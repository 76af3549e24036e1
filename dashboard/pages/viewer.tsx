import type { ComponentChildren } from "preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { createReplay, type Replay } from "../state/replay.ts";
import type { Source } from "../state/source.ts";
import { PageShortcuts } from "../ui/keys.tsx";
import { Blank } from "../ui/shell.tsx";
import { duration } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { Controls } from "./replay/controls.tsx";
import { playingKeys } from "./replay/keys.ts";
import { MissingChunks, Stage, toggleFullscreen } from "./replay/stage.tsx";
import { useTabInView } from "./replay/windows.tsx";
import { actualSizeOrFit, fullScreen, tab } from "./replay.text.ts";
import * as text from "./viewer.text.ts";

interface Props {
	source: Source;
	head: ComponentChildren;
	/** Shown if the recording does not exist. */
	notFound: ComponentChildren;
}

/** A player with tabs and controls, for recordings that are shared by link or imported from a file. */
export function Viewer({ source, head, notFound }: Props) {
	const page = useRef<HTMLDivElement>(null);
	const [wid, show] = useState<string | null>(null);
	const [isActual, setActual] = useState(false);
	const previous = useRef<Replay | null>(null);
	const replay = useMemo(() => {
		const options = { sid: "", wid, project: undefined, t: null, isPlaying: false, source };
		previous.current = createReplay({ ...options, previous: previous.current });
		return previous.current;
	}, [source, wid]);
	useLayoutEffect(() => replay.start(), [replay]);
	const toggleSize = () => setActual(!isActual);
	if (replay.error.value?.kind === "not-found") return <NotFound>{notFound}</NotFound>;
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
			<PageShortcuts
				keys={[
					...playingKeys(replay),
					{ key: "z", does: actualSizeOrFit, run: toggleSize },
					{ key: "f", does: fullScreen, run: () => toggleFullscreen(page) },
				]}
			/>
		</div>
	);
}

function NotFound({ children }: { children: ComponentChildren }) {
	useTitle(text.notFound);
	return <Blank title={text.notFound}>{children}</Blank>;
}

function Tabs({ replay, onShow }: { replay: Replay; onShow(wid: string): void }) {
	const windows = replay.detail.value?.windows ?? [];
	const bar = useTabInView(replay);
	if (windows.length < 2) return null;
	return (
		<nav ref={bar} class="windows" aria-label={text.tabs}>
			{windows.map(({ id, startedAt, lastAt }, i) => (
				<button
					key={id}
					type="button"
					aria-current={id === replay.windowId.value ? "page" : undefined}
					onClick={() => onShow(id)}
				>
					{tab(i + 1)} <span class="sub">{duration(lastAt - startedAt)}</span>
				</button>
			))}
		</nav>
	);
}
