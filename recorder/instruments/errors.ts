import { TAG_ERROR } from "../../src/contract/events.ts";
import { type Instrument, listen } from "./instrument.ts";

/** A page in an endless loop of errors tells the same story fifty times as well as a million. */
const MAX_PER_PAGE = 50;

/** Uncaught errors and unhandled rejections. */
export const errors: Instrument = (emit) => {
	let seen = 0;
	const take = (event: ErrorEvent | PromiseRejectionEvent) => {
		if (seen++ < MAX_PER_PAGE) emit(TAG_ERROR, describeError(event), true);
	};
	// Not while capturing: then a missing image would be heard too, as an error without a message.
	const stops = [listen(window, "error", take, {}), listen(window, "unhandledrejection", take, {})];
	return () => {
		for (const stop of stops) stop();
	};
};

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
