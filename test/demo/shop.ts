import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const SITE = fileURLToPath(new URL("site/", import.meta.url));

const TYPES: Record<string, string> = {
	".html": "text/html; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
};

/**
 * Serves the demo shop: static files, with the recorder's URL filled in. Listens on loopback only.
 * @param extraPages additional documents, by path
 */
export function serveShop(
	port: number,
	recorderUrl: () => string,
	extraPages: Record<string, string> = {},
): Promise<Server> {
	const server = createServer(async (request, response) => {
		const { pathname } = new URL(request.url ?? "/", "http://shop");
		const path = normalize(decodeURIComponent(pathname));
		const extraPage = extraPages[path];
		if (extraPage !== undefined) {
			response.writeHead(200, { "content-type": TYPES[extname(path)] ?? TYPES[".html"] });
			const filled = extraPage
				.replaceAll("%RECORDER%", recorderUrl())
				.replaceAll("%WORKER%", new URL(recorderUrl()).origin);
			return void response.end(filled);
		}
		const file = join(SITE, fileOf(path));
		const type = TYPES[extname(file)];
		if (!file.startsWith(SITE) || !type) return void response.writeHead(404).end("not found");
		try {
			const content = await readFile(file);
			// Replays run on another origin and load images, styles and fonts from this server.
			response.writeHead(200, {
				"content-type": type,
				"access-control-allow-origin": "*",
				"cache-control": "no-cache",
			});
			response.end(type.startsWith("text/html") ? content.toString().replace("%RECORDER%", recorderUrl()) : content);
		} catch {
			response.writeHead(404).end("not found");
		}
	});
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "localhost", () => resolve(server));
	});
}

/** Returns the file for a path. Each story of the journal has its own path, but all of them are in one file. */
function fileOf(path: string): string {
	if (path.startsWith("/journal/")) return "journal.html";
	return path.endsWith("/") ? `${path}index.html` : path;
}
