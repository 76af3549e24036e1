import { hc, type InferResponseType } from "hono/client";
import type { Api, SharedApi } from "../src/app.ts";
import { serverError, unreachable } from "./state/state.text.ts";

/** Typed client of the API. */
export const api = hc<Api>("/api");

/** Typed client of a share link's API. The token is sent in a header because URLs are written to logs. */
export const sharedApi = (token: string) => hc<SharedApi>("/share", { headers: { authorization: `Bearer ${token}` } });

type Ok<T> = Exclude<T, { error: string }>;

export type SessionList = Ok<InferResponseType<typeof api.sessions.$get>>;
export type SessionItem = SessionList["sessions"][number];
export type SessionTotals = Ok<InferResponseType<typeof api.sessions.totals.$get>>;
export type MarkItem = SessionItem["mark"];
export type SessionDetail = Ok<InferResponseType<(typeof api.sessions)[":sid"]["$get"]>>;
export type WindowItem = SessionDetail["windows"][number];
export type ChunkItem = Ok<
	InferResponseType<(typeof api.sessions)[":sid"]["windows"][":wid"]["trail"]["$get"]>
>["chunks"][number];
export type PersonInfo = Ok<InferResponseType<(typeof api.sessions)[":sid"]["person"]["$get"]>>;
export type ServerItemList = Ok<InferResponseType<(typeof api.sessions)[":sid"]["reported"]["$get"]>>;
export type ServerItem = ServerItemList["items"][number];
export type NoteItem = Ok<InferResponseType<(typeof api.sessions)[":sid"]["notes"]["$get"]>>["notes"][number];
export type ShareItem = Ok<InferResponseType<(typeof api.sessions)[":sid"]["shares"]["$get"]>>["shares"][number];
export type OverviewInfo = Ok<InferResponseType<typeof api.analytics.overview.$get>>;
export type PagesInfo = Ok<InferResponseType<typeof api.analytics.pages.$get>>;
export type PageInfo = Ok<InferResponseType<typeof api.analytics.page.$get>>;
export type RetentionInfo = Ok<InferResponseType<typeof api.analytics.retention.$get>>;
export type MetadataInfo = Ok<InferResponseType<typeof api.analytics.metadata.$get>>;
export type HeatmapInfo = Ok<InferResponseType<typeof api.analytics.heatmap.$get>>;
export type FormsInfo = Ok<InferResponseType<typeof api.analytics.forms.$get>>;
export type EngagementInfo = Ok<InferResponseType<typeof api.analytics.engagement.$get>>;
export type StepsInfo = Ok<InferResponseType<typeof api.analytics.steps.$get>>;
export type FunnelInfo = Ok<InferResponseType<typeof api.analytics.funnel.$get>>;
export type PathsInfo = Ok<InferResponseType<typeof api.analytics.paths.$get>>;
export type ConversionsInfo = Ok<InferResponseType<typeof api.analytics.conversions.$get>>;
export type ErrorsInfo = Ok<InferResponseType<typeof api.analytics.errors.$get>>;
export type IssueList = Ok<InferResponseType<typeof api.issues.$get>>;
export type IssueItem = IssueList["issues"][number];
export type IssueDetail = Ok<InferResponseType<(typeof api.issues)[":fingerprint"]["$get"]>>;
export type OccurrenceStats = IssueDetail["spread"];
export type OccurrenceItem = IssueDetail["occurrences"][number];
export type ServerEventList = Ok<InferResponseType<(typeof api)["server-events"]["$get"]>>;
export type ServerEventItem = ServerEventList["events"][number];
export type SegmentItem = Ok<InferResponseType<typeof api.segments.$get>>["segments"][number];
export type MaintenanceInfo = Ok<InferResponseType<typeof api.maintenance.$get>>;

/** A failed request. The message can be shown to the user. */
export class ApiError extends Error {
	/** HTTP status; 0 when the server could not be reached. */
	readonly status: number;
	constructor(status: number, message: string) {
		super(message);
		this.status = status;
	}
}

/** Returns the JSON body of a response. On a 401, reloads the page, which then shows the login. @throws ApiError */
export async function read<T>(request: Promise<{ ok: boolean; status: number; json(): Promise<T> }>): Promise<Ok<T>> {
	const response = await request.catch(() => {
		throw new ApiError(0, unreachable);
	});
	if (response.ok) return (await response.json()) as Ok<T>;
	if (response.status === 401) location.reload();
	throw new ApiError(response.status, await errorSentence(response));
}

/** Like `read`, but returns null on a 404. @throws ApiError */
export async function readOrNull<T>(request: Parameters<typeof read<T>>[0]): Promise<Ok<T> | null> {
	try {
		return await read(request);
	} catch (failure) {
		if (failure instanceof ApiError && failure.status === 404) return null;
		throw failure;
	}
}

async function errorSentence(response: { json(): Promise<unknown> }): Promise<string> {
	const body = (await response.json().catch(() => null)) as { error?: unknown } | null;
	return typeof body?.error === "string" ? body.error : serverError;
}
