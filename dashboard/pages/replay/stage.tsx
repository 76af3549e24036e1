import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { MissingChunk } from "../../state/chunk-loader.ts";
import type { OverlayKind } from "../../state/overlay.ts";
import type { Replay, Trouble } from "../../state/replay.ts";
import { icons } from "../../ui/icons.tsx";
import { Logo } from "../../ui/logo.tsx";
import { clock } from "../../ui/time.tsx";
import { Overlay } from "./overlay.tsx";

/** The recorded page, as large as there is room, or in its own size. Another replay needs another one: see `Frame`. */
export function Stage({ replay, isActual, overlay }: { replay: Replay; isActual: boolean; overlay: OverlayKind }) {
	const { trouble, started, waiting, playing } = replay;
	const view = replay.view.value;
	const size = isActual && view ? { width: `${view.width}px`, height: `${view.height}px` } : undefined;
	const isOver = !trouble.value && (!started.value || waiting.value);
	const at = replay.from.value + replay.offset.value;
	const missing = !trouble.value && replay.missingChunks.value.find(({ from, to }) => from <= at && at <= to);
	const isAtLiveEnd = started.value && replay.isGrowing.value && replay.complete.value;
	return (
		<div class="stage">
			<div
				class="stage-scroll"
				{...(isActual && { tabIndex: 0, role: "region", "aria-label": "The recorded page, in its own size" })}
			>
				<div class="stage-page" style={size}>
					{replay.player.value && <Frame replay={replay} />}
					{overlay !== "off" && started.value && <Overlay replay={replay} kind={overlay} />}
				</div>
			</div>
			{trouble.value && <StageTrouble trouble={trouble.value} />}
			{missing && (
				<p class="stage-note">{NOTES[missing.reason] ?? "This part is missing: the picture is an older one."}</p>
			)}
			{isOver && isAtLiveEnd && (
				<p class="stage-note" role="status">
					This is now. What the visitor does next is shown as it comes.
				</p>
			)}
			{isOver && !isAtLiveEnd && (
				<div class="stage-over" role="status">
					<Logo size={56} walking />
					<span class="hidden">Loading the recording</span>
				</div>
			)}
			{!trouble.value && started.value && !playing.value && !waiting.value && overlay === "off" && (
				<button type="button" class="stage-play" aria-label="Play" onClick={replay.play}>
					{icons.play}
				</button>
			)}
		</div>
	);
}

const NOTES: Partial<Record<MissingChunk["reason"], string>> = {
	locked: "This part cannot be decrypted.",
	undrawable: "This part cannot be drawn: the picture is an older one.",
};

/** One for all of a replay's life: what was given to a player is not given to another. */
function Frame({ replay }: { replay: Replay }) {
	const frame = useRef<HTMLIFrameElement>(null);
	// Before the player can say that it is ready.
	useLayoutEffect(() => {
		replay.attach(frame.current);
		return () => replay.attach(null);
	}, [replay]);
	return <iframe ref={frame} class="player" src={replay.player.value} title="Recording" tabIndex={-1} />;
}

function StageTrouble({ trouble }: { trouble: Trouble }) {
	const [title, text] =
		trouble.kind === "no-snapshot"
			? ["Nothing to draw", "This tab has no full snapshot: the recording was cut off before its first one arrived."]
			: trouble.kind === "one-event"
				? ["A single event", "Nothing else was recorded here, so there is nothing to play."]
				: ["This recording could not be loaded", trouble.kind === "failed" ? trouble.sentence : ""];
	return (
		<div class="stage-trouble" role="alert">
			<h2>{title}</h2>
			<p>{text}</p>
		</div>
	);
}

/** What of the recording could not be had, and where that is. */
export function MissingChunks({ replay }: { replay: Replay }) {
	const missingChunks = replay.missingChunks.value;
	const unknown = replay.unknown.value;
	if (!missingChunks.length && !unknown) return null;
	const of = (reason: string) => missingChunks.filter((missing) => missing.reason === reason);
	const spans = (list: typeof missingChunks) =>
		list
			.slice(0, 5)
			.map(({ from, to }) => `${clock(from - replay.from.value)} to ${clock(to - replay.from.value)}`)
			.join(", ") + (list.length > 5 ? " and later" : "");
	const parts = (n: number) => (n === 1 ? "One part" : `${n} parts`);
	const [missing, locked, unreachable] = [of("missing"), of("locked"), of("unreachable")];
	const undrawable = of("undrawable");
	return (
		<div class="holes">
			{missing.length > 0 && (
				<p class="notice warn" role="status">
					{parts(missing.length)} of this recording {missing.length === 1 ? "is" : "are"} missing ({spans(missing)}).
					The rest plays; what is shown after may lack what changed there.
				</p>
			)}
			{locked.length > 0 && (
				<p class="notice warn" role="status">
					{parts(locked.length)} cannot be decrypted ({spans(locked)}): {locked[0]!.sentence}.
				</p>
			)}
			{undrawable.length > 0 && (
				<p class="notice warn" role="status">
					{parts(undrawable.length)} cannot be drawn ({spans(undrawable)}): {undrawable[0]!.sentence}.
				</p>
			)}
			{unreachable.length > 0 && (
				<p class="notice warn" role="status">
					{parts(unreachable.length)} could not be loaded ({spans(unreachable)}).{" "}
					<button type="button" class="button" onClick={replay.retry}>
						Try again
					</button>
				</p>
			)}
			{unknown > 0 && (
				<p class="notice warn" role="status">
					{unknown === 1 ? "One event is" : `${unknown} events are`} of a kind that this player does not know, and left
					out. The rest plays.
				</p>
			)}
		</div>
	);
}

/** Fullscreen is the stage with its controls. */
export function toggleFullscreen(page: RefObject<HTMLElement | null>): void {
	if (document.fullscreenElement) void document.exitFullscreen();
	else void page.current?.requestFullscreen?.().catch(() => {});
}
