import { NODE_ELEMENT } from "../src/contract/events.ts";
import { type AddedNode, BOOT, type Boot, type InlineAsset } from "./config.ts";
import { guard } from "./guard.ts";
import { isSvgAttribute, wordSet } from "./svg.ts";

/** Maximum number of elements of an icon. A symbol with more elements is a drawing, which is not recorded. */
const MAX_ELEMENTS = 200;
const MAX_CONTENT_CHARS = 20_000;
/** First ID of added elements, far above those of rrweb. */
const FIRST_ID = 1_000_000_000;

/** Elements of an icon. Text, images and links are left out. */
const TAGS = wordSet(`
	symbol svg g path circle ellipse rect line polyline polygon use defs clippath mask lineargradient radialgradient stop
`);

let nextId = FIRST_ID;
const sprites = new Map<string, Promise<Document | null>>();

/** Records an image as a data: URL, or the symbol of a sprite file as an element beside its `<use>`. */
const inlineAsset: InlineAsset = (element, attribute, emit) => {
	if (element.localName === "use") void inlineSymbol(element, attribute, emit);
	else if (element instanceof HTMLImageElement) inlineImage(element, emit);
};

/**
 * Records an image in the size in which it is shown, by drawing it. Unlike a request, a Content-Security-Policy cannot
 * forbid drawing.
 */
function inlineImage(image: HTMLImageElement, emit: Parameters<InlineAsset>[2]): void {
	const url = image.src;
	const draw = () =>
		guard(() => {
			if (image.src !== url || !image.naturalWidth) return;
			const scale = Math.min(1, (image.width || image.naturalWidth) / image.naturalWidth);
			const canvas = document.createElement("canvas");
			canvas.width = Math.ceil(image.naturalWidth * scale);
			canvas.height = Math.ceil(image.naturalHeight * scale);
			canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
			emit(image, { src: canvas.toDataURL("image/webp", 0.8) }, []);
		});
	if (image.complete) draw();
	else image.addEventListener("load", draw, { once: true });
}

async function inlineSymbol(use: Element, attribute: string, emit: Parameters<InlineAsset>[2]): Promise<void> {
	const url = new URL(use.getAttribute(attribute) ?? "", document.baseURI);
	// Browsers show no icon of another origin either, so it is not requested.
	if (url.origin !== location.origin) return;
	const file = url.href.slice(0, url.href.length - url.hash.length);
	if (!sprites.has(file)) sprites.set(file, loadSprite(file));
	const sprite = await sprites.get(file);
	guard(() => {
		const symbol = sprite?.getElementById(decodeURIComponent(url.hash.slice(1)));
		if (!symbol || !use.isConnected || symbol.querySelectorAll("*").length > MAX_ELEMENTS) return;
		if (symbol.outerHTML.length > MAX_CONTENT_CHARS) return;
		const id = `sentiero-${url.hash.slice(1)}`;
		emit(use, { [attribute]: `#${id}` }, copyOf(symbol, id));
	});
}

/** Loads a sprite file. @returns null if the file cannot be read */
function loadSprite(url: string): Promise<Document | null> {
	return new Promise((resolve) => {
		// XMLHttpRequest parses the file itself: `DOMParser` is restricted under Trusted Types.
		const request = new XMLHttpRequest();
		request.responseType = "document";
		request.overrideMimeType("image/svg+xml");
		request.onloadend = () => resolve(request.responseXML);
		request.open("GET", url);
		request.send();
	});
}

/** Returns a `<defs>` element with a copy of an icon, as a list of rrweb nodes in which parents precede children. */
function copyOf(icon: Element, id: string): AddedNode[] {
	const nodes: AddedNode[] = [];
	const add = (parentId: number | null, tagName: string, attributes: Record<string, string>) => {
		const node = { type: NODE_ELEMENT, id: nextId++, tagName, attributes, isSVG: true, childNodes: [] };
		nodes.push({ parentId, node });
		return node.id;
	};
	const copy = (parentId: number, element: Element) => {
		const tag = element.localName.toLowerCase();
		if (!TAGS.has(tag)) return;
		const attributes: Record<string, string> = {};
		for (const { name, value } of element.attributes) {
			const isShown = name === "id" || name === "style" || isSvgAttribute(name.toLowerCase());
			if (isShown && !/url\((?!["']?#)/i.test(value)) attributes[name] = value;
		}
		if (element === icon) attributes.id = id;
		const own = add(parentId, tag, attributes);
		for (const child of element.children) copy(own, child);
	};
	copy(add(null, "defs", {}), icon);
	return nodes;
}

(window as unknown as Record<string, Boot | undefined>)[BOOT]?.registerPart?.("assets", inlineAsset);
