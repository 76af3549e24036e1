/** Marks: star, labels and viewed state of a session. */

export interface Mark {
	starred: boolean;
	/** Time at which the replay was first opened, epoch milliseconds; null: not yet. */
	viewedAt: number | null;
	labels: string[];
}

const MARK_JSON = "json_array(starred, viewed_at, json(labels))";

/** SQL column `mark`: the mark of a row of `sessions`, as JSON for `parseMark`. */
export const MARK_COLUMN = `(SELECT ${MARK_JSON} FROM marks m
	WHERE m.project = sessions.project AND m.session_id = sessions.id) AS mark`;

export function parseMark(json: string | null): Mark {
	const [starred, viewedAt, labels] = json === null ? [0, null, []] : JSON.parse(json);
	return { starred: starred === 1, viewedAt, labels };
}

export interface MarkChanges {
	starred?: boolean;
	labels?: string[];
	viewed?: true;
}

/** Changes the given fields of a mark. A viewed session stays viewed. @returns null when there is no such session */
export async function changeMark(
	db: D1Database,
	project: string,
	sessionId: string,
	{ starred, viewed, labels }: MarkChanges,
	now: number,
): Promise<Mark | null> {
	const mark = await db
		.prepare(
			`INSERT INTO marks (project, session_id, starred, viewed_at, labels)
			SELECT project, id, coalesce(?3, 0), ?4, coalesce(?5, '[]') FROM sessions WHERE project = ?1 AND id = ?2
			ON CONFLICT DO UPDATE SET starred = coalesce(?3, starred), viewed_at = coalesce(viewed_at, ?4),
				labels = coalesce(?5, labels)
			RETURNING ${MARK_JSON} AS mark`,
		)
		.bind(
			...[project, sessionId, starred === undefined ? null : Number(starred), viewed ? now : null],
			labels === undefined ? null : JSON.stringify(labels),
		)
		.first<string>("mark");
	return mark === null ? null : parseMark(mark);
}
