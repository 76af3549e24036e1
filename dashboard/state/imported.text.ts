/** Errors of a file or of pasted JSON on the import page. */

export const empty = "This recording is empty. Choose another one.";
export const notJson = "This is not JSON. To get a recording as JSON, open it and choose Share, then Download JSON.";
export const notARecording = `This JSON is not a recording. It must be a list of rrweb events, {"events": […]} or {"windows": […]}.`;
export const noEvents = "This recording contains no events. Choose another one.";
export const singleEvent = "This recording contains a single event. It needs at least two to play.";
export const notAnEvent = (n: number) => `Entry ${n} of the list is not an rrweb event.`;
export const noType = (n: number) => `Entry ${n} has no numeric type. rrweb events need one.`;
export const noTimestamp = (n: number) => `Entry ${n} has no valid timestamp. rrweb events need one.`;
