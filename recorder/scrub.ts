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
 * rrweb masks what is typed and what is read, and records every attribute as it is: hidden values, placeholders, labels,
 * `data-*`, tokens in links. Here an attribute is kept when it is known to carry no secret, its text masked, its address
 * cut, or else it is emptied: what is not known is not sent.
 */
export interface Scrubber {
	/** Changes the event in place: it is not the page's. */
	scrub(event: RecordedEvent): void;
}

export interface ScrubOptions {
	/** Cuts the address of a page down to what may be sent. */
	url(url: string): string;
	/** The same of what the page shows, and the replay must find again. */
	file(url: string): string;
	masking: Masking;
	/** The live element of one of rrweb's ids; null when it is gone. */
	element(id: number): Element | null;
	/** Attributes to keep as they are, by name in lower case. */
	keep: readonly string[];
}

export function createScrubber(options: ScrubOptions): Scrubber {
	const keep = new Set(options.keep);

	const attributesOf = (id: number, tag: string, isSvg: boolean, attributes: Record<string, unknown>) => {
		for (const [name, value] of Object.entries(attributes)) {
			// A change of style comes as what changed.
			if (name === "style" && isRecord(value)) {
				for (const [property, it] of Object.entries(value)) {
					if (typeof it === "string") value[property] = cutStyle(it);
					else if (Array.isArray(it)) it[0] = cutStyle(String(it[0]));
				}
			}
			if (typeof value !== "string" || value === "") continue;
			const key = name.toLowerCase();
			if (keep.has(key) || RRWEBS.test(key)) continue;
			if (ADDRESSES.has(key)) attributes[name] = addressOf(tag, isSvg, value);
			else if (ADDRESS_LISTS.has(key)) attributes[name] = value.split(/(\s+)/).map(cutCandidate).join("");
			else if (key === "style") attributes[name] = cutStyle(value);
			else if (key === "value") attributes[name] = shownValue(id, tag, attributes, value);
			else if (TEXTS.has(key)) {
				attributes[name] = options.masking.text(value, options.element(id));
			} else if (key === "content" && tag === "meta") {
				if (!PLAIN_METAS.has(String(attributes.name).toLowerCase())) attributes[name] = "";
			} else if (!isKnown(key, isSvg) && !STATES.has(value.toLowerCase())) attributes[name] = "";
		}
	};

	/** One word of a list: a size, or an address and the comma behind it. What hangs on a query goes with it. */
	const cutCandidate = (word: string) => {
		if (!word.trim() || /^[\d.]+[wxh],?$/.test(word)) return word;
		return addressOf("", false, word.replace(/,$/, "")) + (word.endsWith(",") ? "," : "");
	};

	const cutStyle = (style: string) =>
		style.replace(
			/url\(\s*(["']?)(.*?)\1\s*\)/gi,
			(_, quote, url) => `url(${quote}${addressOf("", true, url)}${quote})`,
		);

	const addressOf = (tag: string, isSvg: boolean, value: string) => {
		const scheme = /^\s*([a-z][a-z0-9+.-]*):/i.exec(value)?.[1]?.toLowerCase();
		const isLead = LEADING.has(tag);
		if (!isLead && (scheme === "data" || scheme === "blob")) return value;
		if (scheme && scheme !== "http" && scheme !== "https") return `${scheme}:${scheme === "about" ? "blank" : ""}`;
		// A drawing points into itself, or into a sheet of drawings, by a fragment.
		const fragment = isSvg || tag === "use" ? (/#[\w:.-]*$/.exec(value)?.[0] ?? "") : "";
		return (isLead ? options.url : options.file)(value.slice(0, value.length - fragment.length)) + fragment;
	};

	/** Inputs that are buttons say what everybody reads, fields what people typed; the rest are values nobody sees. */
	const shownValue = (id: number, tag: string, attributes: Record<string, unknown>, value: string) => {
		if (NUMBERED.has(tag)) return value;
		const element = options.element(id);
		const type = String(attributes.type ?? element?.getAttribute("type") ?? "").toLowerCase();
		if (tag === "input" && BUTTONS.has(type)) return value;
		const isField = tag === "textarea" || tag === "select" || (tag === "input" && !UNSEEN.has(type));
		return isField ? options.masking.input(value, element) : "";
	};

	/** Depth first, without recursion: a DOM may be nested to any depth. */
	const tree = (roots: unknown[]) => {
		const open = [...roots];
		while (open.length) {
			const node = open.pop();
			if (!isRecord(node)) continue;
			if (node.type === NODE_ELEMENT && isRecord(node.attributes)) {
				attributesOf(Number(node.id), String(node.tagName), node.isSVG === true, node.attributes);
			}
			if (Array.isArray(node.childNodes)) for (const child of node.childNodes) open.push(child);
		}
	};

	return {
		scrub({ type, data }) {
			if (!isRecord(data)) return;
			if (type === FULL_SNAPSHOT) tree([data.node]);
			if (type !== INCREMENTAL) return;
			if (data.source === MUTATION) {
				if (Array.isArray(data.adds)) tree(data.adds.map((add) => (isRecord(add) ? add.node : null)));
				for (const change of Array.isArray(data.attributes) ? data.attributes : []) {
					if (!isRecord(change) || !isRecord(change.attributes)) continue;
					const element = options.element(Number(change.id));
					const isSvg = element?.namespaceURI === "http://www.w3.org/2000/svg";
					attributesOf(Number(change.id), element?.localName ?? "", isSvg, change.attributes);
				}
			} else if (data.source === INPUT) {
				// rrweb asks our mask about the kinds it knows; the others' values, a file's name among them, nobody sees.
				const field = options.element(Number(data.id)) as HTMLInputElement | null;
				const isAsked = field && (/^(?:textarea|select)$/.test(field.localName) || MASKED.test(field.type));
				if (!isAsked) data.text = "";
			}
		},
	};
}

/** rrweb's own: sizes, states, and the text of stylesheets. */
const RRWEBS = /^(?:rr_(?!src$)|_csstext$)/;

const set = (words: string) => new Set(words.trim().split(/\s+/));

const ADDRESSES = set(`href src action formaction poster data cite background longdesc manifest xlink:href rr_src`);
/** Elements whose addresses are pages'. */
const LEADING = set(`a area form button input`);
const ADDRESS_LISTS = set(`srcset imagesrcset`);
const TEXTS = set(`
	placeholder title alt label summary aria-label aria-description aria-valuetext aria-placeholder aria-roledescription
`);
const PLAIN_METAS = set(`viewport theme-color color-scheme referrer robots generator`);
/** Whose `value` is a number on a scale. */
const NUMBERED = set(`progress meter li`);
const BUTTONS = set(`submit button reset`);
/** Inputs whose value is the page's own and not shown. */
const UNSEEN = set(`hidden checkbox radio image`);

/** Attributes that say how a page is built and looks, never who looks at it. */
const KNOWN = set(`
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
/** The same of those that begin with `aria-`. */
const KNOWN_ARIA = set(`
	hidden expanded selected checked pressed current disabled live atomic busy controls describedby details
	errormessage flowto haspopup invalid labelledby level modal multiline multiselectable orientation owns posinset
	readonly relevant required rowcount rowindex rowspan colcount colindex colspan setsize sort valuemax valuemin
	valuenow activedescendant autocomplete
`);

/** Values that stylesheets ask for. A closed list: no secret is in it. */
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

/** How drawings are made: geometry, paint, and what animates them. */
const DRAWN = set(`
	d x y x1 x2 y1 y2 cx cy r rx ry dx dy fx fy points transform viewbox preserveaspectratio pathlength offset fill stroke
	opacity visibility display overflow mask filter gradientunits gradienttransform spreadmethod patternunits
	patterntransform clippathunits maskunits markerwidth markerheight markerunits refx refy orient in in2 result
	stddeviation values mode operator textlength
`);
const PAINTED =
	/^(?:stroke|fill|stop|font|text|clip|mask|marker|color|flood|dominant|alignment|baseline|letter|word|shape|image|paint|vector|transform)-[a-z-]+$/;

function isKnown(name: string, isSvg: boolean): boolean {
	return (
		KNOWN.has(name) ||
		(name.startsWith("aria-") && KNOWN_ARIA.has(name.slice(5))) ||
		(isSvg && (DRAWN.has(name) || PAINTED.test(name)))
	);
}

/** Kinds of input that rrweb masks. */
const MASKED =
	/^(?:color|date|datetime-local|email|month|number|range|search|tel|text|time|url|week|password|textarea|select.*)$/;
