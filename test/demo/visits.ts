import type { Visitor } from "./visitor.ts";

/** Script of a visit that `npm run record-demo` records in the demo shop. */
export interface Visit {
	device: Device;
	/** Language of the browser. */
	locale: string;
	/** Actions in the first tab. */
	act(visitor: Visitor): Promise<void>;
	/** Actions in a second tab of the same session, after those of `act`. */
	inSecondTab?(visitor: Visitor): Promise<void>;
}

export type Device = keyof typeof VIEWPORTS;

/** Devices of one type have one width. In a heatmap of the type, all clicks thus lie on what they hit. */
export const VIEWPORTS = {
	laptop: { width: 1440, height: 760 },
	desktop: { width: 1440, height: 820 },
	wide: { width: 1440, height: 900 },
	phone: { width: 390, height: 760 },
	android: { width: 390, height: 850 },
	tablet: { width: 820, height: 1100 },
} as const;

export const isTouch = (device: Device) => device === "phone" || device === "android" || device === "tablet";

const ADDRESS = {
	"#field-name": "Mira Beispiel",
	"#field-email": "mira@mail.example",
	"#field-address": "Am Steig 4",
	"#field-postcode": "6020",
	"#field-city": "Innsbruck",
};
const CARD = { "#field-card": "4242424242424242", "#field-expiry": "11/29", "#field-code": "123" };

const fill = async (v: Visitor, fields: Record<string, string>) => {
	for (const [selector, text] of Object.entries(fields)) await v.type(selector, text);
};
/** Follows a link and waits for the page behind it. */
const follow = async (v: Visitor, selector: string, seconds = 3) => {
	await v.click(selector);
	await v.page.waitForLoadState("load");
	await v.think(seconds);
};
const addToCart = async (v: Visitor, { more = 0, size }: { more?: number; size?: string } = {}) => {
	if (size) await v.select("#size", size);
	for (let i = 0; i < more; i++) await v.click("#quantity-more");
	await v.click("#add-to-cart");
	await v.think(2);
};
const toCheckout = async (v: Visitor) => {
	await follow(v, "#view-cart");
	await follow(v, "#go-to-checkout", 5);
};
const order = async (v: Visitor) => {
	await v.click("#place-order");
	await v.page.waitForURL("**/thanks.html");
	await v.think(6);
};

/** Looks at the products, buys one and pays. */
const buy = (product: string, size: string, country: string) => async (v: Visitor) => {
	await v.open("/");
	await v.readOn(2, 5);
	await follow(v, `#product-${product}`, 8);
	await v.readOn(1, 9);
	await v.click("#tab-care");
	await v.think(4);
	await addToCart(v, { size });
	await toCheckout(v);
	await fill(v, ADDRESS);
	await v.select("#field-country", country);
	await fill(v, CARD);
	await order(v);
};

/** Puts a product into the cart, begins the checkout, and leaves while typing the card number. */
const abandonAtCard = (product: string) => async (v: Visitor) => {
	await v.open("/");
	await v.readOn(1, 4);
	await follow(v, `#product-${product}`, 6);
	await addToCart(v);
	await toCheckout(v);
	await fill(v, ADDRESS);
	await v.type("#field-card", "4242");
	await v.think(20);
	await v.scroll(-400);
	await v.think(9);
};

/** Leaves without reading anything. */
const leaveAtOnce = async (v: Visitor) => {
	await v.page.goto("/");
	await v.page.waitForTimeout(1_500);
};

/** Reads the front page and leaves. */
const bounce = (screens: number) => async (v: Visitor) => {
	await v.open("/");
	await v.readOn(screens, 4);
};

const readStories = (first: string, count: number) => async (v: Visitor) => {
	await v.open(`/journal/${first}`);
	await v.readOn(2, 24);
	for (let i = 1; i < count; i++) {
		await v.click("#journal-next");
		await v.think(3);
		await v.readOn(2, 28);
	}
};

/** Compares products and sizes, but buys nothing. */
const compare = (products: string[]) => async (v: Visitor) => {
	await v.open("/");
	await v.click("#filter-camp");
	await v.think(4);
	await v.click("#filter-all");
	for (const product of products) {
		await follow(v, `#product-${product}`, 7);
		await v.click("#open-size-guide");
		await v.think(6);
		await v.click("#close-size-guide");
		await v.readOn(1, 6);
		await follow(v, "#crumb-shop", 3);
	}
};

/** Searches the help page and opens answers. */
const askForHelp = (word: string, answers: string[]) => async (v: Visitor) => {
	await v.open("/help.html");
	await v.think(3);
	await v.type("#faq-search", word);
	await v.think(3);
	for (const answer of answers) {
		await v.click(`#${answer} summary`);
		await v.think(7);
	}
};

/** Clicks a button repeatedly that only shows a busy state for a moment, and gives up. */
const chatInVain = (times: number) => async (v: Visitor) => {
	await v.open("/");
	await v.think(4);
	await follow(v, "#nav-help", 4);
	await v.click("#jump-trouble");
	await v.think(2);
	await v.click("#rage-button", { times, everyMs: 190 });
	await v.think(6);
};

const orderCatalogueInVain = async (v: Visitor) => {
	await v.open("/help.html");
	await v.click("#jump-trouble");
	await v.think(3);
	await v.click("#dead-button");
	await v.think(4);
	await v.click("#dead-button", { times: 4, everyMs: 180 });
	await v.think(5);
	await follow(v, "#nav-shop", 3);
};

