import { api, type MarkItem, read, type SessionItem } from "../api.ts";

/** @throws ApiError */
export async function changeMark(
	{ id, project }: Pick<SessionItem, "id" | "project">,
	changes: { starred?: boolean; labels?: string[]; viewed?: true },
): Promise<MarkItem> {
	const asked = api.sessions[":sid"].mark.$put({ param: { sid: id }, query: { project }, json: changes });
	return (await read(asked)).mark;
}
