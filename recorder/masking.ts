import type { PrivacyRules } from "./privacy.ts";

/** Values of `autocomplete` that make a field secret, whatever its type is. */
const SECRET_AUTOCOMPLETE = /(^|\s)(cc-\S+|one-time-code|(current|new)-password)(\s|$)/i;

const NUMERIC = /^(?:number|range)$/;

/** Replaces text with asterisks. By default, a mask is as long as the text, so that the layout stays the same. */
export interface Masking {
	/** Returns the value of a field: masked if the field is secret or the options require it, otherwise unchanged. */
	input(text: string, element: Element | null): string;
	/** Masks a text, unless the element is in an unmasked area. Callers pass only text that has to be masked. */
	text(text: string, element: Element | null): string;
}

export interface MaskingOptions {
	/** Length of masks in characters; 0: as long as the text. */
	maskLength: number;
	/** If false, only secret fields, fields in masked areas and fields of the types in `maskInputOptions` are masked. */
	maskAllInputs: boolean;
	/** Field types to mask even if `maskAllInputs` is false: `email`, `tel`, …, `select`, `textarea`. */
	maskInputOptions: Readonly<Record<string, unknown>>;
}

export function createMasking(
	privacy: PrivacyRules,
	{ maskLength, maskAllInputs, maskInputOptions }: MaskingOptions,
): Masking {
	/** Fields that have been secret. They stay secret, because a "show password" button changes only the type. */
	const secrets = new WeakSet<Element>();
	const isSecret = (element: Element): boolean => {
		if (secrets.has(element)) return true;
		const secret =
			(element as HTMLInputElement).type === "password" ||
			element.getAttribute("type")?.toLowerCase() === "password" ||
			element.hasAttribute("data-rr-is-password") ||
			SECRET_AUTOCOMPLETE.test(element.getAttribute("autocomplete") ?? "");
		if (secret) secrets.add(element);
		return secret;
	};
	const isMasked = (element: Element): boolean => {
		if (!element.nodeType) return true;
		const { masked, unmasked } = privacy.of(element);
		if (unmasked) return false;
		const { type } = element as HTMLInputElement;
		return maskAllInputs || masked || Boolean(maskInputOptions[type] || maskInputOptions[element.localName]);
	};
	return {
		input: (text, element) => {
			if (element && !isSecret(element) && !isMasked(element)) return text;
			// Number fields and sliders accept digits only.
			const mask = element && NUMERIC.test((element as HTMLInputElement).type) ? "0" : "*";
			return text && mask.repeat(maskLength || text.length);
		},
		text: (text, element) => {
			// Text without an element is always masked.
			if (element?.nodeType && privacy.of(element).unmasked) return text;
			return maskLength && text.trim() ? "*".repeat(maskLength) : text.replace(/\S/g, "*");
		},
	};
}
