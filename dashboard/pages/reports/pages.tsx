import { OTHER } from "../../../src/analytics/counts.ts";
import { api, type PagesInfo, read } from "../../api.ts";
import { recordingsHref } from "../../state/filters.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { query } from "../../state/route.ts";
import { type Column, count, DataTable, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { Elements, PageName, Quarters, Vital } from "./cells.tsx";
import { Frame } from "./frame.tsx";
import { PageReport } from "./page.tsx";

/** Four views of what is known of each page. */

type Page = PagesInfo["pages"][number];

const name: Column<Page> = { title: "Page", cell: ({ url }) => <PageName url={url} /> };
const number = (title: string, value: (page: Page) => number): Column<Page> => ({
	...{ title, isNumber: true, cell: (page) => count(value(page)) },
});

/** A number that leads to the recordings behind it. */
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
			caption="Pages"
			keep={() => true}
			empty="Page views show here."
			columns={[
				name,
				number("Views", ({ views }) => views),
				linked(
					"Sessions",
					({ sessions }) => sessions,
					({ url: page }) => recordingsHref({ page }),
				),
				{
					title: "Time",
					isNumber: true,
					cell: ({ medianTimeMs }) => (medianTimeMs === null ? "–" : duration(medianTimeMs)),
				},
				number("Entries", ({ entries }) => entries),
				{ title: "Bounce", isNumber: true, cell: ({ entries, bounceRate }) => (entries ? percent(bounceRate) : "–") },
				number("Exits", ({ exits }) => exits),
				linked(
					"Errors",
					({ errors }) => errors,
					({ url: page }) => recordingsHref({ page, errors: "browser" }),
				),
				number("Rage", ({ rageClicks: rages }) => rages),
				number("Dead", ({ deadClicks: deads }) => deads),
			]}
			note="Time is the median of stays, within 3.4 %."
		/>
	);
}

export function VitalsReport() {
	const vital = (metric: string): Column<Page> => ({
		...{ title: metric, isNumber: true, cell: ({ vitals }) => <Vital metric={metric} vital={vitals[metric]} /> },
	});
	return (
		<PageTable
			caption="Web vitals of each page"
			keep={({ vitals }) => Object.keys(vitals).length > 0}
			empty="Web vitals show here. They are measured while CAPTURE_WEB_VITALS is on."
			columns={[name, number("Views", ({ views }) => views), ...["LCP", "INP", "CLS", "FCP", "TTFB"].map(vital)]}
			note="The 75th percentile, within 3.4 %, by what most visits were rated: good, fair or poor."
		/>
	);
}

export function ScrollReport() {
	return (
		<PageTable
			caption="How far each page is scrolled"
			keep={({ scrolled }) => scrolled > 0}
			empty="Pages that are scrolled show here."
			columns={[
				name,
				number("Scrolled views", ({ scrolled }) => scrolled),
				{ title: "Mean depth", isNumber: true, cell: ({ meanDepthPx }) => `${count(meanDepthPx ?? 0)} px` },
				{ title: "Page height", isNumber: true, cell: ({ heightPx }) => `${count(heightPx ?? 0)} px` },
				{ title: "Half saw", isNumber: true, cell: ({ foldPct }) => percent(foldPct?.[0] ?? null) },
				{ title: "How far", cell: ({ quarters }) => <Quarters of={quarters} /> },
			]}
			note="Of the height that anybody has seen; the bars are views that ended in each quarter."
		/>
	);
}

export function FrustrationReport() {
	return (
		<PageTable
			caption="Rage and dead clicks of each page"
			keep={({ rageClicks: rages, deadClicks: deads }) => rages + deads > 0}
			order={(a, b) => b.rageClicks + b.deadClicks - (a.rageClicks + a.deadClicks)}
			empty="Clicks that nothing came of, and many in one place, show here."
			columns={[
				name,
				number("Rage", ({ rageClicks: rages }) => rages),
				number("Dead", ({ deadClicks: deads }) => deads),
				number("Sessions", ({ troubled }) => troubled),
				{ title: "Raged at", cell: ({ rageTargets: raged, url }) => <Elements of={raged} page={url} /> },
				{ title: "Dead on", cell: ({ deadTargets: died, url }) => <Elements of={died} page={url} /> },
			]}
			note="Rage: three clicks or more within half a second and ten pixels. Dead: nothing answered within half a second."
		/>
	);
}

interface PageTableProps {
	caption: string;
	columns: Column<Page>[];
	keep(page: Page): boolean;
	order?(a: Page, b: Page): number;
	empty: string;
	note: string;
}

function PageTable({ caption, columns, keep, order, empty, note }: PageTableProps) {
	const scope = reportScope();
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.pages.$get({ query: scope })));
	return (
		<Frame loaded={loaded} isEmpty={({ pages }) => !pages.some(keep)} empty={<p>{empty}</p>}>
			{({ pages, more }) => (
				<>
					<DataTable
						caption={caption}
						columns={columns}
						rows={order ? pages.filter(keep).sort(order) : pages.filter(keep)}
						keyOf={({ url }) => url}
					/>
					<p class="sub">
						{note}
						{more && " The 200 most seen pages are shown."}
					</p>
				</>
			)}
		</Frame>
	);
}
