/** Texts of the list of server events and of the page of a single event, in the order in which they appear. */

/* List */
export const title = "Events";
export const about = "Events reported by your servers. Custom events of pages are in";
export const analytics = "Analytics";
export const level = "Level";
export const all = "All";
export const search = "Search by name";
export const event = "Event";
export const when = "Time";
export const session = "Session";
export const watch = "Watch";
/** Label of an event, distinct from others with its name: "order.paid, total 42, 12:04 PM". */
export const eventName = (name: string, payload: string, at: string) =>
	[name, payload.slice(0, 120), at].filter(Boolean).join(", ");
export const watchMomentOf = (name: string) => `Watch this moment: ${name}`;
export const notRecorded = "not stored";
export const noMatches = "No events match these filters.";
export const showAll = "Show all events";
export const showOlder = "Show older events";
export const theEvents = "The events";

/* Setup */
export const setupTitle = "Events of your servers appear here";
export const reportEvent = "Report an event";
export const sendSession = "Send the visitor's cookie";
export const asSessionId = "as";
export const toLink = "to link the event to the recording.";

/* Keyboard shortcuts */
export const nextEvent = "Next event";
export const previousEvent = "Previous event";
export const focusSearch = "Search";

/* Single event */
export const loadingEvent = "Loading the event";
export const thisEvent = "This event";
export const noSuchEvent = "Event not found";
export const aboutNoSuchEvent = "It was never reported, or it has been deleted.";
export const noSession = "This event is not linked to a session.";
export const payload = "Payload";
export const copyPayload = "Copy payload";
export const noPayload = "This event has no payload.";
