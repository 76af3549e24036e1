import { pathOf } from "../../../src/analytics/activity.ts";
import { api, type PathsInfo, read } from "../../api.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { hrefWith, query, setQuery } from "../../state/route.ts";
import { Choice } from "../../ui/filters.tsx";
import { Shares } from "../../ui/shares.tsx";
import { count } from "../../ui/table.tsx";
import { Frame } from "./frame.tsx";

/** Where people were before a page, and where they went from it; each page leads to its own paths. */
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
		<Frame
			loaded={loaded}
			isEmpty={({ paths }) => !paths?.views}
			empty={<p>What came before a page and after it shows here.</p>}
			controls={
				pages.length > 0 && (
					<Choice
						label="Page"
						value={loaded.data?.url ?? ""}
						options={pages.map((page) => [page, pathOf(page)])}
						onChange={(page) => setQuery({ url: page })}
					/>
				)
			}
		>
			{({ paths }) => <Both paths={paths!} />}
		</Frame>
	);
}

function Both({ paths: { views, entries, exits, before, after } }: { paths: NonNullable<PathsInfo["paths"]> }) {
	const rows = (list: { url: string; count: number }[]) =>
		list.map(({ url, count: n }) => ({ name: pathOf(url), n, href: hrefWith({ url }) }));
	return (
		<>
			<p class="report-part">
				<b>{count(views)}</b> views.
			</p>
			<div class="cards">
				<Shares
					title="Before"
					rows={[...rows(before), ...(entries ? [{ name: "Came to the site here", n: entries }] : [])]}
				/>
				<Shares title="After" rows={[...rows(after), ...(exits ? [{ name: "Left the site here", n: exits }] : [])]} />
			</div>
		</>
	);
}
