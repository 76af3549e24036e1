import { pathOf } from "../../../src/analytics/activity.ts";
import { api, type OverviewInfo, read } from "../../api.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { Bars } from "../../ui/chart.tsx";
import { countryName } from "../../ui/country.ts";
import { Shares } from "../../ui/shares.tsx";
import { count, percent } from "../../ui/table.tsx";
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
				<Figure label="Sessions" value={count(totals.sessions)} change={deltas.sessions} unit="%" />
				<Figure label="Page views" value={count(totals.views)} change={deltas.views} unit="%" />
				<Figure
					label="Median duration"
					value={totals.medianDurationMs === null ? "–" : duration(totals.medianDurationMs)}
				/>
				<Figure label="Bounces" value={percent(totals.bounceRate)} />
				<Figure
					label="Sessions without errors"
					value={percent(totals.errorFree)}
					change={deltas.errorFree}
					unit=" points"
				/>
				<Figure label="Rage and dead clicks" value={count(totals.rages + totals.deads)} />
			</dl>
			<Bars
				title="Sessions and errors over time"
				labels={series.map(({ label }) => label)}
				series={[
					{ label: "Sessions", values: series.map((it) => it.sessions), color: "--page" },
					{ label: "Errors", values: series.map((it) => it.errors), color: "--error" },
				]}
			/>
			<div class="cards">
				<Shares
					title="Entry pages"
					rows={values.entry.map(({ value, sessions: n, errored }) => ({
						...{ name: pathOf(value), n, note: errored ? `${Math.round((errored / n) * 100)} % with errors` : "" },
					}))}
				/>
				<Shares title="Came from" rows={plain(values.referrer)} empty="Nobody came from another site." />
				<Shares title="Campaigns" rows={plain(values.campaign)} empty="Links with utm_campaign show here." />
				<Shares title="Sources" rows={plain(values.source)} empty="Links with utm_source show here." />
				<Shares
					title="Countries"
					rows={plain(values.country).map((row) => ({ ...row, name: countryName(row.name) }))}
					empty="GEO_SOURCE is off, or nothing is known."
				/>
				<Shares title="Cities" rows={plain(values.city)} empty="GEO_SOURCE is off, or nothing is known." />
				<Shares title="Browsers" rows={plain(values.browser)} />
				<Shares title="Devices" rows={plain(values.device)} />
				<Shares title="Systems" rows={plain(values.os)} />
				<Shares
					title="How long"
					rows={["Under 30 s", "30 s to 2 min", "2 to 5 min", "5 to 15 min", "Longer"].map((name, i) => ({
						name,
						n: lengths[i]!,
					}))}
				/>
				<Shares
					title="Events of your own"
					rows={data.tags.map(({ name, count: n, sessions: in_ }) => ({ name, n, note: `in ${count(in_)} sessions` }))}
					empty="Sentiero.addCustomEvent, or data-sentiero-track-click on an element."
				/>
				<Shares title="Links to other sites" rows={linked(data.links.external)} empty="None was followed." />
			</div>
		</>
	);
}

const plain = (rows: { value: string; sessions: number }[]) =>
	rows.map(({ value, sessions }) => ({ name: value, n: sessions }));
const linked = (rows: { value: string; count: number }[]) =>
	rows.map(({ value, count: n }) => ({ name: value.replace(/^https?:\/\//, ""), n }));

interface FigureProps {
	label: string;
	value: string;
	/** Against the period before; null: nothing to compare with. */
	change?: number | null;
	unit?: string;
}

function Figure({ label, value, change, unit = "" }: FigureProps) {
	return (
		<div class="figure">
			<dt>{label}</dt>
			<dd>
				{value}
				{change !== undefined && change !== null && (
					<span class="sub" title="against as many days before">
						{change > 0 ? "▲ +" : change < 0 ? "▼ −" : ""}
						{Math.abs(change).toLocaleString()}
						{unit}
					</span>
				)}
			</dd>
		</div>
	);
}
