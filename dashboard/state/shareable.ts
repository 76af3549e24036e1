/** The setting `SHAREABLE_REPLAYS`, which the server writes into the document. */
export const isShareable = document.getElementById("app")?.dataset.shareable === "true";
