import { TAG_FORM_SUBMIT } from "../../src/contract/events.ts";
import type { VisibleText } from "../visible-text.ts";
import { type Instrument, listen } from "./instrument.ts";

/** That a form was sent, and which; never what was in it. */
export const forms =
	(seen: VisibleText): Instrument =>
	(emit) => {
		const report = (form: HTMLFormElement) => {
			if (seen.isBlocked(form)) return;
			// A field named "name" or "id" would shadow the property.
			const name = form.getAttribute("name");
			const id = form.getAttribute("id");
			emit(TAG_FORM_SUBMIT, { ...(name && { name }), ...(id && { id }), url: location.href });
		};
		const stops = [
			listen(document, "submit", ({ target }) => target instanceof HTMLFormElement && report(target)),
			wrapSubmit(report),
		];
		return () => {
			for (const stop of stops) stop();
		};
	};

/** `form.submit()` raises no event. The page's own call is never disturbed. */
function wrapSubmit(report: (form: HTMLFormElement) => void): () => void {
	const { prototype } = HTMLFormElement;
	const original = prototype.submit;
	let active = true;
	function submit(this: HTMLFormElement): void {
		try {
			if (active) report(this);
		} catch {
			// Something that is no form: the original says so.
		}
		original.call(this);
	}
	try {
		prototype.submit = submit;
	} catch {
		// A frozen prototype: such a submit is not told.
	}
	return () => {
		active = false;
		if (prototype.submit === submit) prototype.submit = original;
	};
}
