import { TAG_FORM_SUBMIT } from "../../src/contract/events.ts";
import { type Instrument, listen } from "./instrument.ts";

/** That a form was sent, and which; never what was in it. */
export const forms: Instrument = (emit) =>
	listen<SubmitEvent>(document, "submit", ({ target }) => {
		if (!(target instanceof HTMLFormElement)) return;
		// A field named "name" or "id" would shadow the property.
		const name = target.getAttribute("name");
		const id = target.getAttribute("id");
		emit(TAG_FORM_SUBMIT, { ...(name && { name }), ...(id && { id }), url: location.href });
	});
