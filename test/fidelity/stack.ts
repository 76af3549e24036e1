import type { Page } from "playwright-core";

/** A page that is built with a front-end library: `stacks/<name>/stack.ts`, and its script `stacks/<name>/page.*`. */
export interface Stack {
	/** Names of the libraries, for the table of results. */
	title: string;
	/** HTML of the body. Default: `<div id="root"></div>`. */
	body?: string;
	/** HTML in the head, after the style sheet. */
	head?: string;
	/** Attributes of the html element. */
	html?: string;
	/** Other responses of the server, by file name: HTML fragments, SVG images. */
	files?: Record<string, string>;
	/** Returns the response for any other file name, such as a map tile, or null if there is no such file. */
	fileOf?(name: string): string | null;
	/** Actions between the first and the second moment, and between the second and the third. */
	steps: [(page: Page) => Promise<unknown>, (page: Page) => Promise<unknown>];
}
