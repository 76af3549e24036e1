import type { RecordedEvent } from "../../src/contract/events.ts";
import { api, type ChunkItem, read, type ServerItemList, type SessionDetail, type WindowItem } from "../api.ts";

/** Where a replay has its recording from: the dashboard's own, a link, a file. */
export interface Source {
	/** null: nothing is known of it, or nothing to be told. @throws ApiError */
	detail(): Promise<{ session: SessionDetail["session"] | null; windows: WindowItem[] }>;
	/** @throws ApiError */
	trail(windowId: string): Promise<{ chunks: ChunkItem[] }>;
	/** @throws ApiError */
	events(windowId: string, cursor: string): Promise<RecordedEvent[]>;
	/** What servers reported, which is for the dashboard alone: a link and a file have none. @throws ApiError */
	reported?(): Promise<ServerItemList>;
	/** The address of the player document, once the detail is there. */
	player(): string;
}

export function recordingOf(sid: string, project: string | undefined): Source {
	const one = api.sessions[":sid"];
	const query = { project };
	return {
		detail: () => read(one.$get({ param: { sid }, query })),
		trail: (wid) => read(one.windows[":wid"].trail.$get({ param: { sid, wid }, query })),
		async events(wid, cursor) {
			const asked = one.windows[":wid"].events.$get({ param: { sid, wid }, query: { project, cursor } });
			return ((await read(asked)) as unknown as { events: RecordedEvent[] }).events;
		},
		reported: () => read(one.reported.$get({ param: { sid }, query })),
		player: () => "/player",
	};
}
