import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { RecordedEvent } from "../../src/contract/events.ts";
import { uuidv7 } from "../../src/contract/ids.ts";
import type { Batch } from "../../src/contract/wire.ts";
import type { Env } from "../../src/env.ts";
import worker from "../../src/index.ts";
import { readableRows } from "./readable-rows.ts";

/** Sends requests to the Worker in tests. A response is returned after all `waitUntil` work has finished. */

export const ORIGIN = "https://collector.example";
export const SITE = "https://shop.example";

/** Returns the configured bindings with some replaced. */
export function envWith(changes: Record<string, unknown> = {}): Env {
	return { ...(env as unknown as Env), ...changes };
}

export async function send(request: Request, on: Env = envWith()): Promise<Response> {
	const ctx = createExecutionContext();
	const response = await worker.fetch(request as Request<unknown, IncomingRequestCfProperties>, on, ctx);
	await waitOnExecutionContext(ctx);
	return response;
}

export interface PostOptions {
	on?: Env;
	headers?: Record<string, string>;
	/** null: no Origin header. */
	origin?: string | null;
	path?: string;
	cf?: Partial<IncomingRequestCfProperties>;
}

export function postRequest(
	body: BodyInit,
	{ headers, origin = SITE, path = "/events", cf }: PostOptions = {},
): Request {
	return new Request(`${ORIGIN}${path}`, {
		method: "POST",
		headers: { "content-type": "text/plain", ...(origin ? { origin } : {}), ...headers },
		body,
		cf: cf as CfProperties,
	});
}

/** Posts a batch as our recorder does: gzip without a Content-Encoding header, recognized by its first bytes. */
export async function post(batch: unknown, options: PostOptions = {}): Promise<Response> {
	return send(postRequest(await gzip(JSON.stringify(batch)), options), options.on);
}

export async function gzip(text: string | Uint8Array): Promise<Uint8Array> {
	const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
	return new Uint8Array(await new Response(stream).arrayBuffer());
}

const CREDENTIALS = `Basic ${btoa("demo:demo")}`;

export function api(path: string, init: RequestInit & { on?: Env } = {}): Promise<Response> {
	const { on, ...rest } = init;
	return send(
		new Request(`${ORIGIN}/api${path}`, { ...rest, headers: { authorization: CREDENTIALS, ...rest.headers } }),
		on,
	);
}

export async function apiJson<T>(path: string, init: RequestInit & { on?: Env } = {}): Promise<T> {
	const response = await api(path, init);
	if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
	return response.json();
}

/** ID of a session that began two days ago: too old for the sweep in each tick, but batches are still accepted. */
const LONG_AGO = uuidv7(Date.now() - 2 * 86_400_000, new Uint8Array(10).fill(1));

/** Returns a batch of `pageEvents`. */
export function batchOf(changes: Partial<Batch> = {}, at = Date.now()): Batch {
	return {
		v: 1,
		sessionId: LONG_AGO,
		windowId: "019a0000-0000-7000-8000-00000000000a",
		seq: 0,
		events: pageEvents(at),
		...changes,
	};
}

/** Returns events of a page with a full snapshot, a click that changes the page, and a scroll. */
export function pageEvents(at: number, url = `${SITE}/pricing`): RecordedEvent[] {
	return [
		{ type: 4, timestamp: at, data: { href: url, width: 1280, height: 720 } },
		{ type: 2, timestamp: at + 10, data: { node: documentOf("Pricing"), initialOffset: { left: 0, top: 0 } } },
		{ type: 3, timestamp: at + 1000, data: { source: 2, type: 2, id: 7, x: 100, y: 200 } },
		{ type: 5, timestamp: at + 1001, data: { tag: "__click", payload: { selector: "button#buy" } } },
		{ type: 3, timestamp: at + 1200, data: { source: 0, adds: [], removes: [], texts: [], attributes: [] } },
		{ type: 3, timestamp: at + 2000, data: { source: 3, id: 1, x: 0, y: 640 } },
	];
}

export function documentOf(title: string): Record<string, unknown> {
	const element = (id: number, tagName: string, childNodes: unknown[] = [], attributes = {}) => ({
		...{ type: 2, id, tagName, attributes, childNodes },
	});
	const text = (id: number, textContent: string) => ({ type: 3, id, textContent });
	return {
		type: 0,
		id: 1,
		childNodes: [
			element(2, "html", [
				element(3, "head", [element(4, "title", [text(5, title)])]),
				element(6, "body", [
					element(7, "button", [text(8, "Buy")], { id: "buy" }),
					element(9, "input", [], { name: "email", type: "email" }),
				]),
			]),
		],
	};
}

/** Returns all rows of a table in the order of its key, with trails as JSON. */
export async function rows<T = Record<string, unknown>>(table: string): Promise<T[]> {
	const { results } = await (env as unknown as Env).DB.prepare(`SELECT * FROM ${table} ORDER BY 1, 2, 3, 4`).all<T>();
	return readableRows(results);
}

/** Returns the keys in R2, except those of exports. */
export async function objects(): Promise<string[]> {
	const { objects: found } = await (env as unknown as Env).CHUNKS.list();
	return found.map(({ key }) => key).filter((key) => !key.startsWith(".export/"));
}

/** Returns the real D1 with batches that fail, as in an outage. */
export function unavailableDb(): D1Database {
	return dbWith({ batch: () => Promise.reject(new Error("D1 is away")) });
}

/** Returns the real D1 with some of its methods replaced. */
export function dbWith(changes: Record<string, unknown>): D1Database {
	const db = (env as unknown as Env).DB;
	return new Proxy(db, {
		get(target, name) {
			if (name in changes) return changes[String(name)];
			const value = Reflect.get(target, name);
			return typeof value === "function" ? value.bind(target) : value;
		},
	});
}

/** Ingest key of the project "default", see `withKeys`. */
export const INGEST_KEY = "0123456789abcdef0123456789abcdef";

/** Returns the configured bindings with an ingest key, and with some replaced. */
export function withKeys(changes: Record<string, unknown> = {}): Env {
	return envWith({ INGEST_KEYS: [`default:${INGEST_KEY}`], ...changes });
}

export interface ReportOptions {
	on?: Env;
	/** Authorization header; null: none. */
	key?: string | null;
	headers?: Record<string, string>;
	method?: string;
}

/** Posts a report as a server does. @param body an object is sent as JSON, anything else unchanged */
export function report(path: string, body: BodyInit | object | null, options: ReportOptions = {}): Promise<Response> {
	const { key = `Bearer ${INGEST_KEY}`, headers, method = "POST" } = options;
	const isRaw = typeof body === "string" || body instanceof Uint8Array || body === null;
	const request = new Request(`${ORIGIN}${path}`, {
		method,
		headers: { "content-type": "application/json", ...(key ? { authorization: key } : {}), ...headers },
		body: isRaw ? (body as BodyInit | null) : JSON.stringify(body),
	});
	return send(request, options.on ?? withKeys());
}
