import {
	FULL_SNAPSHOT,
	INCREMENTAL,
	INPUT,
	MUTATION,
	NODE_ELEMENT,
	type RecordedEvent,
} from "../src/contract/events.ts";
import { isRecord } from "../src/contract/redact.ts";
import type { Masking } from "./masking.ts";

/**
 * Scrubs attributes. rrweb masks inputs and texts but records every attribute unchanged: hidden values, placeholders,
 * labels, `data-*`, tokens in links. The scrubber keeps attributes that are known to be safe, masks texts, shortens URLs,
 * and empties everything else.
 */
export interface Scrubber {
	/** Scrubs an event in place. */
	scrub(event: RecordedEvent): void;
}

export interface ScrubOptions {
	/** Shortens the URL of a page to what may be sent. */
	url(url: string): string;
	/** Shortens the URL of a sub-resource, which the replay has to load. */
	file(url: string): string;
	masking: Masking;
	/** Returns the live element of an rrweb ID; null when it is gone. */
	element(id: number): Element | null;
	/** Lower-case names of attributes to keep unchanged. */
	keep: readonly string[];
}

export function createScrubber(options: ScrubOptions): Scrubber {
	const keep = new Set(options.keep);

	const scrubAttributes = (id: number, tag: string, isSvg: boolean, attributes: Record<string, unknown>) => {
		for (const [name, value] of Object.entries(attributes)) {
			// rrweb records a style change as the changed properties.
			if (name === "style" && isRecord(value)) {
				for (const [property, it] of Object.entries(value)) {
					if (typeof it === "string") value[property] = scrubStyle(it);
					else if (Array.isArray(it)) it[0] = scrubStyle(String(it[0]));
				}
			}
			if (typeof value !== "string" || value === "") continue;
			const key = name.toLowerCase();
			if (keep.has(key) || RRWEB_ATTRIBUTES.test(key)) continue;
			if (URL_ATTRIBUTES.has(key)) attributes[name] = scrubUrl(tag, isSvg, value);
			else if (URL_LIST_ATTRIBUTES.has(key)) attributes[name] = value.split(/(\s+)/).map(scrubCandidate).join("");
			else if (key === "style") attributes[name] = scrubStyle(value);
			else if (key === "value") attributes[name] = maskedValue(id, tag, attributes, value);
			else if (TEXT_ATTRIBUTES.has(key)) {
				attributes[name] = options.masking.text(value, options.element(id));
			} else if (key === "content" && tag === "meta") {
				if (!SAFE_METAS.has(String(attributes.name).toLowerCase())) attributes[name] = "";
			} else if (!isSafe(key, isSvg) && !STATES.has(value.toLowerCase())) attributes[name] = "";
		}
	};

	/** Scrubs one word of a srcset: a size descriptor, or a URL with its trailing comma. */
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
		if (!isPageLink && (scheme === "data" || scheme === "blob")) return value;
		if (scheme && scheme !== "http" && scheme !== "https") return `${scheme}:${scheme === "about" ? "blank" : ""}`;
		// SVG refers to its own parts, or to a sprite sheet, by fragment.
		const fragment = isSvg || tag === "use" ? (/#[\w:.-]*$/.exec(value)?.[0] ?? "") : "";
		return (isPageLink ? options.url : options.file)(value.slice(0, value.length - fragment.length)) + fragment;
	};

	/** Keeps the labels of buttons, masks typed values, and empties values that are not displayed. */
	const maskedValue = (id: number, tag: string, attributes: Record<string, unknown>, value: string) => {
		if (NUMERIC_VALUE.has(tag)) return value;
		const element = options.element(id);
		const type = String(attributes.type ?? element?.getAttribute("type") ?? "").toLowerCase();
		if (tag === "input" && BUTTONS.has(type)) return value;
		const isField = tag === "textarea" || tag === "select" || (tag === "input" && !HIDDEN_VALUE_TYPES.has(type));
		return isField ? options.masking.input(value, element) : "";
	};

	/** Scrubs a tree without recursion, because a DOM may be nested to any depth. */
	const scrubTree = (roots: unknown[]) => {
		const pending = [...roots];
		while (pending.length) {
			const node = pending.pop();
			if (!isRecord(node)) continue;
			if (node.type === NODE_ELEMENT && isRecord(node.attributes)) {
				scrubAttributes(Number(node.id), String(node.tagName), node.isSVG === true, node.attributes);
			}
			if (Array.isArray(node.childNodes)) for (const child of node.childNodes) pending.push(child);
		}
	};

	return {
		scrub({ type, data }) {
			if (!isRecord(data)) return;
			if (type === FULL_SNAPSHOT) scrubTree([data.node]);
			if (type !== INCREMENTAL) return;
			if (data.source === MUTATION) {
				if (Array.isArray(data.adds)) scrubTree(data.adds.map((add) => (isRecord(add) ? add.node : null)));
				for (const change of Array.isArray(data.attributes) ? data.attributes : []) {
					if (!isRecord(change) || !isRecord(change.attributes)) continue;
					const element = options.element(Number(change.id));
					const isSvg = element?.namespaceURI === "http://www.w3.org/2000/svg";
					scrubAttributes(Number(change.id), element?.localName ?? "", isSvg, change.attributes);
				}
			} else if (data.source === INPUT) {
				// rrweb calls the mask for the input types it knows. Values of other types, such as file names, are emptied.
				const field = options.element(Number(data.id)) as HTMLInputElement | null;
				const isMasked =
					field && (/^(?:textarea|select)$/.test(field.localName) || RRWEB_MASKED_TYPES.test(field.type));
				if (!isMasked) data.text = "";
			}
		},
	};
}

