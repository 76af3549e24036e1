import { pathOf } from "../../../src/analytics/activity.ts";
import { api, type PageInfo, read } from "../../api.ts";
import { recordingsHref, reportHref } from "../../state/filters.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { Shares } from "../../ui/shares.tsx";
import { count, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { Vital } from "./cells.tsx";
import { Form } from "./forms.tsx";
import { Frame } from "./frame.tsx";
import { Figure } from "./overview.tsx";

/** All that is known of one page. */
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
				<a href={reportHref("pages")} aria-label="All pages">
					Pages
				</a>{" "}
				/ <span title={url}>{pathOf(url)}</span>
			</h2>
			<Frame
				loaded={loaded}
				isEmpty={({ page }) => !page}
				empty={<p>Nobody saw this page in this period, or nobody like the filter.</p>}
			>
				{(data) => <Parts data={data} page={data.page!} />}
			</Frame>
		</>
	);
}

type Page = NonNullable<PageInfo["page"]>;

function Parts({ data, page }: { data: PageInfo; page: Page }) {
	const { url, heatmap, form, paths } = data;
	const steps = (list: { url: string; count: number }[]) =>
		list.map(({ url: other, count: n }) => ({
			...{ name: pathOf(other), n, href: reportHref("pages", { url: other }) },
		}));
	const elements = (list: { selector: string; count: number }[], frustrated?: "true") =>
		list.map(({ selector, count: n }) => ({
			...{ name: selector, n },
			href: recordingsHref({ page: url, clicked: selector, ...(frustrated && { frustrated }) }),
		}));
	return (
		<>
			<dl class="figures">
				<Figure label="Views" value={count(page.views)} href={recordingsHref({ page: url })} />
				<Figure label="Sessions" value={count(page.sessions)} href={recordingsHref({ page: url })} />
				<Figure label="Median time" value={page.medianTimeMs === null ? "–" : duration(page.medianTimeMs)} />
				<Figure label="Entries" value={count(page.entries)} />
				<Figure label="Bounces" value={page.entries ? percent(page.bounceRate) : "–"} />
				<Figure label="Exits" value={count(page.exits)} />
				<Figure
					label="Errors"
					value={count(page.errors)}
					href={page.errors ? recordingsHref({ page: url, errors: "browser" }) : undefined}
				/>
				<Figure label="Half saw of it" value={percent(page.foldPct?.[0] ?? null)} />
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
					Heatmap of this page
				</a>{" "}
				<a class="button" href={reportHref("paths", { url })}>
					Paths through it
				</a>
			</p>
			<div class="cards">
				<Shares title="Clicked" rows={elements(heatmap.elements.slice(0, 10))} empty="Nobody clicked here." />
				<Shares title="Raged at" rows={elements(page.rageTargets, "true")} empty="Nobody." />
				<Shares title="Dead clicks on" rows={elements(page.deadTargets, "true")} empty="None." />
				<Shares
					title="Events of your own"
					rows={page.tags.map(({ name, count: n }) => ({ name, n, href: recordingsHref({ page: url, tag: name }) }))}
					empty="None was sent here."
				/>
				<Shares title="Before" rows={steps(paths.before.slice(0, 10))} empty="Everybody came to the site here." />
				<Shares title="After" rows={steps(paths.after.slice(0, 10))} empty="Everybody left the site here." />
			</div>
			{form && <Form form={form} />}
		</>
	);
}
