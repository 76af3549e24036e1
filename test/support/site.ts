import type { Page } from "playwright-core";
import type { SentieroApi, Status } from "../../recorder/config.ts";
import type { RecordedEvent } from "../../src/contract/events.ts";
import type { Batch } from "../../src/contract/wire.ts";

/** Returns the HTML of a page with the recorder. `serveShop` fills in `%RECORDER%`. */
export function sitePage({ tag = "", config, head = "", body = "<h1>A page</h1>" }: SitePage = {}): string {
	const island = config
		? `<script type="application/json" id="sentiero-config">${JSON.stringify(config)}</script>`
		: "";
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title>${head}${island}
<script src="%RECORDER%" ${tag} defer></script></head><body>${body}</body></html>`;
}

export interface SitePage {
	/** Attributes of the script tag. */
	tag?: string;
	/** Content of `#sentiero-config`. */
	config?: object;
	head?: string;
	body?: string;
}

type Method = keyof SentieroApi;

/** Calls `window.Sentiero` in the page. */
export function call<M extends Method>(page: Page, method: M, ...args: unknown[]): Promise<ReturnType<SentieroApi[M]>> {
	return page.evaluate(
		([name, params]) =>
			(window as unknown as { Sentiero: Record<string, (...args: unknown[]) => unknown> }).Sentiero[name as string]!(
				...(params as unknown[]),
			),
		[method, args] as const,
	) as Promise<ReturnType<SentieroApi[M]>>;
}

export const statusOf = (page: Page): Promise<Status> => call(page, "status");

/** Waits until the recorder has loaded and captures events. */
export async function isRecording(page: Page): Promise<void> {
	await page.waitForFunction(() => {
		const boot = (window as unknown as { __sentiero?: { report?(): { reason: unknown } } }).__sentiero;
		return boot?.report && boot.report().reason === null;
	});
}

/** Waits until the recorder has opened IndexedDB, where unsent batches outlive the page. */
export async function isStoring(page: Page): Promise<void> {
	await page.waitForFunction(async () => (await indexedDB.databases()).some(({ name }) => name === "sentiero"));
	await page.waitForTimeout(300);
}

/** Returns custom events of all chunks in time order. */
export function customEvents(chunks: readonly Batch[]): { tag: string; payload: unknown; at: number }[] {
	return eventsOf(chunks)
		.filter(({ type }) => type === 5)
		.map(({ data, timestamp }) => ({ ...(data as { tag: string; payload: unknown }), at: timestamp ?? 0 }));
}

export function eventsOf(chunks: readonly Batch[]): RecordedEvent[] {
	return chunks.flatMap(({ events }) => events).sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
}
