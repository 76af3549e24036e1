/** What rrweb asks about every input and every text it is told to mask. Masks keep length, so layout stays. */

const UNMASK = "[data-sentiero-unmask]";
/** Fields that are secret whatever the page calls their type. */
const SECRET_AUTOCOMPLETE = /(^|\s)(cc-\S+|one-time-code|(current|new)-password)(\s|$)/i;

export interface Masking {
	input(text: string, element: HTMLElement): string;
	text(text: string, element: HTMLElement | null): string;
}

export function createMasking(): Masking {
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
		input: (text, element) => (!isSecret(element) && isUnmasked(element) ? text : "*".repeat(text.length)),
		text: (text, element) => (isUnmasked(element) ? text : text.replace(/\S/g, "*")),
	};
}

/** Only what is surely inside such an area; what cannot be asked stays masked. */
function isUnmasked(element: Element | null): boolean {
	return typeof element?.closest === "function" && element.closest(UNMASK) !== null;
}
