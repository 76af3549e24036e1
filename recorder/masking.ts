/** Masks inputs and texts for rrweb. Masks have the text's length by default, so that the layout stays the same. */

const UNMASK = "[data-sentiero-unmask]";
/** Autocomplete values of fields that are secret whatever their type. */
const SECRET_AUTOCOMPLETE = /(^|\s)(cc-\S+|one-time-code|(current|new)-password)(\s|$)/i;

const NUMERIC = /^(?:number|range)$/;

export interface Masking {
	input(text: string, element: Element | null): string;
	text(text: string, element: Element | null): string;
}

/**
 * @param fixedLength length of masks in characters; 0: as long as the text
 * @param allInputs false: only secret fields are masked
 */
export function createMasking(fixedLength = 0, allInputs = true): Masking {
	/** Fields that were secret once stay secret: a "show password" button only changes the type. */
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
	return {
		input: (text, element) => {
			if (element && !isSecret(element) && (!allInputs || isUnmasked(element))) return text;
			// Number fields display digits only.
			const mask = element && NUMERIC.test((element as HTMLInputElement).type) ? "0" : "*";
			return text && mask.repeat(fixedLength || text.length);
		},
		text: (text, element) => {
			if (isUnmasked(element)) return text;
			return fixedLength && text.trim() ? "*".repeat(fixedLength) : text.replace(/\S/g, "*");
		},
	};
}

/** Returns whether an element is inside an unmasked area; anything that is not an element stays masked. */
function isUnmasked(element: Element | null): boolean {
	return typeof element?.closest === "function" && element.closest(UNMASK) !== null;
}
