import type { Context } from "hono";
import { configOf, type Env, type Project } from "../env.ts";

/** HTML documents that the dashboard's build adds to the assets. */
export type PageName = "index" | "login" | "locked" | "player" | "share";

/** Policy of all pages except the player: only scripts of this origin run, and the page cannot be framed. */
const DASHBOARD_CSP = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' data:",
	"font-src 'self'",
	"connect-src 'self'",
	"frame-src 'self'",
	"form-action 'self'",
	"base-uri 'none'",
	"frame-ancestors 'none'",
].join("; ");

/**
 * Returns the policy of the player, which shows untrusted recordings: no script but its own, no connections, no forms,
 * and files only from the recorded sites and REPLAY_ASSET_ORIGINS. The inner frame of rrweb inherits the policy.
 */
function playerCsp(env: Env, script: string, projects: readonly Project[]): string {
	const { replayAssetOrigins } = configOf(env);
	const dashboardOrigin = new URL(script).origin;
	// Recordings must not send requests to the dashboard's origin, even if it is the origin of a recorded site.
	const sites = [...new Set([...projects.flatMap(({ origins }) => origins), ...replayAssetOrigins])]
		.filter((site) => site !== dashboardOrigin)
		.join(" ");
	return [
		"default-src 'none'",
		`script-src ${script}`,
		`style-src 'unsafe-inline' ${sites}`,
		`img-src data: blob: ${sites}`,
		`font-src data: ${sites}`,
		`media-src data: blob: ${sites}`,
		"connect-src 'none'",
		"form-action 'none'",
		"base-uri 'none'",
		"frame-ancestors 'self'",
	].join("; ");
}

/**
 * Returns a document of the dashboard.
 * @param fill values of the `%NAME%` placeholders, by name in lower case; the values are HTML-escaped
 * @param projects projects whose recordings the player may show
 */
export async function page(
	c: Context<{ Bindings: Env }>,
	name: PageName,
	status: 200 | 401 | 403 | 404 | 429 = 200,
	fill: Record<string, string> = {},
	projects: readonly Project[] = configOf(c.env).projects,
): Promise<Response> {
	const asset = await c.env.ASSETS.fetch(new URL(`/${name}.html`, c.req.url));
	if (!asset.ok) throw new Error(`${name}.html is not among the assets: run npm run build`);
	const filled: Record<string, string> = { shareable: String(configOf(c.env).shareableReplays), ...fill };
	const html = (await asset.text()).replace(/%([A-Z]+)%/g, (_, key: string) =>
		escaped(filled[key.toLowerCase()] ?? ""),
	);
	const script = new URL(/<script [^>]*src="([^"]+)"/.exec(html)?.[1] ?? "/assets/none.js", c.req.url).href;
	return c.html(html, status, {
		"content-security-policy": name === "player" ? playerCsp(c.env, script, projects) : DASHBOARD_CSP,
		"cache-control": "no-store",
		"x-frame-options": name === "player" ? "SAMEORIGIN" : "DENY",
	});
}

function escaped(text: string): string {
	return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
