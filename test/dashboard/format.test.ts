import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { count, percent } from "../../dashboard/ui/table.tsx";
import { exactTime, formatDay, formatUtcDay, shortTime } from "../../dashboard/ui/time.tsx";

const AT = Date.parse("2026-07-01T10:04:05Z");
const zone = new Intl.DateTimeFormat(undefined, { timeZoneName: "short" })
	.formatToParts(AT)
	.find(({ type }) => type === "timeZoneName")!.value;

describe("numbers and times", () => {
	it("write percentages without a space", () => {
		expect([percent(47), percent(3.4), percent(1_234), percent(null)]).toEqual([
			"47%",
			"3.4%",
			`${count(1_234)}%`,
			"–",
		]);
	});

	it("name the viewer's time zone in exact times", () => {
		expect(exactTime(AT)).toContain(zone);
		expect(exactTime(AT)).toMatch(/2026.*04:05/);
	});

	it("name the day of a short time unless it is today", () => {
		expect(shortTime(AT)).toMatch(/Jul.*:04/);
		expect(shortTime(Date.now())).not.toMatch(/[A-Z][a-z]{2}/);
	});

	it("write days in the same format in the viewer's zone and in UTC", () => {
		expect(formatUtcDay(20260701)).toBe(formatDay(new Date(2026, 6, 1, 12).getTime()));
	});

	it("are formatted in table.tsx and time.tsx only", () => {
		const root = fileURLToPath(new URL("../../dashboard/", import.meta.url));
		const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name));
		const others = files.filter((name) => !/^ui\/(table|time)\.tsx$/.test(name));
		expect(others.length).toBeGreaterThan(50);
		const formatting = /\.toLocale\w*String\(|Intl\.(DateTime|Number|RelativeTime)Format/;
		expect(others.filter((name) => formatting.test(readFileSync(join(root, name), "utf8")))).toEqual([]);
	});
});
