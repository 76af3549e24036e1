import type { ComponentChildren } from "preact";
import { pathOf } from "../../../src/analytics/activity.ts";
import { OTHER } from "../../../src/analytics/counts.ts";
import { type FilterName, metaFilter } from "../../../src/contract/filter.ts";
import { api, type OverviewInfo, read } from "../../api.ts";
import { sessionListHref } from "../../state/filters.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { Chart } from "../../ui/chart.tsx";
import { countryName } from "../../ui/country.ts";
import { CountsCard } from "../../ui/counts-card.tsx";
import { Info } from "../../ui/info.tsx";
import { count, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { ReportFrame } from "./frame.tsx";
import * as text from "./overview.text.ts";
import * as shared from "./shared.text.ts";
import { CardsSkeleton, ChartSkeleton, FiguresSkeleton } from "./skeletons.tsx";

export function OverviewReport() {
	const scope = reportScope();
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.overview.$get({ query: scope })));
	return (
		<ReportFrame
			loaded={loaded}
			isEmpty={({ totals }) => totals.sessions === 0}
			empty={<p>{text.empty}</p>}
			skeleton={<Skeleton />}
		>
			{(data) => <Content data={data} />}
		</ReportFrame>
	);
}

const Skeleton = () => (
	<>
		<FiguresSkeleton figures={6} />
		<ChartSkeleton />
		<CardsSkeleton />
	</>
);

function Content({ data }: { data: OverviewInfo }) {
	const { totals, deltas, series, values, lengths } = data;
	const incomplete = data.cut > 0 ? text.incomplete(data.cut) : undefined;
	return (
		<>
			<dl class="figures">
				<Figure
					label={text.sessions}
					value={count(totals.sessions)}
					change={deltas.sessions}
					unit={text.percent}
					href={sessionListHref({})}
				/>
				<Figure label={text.pageViews} value={count(totals.views)} change={deltas.views} unit={text.percent} />
				<Figure
					label={text.medianDuration}
					value={totals.medianDurationMs === null ? "–" : duration(totals.medianDurationMs)}
					info={shared.approximate}
				/>
				<Figure label={text.bounceRate} value={percent(totals.bounceRate)} />
				<Figure
					label={text.sessionsWithErrors}
					value={percent(totals.errorFree === null ? null : Math.round((100 - totals.errorFree) * 10) / 10)}
					change={deltas.errorFree === null ? null : -deltas.errorFree}
					unit={text.points}
					href={sessionListHref({ errors: "browser" })}
				/>
				<Figure
					label={text.frustratedClicks}
					value={count(totals.rageClicks + totals.deadClicks)}
					href={sessionListHref({ frustrated: "true" })}
				/>
			</dl>
			<Chart
				title={text.chart}
				labels={series.map(({ label }) => label)}
				series={[
					{ label: text.sessions, values: series.map((it) => it.sessions), color: "--page" },
					{ label: text.browserErrors, values: series.map((it) => it.errors), color: "--error" },
					...(series.some((it) => it.serverErrors)
						? [{ label: text.serverExceptions, values: series.map((it) => it.serverErrors ?? 0), color: "--ink-soft" }]
						: []),
				]}
			/>
			<div class="cards">
				<CountsCard
					title={text.entryPages}
					rows={values.entry.map(({ value, sessions: n, errored }) => ({
						...{ name: pathOf(value), n, href: hrefOf("entry", value) },
						note: errored ? text.withErrors(percent(Math.round((errored / n) * 100))) : "",
					}))}
				/>
				<Values of="referrer" data={data} title={text.referrers} empty={text.noReferrers} />
				<Values of="campaign" data={data} title={text.campaigns} empty={text.noCampaigns} />
				<Values of="source" data={data} title={text.sources} empty={text.noSources} />
				<CountsCard
					title={text.browserErrors}
					rows={data.issues.map(({ message, count: n, sessions }) => ({
						...{ name: message, n, note: text.inSessions(sessions), href: hrefOf("error", message) },
					}))}
					empty={text.noBrowserErrors}
					info={incomplete}
				/>
				{data.serverIssues !== null && (data.serverIssues.open > 0 || data.serverIssues.top.length > 0) && (
					<CountsCard
						title={text.serverIssues(data.serverIssues.open)}
						rows={data.serverIssues.top.map(({ fingerprint, exceptionClass, message, count: n, isNew }) => ({
							...{ name: `${exceptionClass}: ${message}`, n, note: isNew ? text.isNew : "" },
							href: `/issues/${fingerprint}?${new URLSearchParams({ project: data.project })}`,
						}))}
						empty={text.noServerIssues}
					/>
				)}
				<CountsCard
					title={text.customEvents}
					rows={data.tags.map(({ name, count: n, sessions, series: trend }) => ({
						...{ name, n, note: text.inSessions(sessions), href: hrefOf("tag", name), trend },
					}))}
					empty={text.noCustomEvents}
					info={incomplete}
				/>
				<Values of="country" data={data} title={text.countries} empty={text.noLocations} />
				<Values of="city" data={data} title={text.cities} empty={text.noLocations} />
				<Values of="browser" data={data} title={text.browsers} />
				<Values of="device" data={data} title={text.devices} />
				<Values of="os" data={data} title={text.os} />
				<CountsCard
					title={text.durations}
					rows={DURATIONS.map(([name, seconds], i) => ({
						...{ name, n: lengths[i]! },
						href: sessionListHref({ duration: seconds }),
					}))}
				/>
				<CountsCard title={text.links} rows={linked(data.links.text)} empty={text.noLinks} info={incomplete} />
				<CountsCard
					title={text.externalLinks}
					rows={linked(data.links.external)}
					empty={text.noExternalLinks}
					info={incomplete}
				/>
				<Metadata />
			</div>
		</>
	);
}

