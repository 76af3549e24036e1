/** Everything that listens: hears of its moments through `emit`, and hears no more once stopped. */
export type Instrument = (emit: Emit) => () => void;

/**
 * `urgent` sends at once what must not be lost with the page.
 * @returns whether it was told: a recording may be silent just now
 */
export type Emit = (tag: string, payload: Record<string, unknown>, urgent?: boolean) => boolean;

/**
 * What the file of web vitals brings: measures from here on, and tells what is new whenever asked.
 * @param addressAt where the page was at a time of `performance.now()`
 */
export type WatchVitals = (addressAt: (time: number) => string, emit: Emit) => () => void;

/** Listens, and keeps its own errors from the page. */
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
			// A page may have replaced what we call; it must not learn of it from us.
		}
	};
	target.addEventListener(type, guarded, options);
	return () => target.removeEventListener(type, guarded, options);
}
