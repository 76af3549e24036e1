import type Player from "rrweb-player";
import { STATE_ATTRIBUTE } from "../../src/contract/events.ts";

type Replayer = ReturnType<Player["getReplayer"]>;

/** Draws the focus ring on elements that had it. Because of `:where`, styles of the page override the ring. */
export const FOCUS_RULE = `:where([${STATE_ATTRIBUTE}~="focus-visible"]) { outline: auto 1px -webkit-focus-ring-color }`;

/** Names of custom elements that the recorded page had defined. */
const customElements = new Set<string>();

export function noteCustomElement(name: string): void {
	customElements.add(name);
}

/**
 * Opens and closes popovers, defines custom elements, and hides the choice of masked selects in the replayed document.
 * Popovers follow `STATE_ATTRIBUTE`, which rrweb replays at every moment and after every seek.
 */
export function applyLiveState(replayer: Replayer): void {
	let observed: Document | null = null;
	const observer = new MutationObserver((records) => {
		for (const { target } of records) applyPopover(target as HTMLElement);
	});
	const observe = (root: Node) =>
		observer.observe(root, { subtree: true, attributes: true, attributeFilter: [STATE_ATTRIBUTE] });
	const onBuilt = () => {
		const document = replayer.iframe.contentDocument;
		if (!document) return;
		if (document !== observed) {
			observer.disconnect();
			observed = document;
		}
		observe(document);
	};
	replayer.on("fullsnapshot-rebuilded", onBuilt);
	replayer.config.plugins ??= [];
	replayer.config.plugins.push({
		onBuild(node) {
			if (node.nodeType !== Node.ELEMENT_NODE) return;
			const element = node as HTMLElement;
			defineElement(element);
			if (element.shadowRoot) observe(element.shadowRoot);
			if (element.hasAttribute(STATE_ATTRIBUTE)) queueMicrotask(() => applyPopover(element));
			if (element.localName === "select") showMaskedChoice(element as HTMLSelectElement);
		},
	});
	replayer.on("flush", () => {
		for (const element of replayer.iframe.contentDocument?.querySelectorAll<HTMLElement>(`[popover]`) ?? []) {
			applyPopover(element);
		}
	});
}

/** Opens or closes a popover as recorded. An attribute alone cannot do so: open popovers are in the top layer. */
function applyPopover(element: HTMLElement): void {
	if (!element.isConnected || !element.hasAttribute("popover")) return;
	const isWanted = element.getAttribute(STATE_ATTRIBUTE)?.split(" ").includes("popover") ?? false;
	try {
		if (isWanted !== element.matches(":popover-open")) element.togglePopover(isWanted);
	} catch {
		// Some recorded popovers cannot be shown.
	}
}

function defineElement({ localName, ownerDocument }: HTMLElement): void {
	const view = ownerDocument.defaultView as (Window & typeof globalThis) | null;
	if (!view || !customElements.has(localName) || view.customElements.get(localName)) return;
	view.customElements.define(localName, class extends view.HTMLElement {});
}

/** Selects nothing if the choice is masked or missing: the first option would look like the visitor's choice. */
function showMaskedChoice(select: HTMLSelectElement): void {
	if (/^\**$/.test(select.getAttribute("value") ?? "")) select.selectedIndex = -1;
}
