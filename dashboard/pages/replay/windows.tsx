import type { Replay } from "../../state/replay.ts";
import { inList, sessionPath } from "../../state/route.ts";
import { duration } from "../../ui/time.tsx";

/**
 * The tabs of the visitor's browser, when there was more than one: each with the span it was open in. Another one is
 * opened at the same moment.
 * @param list the query of the list that the session was opened from
 */
export function Windows({ replay, list }: { replay: Replay; list: string }) {
	const detail = replay.detail.value;
	const windows = (detail?.windows ?? []).toSorted((a, b) => a.startedAt - b.startedAt);
	if (!detail || windows.length < 2) return null;
	const begin = windows[0]!.startedAt;
	const total = Math.max(1, Math.max(...windows.map(({ lastAt }) => lastAt)) - begin);
	const at = replay.from.value + replay.offset.value;
	const percent = (span: number) => `${Math.min(100, Math.max(0, (span / total) * 100))}%`;
	return (
		<nav class="windows" aria-label="Tabs of this session">
			{windows.map((window, i) => {
				const isHere = window.id === replay.windowId.value;
				return (
					<a
						key={window.id}
						href={inList(sessionPath(replay.sid, replay.project, window.id, Math.round(clamp(at, window))), list)}
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
		</nav>
	);
}

function clamp(at: number, { startedAt, lastAt }: { startedAt: number; lastAt: number }): number {
	return Math.min(Math.max(at, startedAt), lastAt);
}
