/** `SHAREABLE_REPLAYS`, as the server wrote it into the document. */
export const isShareable = document.getElementById("app")?.dataset.shareable === "true";
