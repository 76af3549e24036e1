import { type Context, Hono } from "hono";
import { validator } from "hono/validator";
import { publicEpoch, publicEvents, publicTrail } from "../analytics/public-view.ts";
import { MAX_SHARES, SHARE_DAYS } from "../contract/limits.ts";
import { isRecord } from "../contract/redact.ts";
import type { Batch } from "../contract/wire.ts";
import { chunkStore, configOf, type Env, type Project } from "../env.ts";
import { fail } from "../http/errors.ts";
import { page } from "../http/pages.ts";
import { firstValues, idParam } from "../http/params.ts";
import { limitAddress } from "../http/rate.ts";
import { bearerOf, newId, newToken, sha256Hex, timingSafeEqual } from "../http/token.ts";
import type { AuditEntry } from "../storage/audit.ts";
import { getChunk, jsonResponseOf } from "../storage/chunks.ts";
import { MissingKeyError } from "../storage/encryption.ts";
import { clockShiftsOf, findSession, listChunks, listTrails, type SessionRow } from "../storage/sessions.ts";
import { countView, createShare, findShare, listShares, revokeShare, type StoredShare } from "../storage/shares.ts";
import { sessionOf } from "./sessions.ts";

const DAY_MS = 86_400_000;
const inProject = validator("query", firstValues("project"));

/** Share links of a session, for logged-in users. */
export const shares = new Hono<{ Bindings: Env }>()
	.use("/:sid/shares/*", async (c, next) => {
		assertSharing(c.env);
		await next();
	})

	.get("/:sid/shares", inProject, async (c) => {
		const { project, id } = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		return c.json({ shares: await listShares(c.env.DB, project, id, Date.now()) });
	})

	/**
	 * Creates a share link, and returns its ID and token. Body: `{days}`, the number of days for which the link is valid.
	 * Only a hash of the token is stored, so no other response contains the token.
	 */
	.post("/:sid/shares", inProject, validator("json", parseDays), async (c) => {
		const session = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		const now = Date.now();
		const token = newToken();
		const share: StoredShare = {
			...{ project: session.project, sessionId: session.id, id: newId(), tokenHash: await sha256Hex(token) },
			...{ createdAt: now, expiresAt: expiryOf(c.env, session, now + c.req.valid("json").days * DAY_MS) },
			...{ views: 0, viewedAt: null },
		};
		if (!(await createShare(c.env.DB, share, MAX_SHARES, auditEntry("share_created", share, now)))) {
			fail("too_many_shares", { max: MAX_SHARES });
		}
		const { id, createdAt, expiresAt, views, viewedAt } = share;
		return c.json({ share: { id, createdAt, expiresAt, views, viewedAt }, token });
	})

	/** Revokes a share link. The response is the same if the link does not exist. */
	.delete("/:sid/shares/:id", inProject, async (c) => {
		const { project, id: sessionId } = await sessionOf(c.env, c.req.param("sid"), c.req.valid("query").project);
		const id = idParam(c.req.param("id"));
		const audit = auditEntry("share_revoked", { project, id }, Date.now());
		await revokeShare(c.env.DB, project, sessionId, id, audit);
		return c.json({ revoked: true });
	});

/**
 * Public API of share links. All routes but two require the token in a header, not in the URL, because URLs are logged.
 * The page `/:id` is the same for every ID, and the URL of the player document contains a key that is derived from the
 * token. The responses to a wrong token and to an unknown, revoked or expired link are the same.
 */
