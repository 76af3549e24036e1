import { TAG_VISIBILITY } from "../../src/contract/events.ts";
import { type Instrument, listen } from "./instrument.ts";

/** Records whether the page is visible: `{hidden}`. */
export const visibility: Instrument = (emit) =>
	listen(document, "visibilitychange", () => emit(TAG_VISIBILITY, { hidden: document.hidden }));
