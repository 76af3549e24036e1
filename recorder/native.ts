import { now as monotonicNow } from "./clock.ts";
import { native } from "./zone.ts";

/**
 * The browser's own functions. In all bundles except the loader, the build makes the recorder call them instead of the
 * globals: zone.js (Angular) replaces globals with functions that start change detection, and old libraries replace
 * others.
 */

const nativeGlobal = <T>(name: string) => native<T>(globalThis, name);
export const setTimeout = nativeGlobal<typeof globalThis.setTimeout>("setTimeout");
export const clearTimeout = nativeGlobal<typeof globalThis.clearTimeout>("clearTimeout");
export const setInterval = nativeGlobal<typeof globalThis.setInterval>("setInterval");
export const clearInterval = nativeGlobal<typeof globalThis.clearInterval>("clearInterval");
export const requestAnimationFrame = nativeGlobal<typeof globalThis.requestAnimationFrame>("requestAnimationFrame");
export const cancelAnimationFrame = nativeGlobal<typeof globalThis.cancelAnimationFrame>("cancelAnimationFrame");
export const queueMicrotask = nativeGlobal<typeof globalThis.queueMicrotask>("queueMicrotask");
// biome-ignore lint/suspicious/noShadowRestrictedNames: takes the place of the global in the bundles
export const Promise = nativeGlobal<typeof globalThis.Promise>("Promise");
export const MutationObserver = nativeGlobal<typeof globalThis.MutationObserver>("MutationObserver");

export const addListener = (target: EventTarget, ...args: Parameters<EventTarget["addEventListener"]>): void =>
	native<EventTarget["addEventListener"]>(target, "addEventListener").apply(target, args);
export const removeListener = (target: EventTarget, ...args: Parameters<EventTarget["removeEventListener"]>): void =>
	native<EventTarget["removeEventListener"]>(target, "removeEventListener").apply(target, args);

/**
 * Does the same as `Array.from`, which old libraries replace with other functions. Except in the loader, calls of
 * `Array.from` become calls of this function at build time.
 */
export function arrayFrom<T, U = T>(list: Iterable<T> | ArrayLike<T>, make?: (item: T, i: number) => U): U[] {
	const { length } = list as ArrayLike<T>;
	// Reads lists by index, because the iterators of the DOM's lists are slow.
	const items: T[] = length === undefined ? [...(list as Iterable<T>)] : [];
	for (let i = 0; i < length; i++) items.push((list as ArrayLike<T>)[i]!);
	return make ? items.map(make) : (items as unknown as U[]);
}

/** A clock that never goes back. The build replaces `Date.now` with it, except in the loader. */
export const dateNow = monotonicNow;
