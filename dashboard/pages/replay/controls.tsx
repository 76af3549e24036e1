import type { NoteItem } from "../../api.ts";
import { OVERLAYS, type OverlayKind } from "../../state/overlay.ts";
import { type Replay, SPEEDS } from "../../state/replay.ts";
import { Choice } from "../../ui/filters.tsx";
import { icons } from "../../ui/icons.tsx";
import { clock } from "../../ui/time.tsx";
import { Timeline } from "./timeline.tsx";

interface Props {
	replay: Replay;
	/** Unset, there are none. */
	notes?: readonly NoteItem[];
	overlay: OverlayKind;
	/** Unset, there is nothing to draw over the page. */
	onOverlay?(kind: string): void;
	isActual: boolean;
	onActual(): void;
	onFullscreen(): void;
}

const NO_NOTES: readonly NoteItem[] = [];

export function Controls({ replay, notes = NO_NOTES, overlay, onOverlay, isActual, onActual, onFullscreen }: Props) {
	return (
		<div class="controls">
			<button
				type="button"
				class="button round"
				aria-label={replay.playing.value ? "Pause" : "Play"}
				disabled={!replay.started.value}
				onClick={replay.toggle}
			>
				{replay.playing.value ? icons.pause : icons.play}
			</button>
			<span class="clock">
				{clock(replay.offset.value)} <span class="sub">/ {clock(replay.duration.value)}</span>
			</span>
			<Timeline replay={replay} notes={notes} />
			<div class="control-choices">
				{replay.isGrowing.value && (
					<button
						type="button"
						class="button"
						aria-pressed={replay.following.value}
						disabled={!replay.started.value}
						onClick={replay.goLive}
					>
						Go to live
					</button>
				)}
				<label class="choice">
					<span class="hidden">Speed</span>
					<select
						value={String(replay.speed.value)}
						onChange={(event) => replay.setSpeed(Number(event.currentTarget.value))}
					>
						{SPEEDS.map((speed) => (
							<option key={speed} value={String(speed)}>
								{speed}×
							</option>
						))}
					</select>
				</label>
				{onOverlay && <Choice label="Overlay" value={overlay} options={OVERLAYS} onChange={onOverlay} />}
				<label class="toggle">
					<input type="checkbox" checked={replay.skip.value} onChange={() => replay.toggleSkip()} /> Skip quiet
				</label>
				<button
					type="button"
					class="button quiet"
					aria-label="Actual size"
					title={isActual ? "Fit the page in" : "Show the page in its own size"}
					aria-pressed={isActual}
					onClick={onActual}
				>
					{isActual ? icons.fit : icons.actual}
				</button>
				<button type="button" class="button quiet" aria-label="Full screen" title="Full screen" onClick={onFullscreen}>
					{icons.fullscreen}
				</button>
			</div>
		</div>
	);
}
