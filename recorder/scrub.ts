import {
	FULL_SNAPSHOT,
	INCREMENTAL,
	INPUT,
	MUTATION,
	NODE_ELEMENT,
	NODE_TEXT,
	type RecordedEvent,
} from "../src/contract/events.ts";
import { isRecord } from "../src/contract/redact.ts";
import { publicDataUrl } from "./data-url.ts";
import type { Masking } from "./masking.ts";
import type { Privacy, PrivacyRules } from "./privacy.ts";
import type { SelectedValue } from "./selectors.ts";
import { isSvgAttribute, wordSet } from "./svg.ts";

/**
 * Scrubs every node and attribute before it is sent. rrweb's privacy selectors stop at shadow roots and frames, and
 * rrweb records every attribute unchanged: hidden values, placeholders, labels, `data-*`, tokens in links. The scrubber
 * drops blocked content, masks text, keeps attributes that are known to be safe, redacts URLs, and empties all other
 * attributes.
 */
export interface Scrubber {
	/** Scrubs an event in place. @returns false when nothing is left of it */
	scrub(event: RecordedEvent): boolean;
}

export interface ScrubOptions {
	/** Redacts the URL of a page. */
	url(url: string): string;
	/** Redacts the URL of a file, which the replay must still be able to load. */
	file(url: string): string;
	masking: Masking;
	privacy: PrivacyRules;
	/** Returns the live node with an rrweb ID; null if the node is gone. */
	node(id: number): Node | null;
	/** Returns the part of an attribute value that the page's style sheets select on. */
	selectedValue: SelectedValue;
	/**
	 * Adds the state of a live element, such as focus, to its recorded attributes.
	 * @param isWhole whether `attributes` contains all attributes of the element, not only changed ones
	 */
	addState(element: Element, attributes: Record<string, unknown>, isWhole: boolean): void;
	/** Called for an attribute with the URL of a file that a replay cannot load: a sprite file, or a `blob:` URL. */
	onAsset(element: Element, attribute: string): void;
	/** Lower-case names of attributes to keep unchanged. */
	keep: readonly string[];
}