/** Attributes added by rrweb: sizes, states and the text of style sheets. */
const RRWEB_ATTRIBUTES = /^(?:rr_(?!src$)|_csstext$)/;

const set = (words: string) => new Set(words.trim().split(/\s+/));

const URL_ATTRIBUTES = set(
	`href src action formaction poster data cite background longdesc manifest xlink:href rr_src`,
);
/** Elements whose URLs lead to pages, not to files. */
const PAGE_LINK_TAGS = set(`a area form button input`);
const URL_LIST_ATTRIBUTES = set(`srcset imagesrcset`);
const TEXT_ATTRIBUTES = set(`
	placeholder title alt label summary aria-label aria-description aria-valuetext aria-placeholder aria-roledescription
`);
const SAFE_METAS = set(`viewport theme-color color-scheme referrer robots generator`);
/** Elements whose `value` is a number on a scale. */
const NUMERIC_VALUE = set(`progress meter li`);
const BUTTONS = set(`submit button reset`);
/** Input types whose value is set by the page and not displayed. */
const HIDDEN_VALUE_TYPES = set(`hidden checkbox radio image`);

/** Attributes that describe structure and appearance, never the visitor. */
const SAFE_ATTRIBUTES = set(`
	id class style type name for rel target media sizes role tabindex disabled checked selected readonly required
	multiple open hidden inert dir lang translate width height colspan rowspan span scope headers align valign bgcolor
	color face size border cellpadding cellspacing nowrap start reversed rows cols wrap maxlength minlength min max
	step low high optimum pattern list autocomplete autofocus autocapitalize inputmode enterkeyhint spellcheck method
	enctype novalidate charset http-equiv crossorigin loading decoding fetchpriority as async defer controls autoplay
	loop muted playsinline preload kind srclang default sandbox allow allowfullscreen frameborder scrolling
	marginwidth marginheight shape coords usemap slot part exportparts popover popovertarget popovertargetaction
	draggable contenteditable accept accept-charset datetime form xmlns data-rr-block data-rr-mask data-rr-ignore
	data-rr-is-password data-sentiero-unmask
`);
/** Safe attributes that begin with `aria-`. */
const SAFE_ARIA = set(`
	hidden expanded selected checked pressed current disabled live atomic busy controls describedby details
	errormessage flowto haspopup invalid labelledby level modal multiline multiselectable orientation owns posinset
	readonly relevant required rowcount rowindex rowspan colcount colindex colspan setsize sort valuemax valuemin
	valuenow activedescendant autocomplete
`);

/** Attribute values that style sheets commonly select on. A closed list, so that no secret passes. */
const STATES = set(`
	true false yes no on off open closed opened expanded collapsed active inactive current enabled disabled checked
	unchecked indeterminate selected visible hidden shown show hide entering entered exiting exited enter leave in out
	idle loading loaded pending ready done complete completed empty filled full busy error success warning info danger
	valid invalid dirty pristine touched default primary secondary tertiary neutral muted outline ghost solid link
	destructive dark light auto system none all both small medium large xs sm md lg xl xxl compact comfortable dense wide
	narrow horizontal vertical row column start end center left right top bottom middle up down first last next prev
	previous before after inside outside above below inner outer sticky fixed static floating dragging hover focus pressed half single multiple list grid table tab tabs menu dialog button panel header footer body content
	item sidebar main icon image video audio text page section card modal drawer popover tooltip step
`);

/** SVG attributes: geometry, paint and animation. */
const SVG_ATTRIBUTES = set(`
	d x y x1 x2 y1 y2 cx cy r rx ry dx dy fx fy points transform viewbox preserveaspectratio pathlength offset fill stroke
	opacity visibility display overflow mask filter gradientunits gradienttransform spreadmethod patternunits
	patterntransform clippathunits maskunits markerwidth markerheight markerunits refx refy orient in in2 result
	stddeviation values mode operator textlength
`);
const SVG_PRESENTATION =
	/^(?:stroke|fill|stop|font|text|clip|mask|marker|color|flood|dominant|alignment|baseline|letter|word|shape|image|paint|vector|transform)-[a-z-]+$/;

function isSafe(name: string, isSvg: boolean): boolean {
	return (
		SAFE_ATTRIBUTES.has(name) ||
		(name.startsWith("aria-") && SAFE_ARIA.has(name.slice(5))) ||
		(isSvg && (SVG_ATTRIBUTES.has(name) || SVG_PRESENTATION.test(name)))
	);
}

/** Input types that rrweb passes to the mask. */
const RRWEB_MASKED_TYPES =
	/^(?:color|date|datetime-local|email|month|number|range|search|tel|text|time|url|week|password|textarea|select.*)$/;
