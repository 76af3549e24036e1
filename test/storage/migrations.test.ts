import { env } from "cloudflare:workers";
import { getTableColumns, getTableName, is } from "drizzle-orm";
import { SQLiteTable } from "drizzle-orm/sqlite-core";
import { describe, expect, it } from "vitest";
import * as schema from "../../src/storage/schema.ts";

describe("migrations", () => {
	it("create every table of the schema with its columns, WITHOUT ROWID and without foreign keys", async () => {
		const { results } = await env.DB.prepare(
			`SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
			AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations'`,
		).all<{ name: string; sql: string }>();
		const tables = Object.values(schema).filter((it) => is(it, SQLiteTable));
		expect(results.map(({ name }) => name).sort()).toEqual(tables.map((table) => getTableName(table)).sort());
		for (const { name, sql } of results) {
			expect(sql, name).toMatch(/WITHOUT ROWID$/);
			expect(sql, name).not.toMatch(/REFERENCES|CASCADE/i);
			const columns = Object.values(getTableColumns(tables.find((it) => getTableName(it) === name)!));
			for (const column of columns) expect(sql).toContain(`\`${column.name}\``);
		}
	});
});
