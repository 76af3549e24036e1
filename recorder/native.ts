import { now as monotonicNow } from "./clock.ts";
import { native } from "./zone.ts";

/**
 * The browser's own functions, which the build puts in place of the globals in the recorder's bundles. zone.js (Angular)
 * replaces the globals with functions that start change detection; a page's old library may replace others.
 */

const timer = <T>(name: string) => native<T>(globalThis, name);
export const setTimeout = timer<typeof globalThis.setTimeout>("setTimeout");
export const clearTimeout = timer<typeof globalThis.clearTimeout>("clearTimeout");
export const setInterval = timer<typeof globalThis.setInterval>("setInterval");
export const clearInterval = timer<typeof globalThis.clearInterval>("clearInterval");
export const requestAnimationFrame = timer<typeof globalThis.requestAnimationFrame>("requestAnimationFrame");
export const cancelAnimationFrame = timer<typeof globalThis.cancelAnimationFrame>("cancelAnimationFrame");
export const queueMicrotask = timer<typeof globalThis.queueMicrotask>("queueMicrotask");
// biome-ignore lint/suspicious/noShadowRestrictedNames: takes the place of the global in the bundles
export const Promise = timer<typeof globalThis.Promise>("Promise");
export const MutationObserver = timer<typeof globalThis.MutationObserver>("MutationObserver");

export const addListener = (target: EventTarget, ...args: Parameters<EventTarget["addEventListener"]>): void =>
	native<EventTarget["addEventListener"]>(target, "addEventListener").apply(target, args);
export const removeListener = (target: EventTarget, ...args: Parameters<EventTarget["removeEventListener"]>): void =>
	native<EventTarget["removeEventListener"]>(target, "removeEventListener").apply(target, args);

/** Takes the place of `Array.from`, which old libraries replace. */
export function arrayFrom<T, U = T>(list: Iterable<T> | ArrayLike<T>, make?: (item: T, i: number) => U): U[] {
	const items: T[] = Symbol.iterator in list ? [...list] : [];
	if (!(Symbol.iterator in list)) for (let i = 0; i < list.length; i++) items.push(list[i]!);
	return make ? items.map(make) : (items as unknown as U[]);
}

/** Takes the place of `Date.now`. */
export const dateNow = monotonicNow;
