/** Texts of the import page, in the order in which they appear. */

export const title = "Import";
export const about = "Play a recording from a file. It stays in this browser and is not uploaded.";
export const chooseFile = "Choose a file, or drop one here";
export const reading = "Reading…";
export const accepted = "JSON from “Share”, or an array of rrweb events, up to 200 MB";
export const tooLarge = "This file is larger than 200 MB. Choose a smaller one.";
export const unreadable = "This file could not be read. Choose another one.";

/* With a recording open */
export const chooseAnother = "Choose another file";
export const onlyHere = "from a file, in this browser only";
export const nothingToPlay = "This file contains nothing to play.";
