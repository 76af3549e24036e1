// @vitest-environment jsdom
import { describe, expect, it } from "vitest";
import { createMasking as masking } from "../../recorder/masking.ts";
import { createPrivacy } from "../../recorder/privacy.ts";

const privacy = createPrivacy({ blockSelector: "", maskTextSelector: "[data-rr-mask]", maskAllText: false });
const createMasking = (maskAllInputs = true, maskInputOptions = {}) =>
	masking(privacy, { maskLength: 0, maskAllInputs, maskInputOptions });

function field(html: string): HTMLInputElement {
	document.body.innerHTML = html;
	return document.querySelector("input, textarea")!;
}

describe("input masking", () => {
	it.each([
		["a plain field", "<input>", "*******"],
		["a field in an unmasked area", "<p data-sentiero-unmask><input></p>", "visible"],
		["an unmasked field itself", "<input data-sentiero-unmask>", "visible"],
		["a password", '<input type="password" data-sentiero-unmask>', "*******"],
		["a password in capitals", '<input type="PASSWORD" data-sentiero-unmask>', "*******"],
		["a password shown as text", '<input type="text" data-rr-is-password data-sentiero-unmask>', "*******"],
		["a card number", '<input autocomplete="cc-number" data-sentiero-unmask>', "*******"],
		["a card code with a section prefix", '<input autocomplete="section-a cc-csc" data-sentiero-unmask>', "*******"],
		["a one-time code", '<input autocomplete="one-time-code" data-sentiero-unmask>', "*******"],
		["a new password by its autocomplete value", '<input autocomplete="new-password" data-sentiero-unmask>', "*******"],
	])("handles %s", (_, html, masked) => {
		expect(createMasking().input("visible", field(html))).toBe(masked);
	});

	it("still masks a password field whose type was changed to text", () => {
		const masking = createMasking();
		const input = field('<input type="password" data-sentiero-unmask>');
		masking.input("a", input);
		input.type = "text";
		expect(masking.input("abc", input)).toBe("***");
	});

	it("masks when the element is missing or not a real element", () => {
		const fake = { type: "text", getAttribute: () => null, hasAttribute: () => false } as unknown as HTMLElement;
		expect(createMasking().input("abc", fake)).toBe("***");
		expect(createMasking().text("a b", null)).toBe("* *");
	});
});

describe("text masking", () => {
	it("keeps spaces, and text in an unmasked area", () => {
		document.body.innerHTML = "<p data-rr-mask></p><p data-sentiero-unmask data-rr-mask></p>";
		const [masked, plain] = document.querySelectorAll("p");
		expect(createMasking().text("two words", masked!)).toBe("*** *****");
		expect(createMasking().text("two words", plain!)).toBe("two words");
	});
});
