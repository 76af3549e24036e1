/**
 * What may be recorded of a node. A node inherits this from its composed ancestors: its parent, the host of its shadow
 * root, the slot it is assigned to, and the frame of its document. rrweb's selectors and `closest()` do not see hosts,
 * slots and frames.
 */
export interface Privacy {
	/** Whether the node is recorded as an empty box: nothing of its contents is sent. */
	readonly blocked: boolean;
	/** Whether text is masked. */
	readonly masked: boolean;
	/** Whether the node is in an unmasked area, where text and fields stay readable, except secret fields. */
	readonly unmasked: boolean;
}

export interface PrivacyRules {
	/**
	 * Returns the state of a live node, derived from all its composed ancestors.
	 * @param known states that were found in the same task. They are reused, and new states are added
	 */
	of(node: Node | null, known?: Map<Node, Privacy>): Privacy;
	/** Returns the state of a live node whose parent's state is known. */
	within(parent: Privacy, node: Node): Privacy;
	/** Valid selector of all blocked elements. */
	readonly blockSelector: string;
}

export interface PrivacyOptions {
	blockSelector: string;
	maskTextSelector: string;
	maskAllText: boolean;
}

const UNMASK = "[data-sentiero-unmask]";

/**
 * Elements that contain what visitors type: editable elements, text boxes, and editors that draw the text with scripts
 * (Monaco, CodeMirror 5 and 6, Ace, xterm).
 */
const EDITORS =
	'[contenteditable]:not([contenteditable="false" i]),[role~=textbox i],[role~=searchbox i],.monaco-editor,.CodeMirror,.cm-editor,.ace_editor,.xterm';

/** Elements that are never visible where the recorder runs, because scripts are enabled. */
const INVISIBLE = "noscript";

/** Values of `nodeType`. */
const ELEMENT = 1;
const DOCUMENT = 9;

const OPEN: Privacy = { blocked: false, masked: false, unmasked: false };
/** State of nodes that no longer exist: as nothing is known about them, nothing is sent. */
const UNKNOWN: Privacy = { blocked: true, masked: true, unmasked: false };

export function createPrivacy({ blockSelector, maskTextSelector, maskAllText }: PrivacyOptions): PrivacyRules {
	const block = selectorOf([blockSelector, ".rr-block"]);
	// A selector that is not valid CSS cannot be applied, so everything is masked instead.
	const mask = selectorOf([maskTextSelector, ".rr-mask", EDITORS, INVISIBLE]);
	const isStrict = maskAllText || !block.isValid || !mask.isValid;
	const anySelector = [block.text, mask.text, UNMASK].join(",");

	const within = (parent: Privacy, node: Node): Privacy => {
		const { assignedSlot, nodeType } = node as Element;
		const from = assignedSlot ? merged(parent, of(assignedSlot)) : parent;
		if (nodeType === DOCUMENT) return (node as Document).designMode === "on" ? { ...from, masked: true } : from;
		// Not a method of the node, because a form with a field of this name has the field instead.
		const matches = (selector: string) => Element.prototype.matches.call(node, selector);
		if (nodeType !== ELEMENT || !matches(anySelector)) return from;
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
		// The document of a removed frame has no window: nothing is known about the frame's ancestors.
		const root = path.at(-1) as Document | undefined;
		state ??= root?.nodeType === DOCUMENT && !root.defaultView ? UNKNOWN : top;
		for (let i = path.length; i--; ) {
			state = within(state, path[i]!);
			known?.set(path[i]!, state);
		}
		return state;
	};
	return { of, within, blockSelector: block.text };
}

const merged = (a: Privacy, b: Privacy): Privacy => ({
	blocked: a.blocked || b.blocked,
	masked: a.masked || b.masked,
	unmasked: a.unmasked || b.unmasked,
});

/** Returns the parent across shadow roots and same-origin frames; null for a top-level document or a detached node. */
function composedParent(node: Node): Node | null {
	return node.parentNode ?? (node as ShadowRoot).host ?? (node as Document).defaultView?.frameElement ?? null;
}

function selectorOf(parts: string[]): { text: string; isValid: boolean } {
	const valid = parts.filter((part) => part && isSelector(part));
	return { text: valid.join(","), isValid: parts.every((part) => !part || valid.includes(part)) };
}

/**
 * Returns whether a text is a complete selector. Browsers also accept a selector that lacks its last bracket, quote or
 * comment end. In a list, it would swallow the selectors after it. It is still accepted with a bracket added.
 */
function isSelector(text: string): boolean {
	const isComplete = isValid(text) && !isValid(`${text})`) && !isValid(`${text}]`);
	if (!isComplete) console.warn("Sentiero: invalid selector, all text is masked:", text);
	return isComplete;
}

function isValid(text: string): boolean {
	try {
		document.createDocumentFragment().querySelector(text);
		return true;
	} catch {
		return false;
	}
}
