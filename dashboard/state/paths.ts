/** The address of a session, or of one of its windows; it names the project where there are several. */
export function sessionPath(id: string, project: string | undefined, windowId?: string | null, t?: number): string {
	const params = new URLSearchParams();
	if (project !== undefined) params.set("project", project);
	if (t !== undefined) params.set("t", String(t));
	const text = params.toString();
	return `/sessions/${id}${windowId ? `/windows/${windowId}` : ""}${text && `?${text}`}`;
}

/** What a server reported, as far as a link to it goes. */
export interface Reference {
	id: string;
	/** The server's clock. */
	at: number;
	windowId?: string | null;
}

/** To what a server reported, in its session: at the server's moment until the replay knows the browser's. */
export function watchPath(sessionId: string, project: string | undefined, { id, at, windowId }: Reference): string {
	return withQuery(sessionPath(sessionId, project, windowId, at), { item: id });
}

/** A path with more in its query; what is null or empty is left out. */
export function withQuery(path: string, values: Record<string, string | null>): string {
	const params = new URLSearchParams(Object.entries(values).filter((it): it is [string, string] => Boolean(it[1])));
	const text = params.toString();
	return text ? `${path}${path.includes("?") ? "&" : "?"}${text}` : path;
}