export const sharedReplay = new Hono<{ Bindings: Env }>()
	.use(async (c, next) => {
		assertSharing(c.env);
		await limitAddress(c.req.raw, c.env);
		await next();
		c.res.headers.set("x-robots-tag", "noindex, nofollow");
		c.res.headers.set("cache-control", "no-store");
	})

	.get("/:id", (c) => page(c, "share"))

	/** The player document. Its Content-Security-Policy names the recorded site, so its URL contains a secret key. */
	.get("/:id/player/:key", async (c) => {
		const share = await findShare(c.env.DB, c.req.param("id"), Date.now());
		if (!share || !(await timingSafeEqual(await playerKey(share), c.req.param("key")))) fail("share_not_found");
		return page(c, "player", 200, {}, [configuredProject(c.env, share)]);
	})

	/** Opens the shared recording. Uses POST, because the request is counted as a view. */
	.post("/:id/open", async (c) => {
		const { share, session } = await openShare(c);
		const base = publicEpoch(session.startedAt);
		const windows: { id: string; startedAt: number; lastAt: number; events: number }[] = [];
		for (const { id, chunks } of await windowsOf(c.env, session)) {
			windows.push({
				id,
				startedAt: Math.min(...chunks.map(({ firstAt }) => firstAt)) - base,
				lastAt: Math.max(...chunks.map(({ lastAt }) => lastAt)) - base,
				events: chunks.reduce((sum, { events }) => sum + events, 0),
			});
		}
		await countView(c.env.DB, share, auditEntry("share_viewed", share, Date.now()));
		const player = `/share/${share.id}/player/${await playerKey(share)}`;
		return c.json({ expiresAt: share.expiresAt, player, windows });
	})

	.get("/:id/windows/:wid/trail", async (c) => {
		const { session } = await openShare(c);
		const { windowId } = await windowOf(c.env, session, c.req.param("wid"));
		const base = publicEpoch(session.startedAt);
		const rows = await listTrails(c.env.DB, session.project, session.id, windowId);
		return c.json({
			chunks: rows.map(({ ref, firstAt, lastAt, events, snapshots, trail }) => ({
				...{ cursor: publicCursor(ref.id), firstAt: firstAt - base, lastAt: lastAt - base, events, snapshots },
				trail: publicTrail(trail, -base),
			})),
		});
	})

	.get("/:id/windows/:wid/events", validator("query", firstValues("cursor")), async (c) => {
		const { session } = await openShare(c);
		const { chunks } = await windowOf(c.env, session, c.req.param("wid"));
		const { cursor } = c.req.valid("query");
		const { ref } = chunks.find((it) => publicCursor(it.ref.id) === cursor) ?? fail("chunk_not_found");
		const shifts = await clockShiftsOf(c.env.DB, session.project, session.id);
		const shift = shifts.get(`${ref.windowId}/${ref.id}`) ?? 0;
		// Handles a missing encryption key like a missing chunk, because the key's ID must not become public.
		const chunk = await getChunk(chunkStore(c.env), ref).catch((error) =>
			error instanceof MissingKeyError ? null : Promise.reject(error),
		);
		if (!chunk) fail("chunk_not_found");
		const { events } = await jsonResponseOf(chunk).json<Batch>();
		return c.json({ events: publicEvents(events, shift - publicEpoch(session.startedAt)) });
	});

function assertSharing(env: Env): void {
	if (!configOf(env).shareableReplays) fail("sharing_off");
}

/** @throws invalid_parameter */
function parseDays(body: unknown): { days: (typeof SHARE_DAYS)[number] } {
	const days = SHARE_DAYS.find((it) => isRecord(body) && body.days === it);
	return { days: days ?? fail("invalid_parameter", { name: "days" }) };
}

/** Returns the time at which a link expires: at the latest when data retention deletes the recording. */
function expiryOf(env: Env, session: SessionRow, requestedAt: number): number {
	const { retentionMs } = configOf(env).projects.find(({ id }) => id === session.project)!;
	return retentionMs === null ? requestedAt : Math.min(requestedAt, session.lastAt + retentionMs);
}

function auditEntry(
	action: AuditEntry["action"],
	{ project, id }: { project: string; id: string },
	at: number,
): AuditEntry {
	return { project, at, id: newId(), action, subject: id };
}

/** Returns the share and its session if the request has the right token. @throws share_not_found in all other cases */
async function openShare(c: Context<{ Bindings: Env }>): Promise<{ share: StoredShare; session: SessionRow }> {
	const share = await findShare(c.env.DB, c.req.param("id") ?? "", Date.now());
	// Compares the token even if there is no share, so that the time taken does not reveal whether the share exists.
	const isValid = await timingSafeEqual(share?.tokenHash ?? "", await sha256Hex(bearerOf(c.req.raw) ?? ""));
	if (!share || !isValid) fail("share_not_found");
	configuredProject(c.env, share);
	const session = await findSession(c.env.DB, [share.project], share.sessionId);
	return { share, session: session ?? fail("share_not_found") };
}

/** @throws share_not_found if the project is no longer configured */
function configuredProject(env: Env, share: StoredShare): Project {
	return configOf(env).projects.find(({ id }) => id === share.project) ?? fail("share_not_found");
}

/** Returns the secret part of the player's URL. Clients get it from the route `/open`, which requires the token. */
async function playerKey({ id, tokenHash }: StoredShare): Promise<string> {
	return (await sha256Hex(`player ${id} ${tokenHash}`)).slice(0, 32);
}

/** Returns a chunk's ID without its leading timestamp, which must not become public. */
function publicCursor(chunkId: string): string {
	return chunkId.slice(14);
}

/** Returns the session's windows, numbered by their start, with their chunks. Window IDs must not become public. */
async function windowsOf(env: Env, session: SessionRow) {
	const windows = new Map<string, Awaited<ReturnType<typeof listChunks>>>();
	for (const chunk of await listChunks(env.DB, session.project, session.id)) {
		const chunks = windows.get(chunk.ref.windowId) ?? [];
		chunks.push(chunk);
		windows.set(chunk.ref.windowId, chunks);
	}
	return [...windows].map(([windowId, chunks], i) => ({ id: String(i + 1), windowId, chunks }));
}

async function windowOf(env: Env, session: SessionRow, wid: string | undefined) {
	return (await windowsOf(env, session)).find(({ id }) => id === wid) ?? fail("window_not_found");
}
