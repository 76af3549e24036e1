import { pathOf } from "../../../src/analytics/activity.ts";
import { api, type PathsInfo, read } from "../../api.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { hrefWith, query } from "../../state/route.ts";
import { CountsCard } from "../../ui/counts-card.tsx";
import { ReportFrame } from "./frame.tsx";
import { PageChoice } from "./page-choice.tsx";
import * as text from "./paths.text.ts";
import * as shared from "./shared.text.ts";
import { CardsSkeleton } from "./skeletons.tsx";

/** Shows the pages viewed before and after a page. Each links to its own paths. */
export function PathsReport() {
	const url = query("url");
	const scope = { ...reportScope(), ...(url && { url }) };
	const loaded = useReport(
		JSON.stringify(scope),
		() => read(api.analytics.paths.$get({ query: scope })),
		SLOW_REFRESH_MS,
	);
	const pages = loaded.data?.pages ?? [];
	return (
		<ReportFrame
			loaded={loaded}
			isEmpty={({ paths }) => !paths?.views}
			empty={<p>{text.empty}</p>}
			skeleton={
				<>
					<p class="report-part">&nbsp;</p>
					<CardsSkeleton cards={2} />
				</>
			}
			controls={
				(!loaded.data || pages.length > 0) && (
					<PageChoice
						url={loaded.data?.url ?? url}
						options={loaded.data && pages.map((page) => [page, pathOf(page)])}
					/>
				)
			}
		>
			{({ paths }) => <Content paths={paths!} />}
		</ReportFrame>
	);
}

function Content({ paths: { views, entries, exits, before, after } }: { paths: NonNullable<PathsInfo["paths"]> }) {
	const rows = (list: { url: string; count: number }[]) =>
		list.map(({ url, count: n }) => ({ name: pathOf(url), n, href: hrefWith({ url }) }));
	return (
		<>
			<p class="report-part">
				<b>{text.pageViews(views)}</b>
			</p>
			<div class="cards">
				<CountsCard
					title={shared.previousPages}
					rows={[...rows(before), ...(entries ? [{ name: text.entered, n: entries }] : [])]}
				/>
				<CountsCard
					title={shared.nextPages}
					rows={[...rows(after), ...(exits ? [{ name: text.left, n: exits }] : [])]}
				/>
			</div>
		</>
	);
}
