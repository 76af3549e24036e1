import { TAG_ERROR, TAG_RESOURCE } from "../../src/contract/events.ts";
import type { VisibleText } from "../visible-text.ts";
import { type Instrument, listen } from "./instrument.ts";

/** A page in an endless loop of errors tells the same story fifty times as well as a million. */
const MAX_PER_PAGE = 50;

/**
 * Uncaught errors and unhandled rejections. The same one again is counted and told once more when the page is left, with
 * `repeats`.
 */
export function errors(): { instrument: Instrument /** Each is news again. */; forget(): void } {
	const seen = new Map<string, { payload: Record<string, unknown>; repeats: number }>();
	const instrument: Instrument = (emit) => {
		const take = (event: ErrorEvent | PromiseRejectionEvent) => {
			const payload = describeError(event);
			const key = JSON.stringify(payload);
			const known = seen.get(key);
			if (known) known.repeats++;
			else if (seen.size < MAX_PER_PAGE && emit(TAG_ERROR, payload, true)) seen.set(key, { payload, repeats: 0 });
		};
		const tellRepeats = () => {
			for (const known of seen.values()) {
				if (known.repeats && emit(TAG_ERROR, { ...known.payload, repeats: known.repeats })) known.repeats = 0;
			}
		};
		// Not while capturing: then a missing image would be heard too, as an error without a message.
		const stops = [
			listen(window, "error", take, {}),
			listen(window, "unhandledrejection", take, {}),
			listen(document, "visibilitychange", () => document.hidden && tellRepeats()),
			listen(window, "pagehide", tellRepeats),
		];
		return () => {
			for (const stop of stops) stop();
		};
	};
	return { instrument, forget: () => seen.clear() };
}

/**
 * Images, scripts, sheets and media that did not load. Heard while capturing: they do not bubble.
 * @param told addresses of those that are known already
 */
export const resources =
	(seen: VisibleText, told: Set<unknown>): Instrument =>
	(emit) => {
		const take = (event: Pick<Event, "target">) => {
			const payload = describeResource(event, seen);
			if (!payload || told.has(payload.url) || told.size >= MAX_PER_PAGE) return;
			if (emit(TAG_RESOURCE, payload)) told.add(payload.url);
		};
		// Those that failed before anybody listened.
		for (const image of document.images) {
			if (image.complete && !image.naturalWidth && image.currentSrc) take({ target: image });
		}
		return listen(window, "error", take);
	};

/** `{element, url}`; null when it is another kind of error, or of something that is recorded as a box. */
export function describeResource({ target }: Pick<Event, "target">, seen: VisibleText): Record<string, unknown> | null {
	if (!(target instanceof Element) || seen.isBlocked(target)) return null;
	const url = (target as HTMLImageElement).src || (target as HTMLLinkElement).href;
	return typeof url === "string" && /^https?:/.test(url) ? { element: target.localName, url } : null;
}

/** Sentiero's payload: `{message, stack, source, lineno, colno}` or `{type: "unhandledrejection", message, stack}`. */
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
