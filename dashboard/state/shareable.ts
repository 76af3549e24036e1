/** The server's `SHAREABLE_REPLAYS` setting, which it writes into the document. */
export const isShareable = document.getElementById("app")?.dataset.shareable === "true";