/** Groups of durations, each with the value of the `duration` filter, in seconds. */
const DURATIONS = [
	[text.under30Seconds, "0-30"],
	[text.under2Minutes, "30-120"],
	[text.under5Minutes, "120-300"],
	[text.under15Minutes, "300-900"],
	[text.over15Minutes, "900"],
] as const;

/** Returns the link to the sessions with a value. "(other)" stands for many values and has no link. */
function hrefOf(name: FilterName, value: string): string | undefined {
	return value === OTHER ? undefined : sessionListHref({ [name]: value });
}

interface ValuesProps {
	of: Exclude<keyof OverviewInfo["values"], "entry">;
	data: OverviewInfo;
	title: string;
	empty?: string;
}

function Values({ of, data, title, empty }: ValuesProps) {
	const rows = data.values[of].map(({ value, sessions: n }) => ({
		...{ name: of === "country" ? countryName(value) : value, n, href: hrefOf(of, value) },
	}));
	return <CountsCard title={title} rows={rows} empty={empty} />;
}

/** A card for each metadata key. The cards are loaded separately, because their request has to read single sessions. */
function Metadata() {
	const scope = reportScope();
	const load = () => read(api.analytics.metadata.$get({ query: scope }));
	const { data } = useReport(JSON.stringify(scope), load, SLOW_REFRESH_MS);
	return (
		<>
			{data?.keys.map(({ key, values }) => (
				<CountsCard
					key={key}
					title={key}
					info={data.isCut ? text.metadataNewest : undefined}
					rows={values.map(({ value, sessions: n }) => ({
						...{ name: value, n, href: sessionListHref({ meta: metaFilter(key, value) }) },
					}))}
				/>
			))}
		</>
	);
}

const linked = (rows: { value: string; count: number }[]) =>
	rows.map(({ value, count: n }) => ({ name: value.replace(/^https?:\/\//, ""), n }));

interface FigureProps {
	label: string;
	value: ComponentChildren;
	/** Link to the sessions that the number counts. */
	href?: string | undefined;
	/** Change from the previous period; null if there is nothing to compare with. */
	change?: number | null;
	unit?: string;
	/** Explanation of the number, as a tooltip. */
	info?: string;
}

export function Figure({ label, value, href, change, unit = "", info }: FigureProps) {
	return (
		<div class="figure">
			<dt>
				<span>{label}</span>
				{info && <Info about={label}>{info}</Info>}
			</dt>
			<dd>
				{href ? <a href={href}>{value}</a> : value}
				{change !== undefined && change !== null && (
					<span class="sub" title={text.change}>
						{change > 0 ? "▲ +" : change < 0 ? "▼ −" : ""}
						{count(Math.abs(change))}
						{unit}
					</span>
				)}
			</dd>
		</div>
	);
}
