import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals";
import { TAG_VITAL } from "../../src/contract/events.ts";
import { BOOT, type Boot } from "../config.ts";
import type { WatchVitals } from "./instrument.ts";

/**
 * Web vitals: `{metric, value, rating, url}`, milliseconds, CLS without a unit. A file of its own, which hands itself to
 * the recorder that fetched it; what was measured before it came is in the browser's buffers.
 *
 * What is known of every metric is kept at hand and told when the page goes: web-vitals calls most values final in its
 * own hidden-handler only, and whoever waits for that may hear of them when the last beacon is gone.
 */
const watch: WatchVitals = (addressAt, emit) => {
	/** By metric and address: a document with routes has a worst shift and a worst interaction on several. */
	const latest = new Map<string, Vital>();
	const told = new Map<string, number>();
	const keep = (metric: Metric) => {
		// Nobody loaded a page that comes back from the cache: its few milliseconds are not to replace the load's own.
		if (metric.navigationType === "back-forward-cache") return;
		const { name, rating } = metric;
		const url = addressAt(beginOf(metric));
		latest.set(`${name} ${url}`, { metric: name, value: rounded(metric.value), rating, url });
	};
	for (const on of [onTTFB, onFCP, onLCP, onCLS, onINP]) on(keep, { reportAllChanges: true });
	return () => {
		for (const [key, vital] of latest) {
			if (told.get(key) === vital.value) continue;
			if (emit(TAG_VITAL, { ...vital })) told.set(key, vital.value);
		}
	};
};

interface Vital {
	metric: Metric["name"];
	value: number;
	rating: Metric["rating"];
	url: string;
}

/** Load times belong to the address that was loaded; a shift and an interaction to where they began. */
function beginOf({ name, entries }: Metric): number {
	return name === "CLS" || name === "INP" ? (entries[0]?.startTime ?? 0) : 0;
}

/** A tenth of a microsecond, and of a thousandth of CLS: no more digits than mean something. */
function rounded(value: number): number {
	return Math.round(value * 10_000) / 10_000;
}

(window as unknown as Record<string, Boot | undefined>)[BOOT]?.registerPart?.("vitals", watch);
