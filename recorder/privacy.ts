/**
 * Decides what of a page may leave the browser. A node inherits from its composed ancestors: its parent, the host of its
 * shadow root, the slot it is assigned to, and the frame of its document. Selectors of rrweb and `closest()` stop at each
 * of these borders.
 */
export interface Privacy {
	/** Recorded as an empty box: nothing of its contents is sent. */
	readonly blocked: boolean;
	/** Text is masked. */
	readonly masked: boolean;
	/** In an unmasked area: text and fields stay readable, except secret fields. */
	readonly unmasked: boolean;
}

export interface PrivacyRules {
	/**
	 * Returns the state of a live node, from all its composed ancestors.
	 * @param known states found in the same task, which are used and added to
	 */
	of(node: Node | null, known?: Map<Node, Privacy>): Privacy;
	/** Returns the state of a live node whose parent's state is known. */
	within(parent: Privacy, node: Node): Privacy;
}

export interface PrivacyOptions {
	blockSelector: string;
	maskTextSelector: string;
	maskAllText: boolean;
}

const UNMASK = "[data-sentiero-unmask]";

/**
 * What people write into, or what scripts draw from their typing: editable elements and text boxes, and the editors that
 * draw text themselves (Monaco, CodeMirror 5 and 6, Ace, xterm).
 */
const EDITORS =
	'[contenteditable]:not([contenteditable="false" i]),[role~=textbox i],[role~=searchbox i],.monaco-editor,.CodeMirror,.cm-editor,.ace_editor,.xterm';

/** Never visible where the recorder runs, because scripts are enabled. */
const INVISIBLE = "noscript";

const OPEN: Privacy = { blocked: false, masked: false, unmasked: false };
/** For nodes that are gone: nothing is known about them. */
const UNKNOWN: Privacy = { blocked: true, masked: true, unmasked: false };

export function createPrivacy({ blockSelector, maskTextSelector, maskAllText }: PrivacyOptions): PrivacyRules {
	const block = selectorOf([blockSelector, ".rr-block"]);
	// A selector that is not valid CSS cannot be honoured, so everything is masked instead.
	const mask = selectorOf([maskTextSelector, ".rr-mask", EDITORS, INVISIBLE]);
	const isStrict = maskAllText || !block.isValid || !mask.isValid;
	const any = [block.text, mask.text, UNMASK].join(",");

	const within = (parent: Privacy, node: Node): Privacy => {
		const slot = (node as Element).assignedSlot;
		const from = slot ? merged(parent, of(slot)) : parent;
		if (node.nodeType === Node.DOCUMENT_NODE) {
			return (node as Document).designMode === "on" ? { ...from, masked: true } : from;
		}
		if (node.nodeType !== Node.ELEMENT_NODE || !(node as Element).matches(any)) return from;
		const matches = (selector: string) => (node as Element).matches(selector);
		return {
			blocked: from.blocked || matches(block.text),
			masked: from.masked || matches(mask.text),
			unmasked: from.unmasked || matches(UNMASK),
		};
	};
	const top: Privacy = isStrict ? { ...OPEN, masked: true } : OPEN;
	const of = (node: Node | null, known?: Map<Node, Privacy>): Privacy => {
		if (!node) return UNKNOWN;
		// Without recursion, because a DOM may be nested to any depth.
		const path: Node[] = [];
		let state: Privacy | undefined;
		for (let at: Node | null = node; at && !state; at = composedParent(at)) {
			state = known?.get(at);
			if (!state) path.push(at);
		}
		state ??= top;
		for (const at of path.reverse()) {
			state = within(state, at);
			known?.set(at, state);
		}
		return state;
	};
	return { of, within };
}

const merged = (a: Privacy, b: Privacy): Privacy => ({
	blocked: a.blocked || b.blocked,
	masked: a.masked || b.masked,
	unmasked: a.unmasked || b.unmasked,
});

/** Returns the parent across shadow roots and same-origin frames; null at the top, and for a node that is detached. */
function composedParent(node: Node): Node | null {
	return node.parentNode ?? (node as ShadowRoot).host ?? (node as Document).defaultView?.frameElement ?? null;
}

function selectorOf(parts: string[]): { text: string; isValid: boolean } {
	const valid = parts.filter((part) => part && isSelector(part));
	return { text: valid.join(","), isValid: parts.every((part) => !part || valid.includes(part)) };
}

function isSelector(text: string): boolean {
	try {
		document.createDocumentFragment().querySelector(text);
		return true;
	} catch {
		console.warn("Sentiero: invalid selector, all text is masked:", text);
		return false;
	}
}
