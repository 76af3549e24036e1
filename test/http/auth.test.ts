import { describe, expect, it } from "vitest";
import { envWith, ORIGIN, send } from "../support/worker.ts";

/** Replaces the dashboard's documents: each contains its own path, so that tests see which document is served. */
const ASSETS = {
	fetch: async (url: URL) => new Response(`<!doctype html><title>${url.pathname}</title>%NEXT% %ERROR% <b>%USER%</b>`),
};
const on = envWith({ ASSETS });
const get = (path: string, headers: Record<string, string> = {}, env = on) =>
	send(new Request(`${ORIGIN}${path}`, { headers, redirect: "manual" }), env);

async function logIn(password = "demo", next = "/sessions/s1", headers: Record<string, string> = {}, user = "demo") {
	const body = new URLSearchParams({ user, password, next });
	const init = { method: "POST", body, redirect: "manual", headers: { origin: ORIGIN, ...headers } } as const;
	return send(new Request(`${ORIGIN}/login`, init), on);
}

const cookieOf = (response: Response) => response.headers.get("set-cookie")!.split(";")[0]!;

describe("the login requirement", () => {
	it.each(["/", "/sessions/x", "/nothing", "/player", "/api/sessions", "/api/nothing"])(
		"responds to %s with 401 without a login",
		async (path) => {
			expect((await get(path)).status).toBe(401);
		},
	);

	it("locks the dashboard, with instructions, until BASIC_AUTH is set", async () => {
		const locked = envWith({ ASSETS, BASIC_AUTH: undefined });
		const response = await get("/", {}, locked);
		expect([response.status, await response.text()]).toEqual([403, expect.stringContaining("/locked.html")]);
		const api = await get("/api/sessions", {}, locked);
		const error = "the dashboard is locked: set the secret BASIC_AUTH to unlock it";
		expect([api.status, await api.json()]).toEqual([403, { error }]);
	});

	it("does not cover ingest and health checks", async () => {
		expect((await get("/healthz")).status).toBe(200);
		expect((await get("/readyz")).status).toBe(200);
		expect((await get("/events")).status).toBe(405);
	});

	it("does not hide configuration errors, which name the variable", async () => {
		for (const [name, value] of [
			["BASIC_AUTH", ":x"],
			["RETENTION_DAYS", "soon"],
			["CORS_ORIGINS", ["shop.example"]],
			["PROJECTS", []],
			["RESPECT_GPC", "maybe"],
		] as const) {
			const response = await get("/", {}, envWith({ ASSETS, [name]: value }));
			expect(response.status).toBe(500);
			expect(await response.text()).toContain(name);
		}
	});
});

describe("HTTP Basic", () => {
	const basic = (text: string) => ({ authorization: `Basic ${btoa(text)}` });

	it("gives scripts access to the API", async () => {
		expect((await get("/api/sessions", basic("demo:demo"))).status).toBe(200);
	});

	it.each(["demo:wrong", "wrong:demo", "demo:", ":", "demo"])("rejects %s with a challenge", async (text) => {
		const response = await get("/api/sessions", basic(text));
		expect(response.status).toBe(401);
		expect(response.headers.get("www-authenticate")).toBe('Basic realm="Sentiero"');
	});

	it("gives no access to pages", async () => {
		expect((await get("/", basic("demo:demo"))).status).toBe(401);
	});
});

describe("a login", () => {
	it("sets a signed cookie and redirects to the requested page", async () => {
		const response = await logIn();
		expect(response.status).toBe(303);
		expect(response.headers.get("location")).toBe("/sessions/s1");
		expect(response.headers.get("set-cookie")).toMatch(/HttpOnly; Secure; SameSite=Lax/);
		const cookie = cookieOf(response);
		expect((await get("/", { cookie })).status).toBe(200);
		expect((await get("/api/sessions", { cookie })).status).toBe(200);
	});

	it("is invalidated by a changed password or a modified cookie", async () => {
		const cookie = cookieOf(await logIn());
		expect((await get("/", { cookie }, envWith({ ASSETS, BASIC_AUTH: "demo:new" }))).status).toBe(401);
		expect((await get("/", { cookie: cookie.replace(/=\d/, "=9") })).status).toBe(401);
	});

	it("shows an error for a wrong password, and never redirects to another host", async () => {
		const wrong = await logIn("nope", '"><script>');
		expect(wrong.status).toBe(401);
		expect(wrong.headers.get("set-cookie")).toBeNull();
		expect(await wrong.text()).toContain("Wrong user name or password.");
		for (const next of ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]) {
			expect((await logIn("demo", next)).headers.get("location")).toBe("/");
		}
	});

	it("keeps the user name, escaped, in the form after a wrong password", async () => {
		const wrong = await logIn("nope", "/", {}, 'x"><script>%NEXT%');
		expect(await wrong.text()).toContain("<b>x&#34;&#62;&#60;script&#62;%NEXT%</b>");
		const long = await logIn("nope", "/", {}, "x".repeat(10_000));
		expect((await long.text()).length).toBeLessThan(500);
	});

	it("treats a malformed form as a wrong password", async () => {
		const headers = { origin: ORIGIN, "content-type": "multipart/form-data; boundary=x" };
		const response = await send(new Request(`${ORIGIN}/login`, { method: "POST", body: "broken", headers }), on);
		expect(response.status).toBe(401);
	});

	it("rejects forms of other sites", async () => {
		expect((await logIn("demo", "/", { origin: "https://evil.example" })).status).toBe(403);
	});

	it("does not let other sites change data with the user's cookie, whatever the content type and method", async () => {
		const cookie = cookieOf(await logIn());
		const change = async (method: string, headers: Record<string, string>) => {
			const init = { method, headers: { cookie, "content-type": "application/json", ...headers }, body: "{}" };
			return (await send(new Request(`${ORIGIN}/api/sessions/s1/mark`, init), on)).status;
		};
		for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
			for (const site of ["cross-site", "same-site", "none"]) {
				expect([method, site, await change(method, { "sec-fetch-site": site, origin: ORIGIN })]).toEqual([
					method,
					site,
					403,
				]);
			}
			for (const origin of ["https://evil.example", "null"]) expect(await change(method, { origin })).toBe(403);
			expect(await change(method, { "sec-fetch-site": "same-origin" })).not.toBe(403);
			expect(await change(method, { origin: ORIGIN })).not.toBe(403);
		}
	});

	it("does not let other sites delete data with the user's cookie", async () => {
		const cookie = cookieOf(await logIn());
		const remove = (origin: string) =>
			send(new Request(`${ORIGIN}/api/sessions/s1`, { method: "DELETE", headers: { cookie, origin } }), on);
		expect((await remove("https://evil.example")).status).toBe(403);
		expect((await remove(ORIGIN)).status).toBe(200);
	});
});

