import { TAG_NETWORK } from "../../src/contract/events.ts";
import { BOOT, type Boot } from "../config.ts";
import { guard } from "../guard.ts";
import type { Instrument } from "./instrument.ts";

const MAX_PER_PAGE = 500;
/** Wait after a response until its size is read. */
const COUNT_AFTER_MS = 300;

const boot = (window as unknown as Record<string, Boot | undefined>)[BOOT];

/**
 * Records the page's requests by `fetch` and XMLHttpRequest: method, URL, status, timing and sizes, never headers or
 * bodies. The page receives the original responses, objects and errors. This part of the recorder is loaded separately.
 */
const watch: Instrument = (emit) => {
	const eventsUrl = new URL(boot!.config.eventsUrl);
	let left = MAX_PER_PAGE;
	const report = (call: Call, status: number, length: string | null, finalUrl: string) => {
		const url = new URL(call.url, document.baseURI);
		// Requests of the recorder are not recorded, nor are `data:` URLs, which contain the whole body.
		if (
			left <= 0 ||
			!/^https?:$/.test(url.protocol) ||
			(url.origin === eventsUrl.origin && url.pathname === eventsUrl.pathname)
		)
			return;
		left--;
		const durationMs = Math.round(performance.now() - call.startMs);
		const { api, method, requestBytes, startedAt } = call;
		const emitWith = (responseBytes: number | undefined) =>
			emit(TAG_NETWORK, {
				...{ api, method, url: url.href, status, startedAt, durationMs },
				...(requestBytes !== undefined && { requestBytes }),
				...(responseBytes !== undefined && { responseBytes }),
			});
		if (length || !status) emitWith(length ? Number(length) : undefined);
		// The browser knows the size once the whole body has arrived.
		else setTimeout(() => guard(() => emitWith(countedBytes(finalUrl))), COUNT_AFTER_MS);
	};
	const stops = [watchFetch(report), watchXhr(report)];
	return () => {
		for (const stop of stops) stop();
	};
};

/** A request that the page has made. */
interface Call {
	api: "fetch" | "xhr";
	method: string;
	url: string;
	requestBytes: number | undefined;
	/** Start of the request in epoch milliseconds. */
	startedAt: number;
	/** Start of the request as a time of `performance.now()`, from which the duration is computed. */
	startMs: number;
}

/**
 * Reports a finished request.
 * @param status 0: no response; −1: an opaque response
 * @param length the response's header `content-length`
 */
type Report = (call: Call, status: number, length: string | null, finalUrl: string) => void;

/** Wraps `fetch` in a Proxy, which keeps properties that the page has set on it. */
function watchFetch(report: Report): () => void {
	const original = window.fetch;
	if (typeof original !== "function") return () => {};
	let active = true;
	const wrapped = new Proxy(original, {
		apply(target, self, args: Parameters<typeof fetch>) {
			const answer = Reflect.apply(target, self, args) as unknown;
			const call = active && answer instanceof Promise ? guard(() => callOf(args)) : undefined;
			if (!call) return answer;
			// The page receives this derived promise: handlers on the original would make unhandled rejections count as
			// handled.
			return (answer as Promise<Response>).then(
				(response) => {
					guard(() => {
						const isOpaque = response.type === "opaque";
						report(call, isOpaque ? -1 : response.status, response.headers.get("content-length"), response.url);
					});
					return response;
				},
				(error) => {
					guard(() => report(call, 0, null, ""));
					throw error;
				},
			);
		},
	});
	const callOf = ([input, init]: Parameters<typeof fetch>): Call => {
		const request = input instanceof Request ? input : null;
		return {
			api: "fetch",
			method: String(init?.method ?? request?.method ?? "GET").toUpperCase(),
			url: request?.url ?? String(input),
			requestBytes: sizeOf(init?.body),
			startedAt: Date.now(),
			startMs: performance.now(),
		};
	};
	return replace(window, "fetch", wrapped, original, () => {
		active = false;
	});
}

function watchXhr(report: Report): () => void {
	const { prototype } = XMLHttpRequest;
	const { open, send } = prototype;
	const calls = new WeakMap<XMLHttpRequest, Call>();
	let active = true;
	const wrappedOpen = new Proxy(open, {
		apply(target, self: XMLHttpRequest, args: [string, string | URL, boolean]) {
			if (active)
				guard(() => {
					const [method, url] = [String(args[0]).toUpperCase(), String(args[1])];
					calls.set(self, { api: "xhr", method, url, requestBytes: undefined, startedAt: 0, startMs: 0 });
				});
			return Reflect.apply(target, self, args);
		},
	});
	const wrappedSend = new Proxy(send, {
		apply(target, self: XMLHttpRequest, args: [Document | BodyInit | null | undefined]) {
			if (active)
				guard(() => {
					const call = calls.get(self);
					if (!call) return;
					calls.delete(self);
					call.requestBytes = sizeOf(args[0]);
					call.startedAt = Date.now();
					call.startMs = performance.now();
					self.addEventListener(
						"loadend",
						() => guard(() => report(call, self.status, self.getResponseHeader("content-length"), self.responseURL)),
						{ once: true },
					);
				});
			return Reflect.apply(target, self, args);
		},
	});
	const off = () => {
		active = false;
	};
	const stops = [
		replace(prototype, "open", wrappedOpen, open, off),
		replace(prototype, "send", wrappedSend, send, off),
	];
	return () => {
		for (const stop of stops) stop();
	};
}

/**
 * Replaces a method, unless the object is frozen.
 * @returns a function that restores the original, unless another wrapper was added on top later
 */
function replace<T extends object, K extends keyof T>(target: T, key: K, by: T[K], original: T[K], off: () => void) {
	guard(() => {
		target[key] = by;
	});
	return () => {
		off();
		guard(() => {
			if (target[key] === by) target[key] = original;
		});
	};
}

/** Returns the size of a request body in bytes if it is known without reading the body. */
function sizeOf(body: unknown): number | undefined {
	// The length in characters is close enough. Counting bytes would copy the text during the page's call.
	if (typeof body === "string") return body.length;
	if (body instanceof Blob) return body.size;
	if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
	return undefined;
}

/** Returns the compressed size of a response; undefined for cross-origin responses without Timing-Allow-Origin. */
function countedBytes(url: string): number | undefined {
	const entry = performance.getEntriesByName(url).at(-1) as PerformanceResourceTiming | undefined;
	return entry?.encodedBodySize || undefined;
}

boot?.registerPart?.("network", watch);
