/**
 * Finds attribute values that selectors of the page's style sheets contain. Such a value is no secret, because the
 * style sheet contains it, too, and the replay needs it to apply the same styles.
 */

interface SheetValues {
	/** Number of rules when the values were read. If it or the last rule differs, the style sheet is read again. */
	count: number;
	last: CSSRule | undefined;
	/** `name=value` for `[name="value"]`, `name~value` for `[name~="value"]`, `name` for `content: attr(name)`. */
	values: Set<string>;
}

const ATTRIBUTE = /\[\s*(?:[\w*-]*\|)?([\w-]+)\s*(~?)=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s\]"]+))/g;
const ATTR = /attr\(\s*([\w-]+)/g;
const NONE: ReadonlySet<string> = new Set();

/**
 * Returns the part of an attribute value that may be recorded: all of it, the words that style sheets select on, or an
 * empty string.
 */
export type SelectedValue = (element: Element, name: string, value: string) => string;

export function createSelectedValue(): SelectedValue {
	const cache = new WeakMap<CSSStyleSheet, SheetValues>();
	const valuesOf = (sheet: CSSStyleSheet): ReadonlySet<string> => {
		try {
			const rules = sheet.cssRules;
			const [count, last] = [rules.length, rules[rules.length - 1]];
			let found = cache.get(sheet);
			if (!found || found.count !== count || found.last !== last) {
				found = { count, last, values: new Set() };
				collect(rules, found.values);
				cache.set(sheet, found);
			}
			return found.values;
		} catch {
			// A style sheet of another origin cannot be read.
			return NONE;
		}
	};
	/** Values in each root's style sheets, cached until the task ends: a snapshot looks up thousands of attributes. */
	const known = new Map<Node, ReadonlySet<string>[]>();
	const valuesIn = (root: Document | ShadowRoot) => {
		if (!known.size) queueMicrotask(() => known.clear());
		let sets = known.get(root);
		if (!sets) {
			sets = [...root.styleSheets, ...(root.adoptedStyleSheets ?? [])].map(valuesOf).filter(({ size }) => size);
			known.set(root, sets);
		}
		return sets;
	};
	return (element, name, value) => {
		const sets = rootsOf(element).flatMap(valuesIn);
		if (!sets.length) return "";
		const has = (key: string) => sets.some((values) => values.has(key));
		if (has(`${name}=${value}`) || has(name)) return value;
		return value
			.split(/\s+/)
			.filter((word) => word && has(`${name}~${word}`))
			.join(" ");
	};
}

/** Returns the documents and shadow roots whose style sheets apply to an element. */
function rootsOf(element: Element): (Document | ShadowRoot)[] {
	const roots = [element.getRootNode(), element.shadowRoot, element.assignedSlot?.getRootNode()];
	return roots.filter((root): root is Document | ShadowRoot => Boolean(root && "styleSheets" in root));
}

function collect(rules: CSSRuleList, values: Set<string>): void {
	for (const rule of rules) {
		const { selectorText, cssRules } = rule as CSSStyleRule;
		if (selectorText?.includes("[")) {
			for (const [, name, isWord, quoted, plain] of selectorText.matchAll(ATTRIBUTE)) {
				values.add(`${name!.toLowerCase()}${isWord ? "~" : "="}${(quoted ?? plain)!.replace(/\\(.)/g, "$1")}`);
			}
		}
		if (selectorText?.includes("::")) {
			for (const [, name] of (rule as CSSStyleRule).style.content.matchAll(ATTR)) values.add(name!.toLowerCase());
		}
		if (cssRules?.length) collect(cssRules, values);
	}
}
