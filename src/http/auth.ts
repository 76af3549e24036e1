import type { Context, MiddlewareHandler } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";
import { auth as basicCredentials } from "hono/utils/basic-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import { type Config, configOf, type Env } from "../env.ts";
import { Failure, fail, failureResponse } from "./errors.ts";
import { page } from "./pages.ts";
import { limitLogin } from "./rate.ts";

type AppEnv = { Bindings: Env };

const COOKIE = "sentiero_login";
const LOGIN_SECONDS = 7 * 86_400;
/** Limit of the user name that is filled in again after a failed login. */
const MAX_REFILL_CHARS = 200;

/**
 * Requires a login for all routes that are registered after it, and for unknown paths, so that responses do not reveal
 * which paths exist. People use a signed cookie, scripts HTTP Basic on `/api`.
 */
export const requireLogin: MiddlewareHandler<AppEnv> = async (c, next) => {
	const { login } = configOf(c.env);
	const isApi = c.req.path.startsWith("/api/");
	if (!login) return isApi ? failureResponse(new Failure("locked")) : page(c, "locked", 403);
	const isLoggedIn = (isApi && (await hasBasic(c.req.raw, login))) || (await hasCookie(c, login));
	if (!isLoggedIn) {
		if (isApi && c.req.header("authorization")) await limitLogin(c.req.raw, c.env);
		if (!isApi) return page(c, "login", 401, { next: pathOf(c) });
		const response = failureResponse(new Failure("unauthorized"));
		// A fetch from a page must not open the login prompt of the browser.
		if (!c.req.header("sec-fetch-site")) response.headers.set("www-authenticate", 'Basic realm="Sentiero"');
		return response;
	}
	const fromBrowser = c.req.header("origin") || c.req.header("sec-fetch-site");
	return fromBrowser ? sameOriginOnly(c, next) : next();
};

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Rejects requests of other origins that may change something, because the browser may add the user's credentials to
 * them. Old browsers send no `Sec-Fetch-Site`, but an `Origin`.
 */
export const sameOriginOnly: MiddlewareHandler<AppEnv> = async (c, next) => {
	const site = c.req.header("sec-fetch-site");
	const isSameOrigin = site ? site === "same-origin" : c.req.header("origin") === new URL(c.req.url).origin;
	if (!SAFE_METHODS.has(c.req.method) && !isSameOrigin) fail("forbidden");
	await next();
};

/** Sets the login cookie and redirects to the page that was requested, or shows the form with an error. */
export async function logIn(c: Context<AppEnv>): Promise<Response> {
	const { login } = configOf(c.env);
	if (!login) return page(c, "locked", 403);
	const form: Record<string, unknown> = await c.req.parseBody().catch(() => ({}));
	const next = safePath(form.next);
	const user = String(form.user ?? "");
	const refill = { next, user: user.slice(0, MAX_REFILL_CHARS) };
	try {
		await limitLogin(c.req.raw, c.env);
	} catch {
		return page(c, "login", 429, { ...refill, error: "Too many attempts. Wait a minute, then try again." });
	}
	if (!(await matches(login, user, String(form.password ?? "")))) {
		return page(c, "login", 401, { ...refill, error: "Wrong user name or password." });
	}
	const expires = Math.floor(Date.now() / 1000) + LOGIN_SECONDS;
	await setSignedCookie(c, COOKIE, String(expires), secretOf(login), {
		httpOnly: true,
		sameSite: "Lax",
		path: "/",
		maxAge: LOGIN_SECONDS,
		secure: new URL(c.req.url).protocol === "https:",
	});
	return c.redirect(next, 303);
}

/** Deletes the login cookie. */
export function logOut(c: Context<AppEnv>): Response {
	deleteCookie(c, COOKIE, { path: "/" });
	return c.redirect("/", 303);
}

type Login = NonNullable<Config["login"]>;

async function hasCookie(c: Context<AppEnv>, login: Login): Promise<boolean> {
	const expires = await getSignedCookie(c, secretOf(login), COOKIE);
	return typeof expires === "string" && Number(expires) * 1000 > Date.now();
}

async function hasBasic(request: Request, login: Login): Promise<boolean> {
	const credentials = basicCredentials(request);
	return credentials !== undefined && (await matches(login, credentials.username, credentials.password));
}

/** Returns whether user name and password are correct. Always compares both, in constant time. */
async function matches(login: Login, user: string, password: string): Promise<boolean> {
	const [sameUser, samePassword] = await Promise.all([
		timingSafeEqual(login.user, user),
		timingSafeEqual(login.password, password),
	]);
	return sameUser && samePassword;
}

/**
 * Returns the secret that signs cookies. It contains the password, so that changing the password logs everybody out.
 */
function secretOf({ user, password }: Login): string {
	return `sentiero login\n${user}\n${password}`;
}

function pathOf(c: Context<AppEnv>): string {
	const { pathname, search } = new URL(c.req.url);
	return safePath(pathname + search);
}

/** Returns the path if it is on this host, otherwise `/`: the login must not redirect to another site. */
function safePath(path: unknown): string {
	return typeof path === "string" && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && !path.startsWith("/login") ? path : "/";
}
