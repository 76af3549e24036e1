import type { NoteItem } from "../../api.ts";
import { OVERLAYS, type OverlayKind } from "../../state/overlay.ts";
import { type Replay, SPEEDS } from "../../state/replay.ts";
import { Choice } from "../../ui/filters.tsx";
import { icons } from "../../ui/icons.tsx";
import { clock } from "../../ui/time.tsx";
import * as text from "../replay.text.ts";
import { Timeline } from "./timeline.tsx";

interface Props {
	replay: Replay;
	/** Notes shown on the timeline. */
	notes?: readonly NoteItem[];
	overlay: OverlayKind;
	/** Sets the overlay. If absent, there is no overlay menu. */
	onOverlay?(kind: string): void;
	isActual: boolean;
	onActual(): void;
	onFullscreen(): void;
}

const NO_NOTES: readonly NoteItem[] = [];
const OVERLAY_OPTIONS = OVERLAYS.map((kind) => [kind, text.overlays[kind]] as const);

export function Controls({ replay, notes = NO_NOTES, overlay, onOverlay, isActual, onActual, onFullscreen }: Props) {
	return (
		<div class="controls">
			<button
				type="button"
				class="button round"
				aria-label={replay.playing.value ? text.pause : text.play}
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
						{text.goLive}
					</button>
				)}
				<label class="choice">
					<span class="hidden">{text.speed}</span>
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
				{onOverlay && <Choice label={text.overlay} value={overlay} options={OVERLAY_OPTIONS} onChange={onOverlay} />}
				<label class="toggle">
					<input type="checkbox" checked={replay.skip.value} onChange={() => replay.toggleSkip()} />{" "}
					{text.skipInactivity}
				</label>
				<button
					type="button"
					class="button quiet"
					aria-label={text.actualSize}
					title={isActual ? text.fitToWindow : text.showActualSize}
					aria-pressed={isActual}
					onClick={onActual}
				>
					{isActual ? icons.fit : icons.actual}
				</button>
				<button
					type="button"
					class="button quiet"
					aria-label={text.fullScreen}
					title={text.fullScreen}
					onClick={onFullscreen}
				>
					{icons.fullscreen}
				</button>
			</div>
		</div>
	);
}
