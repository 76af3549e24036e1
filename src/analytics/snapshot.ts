import { NODE_ELEMENT, NODE_TEXT } from "../contract/events.ts";
import { isRecord } from "../contract/redact.ts";

/** Functions that read rrweb's serialized nodes. They do not recurse, because a DOM may be nested to any depth. */

export interface FormField {
	node: number;
	label: string;
}

/** Returns the form fields below some nodes, labeled by name or ID and by type, never by their values. */
export function formFields(roots: readonly unknown[]): FormField[] {
	const found: FormField[] = [];
	for (const node of nodesOf(roots)) {
		if (node.type !== NODE_ELEMENT || typeof node.id !== "number") continue;
		const tag = node.tagName;
		if (tag !== "input" && tag !== "select" && tag !== "textarea") continue;
		const attributes = isRecord(node.attributes) ? node.attributes : {};
		const type = text(attributes.type);
		if (tag === "input" && type === "hidden") continue;
		const base = text(attributes.name) ?? text(attributes.id);
		const label = base ? (tag === "input" && type ? `${base} (${type})` : base) : tag === "input" ? (type ?? tag) : tag;
		found.push({ node: node.id, label });
	}
	return found;
}

/** Returns the text of the title element of a document; null if there is none. */
export function pageTitle(root: unknown): string | null {
	for (const node of nodesOf([root])) {
		if (node.type !== NODE_ELEMENT) continue;
		if (node.tagName === "body" || node.tagName === "svg") return null;
		if (node.tagName !== "title" || !Array.isArray(node.childNodes)) continue;
		const child = node.childNodes[0];
		return isRecord(child) && child.type === NODE_TEXT ? text(child.textContent) : null;
	}
	return null;
}

/** Yields the nodes in document order, depth first. */
function* nodesOf(roots: readonly unknown[]): Generator<Record<string, unknown>> {
	const stack: unknown[] = [...roots].reverse();
	while (stack.length) {
		const node = stack.pop();
		if (!isRecord(node)) continue;
		yield node;
		if (!Array.isArray(node.childNodes)) continue;
		for (let i = node.childNodes.length - 1; i >= 0; i--) stack.push(node.childNodes[i]);
	}
}

function text(value: unknown): string | null {
	return typeof value === "string" && value.trim() ? value.trim() : null;
}
