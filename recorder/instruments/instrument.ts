import { native } from "../zone.ts";

/** Starts an instrument, which emits events. The returned function stops it. */
export type Instrument = (emit: Emit) => () => void;

/**
 * Records an event. `urgent` sends it at once, so that it is not lost with the page.
 * @returns false when recording is paused and the event was dropped
 */
export type Emit = (tag: string, payload: Record<string, unknown>, urgent?: boolean) => boolean;

/**
 * Starts measuring web vitals. The returned function emits the values that have changed since its last call.
 * @param urlAt returns the URL at a time of `performance.now()`
 */
export type WatchVitals = (urlAt: (time: number) => string, emit: Emit) => () => void;

/** Adds a listener whose errors do not reach the page. @returns a function that removes it */
export function listen<E extends Event>(
	target: EventTarget,
	type: string,
	handle: (event: E) => void,
	options: AddEventListenerOptions = { capture: true, passive: true },
): () => void {
	const guarded = (event: Event) => {
		try {
			handle(event as E);
		} catch {
			// The page must not see errors of the handler, for example when it calls a function that the page has replaced.
		}
	};
	const call = (name: "addEventListener" | "removeEventListener") =>
		native<EventTarget["addEventListener"]>(target, name).call(target, type, guarded, options);
	call("addEventListener");
	return () => call("removeEventListener");
}
