import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { BuiltPage } from "./build.ts";
import type { Stack } from "./stack.ts";

/** Server of the stacks' pages. `/<stack>/` is recorded by the product, `/<stack>/?plain` by plain rrweb. */
export interface Site {
	origin: string;
	add(name: string, stack: Stack, built: BuiltPage): void;
	close(): Promise<void>;
}

const TYPES: Record<string, string> = {
	html: "text/html; charset=utf-8",
	css: "text/css; charset=utf-8",
	js: "text/javascript; charset=utf-8",
	svg: "image/svg+xml",
	json: "application/json",
};

/**
 * Starts the server, on loopback only.
 * @param recorderUrl URL of the product's recorder
 * @param plain pages that record with plain rrweb, and that replay such a recording
 */
export async function serveSite(
	recorderUrl: () => string,
	plain: { record: BuiltPage; replay: BuiltPage },
): Promise<Site> {
	const files = new Map<string, string>([
		["/plain/record.js", plain.record.js],
		["/plain/replay.js", plain.replay.js],
		["/plain/replay.css", plain.replay.css],
		[
			"/plain/replay.html",
			`<!doctype html><meta charset="utf-8"><title>rrweb</title><link rel="stylesheet" href="replay.css">
			<style>body { margin: 0 } iframe { border: 0 }</style><body><script src="replay.js" type="module"></script>`,
		],
	]);
	const stacks = new Map<string, Stack>();
	const server = createServer((request, response) => {
		const { pathname, search } = new URL(request.url ?? "/", "http://site");
		const [, name = "", file = ""] = pathname.split("/");
		const stack = stacks.get(name);
		const isDocument = stack !== undefined && file === "";
		const script = search === "?plain" ? "/plain/record.js" : recorderUrl();
		const text = isDocument
			? documentOf(stack, script, files.has(`/${name}/page.css`))
			: (files.get(pathname) ?? stack?.fileOf?.(file) ?? null);
		if (text === null) return void response.writeHead(404).end("not found");
		response.writeHead(200, {
			"content-type": TYPES[isDocument ? "html" : pathname.slice(pathname.lastIndexOf(".") + 1)] ?? "text/plain",
			// Replays run on another origin and load images, styles and fonts from this server.
			"access-control-allow-origin": "*",
		});
		response.end(text);
	});
	server.listen(0, "localhost");
	await once(server, "listening");
	return {
		origin: `http://localhost:${(server.address() as AddressInfo).port}`,
		add(name, stack, { js, css }) {
			stacks.set(name, stack);
			files.set(`/${name}/page.js`, js);
			if (css) files.set(`/${name}/page.css`, css);
			for (const [file, text] of Object.entries(stack.files ?? {})) files.set(`/${name}/${file}`, text);
		},
		async close() {
			server.closeAllConnections();
			server.close();
			await once(server, "close");
		},
	};
}

/** Hides the blinking caret in all pages. Playwright's option for this would change the page that is recorded. */
const CARET = "<style>* { caret-color: transparent !important }</style>";

function documentOf(
	{ title, html = "", head = "", body = '<div id="root"></div>' }: Stack,
	script: string,
	css: boolean,
) {
	return `<!doctype html><html lang="en" ${html}><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">${CARET}
<script src="${script}" defer></script>${css ? '<link rel="stylesheet" href="page.css">' : ""}${head}
<script src="page.js" type="module"></script></head><body data-sentiero-unmask>${body}</body></html>`;
}
