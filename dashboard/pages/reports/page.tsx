import { pathOf } from "../../../src/analytics/activity.ts";
import { api, type PageInfo, read } from "../../api.ts";
import { reportHref, sessionListHref } from "../../state/filters.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { CountsCard } from "../../ui/counts-card.tsx";
import { count, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { Vital } from "./cells.tsx";
import { Form } from "./forms.tsx";
import { ReportFrame } from "./frame.tsx";
import { Figure } from "./overview.tsx";
import * as text from "./page.text.ts";
import * as shared from "./shared.text.ts";
import { CardsSkeleton, FiguresSkeleton } from "./skeletons.tsx";

/** The report on a single page: numbers, web vitals, clicked elements, events, paths and forms. */
export function PageReport({ url }: { url: string }) {
	const scope = { ...reportScope(), url };
	const loaded = useReport(
		JSON.stringify(scope),
		() => read(api.analytics.page.$get({ query: scope })),
		SLOW_REFRESH_MS,
	);
	return (
		<>
			<h2 class="page-title">
				<a href={reportHref("pages")} aria-label={text.allPages}>
					{text.pages}
				</a>{" "}
				/ <span title={url}>{pathOf(url)}</span>
			</h2>
			<ReportFrame loaded={loaded} isEmpty={({ page }) => !page} empty={<p>{text.empty}</p>} skeleton={<Skeleton />}>
				{(data) => <Content data={data} page={data.page!} />}
			</ReportFrame>
		</>
	);
}

const Skeleton = () => (
	<>
		<FiguresSkeleton figures={8} />
		<CardsSkeleton />
	</>
);

type Page = NonNullable<PageInfo["page"]>;

function Content({ data, page }: { data: PageInfo; page: Page }) {
	const { url, heatmap, form, paths } = data;
	const pageRows = (list: { url: string; count: number }[]) =>
		list.map(({ url: page, count: n }) => ({
			...{ name: pathOf(page), n, href: reportHref("pages", { url: page }) },
		}));
	const elementRows = (list: { selector: string; count: number }[], frustrated?: "true") =>
		list.map(({ selector, count: n }) => ({
			...{ name: selector, n },
			href: sessionListHref({ page: url, clicked: selector, ...(frustrated && { frustrated }) }),
		}));
	return (
		<>
			<dl class="figures">
				<Figure label={text.views} value={count(page.views)} href={sessionListHref({ page: url })} />
				<Figure label={shared.sessions} value={count(page.sessions)} href={sessionListHref({ page: url })} />
				<Figure
					label={text.medianTime}
					value={page.medianTimeMs === null ? "–" : duration(page.medianTimeMs)}
					info={shared.approximate}
				/>
				<Figure label={text.entries} value={count(page.entries)} />
				<Figure label={text.bounceRate} value={page.entries ? percent(page.bounceRate) : "–"} />
				<Figure label={text.exits} value={count(page.exits)} />
				<Figure
					label={text.errors}
					value={count(page.errors)}
					href={page.errors ? sessionListHref({ page: url, errors: "browser" }) : undefined}
				/>
				<Figure label={text.medianScrollDepth} value={percent(page.foldPct?.[0] ?? null)} />
			</dl>
			{Object.keys(page.vitals).length > 0 && (
				<dl class="figures">
					{Object.entries(page.vitals).map(([metric, vital]) => (
						<Figure key={metric} label={metric} value={<Vital metric={metric} vital={vital} />} />
					))}
				</dl>
			)}
			<p class="report-part">
				<a class="button" href={reportHref("heatmap", { url })}>
					{text.heatmap}
				</a>{" "}
				<a class="button" href={reportHref("paths", { url })}>
					{text.paths}
				</a>
			</p>
			<div class="cards">
				<CountsCard title={text.clicked} rows={elementRows(heatmap.elements.slice(0, 10))} empty={text.noClicks} />
				<CountsCard title={text.rageTargets} rows={elementRows(page.rageTargets, "true")} empty={text.noRageClicks} />
				<CountsCard title={text.deadTargets} rows={elementRows(page.deadTargets, "true")} empty={text.noDeadClicks} />
				<CountsCard
					title={shared.customEvents}
					rows={page.tags.map(({ name, count: n }) => ({ name, n, href: sessionListHref({ page: url, tag: name }) }))}
					empty={text.noCustomEvents}
				/>
				<CountsCard
					title={shared.previousPages}
					rows={pageRows(paths.before.slice(0, 10))}
					empty={text.noPreviousPages}
				/>
				<CountsCard title={shared.nextPages} rows={pageRows(paths.after.slice(0, 10))} empty={text.noNextPages} />
			</div>
			{form && <Form form={form} />}
		</>
	);
}
