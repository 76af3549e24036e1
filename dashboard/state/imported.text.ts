import { count } from "../ui/table.tsx";

/** Errors of a file on the import page. */

export const empty = "This file is empty. Choose another file.";
export const notJson = "This file is not JSON. To get one, open a recording and choose Share, then Download JSON.";
export const notARecording = `This file is not a recording. It must be a list of rrweb events, {"events": […]} or {"windows": […]}.`;
export const noEvents = "This file contains no events. Choose another file.";
export const singleEvent = "This file contains a single event. A recording needs at least two.";
export const notAnEvent = (n: number) => `Entry ${count(n)} of the list is not an rrweb event.`;
export const noType = (n: number) => `Entry ${count(n)} has no numeric type. rrweb events need one.`;
export const noTimestamp = (n: number) => `Entry ${count(n)} has no valid timestamp. rrweb events need one.`;
