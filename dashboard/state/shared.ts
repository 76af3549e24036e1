import type { RecordedEvent } from "../../src/contract/events.ts";
import { read, sharedApi } from "../api.ts";
import type { Source } from "./source.ts";

/** What a link shows: its id is in the path, its token in the fragment, which no browser sends to a server. */
export function sharedRecording(id: string, token: string): Source {
	const link = sharedApi(token)[":id"];
	let player = "";
	// Asked for once: to open it is to count as a view.
	let opened: ReturnType<typeof open> | null = null;
	const open = async () => {
		const { windows, player: address } = await read(link.open.$post({ param: { id } }));
		player = address;
		return { session: null, windows };
	};
	return {
		detail: () => {
			opened ??= open();
			return opened;
		},
		trail: (wid) => read(link.windows[":wid"].trail.$get({ param: { id, wid } })),
		async events(wid, cursor) {
			const { events } = await read(link.windows[":wid"].events.$get({ param: { id, wid }, query: { cursor } }));
			return events as RecordedEvent[];
		},
		player: () => player,
	};
}
