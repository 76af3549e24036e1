import { OTHER } from "../../../src/analytics/counts.ts";
import { api, type PagesInfo, read } from "../../api.ts";
import { sessionListHref } from "../../state/filters.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { query } from "../../state/route.ts";
import { type Column, count, DataTable, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { Elements, PageName, Quarters, Vital } from "./cells.tsx";
import { ReportFrame } from "./frame.tsx";
import { PageReport } from "./page.tsx";
import * as text from "./pages.text.ts";
import * as shared from "./shared.text.ts";
import { TableSkeleton } from "./skeletons.tsx";

/** Four reports with one row per page, from the same data: Pages, Web vitals, Scroll, Frustration. */

type Page = PagesInfo["pages"][number];

const name: Column<Page> = { title: shared.page, cell: ({ url }) => <PageName url={url} /> };
const number = (title: string, value: (page: Page) => number): Column<Page> => ({
	...{ title, isNumber: true, cell: (page) => count(value(page)) },
});

/** Returns a column of numbers that link to the sessions they count. */
const linked = (title: string, value: (page: Page) => number, href: (page: Page) => string): Column<Page> => ({
	...{ title, isNumber: true },
	cell: (page) =>
		value(page) && page.url !== OTHER ? <a href={href(page)}>{count(value(page))}</a> : count(value(page)),
});

export function PagesReport() {
	const url = query("url");
	if (url) return <PageReport url={url} />;
	return (
		<PageTable
			caption={text.pages}
			keep={() => true}
			empty={text.noPages}
			columns={[
				name,
				number(text.views, ({ views }) => views),
				linked(
					shared.sessions,
					({ sessions }) => sessions,
					({ url: page }) => sessionListHref({ page }),
				),
				{
					title: text.medianTime,
					isNumber: true,
					cell: ({ medianTimeMs }) =>
						medianTimeMs === null ? "–" : <span title={shared.approximate}>{duration(medianTimeMs)}</span>,
				},
				number(text.entries, ({ entries }) => entries),
				{
					title: text.bounceRate,
					isNumber: true,
					cell: ({ entries, bounceRate }) => (entries ? percent(bounceRate) : "–"),
				},
				number(text.exits, ({ exits }) => exits),
				linked(
					text.errors,
					({ errors }) => errors,
					({ url: page }) => sessionListHref({ page, errors: "browser" }),
				),
				number(text.rageClicks, ({ rageClicks }) => rageClicks),
				number(text.deadClicks, ({ deadClicks }) => deadClicks),
			]}
		/>
	);
}

export function VitalsReport() {
	const vital = (metric: string): Column<Page> => ({
		...{ title: metric, isNumber: true, cell: ({ vitals }) => <Vital metric={metric} vital={vitals[metric]} /> },
	});
	return (
		<PageTable
			caption={text.vitals}
			keep={({ vitals }) => Object.keys(vitals).length > 0}
			empty={text.noVitals}
			columns={[name, number(text.views, ({ views }) => views), ...["LCP", "INP", "CLS", "FCP", "TTFB"].map(vital)]}
			note={text.vitalsNote}
		/>
	);
}

export function ScrollReport() {
	return (
		<PageTable
			caption={text.scroll}
			keep={({ scrolled }) => scrolled > 0}
			empty={text.noScroll}
			columns={[
				name,
				number(text.scrolledViews, ({ scrolled }) => scrolled),
				{ title: text.meanDepth, isNumber: true, cell: ({ meanDepthPx }) => text.pixels(count(meanDepthPx ?? 0)) },
				{ title: text.pageHeight, isNumber: true, cell: ({ heightPx }) => text.pixels(count(heightPx ?? 0)) },
				{ title: text.medianScrollDepth, isNumber: true, cell: ({ foldPct }) => percent(foldPct?.[0] ?? null) },
				{ title: text.quarters, cell: ({ quarters }) => <Quarters of={quarters} /> },
			]}
			note={text.scrollNote}
		/>
	);
}

export function FrustrationReport() {
	return (
		<PageTable
			caption={text.frustration}
			keep={({ rageClicks, deadClicks }) => rageClicks + deadClicks > 0}
			order={(a, b) => b.rageClicks + b.deadClicks - (a.rageClicks + a.deadClicks)}
			empty={text.noFrustration}
			columns={[
				name,
				number(text.rageClicks, ({ rageClicks }) => rageClicks),
				number(text.deadClicks, ({ deadClicks }) => deadClicks),
				number(text.affectedSessions, ({ troubled }) => troubled),
				{ title: text.rageTargets, cell: ({ rageTargets, url }) => <Elements of={rageTargets} page={url} /> },
				{ title: text.deadTargets, cell: ({ deadTargets, url }) => <Elements of={deadTargets} page={url} /> },
			]}
			note={text.frustrationNote}
		/>
	);
}

interface PageTableProps {
	caption: string;
	columns: Column<Page>[];
	keep(page: Page): boolean;
	order?(a: Page, b: Page): number;
	empty: string;
	note?: string;
}

function PageTable({ caption, columns, keep, order, empty, note }: PageTableProps) {
	const scope = reportScope();
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.pages.$get({ query: scope })));
	return (
		<ReportFrame
			loaded={loaded}
			isEmpty={({ pages }) => !pages.some(keep)}
			empty={<p>{empty}</p>}
			skeleton={<TableSkeleton />}
		>
			{({ pages, more }) => (
				<>
					<DataTable
						caption={caption}
						columns={columns}
						rows={order ? pages.filter(keep).sort(order) : pages.filter(keep)}
						keyOf={({ url }) => url}
					/>
					{(note || more) && <p class="sub">{[note, more && text.more].filter(Boolean).join(" ")}</p>}
				</>
			)}
		</ReportFrame>
	);
}
