import { and, asc, eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { segments } from "./schema.ts";

/** Named filter. */
export interface Segment {
	id: string;
	name: string;
	/** Query string of a dashboard URL, such as `device=Mobile&country=DE`. */
	query: string;
}

export async function listSegments(db: D1Database, project: string): Promise<Segment[]> {
	return drizzle(db)
		.select({ id: segments.id, name: segments.name, query: segments.query })
		.from(segments)
		.where(eq(segments.project, project))
		.orderBy(asc(segments.name), asc(segments.id));
}

/**
 * Saves a segment; replaces a segment with the same name.
 * @returns false when the project already has `max` segments
 */
export async function saveSegment(
	db: D1Database,
	project: string,
	{ id, name, query }: Segment,
	max: number,
	now: number,
): Promise<boolean> {
	const [, inserted] = await db.batch([
		db.prepare("DELETE FROM segments WHERE project = ?1 AND name = ?2").bind(project, name),
		db
			.prepare(
				`INSERT INTO segments (project, id, name, query, created_at) SELECT ?1, ?2, ?3, ?4, ?5
				WHERE (SELECT count(*) FROM segments WHERE project = ?1) < ?6`,
			)
			.bind(project, id, name, query, now, max),
	]);
	return inserted!.meta.changes > 0;
}

export async function deleteSegment(db: D1Database, project: string, id: string): Promise<void> {
	await drizzle(db)
		.delete(segments)
		.where(and(eq(segments.project, project), eq(segments.id, id)));
}

/** Deletes the segments that filter by this person. Called when the person's sessions are deleted. */
export async function deleteSegmentsOf(db: D1Database, project: string, userId: string): Promise<void> {
	const matching = (await listSegments(db, project)).filter(
		({ query }) => new URLSearchParams(query).get("user") === userId,
	);
	for (const { id } of matching) await deleteSegment(db, project, id);
}
