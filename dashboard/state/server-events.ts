import { LEVELS, type Level } from "../../src/contract/reports.ts";
import { api, read, type ServerEventItem, type ServerEventList } from "../api.ts";
import { periodQuery } from "./filters.ts";
import { flatten } from "./flatten.ts";
import { createPaged } from "./paged.ts";
import { query } from "./route.ts";

interface EventQuery {
	project?: string;
	/** Absent: all of them. */
	level?: Level;
	q?: string;
	since?: string;
	until?: string;
}

/** What the address asks for. */
export function eventQuery(): EventQuery {
	const asked: EventQuery = { ...periodQuery(Date.now()) };
	const [project, q, level] = [query("project"), query("q"), LEVELS.find((it) => it === query("level"))];
	return { ...asked, ...(project && { project }), ...(q && { q }), ...(level && { level }) };
}

/** What servers tell that happened. */
export function createServerEvents(asked: EventQuery) {
	const ask = async (cursor?: string) => {
		const { events, next, ...head } = await read(api["server-events"].$get({ query: { ...asked, cursor } }));
		return { items: events, next, head };
	};
	return createPaged<ServerEventItem, Omit<ServerEventList, "events" | "next">>({
		key: `events ${JSON.stringify(asked)}`,
		keyOf: ({ id }) => id,
		isBefore: (one, other) => one.id > other.id,
		first: () => ask(),
		more: ask,
	});
}

const BRIEF_FACTS = 5;

/** Its payload in a line. */
export function payloadSummary({ payload }: ServerEventItem): string {
	const facts = flatten(payload);
	const words = facts.slice(0, BRIEF_FACTS).map(([name, value]) => `${name} ${value}`);
	return [...words, ...(facts.length > BRIEF_FACTS ? ["…"] : [])].join(" · ");
}
