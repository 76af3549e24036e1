import { api, type MarkItem, read, type SessionItem } from "../api.ts";

/** Stars a session, labels it or marks it as viewed; returns the resulting state. @throws ApiError */
export async function changeMark(
	{ id, project }: Pick<SessionItem, "id" | "project">,
	changes: { starred?: boolean; labels?: string[]; viewed?: true },
): Promise<MarkItem> {
	const request = api.sessions[":sid"].mark.$put({ param: { sid: id }, query: { project }, json: changes });
	return (await read(request)).mark;
}
