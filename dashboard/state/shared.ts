import type { RecordedEvent } from "../../src/contract/events.ts";
import { read, sharedApi } from "../api.ts";
import type { Source } from "./source.ts";

/**
 * Returns the source of the recording that a share link opens. The ID of the link is in the path of its URL, the token
 * in the fragment, which browsers do not send to servers.
 */
export function sharedSource(id: string, token: string): Source {
	const link = sharedApi(token)[":id"];
	let player = "";
	// The link is opened only once, because each request counts as a view.
	let opened: ReturnType<typeof open> | null = null;
	const open = async () => {
		const { windows, player: playerUrl } = await read(link.open.$post({ param: { id } }));
		player = playerUrl;
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
		playerUrl: () => player,
	};
}
