import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import type { NoteItem } from "../../api.ts";
import type { Replay } from "../../state/replay.ts";
import { createTimeScale, type TimeScale } from "../../state/time-scale.ts";
import { clusterTicks, type TimelineTick } from "../../state/timeline-ticks.ts";
import { KindShape, NoteShape } from "../../ui/icons.tsx";
import { clock, duration } from "../../ui/time.tsx";

/** Marks closer than this are one. */
const MARK_PX = 12;
/** A long quiet span, while quiet ones are skipped. */
const FOLD_PX = 24;
/** Share of the line that a hole has at least, to be seen. */
const MIN_HOLE = 1 / 200;
/** A page's name is not told in less. */
const NAME_PX = 48;
/** Entries that are named on a mark; the list has them all. */
const MAX_NAMED = 8;

/** The window as a line: what happened where, what is quiet, where we are. Drag it, click it, or use the arrows. */
export function Timeline({ replay, notes }: { replay: Replay; notes: readonly NoteItem[] }) {
	const bar = useRef<HTMLDivElement>(null);
	const width = useWidth(bar);
	const total = Math.max(1, replay.duration.value);
	const quiet = replay.passed.value;
	const scale = useMemo(() => createTimeScale(total, quiet, width ? FOLD_PX / width : 0), [total, quiet, width]);
	const here = percent(scale.toFraction(replay.offset.value));
	const seekTo = (event: PointerEvent) => {
		const box = bar.current!.getBoundingClientRect();
		replay.seek(scale.toOffset((event.clientX - box.left) / box.width));
	};
	const onKeyDown = (event: KeyboardEvent) => {
		// Page keys move by six times as much as the arrows.
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
			aria-label="Position"
			aria-valuemin={0}
			aria-valuemax={Math.round(total / 1000)}
			aria-valuenow={Math.round(replay.offset.value / 1000)}
			aria-valuetext={`${clock(replay.offset.value)} of ${clock(total)}`}
			onKeyDown={onKeyDown}
			onPointerDown={(event) => {
				// A mark is a moment of its own, whichever of its pixels was hit.
				const mark = (event.target as Element).closest<HTMLElement>("[data-at]");
				if (mark) return replay.seek(Number(mark.dataset.at));
				bar.current!.setPointerCapture(event.pointerId);
				seekTo(event);
			}}
			onPointerMove={(event) => bar.current!.hasPointerCapture(event.pointerId) && seekTo(event)}
		>
			<Spans replay={replay} scale={scale} />
			<div class="track">
				<div class="done" style={{ width: here }} />
			</div>
			<Marks replay={replay} scale={scale} width={width} />
			<Notes replay={replay} scale={scale} notes={notes} />
			<Pages replay={replay} scale={scale} width={width} />
			<div class="head" style={{ left: here }} />
		</div>
	);
}

const percent = (share: number) => `${share * 100}%`;

// What follows is apart from what moves with the clock, so that it is not drawn anew with every tick.

interface PartProps {
	replay: Replay;
	scale: TimeScale;
	/** Of the timeline, in pixels. */
	width: number;
}

/** What is loaded, what is quiet, what is missing. */
function Spans({ replay, scale }: Omit<PartProps, "width">) {
	const { toFraction: placeOf, folded } = scale;
	const from = replay.from.value;
	const place = (a: number, b: number) => ({ left: percent(placeOf(a)), width: percent(placeOf(b) - placeOf(a)) });
	return (
		<div class="track">
			{replay.loaded.value.map(([a, b]) => (
				<div key={a} class="loaded" style={place(a, b)} />
			))}
			{replay.gaps.value.map(([a, b]) => {
				const isFolded = folded.some((span) => span[1] === b);
				return (
					<div
						key={a}
						class="gap"
						data-folded={isFolded ? "" : undefined}
						title={isFolded ? `Quiet for ${duration(b - a)}` : undefined}
						style={place(a, b)}
					/>
				);
			})}
			{replay.missingChunks.value.map(({ cursor, from: a, to: b, reason }) => (
				<div
					key={cursor}
					class="hole"
					title={reason === "locked" ? "Encrypted" : reason === "undrawable" ? "Cannot be drawn" : "Missing"}
					style={{
						left: percent(placeOf(a - from)),
						width: percent(Math.max(placeOf(b - from) - placeOf(a - from), MIN_HOLE)),
					}}
				/>
			))}
		</div>
	);
}

function Marks({ replay, scale, width }: PartProps) {
	const entries = replay.entries.value;
	const from = replay.from.value;
	const words = ({ first, last }: TimelineTick) => {
		const named = entries
			.slice(first, Math.min(last + 1, first + MAX_NAMED))
			.map(({ at, title, subject }) => `${clock(at - from)} ${title} ${subject ? pathOf(subject) : ""}`.trim());
		const more = last + 1 - first - named.length;
		return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join("\n");
	};
	if (!width) return null;
	return (
		<div class="marks" aria-hidden="true">
			{clusterTicks(entries, (at) => scale.toFraction(at - from), MARK_PX / width).map((mark) => (
				<span
					key={mark.first}
					class="tick"
					data-kind={mark.kind}
					data-at={entries.slice(mark.first, mark.last + 1).find(({ kind }) => kind === mark.kind)!.at - from}
					data-many={mark.last > mark.first ? "" : undefined}
					style={{ left: `${mark.x * 100}%` }}
					title={words(mark)}
				>
					<KindShape kind={mark.kind} />
				</span>
			))}
		</div>
	);
}

/** What people wrote at moments of this tab; the list below the replay has them in full. */
function Notes({ replay, scale, notes }: Omit<PartProps, "width"> & { notes: readonly NoteItem[] }) {
	const from = replay.from.value;
	const here = notes.filter(({ windowId }) => windowId === replay.windowId.value);
	return (
		<div aria-hidden="true">
			{here.map(({ id, at, text }) => (
				<span
					key={id}
					class="note-mark"
					data-at={at - from}
					style={{ left: percent(scale.toFraction(at - from)) }}
					title={`${clock(at - from)} ${text}`}
				>
					<NoteShape />
				</span>
			))}
		</div>
	);
}

/** Which page from when to when. */
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
				const name = url === null ? "" : pathOf(url);
				return (
					<span
						key={at}
						title={`${name} for ${duration(right - left)}`}
						style={{ left: percent(scale.toFraction(left)), width: percent(share) }}
					>
						{share * width > NAME_PX && name}
					</span>
				);
			})}
		</div>
	);
}

function useWidth(box: { current: HTMLElement | null }): number {
	const [width, setWidth] = useState(0);
	useEffect(() => {
		const resized = new ResizeObserver(([entry]) => setWidth(Math.round(entry!.contentRect.width)));
		if (box.current) resized.observe(box.current);
		return () => resized.disconnect();
	}, []);
	return width;
}
