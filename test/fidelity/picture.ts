import { setTimeout as wait } from "node:timers/promises";
import type { Frame, Page } from "playwright-core";

export const VIEW = { width: 1200, height: 800 };

interface Clip {
	x: number;
	y: number;
	width: number;
	height: number;
}

const QUIET_MS = 8_000;

/** Waits until fonts and images are loaded and all finite animations have finished. */
export async function quiet(frame: Frame): Promise<void> {
	await wait(250);
	// Polls from Node, because timers do not run in the frame of a replay.
	for (const end = Date.now() + QUIET_MS; Date.now() < end; await wait(100)) if (await frame.evaluate(isQuiet)) return;
	console.warn("  did not become quiet");
}

function isQuiet(): boolean {
	const isOver = ({ playState, effect }: Animation) =>
		playState !== "running" || effect?.getComputedTiming().endTime === Number.POSITIVE_INFINITY;
	return (
		document.fonts.status === "loaded" &&
		[...document.images].every(({ complete, loading }) => complete || loading === "lazy") &&
		document.getAnimations().every(isOver)
	);
}

/** Takes screenshots until two in a row are equal, and returns the last one. */
export async function stablePicture(page: Page, clip: Clip): Promise<Buffer> {
	const take = () => page.screenshot({ clip, caret: "initial", animations: "allow" });
	let last = await take();
	for (const end = Date.now() + QUIET_MS; Date.now() < end; ) {
		await wait(300);
		const next = await take();
		if (next.equals(last)) return next;
		last = next;
	}
	console.warn("  the picture kept changing");
	return last;
}
