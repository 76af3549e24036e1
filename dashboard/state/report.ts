import { useEffect, useState } from "preact/hooks";
import type { Filter } from "../../src/contract/filter.ts";
import { periodQuery, REPORT_DAYS, urlFilter } from "./filters.ts";
import { query } from "./route.ts";
import { messageOf } from "./sessions.ts";

const REFRESH_MS = 30_000;
/** Refresh interval of expensive reports, which may read thousands of rows. */
export const SLOW_REFRESH_MS = 300_000;

export interface Scope extends Filter {
	project?: string;
	since?: string;
	until?: string;
}

/** Returns project, period and filter of a report from the URL. */
export function reportScope(): Scope {
	const project = query("project");
	return { ...periodQuery(Date.now(), REPORT_DAYS), ...(project && { project }), ...urlFilter() };
}

/** Returns whether the URL has a filter that makes reports expensive. Rollups can be filtered only by device. */
function hasExpensiveFilter(): boolean {
	return Object.keys(urlFilter()).some((name) => name !== "device");
}

export interface Loaded<T> {
	/** Data of the last response, even while newer data is loading; null until the first response. */
	data: T | null;
	error: string;
	isLoading: boolean;
	reload(): void;
}

/** Loads a report. Reloads it when `key` changes and every `everyMs` milliseconds, or less often if it is expensive. */
export function useReport<T>(key: string, load: () => Promise<T>, everyMs = REFRESH_MS): Loaded<T> {
	const [state, setState] = useState<{ data: T | null; error: string; key: string }>({
		data: null,
		error: "",
		key: "",
	});
	const [attempt, setAttempt] = useState(0);
	useEffect(() => {
		let isStale = false;
		const refresh = () => {
			if (document.hidden) return;
			load().then(
				(data) => isStale || setState({ data, error: "", key }),
				(failure) => isStale || setState((previous) => ({ ...previous, error: messageOf(failure), key })),
			);
		};
		refresh();
		const timer = setInterval(refresh, hasExpensiveFilter() ? SLOW_REFRESH_MS : everyMs);
		return () => {
			isStale = true;
			clearInterval(timer);
		};
	}, [key, attempt]);
	return { data: state.data, error: state.error, isLoading: state.key !== key, reload: () => setAttempt(attempt + 1) };
}