export function createScrubber(options: ScrubOptions): Scrubber {
	const keep = new Set(options.keep);
	// Not `instanceof Element`, because elements of a frame belong to another realm.
	const asElement = (node: Node | null) => (node?.nodeType === Node.ELEMENT_NODE ? (node as Element) : null);
	const elementOf = (id: unknown) => asElement(options.node(Number(id)));

	const scrubAttributes = (
		element: Element | null,
		tag: string,
		isSvg: boolean,
		attributes: Record<string, unknown>,
		state: Privacy,
	) => {
		const { masked, unmasked } = state;
		// rrweb records the document of the frame. In the replay, a `srcdoc` would replace that document.
		delete attributes.srcdoc;
		for (const name of Object.keys(attributes)) {
			const value = attributes[name];
			// rrweb may record a style change as an object that contains the changed properties.
			if (name === "style" && isRecord(value)) {
				for (const [property, it] of Object.entries(value)) {
					if (typeof it === "string") value[property] = scrubStyle(it);
					else if (Array.isArray(it)) it[0] = scrubStyle(String(it[0]));
				}
			} else if (typeof value === "object" && value !== null) {
				// A custom element may return an object for an attribute.
				delete attributes[name];
				continue;
			}
			// Checked first, because most attributes are classes and IDs.
			if (typeof value !== "string" || value === "" || (name !== "style" && SAFE_ATTRIBUTES.has(name))) continue;
			const key = name.toLowerCase();
			if (keep.has(key) || RRWEB_ATTRIBUTES.test(key)) continue;
			if (URL_ATTRIBUTES.has(key)) {
				if (element && (tag === "use" ? value[0] !== "#" : value.startsWith("blob:"))) options.onAsset(element, name);
				attributes[name] = scrubUrl(tag, isSvg, value);
				if (!attributes[name] && IMAGE_TAGS.has(tag)) keepBox(element, attributes);
			} else if (URL_LIST_ATTRIBUTES.has(key)) attributes[name] = value.split(/(\s+)/).map(scrubCandidate).join("");
			else if (key === "style") attributes[name] = scrubStyle(value);
			else if (key === "value") attributes[name] = maskedValue(element, tag, attributes, value, unmasked);
			else if (TEXT_ATTRIBUTES.has(key)) {
				if (!unmasked) attributes[name] = options.masking.text(value, null);
			} else if (key === "aria-valuenow") {
				// The value of a slider or spin button that is built with scripts is masked like that of a number field.
				const role = element?.getAttribute("role") ?? "";
				if (!unmasked && !READ_ONLY_VALUE_ROLES.has(role)) attributes[name] = "0";
			} else if (key === "content" && tag === "meta") {
				if (!SAFE_METAS.has(String(attributes.name).toLowerCase())) attributes[name] = "";
			} else if (!isSafe(key, isSvg) && !STATES.has(value.toLowerCase())) {
				const selected = element ? options.selectedValue(element, key, value) : "";
				// `content: attr()` may show the value as text, so it is masked like text.
				attributes[name] = selected && masked && !unmasked ? options.masking.text(selected, null) : selected;
			}
		}
	};

	/** Scrubs one word of a `srcset`: a size descriptor, or a URL that may end with a comma. */
	const scrubCandidate = (word: string) => {
		if (!word.trim() || /^[\d.]+[wxh],?$/.test(word)) return word;
		return scrubUrl("", false, word.replace(/,$/, "")) + (word.endsWith(",") ? "," : "");
	};

	const scrubStyle = (style: string) =>
		style.replace(
			/url\(\s*(["']?)(.*?)\1\s*\)/gi,
			(_, quote, url) => `url(${quote}${scrubUrl("", true, url)}${quote})`,
		);

	const scrubUrl = (tag: string, isSvg: boolean, value: string) => {
		const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(value)?.[1]?.toLowerCase();
		const isPageLink = PAGE_LINK_TAGS.has(tag);
		if (!isPageLink && scheme === "data") return publicDataUrl(tag, value);
		if (!isPageLink && scheme === "blob") return value;
		if (scheme && scheme !== "http" && scheme !== "https") return `${scheme}:${scheme === "about" ? "blank" : ""}`;
		// SVG references its own elements, or those of a sprite sheet, by fragment.
		const fragment = isSvg || tag === "use" ? (/#[\w:.-]*$/.exec(value)?.[0] ?? "") : "";
		return (isPageLink ? options.url : options.file)(value.slice(0, value.length - fragment.length)) + fragment;
	};

	/**
	 * Returns the `value` attribute to record. Keeps button labels and numbers that the page shows, masks typed values,
	 * and empties values that are not displayed.
	 */
	const maskedValue = (
		element: Element | null,
		tag: string,
		attributes: Record<string, unknown>,
		value: string,
		unmasked: boolean,
	) => {
		if (NUMERIC_VALUE.has(tag) || (tag === "option" && unmasked)) return value;
		const type = String(attributes.type ?? element?.getAttribute("type") ?? "").toLowerCase();
		if (tag === "input" && BUTTONS.has(type)) return value;
		const isField = tag === "textarea" || tag === "select" || (tag === "input" && !HIDDEN_VALUE_TYPES.has(type));
		if (isField) return options.masking.input(value, element);
		// The value of a radio button or checkbox is set by the page; style sheets may select on it.
		const isChoice = tag === "input" && /^(?:radio|checkbox)$/.test(type);
		return isChoice && element ? options.selectedValue(element, "value", value) : "";
	};

	/** Records the size of an image whose URL is removed, so that the layout stays the same. */
	const keepBox = (element: Element | null, attributes: Record<string, unknown>) => {
		const { width, height } = element?.getBoundingClientRect() ?? {};
		if (width && height) Object.assign(attributes, { rr_width: `${width}px`, rr_height: `${height}px` });
	};

	/**
	 * Scrubs a tree without recursion, because a DOM may be nested to any depth. Children inherit the privacy of their
	 * parent; in rrweb's tree, the children of a shadow root are children of its host.
	 */
	const scrubTree = (root: Record<string, unknown>, state: Privacy) => {
		const pending: [node: Record<string, unknown>, live: Node | null, state: Privacy, parentTag: string][] = [
			[root, options.node(Number(root.id)), state, ""],
		];
		while (pending.length) {
			const [node, live, state, parentTag] = pending.pop()!;
			const tag = String(node.tagName ?? "");
			if (node.type === NODE_TEXT && parentTag === "textarea") {
				node.textContent = options.masking.input(String(node.textContent ?? ""), live?.parentElement ?? null);
			} else if (node.type === NODE_TEXT && state.masked && !state.unmasked && parentTag !== "style") {
				node.textContent = options.masking.text(String(node.textContent ?? ""), null);
			}
			if (node.type === NODE_ELEMENT && isRecord(node.attributes)) {
				const element = asElement(live);
				scrubAttributes(element, tag, node.isSVG === true, node.attributes, state);
				if (element && !state.blocked) options.addState(element, node.attributes, true);
			}
			if (!Array.isArray(node.childNodes)) continue;
			if (state.blocked) node.childNodes = [];
			for (const child of node.childNodes as unknown[]) {
				if (!isRecord(child)) continue;
				const liveChild = options.node(Number(child.id));
				pending.push([child, liveChild, liveChild ? options.privacy.within(state, liveChild) : state, tag]);
			}
		}
	};

	const scrubMutation = (data: Record<string, unknown>): boolean => {
		// An empty frame is dropped: rrweb records it again when it has loaded, but the player would keep the empty
		// document.
		if (data.isAttachIframe && Array.isArray(data.adds) && data.adds.every(({ node }) => !node?.childNodes?.length)) {
			return false;
		}
		const known = new Map<Node, Privacy>();
		const stateOf = (id: unknown) => options.privacy.of(options.node(Number(id)), known);
		const filter = (list: unknown, keepItem: (item: Record<string, unknown>) => boolean) =>
			Array.isArray(list) ? list.filter((item) => isRecord(item) && keepItem(item)) : list;
		data.adds = filter(data.adds, ({ parentId, node }) => {
			if (!isRecord(node)) return false;
			const state = stateOf(node.id);
			// A blocked element is recorded as an empty box, unless its parent is blocked already.
			if (state.blocked && (node.type !== NODE_ELEMENT || stateOf(parentId).blocked)) return false;
			const isReadable = !state.masked || state.unmasked;
			const isText = node.type === NODE_TEXT;
			if (isText && (isReadable || options.node(Number(parentId))?.nodeName === "STYLE")) return true;
			scrubTree(node, state);
			return true;
		});
		data.texts = filter(data.texts, (change) => {
			const node = options.node(Number(change.id));
			const { blocked, masked, unmasked } = options.privacy.of(node, known);
			if (blocked || !node?.isConnected) return false;
			const { parentElement } = node;
			if (parentElement?.localName === "textarea" && typeof change.value === "string") {
				change.value = options.masking.input(change.value, parentElement);
			} else if (masked && !unmasked && node.parentNode?.nodeName !== "STYLE" && typeof change.value === "string") {
				change.value = options.masking.text(change.value, null);
			}
			return true;
		});
		data.attributes = filter(data.attributes, (change) => {
			const element = elementOf(change.id);
			const state = options.privacy.of(element, known);
			if (state.blocked || !isRecord(change.attributes)) return false;
			const isSvg = element?.namespaceURI === "http://www.w3.org/2000/svg";
			scrubAttributes(element, element?.localName ?? "", isSvg, change.attributes, state);
			if (element) options.addState(element, change.attributes, false);
			return true;
		});
		return ["adds", "texts", "attributes", "removes"].some((list) => {
			return !Array.isArray(data[list]) || data[list].length > 0;
		});
	};

	return {
		scrub({ type, data }) {
			if (!isRecord(data)) return true;
			if (type === FULL_SNAPSHOT && isRecord(data.node)) {
				scrubTree(data.node, options.privacy.of(options.node(Number(data.node.id))));
			}
			if (type !== INCREMENTAL) return true;
			if (data.source === MUTATION) return scrubMutation(data);
			// Scrolls, clicks, input and media playback in a blocked element are not sent.
			if (typeof data.id === "number" && options.privacy.of(options.node(data.id)).blocked) return false;
			if (data.source === INPUT) {
				// rrweb calls `maskInputFn` for the input types it knows. Values of other types, such as file names, are
				// emptied.
				const field = elementOf(data.id) as HTMLInputElement | null;
				const isMasked =
					field && (/^(?:textarea|select)$/.test(field.localName) || RRWEB_MASKED_TYPES.test(field.type));
				const isChoice = field && /^(?:radio|checkbox)$/.test(field.type);
				if (isChoice) data.text = options.selectedValue(field, "value", String(data.text ?? ""));
				else if (!isMasked) data.text = "";
			}
			return true;
		},
	};
}

/** Attributes added by rrweb: sizes, states and the text of style sheets. */
const RRWEB_ATTRIBUTES = /^(?:rr_(?!src$)|_csstext$)/;

const URL_ATTRIBUTES = wordSet(
	`href src action formaction poster data cite background longdesc manifest xlink:href rr_src`,
);
/** Elements whose URLs lead to pages, not to files. */
const PAGE_LINK_TAGS = wordSet(`a area form button input`);
const URL_LIST_ATTRIBUTES = wordSet(`srcset imagesrcset`);
const TEXT_ATTRIBUTES = wordSet(`
	placeholder title alt label summary aria-label aria-description aria-valuetext aria-placeholder aria-roledescription
`);
const SAFE_METAS = wordSet(`viewport theme-color color-scheme referrer robots generator`);
/** Elements whose `value` is a number that the page displays. */
const NUMERIC_VALUE = wordSet(`progress meter li`);
/** Roles whose value is set by the page, not by the visitor. */
const READ_ONLY_VALUE_ROLES = wordSet(`progressbar meter scrollbar separator`);
const IMAGE_TAGS = wordSet(`img image source object embed iframe frame video`);
const BUTTONS = wordSet(`submit button reset`);
/** Input types whose value is set by the page and not displayed. */
const HIDDEN_VALUE_TYPES = wordSet(`hidden checkbox radio image`);

/** Attributes that describe structure and appearance, never the visitor. */
const SAFE_ATTRIBUTES = wordSet(`
	id class style type name for rel target media sizes role tabindex disabled checked selected readonly required
	multiple open hidden inert dir lang translate width height colspan rowspan span scope headers align valign bgcolor
	color face size border cellpadding cellspacing nowrap start reversed rows cols wrap maxlength minlength min max
	step low high optimum pattern list autocomplete autofocus autocapitalize inputmode enterkeyhint spellcheck method
	enctype novalidate charset http-equiv crossorigin loading decoding fetchpriority as async defer controls autoplay
	loop muted playsinline preload kind srclang default sandbox allow allowfullscreen frameborder scrolling
	marginwidth marginheight shape coords usemap slot part exportparts popover popovertarget popovertargetaction
	data-sentiero-state draggable contenteditable accept accept-charset datetime form xmlns data-rr-block data-rr-mask data-rr-ignore
	data-rr-is-password data-sentiero-unmask
`);
/** Safe attributes that begin with `aria-`, without this prefix. */
const SAFE_ARIA = wordSet(`
	hidden expanded selected checked pressed current disabled live atomic busy controls describedby details
	errormessage flowto haspopup invalid labelledby level modal multiline multiselectable orientation owns posinset
	readonly relevant required rowcount rowindex rowspan colcount colindex colspan setsize sort valuemax valuemin
	activedescendant autocomplete
`);

/** Attribute values that style sheets commonly select on. A closed list, so that no secret passes. */
const STATES = wordSet(`
	true false yes no on off open closed opened expanded collapsed active inactive current enabled disabled checked
	unchecked indeterminate selected visible hidden shown show hide entering entered exiting exited enter leave in out
	idle loading loaded pending ready done complete completed empty filled full busy error success warning info danger
	valid invalid dirty pristine touched default primary secondary tertiary neutral muted outline ghost solid link
	destructive dark light auto system none all both small medium large xs sm md lg xl xxl compact comfortable dense wide
	narrow horizontal vertical row column start end center left right top bottom middle up down first last next prev
	previous before after inside outside above below inner outer sticky fixed static floating dragging hover focus pressed half single multiple list grid table tab tabs menu dialog button panel header footer body content
	item sidebar main icon image video audio text page section card modal drawer popover tooltip step
`);

function isSafe(name: string, isSvg: boolean): boolean {
	return (
		SAFE_ATTRIBUTES.has(name) ||
		(name.startsWith("aria-") && SAFE_ARIA.has(name.slice(5))) ||
		(isSvg && isSvgAttribute(name))
	);
}

/** Input types for which rrweb calls `maskInputFn`. */
const RRWEB_MASKED_TYPES =
	/^(?:color|date|datetime-local|email|month|number|range|search|tel|text|time|url|week|password|textarea|select.*)$/;
