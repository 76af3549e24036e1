/**
 * Returns the URL path of a session or of one of its tabs.
 * @param project project ID; undefined if there is only one project
 * @param t moment to start at: milliseconds since the start of the tab, or epoch milliseconds
 */
export function sessionPath(id: string, project: string | undefined, windowId?: string | null, t?: number): string {
	const params = new URLSearchParams();
	if (project !== undefined) params.set("project", project);
	if (t !== undefined) params.set("t", String(t));
	const search = params.toString();
	return `/sessions/${id}${windowId ? `/windows/${windowId}` : ""}${search && `?${search}`}`;
}

/** Fields of an occurrence or server event that a link to its moment needs. */
export interface Reference {
	id: string;
	/** Epoch milliseconds of the server's clock. */
	at: number;
	windowId?: string | null;
}

/**
 * Returns the URL path of the moment of an occurrence or server event in its session. The path contains the time on the
 * server's clock. The replay converts that time to the clock of the recorded browser.
 */
export function watchPath(sessionId: string, project: string | undefined, { id, at, windowId }: Reference): string {
	return withQuery(sessionPath(sessionId, project, windowId, at), { item: id });
}

/** Returns the path with the query parameters appended, except those with a null or empty value. */
export function withQuery(path: string, values: Record<string, string | null>): string {
	const params = new URLSearchParams(Object.entries(values).filter((it): it is [string, string] => Boolean(it[1])));
	const search = params.toString();
	return search ? `${path}${path.includes("?") ? "&" : "?"}${search}` : path;
}
