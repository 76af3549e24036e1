import type { Page } from "playwright-core";

/** A page that is built with a front-end library: `stacks/<name>/stack.ts`, and its script `stacks/<name>/page.*`. */
export interface Stack {
	/** Libraries, as the table shows them. */
	title: string;
	/** HTML of the body. Default: `<div id="root"></div>`. */
	body?: string;
	/** HTML in the head, after the style sheet. */
	head?: string;
	/** Attributes of the html element. */
	html?: string;
	/** Other responses of the server, by file name: HTML fragments, SVG images. */
	files?: Record<string, string>;
	/** Answers for other file names, such as map tiles. Null: not found. */
	fileOf?(name: string): string | null;
	/** What the visitor does between the first and second, and the second and third moment. */
	steps: [(page: Page) => Promise<unknown>, (page: Page) => Promise<unknown>];
}
