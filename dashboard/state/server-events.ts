import { LEVELS, type Level } from "../../src/contract/reports.ts";
import { api, read, type ServerEventItem, type ServerEventList } from "../api.ts";
import { periodQuery } from "./filters.ts";
import { flatten } from "./flatten.ts";
import { createPaged } from "./paged.ts";
import { query } from "./route.ts";

interface EventQuery {
	project?: string;
	/** All levels if absent. */
	level?: Level;
	q?: string;
	since?: string;
	until?: string;
}

/** Returns project, level, search and period from the URL. */
export function eventQuery(): EventQuery {
	const period: EventQuery = { ...periodQuery(Date.now()) };
	const [project, q, level] = [query("project"), query("q"), LEVELS.find((it) => it === query("level"))];
	return { ...period, ...(project && { project }), ...(q && { q }), ...(level && { level }) };
}

/** Creates the list of server events, newest first. */
export function createServerEvents(filters: EventQuery) {
	const page = async (cursor?: string) => {
		const { events, next, ...summary } = await read(api["server-events"].$get({ query: { ...filters, cursor } }));
		return { items: events, next, summary };
	};
	return createPaged<ServerEventItem, Omit<ServerEventList, "events" | "next">>({
		key: `events ${JSON.stringify(filters)}`,
		keyOf: ({ id }) => id,
		isBefore: (one, other) => one.id > other.id,
		first: () => page(),
		more: page,
	});
}

const SUMMARY_FIELDS = 5;

/** Returns the first fields of the payload in one line. */
export function payloadSummary({ payload }: ServerEventItem): string {
	const fields = flatten(payload);
	const shown = fields.slice(0, SUMMARY_FIELDS).map(([name, value]) => `${name} ${value}`);
	return [...shown, ...(fields.length > SUMMARY_FIELDS ? ["…"] : [])].join(" · ");
}
