import { TAG_ERROR, TAG_RESOURCE } from "../../src/contract/events.ts";
import type { VisibleText } from "../visible-text.ts";
import { type Instrument, listen } from "./instrument.ts";

/** Maximum number of different errors that are recorded per page, and of failed resources. */
const MAX_PER_PAGE = 50;

/**
 * Records uncaught errors and unhandled rejections. Repeats of an error are counted and recorded once more, with
 * `repeats`, when the page is hidden or closed.
 */
export function errors(): { instrument: Instrument; forget(): void } {
	const seen = new Map<string, { payload: Record<string, unknown>; repeats: number }>();
	const instrument: Instrument = (emit) => {
		const onError = (event: ErrorEvent | PromiseRejectionEvent) => {
			const payload = describeError(event);
			const key = JSON.stringify(payload);
			const known = seen.get(key);
			if (known) known.repeats++;
			else if (seen.size < MAX_PER_PAGE && emit(TAG_ERROR, payload, true)) seen.set(key, { payload, repeats: 0 });
		};
		const reportRepeats = () => {
			for (const known of seen.values()) {
				if (known.repeats && emit(TAG_ERROR, { ...known.payload, repeats: known.repeats })) known.repeats = 0;
			}
		};
		// These listeners use the bubble phase. In the capture phase, missing images would arrive as errors without a
		// message.
		const stops = [
			listen(window, "error", onError, {}),
			listen(window, "unhandledrejection", onError, {}),
			listen(document, "visibilitychange", () => document.hidden && reportRepeats()),
			listen(window, "pagehide", reportRepeats),
		];
		return () => {
			for (const stop of stops) stop();
		};
	};
	return { instrument, forget: () => seen.clear() };
}

/**
 * Records images, scripts, style sheets and media that fail to load. Listens in the capture phase, because these events
 * do not bubble.
 * @param reported URLs that were recorded already
 */
export const resources =
	(visibleText: VisibleText, reported: Set<unknown>): Instrument =>
	(emit) => {
		const onError = (event: Pick<Event, "target">) => {
			const payload = describeResource(event, visibleText);
			if (!payload || reported.has(payload.url) || reported.size >= MAX_PER_PAGE) return;
			if (emit(TAG_RESOURCE, payload)) reported.add(payload.url);
		};
		// Reports images that failed to load before the listener was added.
		for (const image of document.images) {
			if (image.complete && !image.naturalWidth && image.currentSrc) onError({ target: image });
		}
		return listen(window, "error", onError);
	};

/** Returns `{element, url}` of a resource that failed to load; null for other errors and for blocked elements. */
export function describeResource(
	{ target }: Pick<Event, "target">,
	visibleText: VisibleText,
): Record<string, unknown> | null {
	if (!(target instanceof Element) || visibleText.isBlocked(target)) return null;
	const url = (target as HTMLImageElement).src || (target as HTMLLinkElement).href;
	return typeof url === "string" && /^https?:/.test(url) ? { element: target.localName, url } : null;
}

/**
 * Returns the payload of an error in Sentiero's format: `{message, stack, source, lineno, colno}`, or
 * `{type: "unhandledrejection", message, stack}`.
 */
export function describeError(event: ErrorEvent | PromiseRejectionEvent): Record<string, unknown> {
	if ("reason" in event) {
		const reason: unknown = event.reason;
		const isError = reason instanceof Error;
		const message = isError ? reason.message : typeof reason === "string" ? reason : "Unhandled Promise rejection";
		return { type: "unhandledrejection", message, stack: isError ? (reason.stack ?? "") : "" };
	}
	return {
		message: event.message || "Unknown error",
		stack: event.error instanceof Error ? (event.error.stack ?? "") : "",
		source: event.filename ?? "",
		lineno: event.lineno ?? 0,
		colno: event.colno ?? 0,
	};
}