const meetAnError = (button: string, more: (v: Visitor) => Promise<void>) => async (v: Visitor) => {
	await v.open("/help.html#trouble");
	await v.think(3);
	await v.click(button);
	await v.think(3);
	await v.click(button);
	await more(v);
};

/** Changes a quantity in the cart and removes a line before paying. */
const correctCart = async (v: Visitor) => {
	await v.open("/");
	await follow(v, "#product-larch-flask", 4);
	await addToCart(v, { more: 2 });
	await follow(v, "#related a.product", 5);
	await addToCart(v);
	await follow(v, "#view-cart", 3);
	await v.click('[aria-label="One less"]');
	await v.think(3);
	await v.click('[data-testid="line-remove"]');
	await v.think(4);
	await follow(v, "#go-to-checkout", 4);
	await fill(v, ADDRESS);
	await v.click("#delivery-express");
	await v.think(3);
	await v.click("#delivery-collect");
	await fill(v, CARD);
	await v.type("#field-notes", "Please ring at the back door");
	await v.click("#field-newsletter");
	await order(v);
};

const signIn = (password: string) => async (v: Visitor) => {
	await v.open("/account.html");
	await v.type("#login-email", "mira@mail.example");
	await v.type("#login-password", "short");
	await v.click("#show-password");
	await v.click("#login-submit");
	await v.think(5);
	await v.type("#login-password", password);
	await v.click("#login-submit");
	await v.think(4);
	await follow(v, "#account-shop", 4);
	await v.readOn(1, 4);
};

const subscribe = async (v: Visitor) => {
	await v.open("/");
	await v.readOn(6, 5);
	await v.type("#newsletter-email", "mira@mail.example");
	await v.click("#newsletter-submit");
	await v.think(4);
	await follow(v, "#story-card-pot", 3);
	await v.readOn(2, 20);
};

/** Types two letters into a form and leaves. */
const leaveSubscription = async (v: Visitor) => {
	await v.open("/");
	await v.readOn(6, 3);
	await v.type("#newsletter-email", "mi");
	await v.think(6);
};

const addInSecondTab = (product: string) => async (v: Visitor) => {
	await v.open(`/product.html?id=${product}`);
	await v.readOn(1, 7);
	await addToCart(v);
	await v.click("#open-size-guide");
	await v.think(5);
};

export const VISITS: Visit[] = [
	{ device: "laptop", locale: "en-US", act: buy("tarn-tent", "3 person", "DE") },
	{ device: "desktop", locale: "de-DE", act: buy("moraine-boot", "42", "AT") },
	{ device: "phone", locale: "de-AT", act: buy("dusk-lantern", "One size", "AT") },
	{ device: "wide", locale: "en-GB", act: buy("karst-38", "M/L", "NL") },
	{ device: "android", locale: "fr-FR", act: buy("scree-poles", "110–135 cm", "FR") },
	{ device: "laptop", locale: "de-CH", act: correctCart },
	{ device: "phone", locale: "en-US", act: correctCart },
	{ device: "laptop", locale: "de-DE", act: abandonAtCard("cairn-shell") },
	{ device: "phone", locale: "it-IT", act: abandonAtCard("ember-stove") },
	{ device: "desktop", locale: "en-US", act: bounce(3) },
	{ device: "phone", locale: "de-DE", act: bounce(5) },
	{ device: "android", locale: "en-GB", act: bounce(1) },
	{ device: "laptop", locale: "nl-NL", act: bounce(6) },
	{ device: "phone", locale: "de-DE", act: leaveAtOnce },
	{ device: "laptop", locale: "en-US", act: leaveAtOnce },
	{ device: "desktop", locale: "de-DE", act: readStories("ridge", 3) },
	{ device: "phone", locale: "en-US", act: readStories("boots", 2) },
	{ device: "tablet", locale: "de-DE", act: readStories("pot", 2) },
	{ device: "wide", locale: "en-US", act: compare(["tarn-tent", "dusk-lantern", "ember-stove"]) },
	{ device: "tablet", locale: "fr-FR", act: compare(["karst-38", "scree-poles"]) },
	{ device: "android", locale: "de-DE", act: compare(["moraine-boot"]) },
	{ device: "laptop", locale: "en-US", act: askForHelp("parcel", ["faq-delivery-5"]) },
	{ device: "phone", locale: "de-DE", act: askForHelp("boots", ["faq-sizes-2"]) },
	{ device: "laptop", locale: "de-DE", act: chatInVain(6) },
	{ device: "phone", locale: "en-GB", act: chatInVain(5) },
	{ device: "desktop", locale: "en-US", act: orderCatalogueInVain },
	{
		device: "laptop",
		locale: "de-AT",
		act: meetAnError("#throw-error", async (v) => {
			await v.click("#faq-orders-4 summary");
			await v.think(6);
		}),
	},
	{
		device: "android",
		locale: "de-DE",
		act: meetAnError("#reject-promise", async (v) => {
			await follow(v, "#nav-home", 3);
			await v.readOn(2, 4);
		}),
	},
	{ device: "desktop", locale: "de-DE", act: signIn("correct horse battery") },
	{ device: "phone", locale: "it-IT", act: signIn("correct horse battery") },
	{ device: "laptop", locale: "en-US", act: subscribe },
	{ device: "tablet", locale: "en-GB", act: leaveSubscription },
	{ device: "laptop", locale: "en-GB", act: compare(["larch-flask"]), inSecondTab: addInSecondTab("larch-flask") },
	{ device: "wide", locale: "de-DE", act: readStories("boots", 2), inSecondTab: addInSecondTab("moraine-boot") },
];
