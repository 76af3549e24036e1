/**
 * Returns the path of a session or of one of its tabs.
 * @param project named in the path; undefined where there is only one
 * @param t moment: milliseconds into the tab, or epoch milliseconds
 */
export function sessionPath(id: string, project: string | undefined, windowId?: string | null, t?: number): string {
	const params = new URLSearchParams();
	if (project !== undefined) params.set("project", project);
	if (t !== undefined) params.set("t", String(t));
	const text = params.toString();
	return `/sessions/${id}${windowId ? `/windows/${windowId}` : ""}${text && `?${text}`}`;
}

/** An occurrence or server event, as far as a link to its moment needs it. */
export interface Reference {
	id: string;
	/** Epoch milliseconds of the server's clock. */
	at: number;
	windowId?: string | null;
}

/**
 * Returns the path to the moment of an occurrence or server event in its session. The link has the time of the server's
 * clock; the replay corrects it to the browser's.
 */
export function watchPath(sessionId: string, project: string | undefined, { id, at, windowId }: Reference): string {
	return withQuery(sessionPath(sessionId, project, windowId, at), { item: id });
}

/** Returns the path with added query parameters; null and empty values are left out. */
export function withQuery(path: string, values: Record<string, string | null>): string {
	const params = new URLSearchParams(Object.entries(values).filter((it): it is [string, string] => Boolean(it[1])));
	const text = params.toString();
	return text ? `${path}${path.includes("?") ? "&" : "?"}${text}` : path;
}
