import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { reportHref } from "../state/filters.ts";
import type { Report } from "../state/route.ts";
import { Keys } from "../ui/keys.tsx";
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
	overview: { title: "Overview", page: () => <OverviewReport /> },
	pages: { title: "Pages", page: () => <PagesReport /> },
	heatmap: { title: "Heatmap", page: () => <HeatmapReport /> },
	vitals: { title: "Web vitals", page: () => <VitalsReport /> },
	scroll: { title: "Scroll", page: () => <ScrollReport /> },
	forms: { title: "Forms", page: () => <FormsReport /> },
	frustration: { title: "Frustration", page: () => <FrustrationReport /> },
	engagement: { title: "Engagement", page: () => <EngagementReport /> },
	funnel: { title: "Funnel", page: () => <FunnelReport /> },
	conversions: { title: "Conversions", page: () => <ConversionsReport /> },
	retention: { title: "Retention", page: () => <RetentionReport /> },
	paths: { title: "Paths", page: () => <PathsReport /> },
	export: { title: "Export", page: () => <ExportReport /> },
};

/** The analytics pages: one frame, whose tabs keep the filters. */
export function AnalyticsPage({ report }: { report: Report }) {
	const { title, page } = REPORTS[report];
	useEffect(() => {
		document.title = `${title} – Sentiero`;
		// On a phone the tabs are wider than the screen.
		document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
	}, [title]);
	return (
		<div class="page">
			<header class="page-head">
				<h1>Analytics</h1>
			</header>
			<nav class="tabs" aria-label="Reports">
				{Object.entries(REPORTS).map(([name, { title: label }]) => (
					<a key={name} href={reportHref(name as Report)} aria-current={name === report ? "page" : undefined}>
						{label}
					</a>
				))}
			</nav>
			{page()}
			<Keys keys={[]} />
		</div>
	);
}
