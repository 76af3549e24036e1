import "@awesome.me/webawesome/dist/styles/webawesome.css";
import "@awesome.me/webawesome/dist/components/button/button.js";
import "@awesome.me/webawesome/dist/components/card/card.js";
import "@awesome.me/webawesome/dist/components/dialog/dialog.js";
import "@awesome.me/webawesome/dist/components/dropdown/dropdown.js";
import "@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js";
import "@awesome.me/webawesome/dist/components/input/input.js";
import "@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js";
import "@awesome.me/webawesome/dist/components/rating/rating.js";
import "@awesome.me/webawesome/dist/components/select/select.js";
import "@awesome.me/webawesome/dist/components/option/option.js";
import "@awesome.me/webawesome/dist/components/switch/switch.js";
import "@awesome.me/webawesome/dist/components/tab-group/tab-group.js";
import "@awesome.me/webawesome/dist/components/callout/callout.js";
import { registerIconLibrary } from "@awesome.me/webawesome/dist/webawesome.js";
import { css, html, LitElement } from "lit";

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="currentColor"><path d="M8 1l7 7-7 7-7-7z"/></svg>`;
for (const name of ["default", "system"]) {
	registerIconLibrary(name, { resolver: () => `data:image/svg+xml,${encodeURIComponent(ICON)}` });
}

/** A scrolling list in a shadow root, which adopts another style sheet later. */
class ShopList extends LitElement {
	static override properties = { count: { type: Number }, mood: { reflect: true } };
	static override styles = css`
		:host { display: block; border: 3px solid teal; }
		:host([mood="hot"]) { border-color: crimson; background: mistyrose; }
		.scroller { height: 150px; overflow: auto; }
		p { margin: 0; padding: 6px 12px; }
		p:nth-child(even) { background: #0001; }
		::slotted(b) { color: purple; }
	`;
	declare count: number;
	declare mood: string;
	#late = new CSSStyleSheet();
	constructor() {
		super();
		this.count = 30;
		this.mood = "calm";
	}
	heat() {
		this.mood = "hot";
		this.count = 40;
		this.#late.replaceSync("p { font-weight: 700; }");
		this.#late.insertRule("p:nth-child(3n) { color: crimson; text-decoration: underline; }");
		this.renderRoot.ownerDocument.defaultView!.requestAnimationFrame(() => {
			const root = this.renderRoot as ShadowRoot;
			root.adoptedStyleSheets = [...root.adoptedStyleSheets, this.#late];
		});
	}
	override render() {
		return html`<slot></slot><div class="scroller" part="scroller">${Array.from({ length: this.count }, (_, i) => html`<p>Item ${i}</p>`)}</div>`;
	}
}
customElements.define("shop-list", ShopList);

document.getElementById("heat")!.addEventListener("click", () => {
	document.querySelector<ShopList>("shop-list")!.heat();
});
document.getElementById("ask")!.addEventListener("click", () => {
	document.querySelector("wa-dialog")!.open = true;
});
