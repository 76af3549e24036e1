/** Texts of a recording that is shared by link or imported from a file. */

export const notFound = "Recording not found";
export const tabs = "Tabs of this recording";
