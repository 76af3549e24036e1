import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from "web-vitals";
import { TAG_VITAL } from "../../src/contract/events.ts";
import { BOOT, type Boot } from "../config.ts";
import type { WatchVitals } from "./instrument.ts";

/**
 * Measures web vitals as `{metric, value, rating, url}`. Values are in milliseconds; CLS has no unit. This part of the
 * recorder is loaded separately. The browser's buffers provide the entries from before it was loaded.
 *
 * The latest value of each metric is kept and emitted when the page is hidden. web-vitals itself finalizes most values
 * in its own handler of that event, which may run after the last beacon was sent.
 */
const watch: WatchVitals = (urlAt, emit) => {
	/** Latest value by metric and URL. A document with routes has layout shifts and interactions on several URLs. */
	const latest = new Map<string, Vital>();
	const reported = new Map<string, number>();
	const remember = (metric: Metric) => {
		// A page restored from the back-forward cache is not loaded again. Its metrics must not replace those of the load.
		if (metric.navigationType === "back-forward-cache") return;
		const { name, rating } = metric;
		const url = urlAt(startTimeOf(metric));
		latest.set(`${name} ${url}`, { metric: name, value: rounded(metric.value), rating, url });
	};
	for (const on of [onTTFB, onFCP, onLCP, onCLS, onINP]) on(remember, { reportAllChanges: true });
	return () => {
		for (const [key, vital] of latest) {
			if (reported.get(key) === vital.value) continue;
			if (emit(TAG_VITAL, { ...vital })) reported.set(key, vital.value);
		}
	};
};

interface Vital {
	metric: Metric["name"];
	value: number;
	rating: Metric["rating"];
	url: string;
}

/**
 * Returns the time at which a metric began: 0 for load metrics, otherwise the start of the layout shift or interaction.
 */
function startTimeOf({ name, entries }: Metric): number {
	return name === "CLS" || name === "INP" ? (entries[0]?.startTime ?? 0) : 0;
}

/** Rounds to four decimal places, which is more precise than any metric. */
function rounded(value: number): number {
	return Math.round(value * 10_000) / 10_000;
}

(window as unknown as Record<string, Boot | undefined>)[BOOT]?.registerPart?.("vitals", watch);
