import * as rr from "../../src/contract/events.ts";
import { isRecord } from "../../src/contract/redact.ts";
import { rewriteCss, rewriteMedia } from "./css.ts";
import { noteCustomElement } from "./live-state.ts";

/** Node IDs of style elements and of the text nodes in them. A mutation names the changed node only by its ID. */
const styleIds = new Set<unknown>();
/** Media features of the visitor's browser, in time order. `features` applies from the time `at` on. */
const mediaChanges: { at: number; features: string }[] = [];

/**
 * Changes events in place, so that the page looks as in the visitor's browser: rewrites style sheets for the media
 * features of that browser, and notes which custom elements were defined there.
 */
export function adaptEvents(events: readonly rr.RecordedEvent[]): void {
	for (const { type, timestamp = 0, data } of events) {
		if (type !== rr.META || !isRecord(data) || typeof data.media !== "string") continue;
		mediaChanges.push({ at: timestamp, features: data.media });
		mediaChanges.sort((a, b) => a.at - b.at);
	}
	for (const { type, timestamp = 0, data } of events) {
		if (type !== rr.FULL_SNAPSHOT && type !== rr.INCREMENTAL) continue;
		adapt(data, mediaAt(timestamp));
	}
}

/** Returns the media features of the last Meta event at or before a time, or else of the first Meta event. */
export function mediaAt(time: number): string {
	return (mediaChanges.findLast(({ at }) => at <= time) ?? mediaChanges[0])?.features ?? "";
}

function adapt(root: unknown, features: string): void {
	const stack: unknown[] = [root];
	while (stack.length) {
		const value = stack.pop();
		if (typeof value !== "object" || value === null) continue;
		const fields = value as Record<string, unknown>;
		adaptFields(fields, features);
		for (const field of Object.values(fields)) if (typeof field === "object") stack.push(field);
	}
}

function adaptFields(fields: Record<string, unknown>, features: string): void {
	const { tagName, attributes, childNodes, node, id, value } = fields;
	if (fields.isCustom === true && typeof tagName === "string") noteCustomElement(tagName);
	if (isRecord(attributes)) {
		const { _cssText, media } = attributes;
		if (typeof _cssText === "string") attributes._cssText = rewriteCss(_cssText, features);
		if (typeof media === "string") attributes.media = rewriteMedia(media, features);
	}
	if (tagName === "style") {
		styleIds.add(id);
		for (const child of Array.isArray(childNodes) ? childNodes : [])
			if (isRecord(child)) adaptStyleText(child, features);
	}
	// Mutations: a node was added to a style element, or the text of a style element was changed.
	if (isRecord(node) && styleIds.has(fields.parentId)) adaptStyleText(node, features);
	if (typeof value === "string" && styleIds.has(id)) fields.value = rewriteCss(value, features);
	for (const key of ["rule", "replace", "replaceSync"]) {
		const rule = fields[key];
		if (typeof rule === "string") fields[key] = rewriteCss(rule, features);
	}
}

function adaptStyleText(node: Record<string, unknown>, features: string): void {
	styleIds.add(node.id);
	if (typeof node.textContent === "string") node.textContent = rewriteCss(node.textContent, features);
}
