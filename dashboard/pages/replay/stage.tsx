import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { MissingChunk } from "../../state/chunk-loader.ts";
import type { OverlayKind } from "../../state/overlay.ts";
import type { Replay, ReplayError } from "../../state/replay.ts";
import { icons } from "../../ui/icons.tsx";
import { Logo } from "../../ui/logo.tsx";
import { clock } from "../../ui/time.tsx";
import * as text from "../replay.text.ts";
import { Overlay } from "./overlay.tsx";

/** The recorded page, scaled to fit or at actual size. Must have a different `key` for each replay, see `Frame`. */
export function Stage({ replay, isActual, overlay }: { replay: Replay; isActual: boolean; overlay: OverlayKind }) {
	const { error, started, waiting, hasPlayed } = replay;
	const view = replay.view.value;
	const size = isActual && view ? { width: `${view.width}px`, height: `${view.height}px` } : undefined;
	const isWaiting = !error.value && (!started.value || waiting.value);
	const at = replay.from.value + replay.offset.value;
	const missing = !error.value && replay.missingChunks.value.find(({ from, to }) => from <= at && at <= to);
	const isAtLiveEnd = started.value && replay.isGrowing.value && replay.complete.value;
	return (
		<div class="stage">
			<div
				class="stage-scroll"
				{...(isActual && { tabIndex: 0, role: "region", "aria-label": text.stageAtActualSize })}
			>
				<div class="stage-page" style={size}>
					{replay.playerUrl.value && <Frame replay={replay} />}
					{overlay !== "off" && started.value && <Overlay replay={replay} kind={overlay} />}
				</div>
			</div>
			{error.value && <StageError error={error.value} />}
			{missing && <p class="stage-note">{MISSING_TEXTS[missing.reason] ?? text.partMissing}</p>}
			{isWaiting && isAtLiveEnd && (
				<p class="stage-note" role="status">
					{text.atLiveEnd}
				</p>
			)}
			{isWaiting && !isAtLiveEnd && (
				<div class="stage-over" role="status">
					<Logo size={56} walking />
					<span class="hidden">{text.loading}</span>
				</div>
			)}
			{!error.value && started.value && !hasPlayed.value && !waiting.value && overlay === "off" && (
				<button type="button" class="stage-play" aria-label={text.play} onClick={replay.play}>
					{icons.play}
				</button>
			)}
		</div>
	);
}

const MISSING_TEXTS: Partial<Record<MissingChunk["reason"], string>> = {
	encrypted: text.partUndecryptable,
	undrawable: text.partUndrawable,
};

/** The iframe with the player document. Must exist as long as its replay, which delivers each event only once. */
function Frame({ replay }: { replay: Replay }) {
	const frame = useRef<HTMLIFrameElement>(null);
	// A layout effect attaches the frame before the player posts `ready`: without a frame, the message would be ignored.
	useLayoutEffect(() => {
		replay.attach(frame.current);
		return () => replay.attach(null);
	}, [replay]);
	return <iframe ref={frame} class="player" src={replay.playerUrl.value} title={text.recording} tabIndex={-1} />;
}

function StageError({ error }: { error: ReplayError }) {
	const [title, message] =
		error.kind === "no-snapshot"
			? [text.nothingToDraw, text.noSnapshot]
			: error.kind === "one-event"
				? [text.singleEvent, text.nothingToPlay]
				: [text.couldNotLoad, error.kind === "failed" ? error.message : ""];
	return (
		<div class="stage-error" role="alert">
			<h2>{title}</h2>
			<p>{message}</p>
		</div>
	);
}

/** Lists the parts of the recording that are not available, with their times. */
export function MissingChunks({ replay }: { replay: Replay }) {
	const missingChunks = replay.missingChunks.value;
	const unknownEvents = replay.unknownEvents.value;
	if (!missingChunks.length && !unknownEvents) return null;
	const withReason = (reason: string) => missingChunks.filter((missing) => missing.reason === reason);
	const spans = (list: typeof missingChunks) =>
		list
			.slice(0, 5)
			.map(({ from, to }) => text.timeSpan(clock(from - replay.from.value), clock(to - replay.from.value)))
			.join(", ") + (list.length > 5 ? text.andLater : "");
	const [missing, encrypted] = [withReason("missing"), withReason("encrypted")];
	const [undrawable, unreachable] = [withReason("undrawable"), withReason("unreachable")];
	return (
		<div class="missing-parts">
			{missing.length > 0 && (
				<p class="notice warn" role="status">
					{text.partsMissing(missing.length, spans(missing))}
				</p>
			)}
			{encrypted.length > 0 && (
				<p class="notice warn" role="status">
					{text.partsUndecryptable(encrypted.length, spans(encrypted), encrypted[0]!.message)}
				</p>
			)}
			{undrawable.length > 0 && (
				<p class="notice warn" role="status">
					{text.partsUndrawable(undrawable.length, spans(undrawable), undrawable[0]!.message)}
				</p>
			)}
			{unreachable.length > 0 && (
				<p class="notice warn" role="status">
					{text.partsUnreachable(unreachable.length, spans(unreachable))}{" "}
					<button type="button" class="button" onClick={replay.retry}>
						{text.tryAgain}
					</button>
				</p>
			)}
			{unknownEvents > 0 && (
				<p class="notice warn" role="status">
					{text.eventsSkipped(unknownEvents)}
				</p>
			)}
		</div>
	);
}

/** Enters or leaves full screen, in which the page shows only the stage and the controls. */
export function toggleFullscreen(page: RefObject<HTMLElement | null>): void {
	if (document.fullscreenElement) void document.exitFullscreen();
	else void page.current?.requestFullscreen?.().catch(() => {});
}
