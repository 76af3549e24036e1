import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { pathOf } from "../../src/analytics/activity.ts";
import { reportHref } from "../state/filters.ts";
import { query, type Report } from "../state/route.ts";
import { PageShortcuts } from "../ui/keys.tsx";
import { useTitle } from "../ui/title.ts";
import * as text from "./analytics.text.ts";
import { ConversionsReport } from "./reports/conversions.tsx";
import { EngagementReport } from "./reports/engagement.tsx";
import { ExportReport } from "./reports/export.tsx";
import { FormsReport } from "./reports/forms.tsx";
import { FunnelReport } from "./reports/funnel.tsx";
import { HeatmapReport } from "./reports/heatmap.tsx";
import { OverviewReport } from "./reports/overview.tsx";
import { FrustrationReport, PagesReport, ScrollReport, VitalsReport } from "./reports/pages.tsx";
import { PathsReport } from "./reports/paths.tsx";
import { RetentionReport } from "./reports/retention.tsx";

const REPORTS: Record<Report, { title: string; page: () => ComponentChildren }> = {
	overview: { title: text.overview, page: () => <OverviewReport /> },
	pages: { title: text.pages, page: () => <PagesReport /> },
	heatmap: { title: text.heatmap, page: () => <HeatmapReport /> },
	vitals: { title: text.vitals, page: () => <VitalsReport /> },
	scroll: { title: text.scroll, page: () => <ScrollReport /> },
	forms: { title: text.forms, page: () => <FormsReport /> },
	frustration: { title: text.frustration, page: () => <FrustrationReport /> },
	engagement: { title: text.engagement, page: () => <EngagementReport /> },
	funnel: { title: text.funnel, page: () => <FunnelReport /> },
	conversions: { title: text.conversions, page: () => <ConversionsReport /> },
	retention: { title: text.retention, page: () => <RetentionReport /> },
	paths: { title: text.paths, page: () => <PathsReport /> },
	export: { title: text.exported, page: () => <ExportReport /> },
};

/** Shows one report under the tabs of all reports. The links of the tabs keep period and filters. */
export function AnalyticsPage({ report }: { report: Report }) {
	const { title, page } = REPORTS[report];
	const url = report === "pages" ? query("url") : null;
	useTitle(url ? pathOf(url) : title);
	useEffect(() => {
		// Shows the current tab, because the tabs may be wider than the screen.
		document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
	}, [title]);
	return (
		<div class="page">
			<header class="page-head">
				<h1>{text.heading}</h1>
			</header>
			<nav class="tabs" aria-label={text.tabs}>
				{Object.entries(REPORTS).map(([name, { title: label }]) => (
					<a key={name} href={reportHref(name as Report)} aria-current={name === report ? "page" : undefined}>
						{label}
					</a>
				))}
			</nav>
			{page()}
			<PageShortcuts keys={[]} />
		</div>
	);
}
