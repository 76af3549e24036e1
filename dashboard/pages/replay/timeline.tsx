import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import type { NoteItem } from "../../api.ts";
import type { Replay } from "../../state/replay.ts";
import { createTimeScale, type TimeScale } from "../../state/time-scale.ts";
import { clusterTicks, type TimelineTick } from "../../state/timeline-ticks.ts";
import { KindShape, NoteShape } from "../../ui/icons.tsx";
import { clock, duration } from "../../ui/time.tsx";
import * as text from "../replay.text.ts";

/** Minimum distance of two ticks. Closer ticks are merged. */
const TICK_PX = 12;
/** Width of a folded span of inactivity. */
const FOLD_PX = 24;
/** Minimum width of a missing part, as a fraction of the timeline, so that the part is visible. */
const MIN_MISSING_WIDTH = 1 / 200;
/** Minimum width of a page view that shows its path. */
const MIN_PATH_PX = 48;
/** Maximum number of entries in the tooltip of a tick. The activity list has all entries. */
const MAX_LISTED = 8;

/** The timeline: a slider with activity ticks, inactivity, notes and page views. */
export function Timeline({ replay, notes }: { replay: Replay; notes: readonly NoteItem[] }) {
	const bar = useRef<HTMLDivElement>(null);
	const width = useWidth(bar);
	const total = Math.max(1, replay.duration.value);
	const skipped = replay.skippedSpans.value;
	const scale = useMemo(() => createTimeScale(total, skipped, width ? FOLD_PX / width : 0), [total, skipped, width]);
	const playhead = percent(scale.toFraction(replay.offset.value));
	const seekTo = (event: PointerEvent) => {
		const box = bar.current!.getBoundingClientRect();
		replay.seek(scale.toOffset((event.clientX - box.left) / box.width));
	};
	const onKeyDown = (event: KeyboardEvent) => {
		// Page keys step six times as far as arrow keys.
		const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, PageUp: 6, PageDown: -6 };
		const step = steps[event.key];
		if (step) replay.skipBy(step);
		else if (event.key === "Home") replay.seek(0);
		else if (event.key === "End") replay.seek(total);
		else return;
		event.preventDefault();
	};
	return (
		<div
			ref={bar}
			class="timeline"
			role="slider"
			tabIndex={0}
			aria-label={text.position}
			aria-valuemin={0}
			aria-valuemax={Math.round(total / 1000)}
			aria-valuenow={Math.round(replay.offset.value / 1000)}
			aria-valuetext={text.positionOf(clock(replay.offset.value), clock(total))}
			onKeyDown={onKeyDown}
			onPointerDown={(event) => {
				// A click anywhere on a tick or note seeks to its exact moment.
				const tick = (event.target as Element).closest<HTMLElement>("[data-at]");
				if (tick) return replay.seek(Number(tick.dataset.at));
				bar.current!.setPointerCapture(event.pointerId);
				seekTo(event);
			}}
			onPointerMove={(event) => bar.current!.hasPointerCapture(event.pointerId) && seekTo(event)}
		>
			<Spans replay={replay} scale={scale} />
			<div class="track">
				<div class="played" style={{ width: playhead }} />
			</div>
			<Ticks replay={replay} scale={scale} width={width} />
			<Notes replay={replay} scale={scale} notes={notes} />
			<Pages replay={replay} scale={scale} width={width} />
			<div class="playhead" style={{ left: playhead }} />
		</div>
	);
}

const percent = (share: number) => `${share * 100}%`;

// The components below do not read the clock, so that an update of the clock does not render them.

interface PartProps {
	replay: Replay;
	scale: TimeScale;
	/** Width of the timeline in pixels. */
	width: number;
}

