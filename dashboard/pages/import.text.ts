/** Texts of the import page, in the order in which they appear. */

export const title = "Import";
export const about = "Play a recording from a file. It stays in this browser and is not uploaded.";
export const chooseFile = "Choose a file, or drop one here";
export const reading = "Reading…";
export const accepted = "JSON from “Share”, or an array of rrweb events, up to 200 MB";
export const orPaste = "Or paste the JSON";
export const play = "Play recording";

/* Errors. Those about the content of the JSON are in state/imported.text.ts. */
export const tooLarge = "This recording is larger than 200 MB. Choose a smaller one.";
export const unreadable = "This recording could not be read. Choose another one.";

/* While a recording is open */
export const chooseAnother = "Choose another recording";
export const pastedRecording = "Pasted recording";
export const onlyHere = "in this browser only";
export const nothingToPlay = "This recording contains nothing to play.";