describe("pages", () => {
	it("run only their own scripts and cannot be framed; the player can be framed by the dashboard and cannot connect", async () => {
		const cookie = cookieOf(await logIn());
		const dashboard = (await get("/", { cookie })).headers;
		expect(dashboard.get("content-security-policy")).toContain("script-src 'self'; style-src 'self';");
		expect(dashboard.get("content-security-policy")).toContain("frame-ancestors 'none'");
		expect(dashboard.get("cache-control")).toBe("no-store");
		expect(dashboard.get("x-content-type-options")).toBe("nosniff");
		expect(dashboard.get("referrer-policy")).toBe("no-referrer");
		const player = (await get("/player", { cookie })).headers.get("content-security-policy");
		expect(player).toContain("connect-src 'none'");
		expect(player).toContain("img-src data: blob: https://shop.example");
		expect(player).toContain("style-src 'unsafe-inline' https://shop.example;");
		expect(player).not.toMatch(/script-src[^;]*unsafe/);
	});
});

describe("/custom-events", () => {
	it("redirects to /server-events once logged in, keeping the id and the query", async () => {
		expect((await get("/custom-events")).status).toBe(401);
		const cookie = cookieOf(await logIn());
		for (const [from, to] of [
			["/custom-events", "/server-events"],
			["/custom-events?level=error&project=shop", "/server-events?level=error&project=shop"],
			["/custom-events/custom-1?list=level%3Derror", "/server-events/custom-1?list=level%3Derror"],
		] as const) {
			const response = await get(from, { cookie });
			expect([response.status, response.headers.get("location")]).toEqual([301, to]);
			expect((await get(to, { cookie })).status).toBe(200);
		}
		expect((await get("/custom-events/a/b", { cookie })).status).toBe(404);
	});
});

describe("the import page", () => {
	it("exists whether or not replays can be shared; pages contain that setting", async () => {
		const cookie = cookieOf(await logIn());
		const html = `<div data-shareable="%SHAREABLE%"></div>`;
		const env = { ASSETS: { fetch: async () => new Response(html) } };
		for (const isOn of [true, false]) {
			const response = await get("/import", { cookie }, envWith({ ...env, SHAREABLE_REPLAYS: isOn }));
			expect([response.status, await response.text()]).toEqual([200, html.replace("%SHAREABLE%", String(isOn))]);
		}
	});
});

describe("too many login attempts from one address", () => {
	const address = { "cf-connecting-ip": "203.0.113.9" };
	const limited = () => {
		const asked: string[] = [];
		return { asked, limit: async ({ key }: { key: string }) => ({ success: asked.push(key) <= 2 }) };
	};

	it("get 429 on the login page for a minute, even with the right password", async () => {
		const env = envWith({ ASSETS, RATE_LIMIT_LOGIN: limited() });
		const attempt = (password: string) => {
			const body = new URLSearchParams({ user: "demo", password, next: "/" });
			const init = { method: "POST", body, redirect: "manual", headers: { origin: ORIGIN, ...address } } as const;
			return send(new Request(`${ORIGIN}/login`, init), env);
		};
		expect([(await attempt("a")).status, (await attempt("b")).status]).toEqual([401, 401]);
		const third = await attempt("demo");
		expect(third.status).toBe(429);
		expect(await third.text()).toContain("Too many attempts");
		expect(third.headers.get("set-cookie")).toBeNull();
	});

	it("get 429 with HTTP Basic, too, except with correct credentials", async () => {
		const limit = limited();
		const env = envWith({ ASSETS, RATE_LIMIT_LOGIN: limit });
		const attempt = async (password: string) =>
			(await get("/api/sessions", { ...address, authorization: `Basic ${btoa(`demo:${password}`)}` }, env)).status;
		const statuses = [await attempt("a"), await attempt("b"), await attempt("c"), await attempt("demo")];
		expect(statuses).toEqual([401, 401, 429, 200]);
		expect(limit.asked).toHaveLength(3);
		expect(limit.asked.join()).not.toContain("203");
	});
});
