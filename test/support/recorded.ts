import * as rr from "../../src/contract/events.ts";
import { element, textNode } from "./story.ts";

/** Builds recordings that the player can render: a page of a shop, and actions on it. */

const STYLE = `body{margin:0;font:16px sans-serif;background:#faf7f2}header{padding:20px 32px;background:#26443b;color:#fff}
main{padding:24px 32px;display:grid;gap:16px}article{padding:24px;background:#fff;border:1px solid #ddd}`;
/** Node ID of the page's first row. */
const ROW_ID = 100;

/** Returns the Meta event and the full snapshot of a page with a heading and rows. */
export function pageAt(at: number, url: string, title: string, rows = 12): rr.RecordedEvent[] {
	const articles = Array.from({ length: rows }, (_, i) =>
		element(ROW_ID + 2 * i, "article", [textNode(ROW_ID + 2 * i + 1, `${title}, row ${i + 1}`)], {
			id: `row-${i + 1}`,
		}),
	);
	const head = element(3, "head", [element(4, "style", [textNode(5, STYLE)])]);
	const header = element(7, "header", [textNode(8, title)], { id: "title" });
	const body = element(6, "body", [header, element(9, "main", articles)]);
	const node = { type: rr.NODE_DOCUMENT, id: 1, childNodes: [element(2, "html", [head, body])] };
	return [
		{ type: rr.META, timestamp: at, data: { href: url, width: 1280, height: 720, title, cause: "load" } },
		{ type: rr.FULL_SNAPSHOT, timestamp: at + 1, data: { node, initialOffset: { left: 0, top: 0 } } },
	];
}

/** Returns a click at a position and the recorder's event with the selector of the clicked element. */
export function clickAt(at: number, x: number, y: number, selector = "#row-2"): rr.RecordedEvent[] {
	const click = { source: rr.MOUSE_INTERACTION, type: rr.CLICK, x, y, id: 7 };
	return [
		{ type: rr.INCREMENTAL, timestamp: at, data: click },
		{ type: rr.CUSTOM, timestamp: at + 1, data: { tag: rr.TAG_CLICK, payload: { selector } } },
	];
}

/** Returns a mutation that changes the heading's text. It counts as a response to a click, and tests can see it. */
export function headingAt(at: number, text: string): rr.RecordedEvent {
	const texts = [{ id: 8, value: text }];
	const data = { source: rr.MUTATION, texts, attributes: [], removes: [], adds: [] };
	return { type: rr.INCREMENTAL, timestamp: at, data };
}

export function scrollAt(at: number, y: number): rr.RecordedEvent {
	return { type: rr.INCREMENTAL, timestamp: at, data: { source: rr.SCROLL, id: 1, x: 0, y } };
}

export function moveAt(at: number): rr.RecordedEvent {
	const positions = [{ x: 200 + (at % 400), y: 200 + (at % 300), id: 7, timeOffset: 0 }];
	return { type: rr.INCREMENTAL, timestamp: at, data: { source: 1, positions } };
}

export function customAt(at: number, tag: string, payload: unknown): rr.RecordedEvent {
	return { type: rr.CUSTOM, timestamp: at, data: { tag, payload } };
}

export interface Recorded {
	sessionId: string;
	windowId?: string;
	/** Events of each chunk. */
	chunks: rr.RecordedEvent[][];
	metadata?: Record<string, unknown>;
}

/** Sends a recording as the recorder would. @throws when a batch is rejected */
export async function send(worker: string, { sessionId, windowId = "w", chunks, metadata }: Recorded): Promise<void> {
	for (const [seq, events] of chunks.entries()) {
		const body = JSON.stringify({ sessionId, windowId, seq, events, metadata });
		const response = await fetch(`${worker}/events`, { method: "POST", body });
		if (response.status !== 200) throw new Error(`chunk ${seq}: ${response.status} ${await response.text()}`);
	}
}
