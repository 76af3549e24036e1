import { type Context, Hono } from "hono";
import { fingerprintText, firstChars } from "../analytics/fingerprint.ts";
import { uuidv7 } from "../contract/ids.ts";
import { MAX_CLASS_CHARS, MAX_REPORT_BYTES } from "../contract/limits.ts";
import { type Config, configOf, type Env } from "../env.ts";
import { hooks } from "../hooks.ts";
import { Failure, fail, failureResponse } from "../http/errors.ts";
import { limitServer } from "../http/rate.ts";
import { bearerOf, hashOf, timingSafeEqual } from "../http/token.ts";
import { saveOccurrence } from "../storage/issues.ts";
import { saveServerEvent } from "../storage/server-events.ts";
import { readBody } from "./body.ts";
import { redactorOf } from "./redact.ts";
import { noteRefusal } from "./refusals.ts";
import { errorReportOf, type ReportOptions, trackedEventOf } from "./reports.ts";

type App = { Bindings: Env };

/** Of servers, which have a key: no browser is meant to post here, and so there is no CORS. */
type Lane = (body: unknown, project: string, env: Env, options: ReportOptions) => Promise<object>;

/** `POST …/errors`, an exception. */
const errors: Lane = async (body, project, env, options) => {
	const report = errorReportOf(body, options);
	const text = fingerprintText({ ...report, project }, configOf(env).fingerprintPlatform, hooks.normalizeFrame);
	const fingerprint = (await hashOf(text)).slice(0, 40);
	const exceptionClass = firstChars(report.exceptionClass, MAX_CLASS_CHARS);
	await saveWithin(saveOccurrence(env.DB, { ...report, exceptionClass, project, fingerprint, id: idAt(report.at) }));
	return { status: "ok", fingerprint };
};

/** `POST …/track`, an event of the server's own. */
const track: Lane = async (body, project, env, options) => {
	const event = trackedEventOf(body, options);
	await saveWithin(saveServerEvent(env.DB, { ...event, project, id: idAt(event.at) }));
	return { status: "ok" };
};

const handle = (lane: Lane) => async (c: Context<App>) => {
	const { env, req } = c;
	const config = configOf(env);
	const receivedAt = Date.now();
	let project = config.projects[0]!.id;
	try {
		if (req.method !== "POST") fail("method_not_allowed");
		project = (await projectOfKey(req.raw, config)) ?? fail("invalid_ingest_key");
		await limitServer(env, project);
		const { value } = await readBody(req.raw, MAX_REPORT_BYTES);
		const options = { redactor: redactorOf(config), anonymizeIp: config.anonymizeIp, receivedAt };
		const answer = await lane(value, project, env, options);
		return Response.json(answer, {
			headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" },
		});
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		noteRefusal(env, c.executionCtx, project, error, receivedAt);
		return failureResponse(error);
	}
};

/** Under any path that ends so: reporters are told the address of something they append the lane's name to. */
export const reportsRoute = new Hono<App>()
	.all("/errors", handle(errors))
	.all("/track", handle(track))
	.post("/:prefix{.+}/errors", handle(errors))
	.post("/:prefix{.+}/track", handle(track));

/** Each key is compared, so that the time tells nothing. */
async function projectOfKey(request: Request, { ingestKeys }: Config): Promise<string | null> {
	const given = bearerOf(request);
	if (given === null) return null;
	const same = await Promise.all(ingestKeys.map(({ key }) => timingSafeEqual(key, given)));
	return ingestKeys[same.indexOf(true)]?.project ?? null;
}

/** Reporters wait for three seconds. @throws storage_unavailable */
const SAVE_TIMEOUT_MS = 2_500;

async function saveWithin(saving: Promise<void>): Promise<void> {
	let stop = () => {};
	const late = new Promise<never>((_, reject) => {
		const timer = setTimeout(() => reject(new Error("D1 takes too long")), SAVE_TIMEOUT_MS);
		stop = () => clearTimeout(timer);
	});
	try {
		await Promise.race([saving, late]);
	} catch (error) {
		console.error("a report could not be stored", error);
		fail("storage_unavailable");
	} finally {
		stop();
	}
}

function idAt(at: number): string {
	return uuidv7(at, crypto.getRandomValues(new Uint8Array(10)));
}
