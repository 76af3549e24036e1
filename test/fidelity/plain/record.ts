import { record } from "@rrweb/record";

/** Records the page with rrweb and its default options. */
const events: unknown[] = [];
Object.assign(window, { plainEvents: events });
record({ emit: (event) => void events.push(event) });
