import type { ComponentChildren } from "preact";
import { pathOf } from "../../../src/analytics/activity.ts";
import { OTHER } from "../../../src/analytics/counts.ts";
import { type FilterName, metaFilter } from "../../../src/contract/filter.ts";
import { api, type OverviewInfo, read } from "../../api.ts";
import { recordingsHref } from "../../state/filters.ts";
import { reportScope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import { Bars } from "../../ui/chart.tsx";
import { countryName } from "../../ui/country.ts";
import { Shares } from "../../ui/shares.tsx";
import { count, percent, sessionsOf } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { Frame } from "./frame.tsx";

export function OverviewReport() {
	const scope = reportScope();
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.overview.$get({ query: scope })));
	return (
		<Frame
			loaded={loaded}
			isEmpty={({ totals }) => totals.sessions === 0}
			empty={<p>Sessions show here as they are recorded. Choose a longer period, or add the tag to your site.</p>}
		>
			{(data) => <Numbers data={data} />}
		</Frame>
	);
}

function Numbers({ data }: { data: OverviewInfo }) {
	const { totals, deltas, series, values, lengths } = data;
	return (
		<>
			<dl class="figures">
				<Figure
					label="Sessions"
					value={count(totals.sessions)}
					change={deltas.sessions}
					unit="%"
					href={recordingsHref({})}
				/>
				<Figure label="Page views" value={count(totals.views)} change={deltas.views} unit="%" />
				<Figure
					label="Median duration"
					value={totals.medianDurationMs === null ? "–" : duration(totals.medianDurationMs)}
				/>
				<Figure label="Bounces" value={percent(totals.bounceRate)} />
				<Figure
					label="Sessions with errors"
					value={percent(totals.errorFree === null ? null : Math.round((100 - totals.errorFree) * 10) / 10)}
					change={deltas.errorFree === null ? null : -deltas.errorFree}
					unit=" points"
					href={recordingsHref({ errors: "browser" })}
				/>
				<Figure
					label="Rage and dead clicks"
					value={count(totals.rageClicks + totals.deadClicks)}
					href={recordingsHref({ frustrated: "true" })}
				/>
			</dl>
			<p class="sub">The median is within 3.4 %.</p>
			{data.cut > 0 && (
				<p class="sub">
					{count(data.cut)} {data.cut === 1 ? "session was" : "sessions were"} so busy that lists, such as its elements
					clicked, leave some out. Totals are whole.
				</p>
			)}
			<Bars
				title="Sessions and errors over time"
				labels={series.map(({ label }) => label)}
				series={[
					{ label: "Sessions", values: series.map((it) => it.sessions), color: "--page" },
					{ label: "Errors", values: series.map((it) => it.errors), color: "--error" },
					...(series.some((it) => it.serverErrors)
						? [{ label: "On servers", values: series.map((it) => it.serverErrors ?? 0), color: "--ink-soft" }]
						: []),
				]}
			/>
			<div class="cards">
				<Shares
					title="Entry pages"
					rows={values.entry.map(({ value, sessions: n, errored }) => ({
						...{ name: pathOf(value), n, href: hrefOf("entry", value) },
						note: errored ? `${Math.round((errored / n) * 100)} % with errors` : "",
					}))}
				/>
				<Values of="referrer" data={data} title="Came from" empty="Nobody came from another site." />
				<Values of="campaign" data={data} title="Campaigns" empty="Links with utm_campaign show here." />
				<Values of="source" data={data} title="Sources" empty="Links with utm_source show here." />
				<Shares
					title="Errors"
					rows={data.issues.map(({ message, count: n, sessions: in_ }) => ({
						...{ name: message, n, note: `in ${sessionsOf(in_)}`, href: hrefOf("error", message) },
					}))}
					empty="None happened."
				/>
				{data.serverIssues !== null && (data.serverIssues.open > 0 || data.serverIssues.top.length > 0) && (
					<Shares
						title={`On servers, ${count(data.serverIssues.open)} open`}
						rows={data.serverIssues.top.map(({ fingerprint, exceptionClass, message, count: n, isNew }) => ({
							...{ name: `${exceptionClass}: ${message}`, n, note: isNew ? "new" : "" },
							href: `/issues/${fingerprint}?${new URLSearchParams({ project: data.project })}`,
						}))}
						empty="None happened."
					/>
				)}
				<Shares
					title="Events of your own"
					rows={data.tags.map(({ name, count: n, sessions: in_, series: course }) => ({
						...{ name, n, note: `in ${sessionsOf(in_)}`, href: hrefOf("tag", name), course },
					}))}
					empty="Sentiero.addCustomEvent, or data-sentiero-track-click on an element."
				/>
				<Values of="country" data={data} title="Countries" empty="GEO_SOURCE is off, or nothing is known." />
				<Values of="city" data={data} title="Cities" empty="GEO_SOURCE is off, or nothing is known." />
				<Values of="browser" data={data} title="Browsers" />
				<Values of="device" data={data} title="Devices" />
				<Values of="os" data={data} title="Systems" />
				<Shares
					title="How long"
					rows={LENGTHS.map(([name, seconds], i) => ({
						...{ name, n: lengths[i]! },
						href: recordingsHref({ duration: seconds }),
					}))}
				/>
				<Shares title="Links followed" rows={linked(data.links.text)} empty="None was followed." />
				<Shares title="Links to other sites" rows={linked(data.links.external)} empty="None was followed." />
				<Metadata />
			</div>
		</>
	);
}

/** Of each length, and its seconds. */
const LENGTHS = [
	["Under 30 s", "0-30"],
	["30 s to 2 min", "30-120"],
	["2 to 5 min", "120-300"],
	["5 to 15 min", "300-900"],
	["Longer", "900"],
] as const;

/** What was folded together leads nowhere. */
function hrefOf(name: FilterName, value: string): string | undefined {
	return value === OTHER ? undefined : recordingsHref({ [name]: value });
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
	return <Shares title={title} rows={rows} empty={empty} />;
}

/** Beside the rest, since it reads the sessions themselves. */
function Metadata() {
	const scope = reportScope();
	const ask = () => read(api.analytics.metadata.$get({ query: scope }));
	const { data } = useReport(JSON.stringify(scope), ask, SLOW_REFRESH_MS);
	return (
		<>
			{data?.isCut && <p class="sub">Metadata is of the newest sessions, and of each key the most frequent values.</p>}
			{data?.keys.map(({ key, values }) => (
				<Shares
					key={key}
					title={key}
					rows={values.map(({ value, sessions: n }) => ({
						...{ name: value, n, href: recordingsHref({ meta: metaFilter(key, value) }) },
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
	/** To the recordings behind it. */
	href?: string | undefined;
	/** Against the period before; null: nothing to compare with. */
	change?: number | null;
	unit?: string;
}

export function Figure({ label, value, href, change, unit = "" }: FigureProps) {
	return (
		<div class="figure">
			<dt>{label}</dt>
			<dd>
				{href ? <a href={href}>{value}</a> : value}
				{change !== undefined && change !== null && (
					<span class="sub" title="Against as many days before; today is not over">
						{change > 0 ? "▲ +" : change < 0 ? "▼ −" : ""}
						{Math.abs(change).toLocaleString()}
						{unit}
					</span>
				)}
			</dd>
		</div>
	);
}
