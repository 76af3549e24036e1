import { type Context, Hono } from "hono";
import { fingerprintText, firstChars } from "../analytics/fingerprint.ts";
import { uuidv7 } from "../contract/ids.ts";
import { MAX_EXCEPTION_CLASS_CHARS, MAX_REPORT_BYTES } from "../contract/limits.ts";
import { type Config, configOf, type Env } from "../env.ts";
import { hooks } from "../hooks.ts";
import { Failure, fail, failureResponse } from "../http/errors.ts";
import { limitReports } from "../http/rate.ts";
import { bearerOf, sha256Hex, timingSafeEqual } from "../http/token.ts";
import { saveOccurrence } from "../storage/issues.ts";
import { saveServerEvent } from "../storage/server-events.ts";
import { readBody } from "./body.ts";
import { redactorOf } from "./redact.ts";
import { noteRefusal } from "./refusals.ts";
import { errorReportOf, type ReportOptions, serverEventReportOf } from "./reports.ts";

type App = { Bindings: Env };

/** Validates and stores a report of one kind, and returns the JSON of the response. */
type ReportHandler = (body: unknown, project: string, env: Env, options: ReportOptions) => Promise<object>;

/** Stores an exception: `POST …/errors`. */
const saveError: ReportHandler = async (body, project, env, options) => {
	const report = errorReportOf(body, options);
	const text = fingerprintText({ ...report, project }, configOf(env).fingerprintPlatform, hooks.normalizeFrame);
	const fingerprint = (await sha256Hex(text)).slice(0, 40);
	const exceptionClass = firstChars(report.exceptionClass, MAX_EXCEPTION_CLASS_CHARS);
	await saveWithin(saveOccurrence(env.DB, { ...report, exceptionClass, project, fingerprint, id: idAt(report.at) }));
	return { status: "ok", fingerprint };
};

/** Stores a server event: `POST …/track`. */
const saveEvent: ReportHandler = async (body, project, env, options) => {
	const event = serverEventReportOf(body, options);
	await saveWithin(saveServerEvent(env.DB, { ...event, project, id: idAt(event.at) }));
	return { status: "ok" };
};

const handle = (save: ReportHandler) => async (c: Context<App>) => {
	const { env, req } = c;
	const config = configOf(env);
	const receivedAt = Date.now();
	let project = config.projects[0]!.id;
	try {
		if (req.method !== "POST") fail("method_not_allowed");
		project = (await projectOfKey(req.raw, config)) ?? fail("invalid_ingest_key");
		await limitReports(env, project);
		const { value } = await readBody(req.raw, MAX_REPORT_BYTES);
		const options = { redactor: redactorOf(config), anonymizeIp: config.anonymizeIp, receivedAt };
		const answer = await save(value, project, env, options);
		return Response.json(answer, {
			headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
		});
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		noteRefusal(env, c.executionCtx, project, error, receivedAt);
		return failureResponse(error);
	}
};

/**
 * `/errors` and `/track` receive reports from servers, which authenticate with an ingest key. There are no CORS
 * headers, because browsers do not send reports. The routes match under any prefix, because reporters append `/errors`
 * or `/track` to the URL that they are configured with.
 */
export const reportsRoute = new Hono<App>()
	.all("/errors", handle(saveError))
	.all("/track", handle(saveEvent))
	.post("/:prefix{.+}/errors", handle(saveError))
	.post("/:prefix{.+}/track", handle(saveEvent));

/** Returns the project whose ingest key the request has, or null. Compares all keys, so that timing reveals nothing. */
async function projectOfKey(request: Request, { ingestKeys }: Config): Promise<string | null> {
	const given = bearerOf(request);
	if (given === null) return null;
	const same = await Promise.all(ingestKeys.map(({ key }) => timingSafeEqual(key, given)));
	return ingestKeys[same.indexOf(true)]?.project ?? null;
}

/** Limit of the time to wait for D1: shorter than the three seconds after which reporters give up. */
const SAVE_TIMEOUT_MS = 2_500;

/**
 * Waits for a write, but not longer than `SAVE_TIMEOUT_MS`.
 * @throws storage_unavailable if D1 fails or takes too long
 */
async function saveWithin(saving: Promise<void>): Promise<void> {
	let clear = () => {};
	const timeout = new Promise<never>((_, reject) => {
		const timer = setTimeout(() => reject(new Error("D1 did not answer in time")), SAVE_TIMEOUT_MS);
		clear = () => clearTimeout(timer);
	});
	try {
		await Promise.race([saving, timeout]);
	} catch (error) {
		console.error("cannot store a report", error);
		fail("storage_unavailable");
	} finally {
		clear();
	}
}

function idAt(at: number): string {
	return uuidv7(at, crypto.getRandomValues(new Uint8Array(10)));
}
