import type { Label, Parcel } from "../../recorder/parcel.ts";

/** A batch as the recorder's transport would seal it, uncompressed. */
export function parcelOf(text: string, label: Partial<Label> = {}): Parcel {
	const bytes = new TextEncoder().encode(text);
	const whole = { sessionId: "s", windowId: "w", from: 0, isStart: false, ...label };
	return { ...whole, text, bytes, packed: Promise.resolve(), isDone: false, strikes: 0, failedAt: 0 };
}
