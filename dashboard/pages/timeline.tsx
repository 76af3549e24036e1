import { useRef } from "preact/hooks";
import { pathOf } from "../../src/analytics/activity.ts";
import type { Replay } from "../state/replay.ts";
import { clock } from "../ui/time.tsx";

/** The session as a line: what happened where, what is quiet, where we are. Drag it, click it, or use the arrows. */
export function Timeline({ replay }: { replay: Replay }) {
	const bar = useRef<HTMLDivElement>(null);
	const total = Math.max(1, replay.duration.value);
	const percent = (offset: number) => `${Math.min(100, Math.max(0, (offset / total) * 100))}%`;
	const seekTo = (event: PointerEvent) => {
		const box = bar.current!.getBoundingClientRect();
		replay.seek(((event.clientX - box.left) / box.width) * total);
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
				bar.current!.setPointerCapture(event.pointerId);
				seekTo(event);
			}}
			onPointerMove={(event) => bar.current!.hasPointerCapture(event.pointerId) && seekTo(event)}
		>
			<div class="track">
				<div class="loaded" style={{ width: percent(replay.complete.value ? total : replay.loaded.value) }} />
				{replay.gaps.value.map(([a, b]) => (
					<div key={a} class="gap" style={{ left: percent(a), width: percent(b - a) }} />
				))}
				<div class="done" style={{ width: percent(replay.offset.value) }} />
			</div>
			{replay.entries.value.map(({ at, signal, title, subject }, i) => (
				<i
					key={i}
					class="tick"
					data-signal={signal}
					style={{ left: percent(at - replay.from.value) }}
					title={`${clock(at - replay.from.value)} ${title} ${subject ? pathOf(subject) : ""}`}
				/>
			))}
			<div class="head" style={{ left: percent(replay.offset.value) }} />
		</div>
	);
}
