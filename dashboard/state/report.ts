import { useEffect, useState } from "preact/hooks";
import type { Filter } from "../../src/contract/filter.ts";
import { addressFilter, periodQuery, REPORT_DAYS } from "./filters.ts";
import { query } from "./route.ts";
import { messageOf } from "./sessions.ts";

const REFRESH_MS = 30_000;
/** What reads thousands of rows in an isolate that has just begun. */
export const SLOW_REFRESH_MS = 300_000;

export interface Scope extends Filter {
	project?: string;
	since?: string;
	until?: string;
}

/** What the address limits a report to. */
export function reportScope(): Scope {
	const project = query("project");
	return { ...periodQuery(Date.now(), REPORT_DAYS), ...(project && { project }), ...addressFilter() };
}

/** One that days are not summed up by. */
function hasFilter(): boolean {
	return Object.keys(addressFilter()).some((name) => name !== "device");
}

export interface Loaded<T> {
	/** What was last there stays while the next is fetched. */
	data: T | null;
	error: string;
	isLoading: boolean;
	reload(): void;
}

/** @param ask is asked again whenever `key` changes, and every so often */
export function useReport<T>(key: string, ask: () => Promise<T>, everyMs = REFRESH_MS): Loaded<T> {
	const [state, setState] = useState<{ data: T | null; error: string; key: string }>({
		data: null,
		error: "",
		key: "",
	});
	const [turn, setTurn] = useState(0);
	useEffect(() => {
		let isOver = false;
		const load = () => {
			if (document.hidden) return;
			ask().then(
				(data) => isOver || setState({ data, error: "", key }),
				(failure) => isOver || setState((was) => ({ ...was, error: messageOf(failure), key })),
			);
		};
		load();
		const timer = setInterval(load, hasFilter() ? SLOW_REFRESH_MS : everyMs);
		return () => {
			isOver = true;
			clearInterval(timer);
		};
	}, [key, turn]);
	return { data: state.data, error: state.error, isLoading: state.key !== key, reload: () => setTurn(turn + 1) };
}
