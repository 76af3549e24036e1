import type { RecordedEvent } from "../../src/contract/events.ts";
import { api, type ChunkItem, read, type ServerItemList, type SessionDetail, type WindowItem } from "../api.ts";

/** Where a replay reads its recording from: the dashboard's API, a share link or a file. */
export interface Source {
	/** `session` is null for shared and imported recordings. @throws ApiError */
	detail(): Promise<{ session: SessionDetail["session"] | null; windows: WindowItem[] }>;
	/** @throws ApiError */
	trail(windowId: string): Promise<{ chunks: ChunkItem[] }>;
	/** @throws ApiError */
	events(windowId: string, cursor: string): Promise<RecordedEvent[]>;
	/** Server exceptions and events; absent for shared and imported recordings. @throws ApiError */
	reported?(): Promise<ServerItemList>;
	/** Returns the URL of the player document. The URL of a shared recording is empty until `detail` has loaded. */
	playerUrl(): string;
}

export function dashboardSource(sid: string, project: string | undefined): Source {
	const session = api.sessions[":sid"];
	const query = { project };
	return {
		detail: () => read(session.$get({ param: { sid }, query })),
		trail: (wid) => read(session.windows[":wid"].trail.$get({ param: { sid, wid }, query })),
		async events(wid, cursor) {
			const request = session.windows[":wid"].events.$get({ param: { sid, wid }, query: { project, cursor } });
			return ((await read(request)) as unknown as { events: RecordedEvent[] }).events;
		},
		reported: () => read(session.reported.$get({ param: { sid }, query })),
		playerUrl: () => "/player",
	};
}
