/** What rrweb asks about every input and every text it is told to mask. Masks keep length, so layout stays. */

const UNMASK = "[data-sentiero-unmask]";
/** Fields that are secret whatever the page calls their type. */
const SECRET_AUTOCOMPLETE = /(^|\s)(cc-\S+|one-time-code|(current|new)-password)(\s|$)/i;

const NUMERIC = /^(?:number|range)$/;

export interface Masking {
	input(text: string, element: Element | null): string;
	text(text: string, element: Element | null): string;
}

/**
 * @param fixedLength masks are this many characters long whatever they hide; 0: as long as that
 * @param allInputs false: only secret fields are masked
 */
export function createMasking(fixedLength = 0, allInputs = true): Masking {
	/** A field that was a password once stays one: a "show password" button only changes its type. */
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
			// A field for numbers shows nothing else.
			const mask = element && NUMERIC.test((element as HTMLInputElement).type) ? "0" : "*";
			return text && mask.repeat(fixedLength || text.length);
		},
		text: (text, element) => {
			if (isUnmasked(element)) return text;
			return fixedLength && text.trim() ? "*".repeat(fixedLength) : text.replace(/\S/g, "*");
		},
	};
}

/** Only what is surely inside such an area; what cannot be asked stays masked. */
function isUnmasked(element: Element | null): boolean {
	return typeof element?.closest === "function" && element.closest(UNMASK) !== null;
}
