import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { sessionPath, withQuery } from "../../state/paths.ts";
import type { Replay } from "../../state/replay.ts";
import { go, query, setQuery } from "../../state/route.ts";
import { windowAt } from "../../state/tab-path.ts";
import { duration } from "../../ui/time.tsx";

/**
 * The tabs of the visitor's browser, when there was more than one: each with the span it was open in. Another one is
 * opened at the same moment, by hand or as the visitor went there.
 */
export function Windows({ replay }: { replay: Replay }) {
	const windows = tabsOf(replay);
	const isFollowing = query("follow") !== null;
	useTabSpans(replay, isFollowing && windows.length > 1);
	const bar = useTabInView(replay);
	const at = replay.from.value + replay.offset.value;
	const there = isFollowing ? windowAt(replay.path.value, at, windows) : null;
	useEffect(() => {
		if (there === null || there === replay.windowId.value || !replay.started.value) return;
		const path = sessionPath(replay.sid, replay.project, there, Math.round(at));
		go(withQuery(path, { ...savedView(), follow: "1", play: replay.playing.value ? "1" : null }), false);
	}, [there, replay.started.value]);
	if (windows.length < 2) return null;
	const begin = windows[0]!.startedAt;
	const total = Math.max(1, Math.max(...windows.map(({ lastAt }) => lastAt)) - begin);
	const percent = (span: number) => `${Math.min(100, Math.max(0, (span / total) * 100))}%`;
	return (
		<nav ref={bar} class="windows" aria-label="Tabs of this session">
			{windows.map((window, i) => {
				const isHere = window.id === replay.windowId.value;
				return (
					<a
						key={window.id}
						href={withQuery(
							sessionPath(replay.sid, replay.project, window.id, Math.round(clamp(at, window))),
							savedView(),
						)}
						aria-current={isHere ? "page" : undefined}
						title={window.id}
					>
						Tab {i + 1} <span class="sub">{duration(window.lastAt - window.startedAt)}</span>
						<span class="lane" aria-hidden="true">
							<i
								style={{ left: percent(window.startedAt - begin), width: percent(window.lastAt - window.startedAt) }}
							/>
							{isHere && <b style={{ left: percent(at - begin) }} />}
						</span>
					</a>
				);
			})}
			<label class="toggle">
				<input
					type="checkbox"
					checked={isFollowing}
					onChange={() => setQuery({ follow: isFollowing ? null : "1" }, true)}
				/>{" "}
				Follow the visitor
			</label>
		</nav>
	);
}

/** Of many tabs, the one that is shown may lie beyond the bar's edge. */
export function useTabInView({ windowId, detail }: Replay) {
	const bar = useRef<HTMLElement>(null);
	useLayoutEffect(() => {
		const tab = bar.current?.querySelector("[aria-current]");
		// Not `scrollIntoView`: that would move the page as well.
		if (tab) bar.current!.scrollLeft += tab.getBoundingClientRect().left - bar.current!.offsetLeft - TAB_BEFORE_PX;
	}, [windowId.value, detail.value?.windows.length]);
	return bar;
}

/** Of the tab before it, so much is left to be seen. */
const TAB_BEFORE_PX = 48;

/** In the order in which they are numbered. */
export function tabsOf(replay: Replay) {
	return (replay.detail.value?.windows ?? []).toSorted((a, b) => a.startedAt - b.startedAt);
}

/** Where the visitor was when, once it is wanted. */
function useTabSpans(replay: Replay, isWanted: boolean): void {
	const moments = replay.detail.value?.session?.events;
	useEffect(() => {
		let isOver = false;
		// What cannot be had is not followed.
		if (isWanted) {
			replay
				.stretches()
				.then((found) => {
					if (!isOver) replay.path.value = found;
				})
				.catch(() => {});
		} else replay.path.value = [];
		return () => {
			isOver = true;
		};
	}, [replay, isWanted, moments]);
}

/** How the replay is looked at, which another tab or session keeps. */
export function savedView(): Record<string, string | null> {
	return Object.fromEntries(["list", "panel", "size", "over", "hide"].map((name) => [name, query(name)]));
}

function clamp(at: number, { startedAt, lastAt }: { startedAt: number; lastAt: number }): number {
	return Math.min(Math.max(at, startedAt), lastAt);
}
