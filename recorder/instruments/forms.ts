import { TAG_FORM_SUBMIT } from "../../src/contract/events.ts";
import type { VisibleText } from "../visible-text.ts";
import { type Instrument, listen } from "./instrument.ts";

/** Records that a form was submitted, with its name, ID and URL, never its contents. */
export const forms =
	(visibleText: VisibleText): Instrument =>
	(emit) => {
		const report = (form: HTMLFormElement) => {
			if (visibleText.isBlocked(form)) return;
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

/** Wraps `form.submit()`, which fires no event. The page's call runs unchanged. */
function wrapSubmit(report: (form: HTMLFormElement) => void): () => void {
	const { prototype } = HTMLFormElement;
	const original = prototype.submit;
	let active = true;
	function submit(this: HTMLFormElement): void {
		try {
			if (active) report(this);
		} catch {
			// `this` is not a form. The original method throws.
		}
		original.call(this);
	}
	try {
		prototype.submit = submit;
	} catch {
		// The prototype is frozen, so calls of `form.submit()` are not recorded.
	}
	return () => {
		active = false;
		if (prototype.submit === submit) prototype.submit = original;
	};
}
