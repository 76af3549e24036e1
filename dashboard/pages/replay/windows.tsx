import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { sessionPath, withQuery } from "../../state/paths.ts";
import type { Replay } from "../../state/replay.ts";
import { go, query, setQuery } from "../../state/route.ts";
import { windowAt } from "../../state/tab-path.ts";
import { duration } from "../../ui/time.tsx";
import * as text from "../replay.text.ts";

/**
 * The tabs of the session, if there are several, each with a bar that shows when the tab was open. The link to another
 * tab opens it at the current moment. With "Follow the visitor", the replay switches tabs when the visitor does.
 */
export function Windows({ replay }: { replay: Replay }) {
	const windows = sortedTabs(replay);
	const isFollowing = query("follow") !== null;
	useTabSpans(replay, isFollowing && windows.length > 1);
	const bar = useTabInView(replay);
	const at = replay.from.value + replay.offset.value;
	const visitorTab = isFollowing ? windowAt(replay.tabPath.value, at, windows) : null;
	useEffect(() => {
		if (visitorTab === null || visitorTab === replay.windowId.value || !replay.started.value) return;
		const path = sessionPath(replay.sid, replay.project, visitorTab, Math.round(at));
		go(withQuery(path, { ...viewParams(), follow: "1", play: replay.playing.value ? "1" : null }), false);
	}, [visitorTab, replay.started.value]);
	if (windows.length < 2) return null;
	const begin = windows[0]!.startedAt;
	const total = Math.max(1, Math.max(...windows.map(({ lastAt }) => lastAt)) - begin);
	const percent = (span: number) => `${Math.min(100, Math.max(0, (span / total) * 100))}%`;
	return (
		<nav ref={bar} class="windows" aria-label={text.tabs}>
			{windows.map((window, i) => {
				const isShown = window.id === replay.windowId.value;
				return (
					<a
						key={window.id}
						href={withQuery(
							sessionPath(replay.sid, replay.project, window.id, Math.round(clamp(at, window))),
							viewParams(),
						)}
						aria-current={isShown ? "page" : undefined}
						title={window.id}
					>
						{text.tab(i + 1)} <span class="sub">{duration(window.lastAt - window.startedAt)}</span>
						<span class="lane" aria-hidden="true">
							<i
								style={{ left: percent(window.startedAt - begin), width: percent(window.lastAt - window.startedAt) }}
							/>
							{isShown && <b style={{ left: percent(at - begin) }} />}
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
				{text.followVisitor}
			</label>
		</nav>
	);
}

/** Returns the ref for a bar of tabs. The bar is scrolled so that the current tab is visible. */
export function useTabInView({ windowId, detail }: Replay) {
	const bar = useRef<HTMLElement>(null);
	useLayoutEffect(() => {
		const tab = bar.current?.querySelector("[aria-current]");
		// `scrollIntoView` would scroll the page as well.
		if (tab) bar.current!.scrollLeft += tab.getBoundingClientRect().left - bar.current!.offsetLeft - TAB_BEFORE_PX;
	}, [windowId.value, detail.value?.windows.length]);
	return bar;
}

/** Width of the part of the previous tab that stays visible. */
const TAB_BEFORE_PX = 48;

/** Returns the tabs sorted by start time. The position in this list, from 1, is the number of a tab. */
export function sortedTabs(replay: Replay) {
	return (replay.detail.value?.windows ?? []).toSorted((a, b) => a.startedAt - b.startedAt);
}

/** Sets `tabPath` to the tabs in which the visitor was, and when, if `isWanted`; otherwise empties `tabPath`. */
function useTabSpans(replay: Replay, isWanted: boolean): void {
	const events = replay.detail.value?.session?.events;
	useEffect(() => {
		let isStale = false;
		if (isWanted) {
			replay
				.loadTabSpans()
				.then((found) => {
					if (!isStale) replay.tabPath.value = found;
				})
				// If loading fails, the visitor is not followed.
				.catch(() => {});
		} else replay.tabPath.value = [];
		return () => {
			isStale = true;
		};
	}, [replay, isWanted, events]);
}

/** Returns the URL parameters that are kept when another tab or session is shown. */
export function viewParams(): Record<string, string | null> {
	return Object.fromEntries(["list", "panel", "size", "over", "hide"].map((name) => [name, query(name)]));
}

function clamp(at: number, { startedAt, lastAt }: { startedAt: number; lastAt: number }): number {
	return Math.min(Math.max(at, startedAt), lastAt);
}
