/** Texts of the page that a share link opens. */

export const sharedRecording = "Shared recording";
export const masked = "Masked as recorded";
export const invalidLink = "This link is invalid, was revoked, or has expired. Ask the sender for a new one.";