/** Loaded, inactive and missing spans. */
function Spans({ replay, scale }: Omit<PartProps, "width">) {
	const { toFraction, folded } = scale;
	const from = replay.from.value;
	const box = (a: number, b: number) => ({
		left: percent(toFraction(a)),
		width: percent(toFraction(b) - toFraction(a)),
	});
	return (
		<div class="track">
			{replay.loaded.value.map(([a, b]) => (
				<div key={a} class="loaded" style={box(a, b)} />
			))}
			{replay.inactiveSpans.value.map(([a, b]) => {
				const isFolded = folded.some((span) => span[1] === b);
				return (
					<div
						key={a}
						class="gap"
						data-folded={isFolded ? "" : undefined}
						title={isFolded ? text.inactiveFor(duration(b - a)) : undefined}
						style={box(a, b)}
					/>
				);
			})}
			{replay.missingChunks.value.map(({ cursor, from: a, to: b, reason }) => (
				<div
					key={cursor}
					class="missing"
					title={text.reasons[reason]}
					style={{
						left: percent(toFraction(a - from)),
						width: percent(Math.max(toFraction(b - from) - toFraction(a - from), MIN_MISSING_WIDTH)),
					}}
				/>
			))}
		</div>
	);
}

function Ticks({ replay, scale, width }: PartProps) {
	const entries = replay.entries.value;
	const from = replay.from.value;
	const tooltip = ({ first, last }: TimelineTick) => {
		const listed = entries
			.slice(first, Math.min(last + 1, first + MAX_LISTED))
			.map(({ at, title, subject }) => `${clock(at - from)} ${title} ${subject ? pathOf(subject) : ""}`.trim());
		const more = last + 1 - first - listed.length;
		return [...listed, ...(more > 0 ? [text.more(more)] : [])].join("\n");
	};
	if (!width) return null;
	return (
		<div class="ticks" aria-hidden="true">
			{clusterTicks(entries, (at) => scale.toFraction(at - from), TICK_PX / width).map((tick) => (
				<span
					key={tick.first}
					class="tick"
					data-kind={tick.kind}
					data-at={entries.slice(tick.first, tick.last + 1).find(({ kind }) => kind === tick.kind)!.at - from}
					data-many={tick.last > tick.first ? "" : undefined}
					style={{ left: `${tick.x * 100}%` }}
					title={tooltip(tick)}
				>
					<KindShape kind={tick.kind} />
				</span>
			))}
		</div>
	);
}

/** Markers of the notes of this tab. The list below the replay shows the notes in full. */
function Notes({ replay, scale, notes }: Omit<PartProps, "width"> & { notes: readonly NoteItem[] }) {
	const from = replay.from.value;
	const ofTab = notes.filter(({ windowId }) => windowId === replay.windowId.value);
	return (
		<div aria-hidden="true">
			{ofTab.map(({ id, at, text: note }) => (
				<span
					key={id}
					class="note-mark"
					data-at={at - from}
					style={{ left: percent(scale.toFraction(at - from)) }}
					title={`${clock(at - from)} ${note}`}
				>
					<NoteShape />
				</span>
			))}
		</div>
	);
}

/** Page views with their paths. */
function Pages({ replay, scale, width }: PartProps) {
	const pageViews = replay.pageViews.value;
	const from = replay.from.value;
	return (
		<div class="pages" aria-hidden="true">
			{pageViews.map(({ at, url }, i) => {
				const left = Math.max(0, at - from);
				const right = pageViews[i + 1] ? pageViews[i + 1]!.at - from : replay.duration.value;
				const share = scale.toFraction(right) - scale.toFraction(left);
				if (right <= left) return null;
				const path = url === null ? "" : pathOf(url);
				return (
					<span
						key={at}
						title={text.pageFor(path, duration(right - left))}
						style={{ left: percent(scale.toFraction(left)), width: percent(share) }}
					>
						{share * width > MIN_PATH_PX && path}
					</span>
				);
			})}
		</div>
	);
}

function useWidth(box: { current: HTMLElement | null }): number {
	const [width, setWidth] = useState(0);
	useEffect(() => {
		const resizeObserver = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
		if (box.current) resizeObserver.observe(box.current);
		return () => resizeObserver.disconnect();
	}, []);
	return width;
}
