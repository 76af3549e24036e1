import { pathOf } from "../../../src/analytics/activity.ts";
import type { PagesInfo } from "../../api.ts";
import { reportHref, sessionListHref } from "../../state/filters.ts";
import { count } from "../../ui/table.tsx";
import * as text from "./shared.text.ts";

/** Cells of tables that list pages. */

type Page = PagesInfo["pages"][number];

export function PageName({ url }: { url: string }) {
	return (
		<a class="page-name" title={url} href={reportHref("pages", { url })}>
			{pathOf(url)}
		</a>
	);
}

const RATINGS = { good: text.good, fair: text.fair, poor: text.poor };

export function Vital({ metric, vital }: { metric: string; vital: Page["vitals"][string] | undefined }) {
	if (!vital) return <>–</>;
	const { p75, good, fair, poor, samples } = vital;
	const max = Math.max(good, fair, poor);
	const rating = max === good ? "good" : max === fair ? "fair" : "poor";
	const value = metric === "CLS" ? p75.toFixed(2) : p75 >= 1_000 ? `${(p75 / 1_000).toFixed(1)} s` : `${p75} ms`;
	return (
		<span class={`vital ${rating}`} title={text.ratings(RATINGS[rating], good, fair, poor, samples)}>
			{value}
		</span>
	);
}

export function Quarters({ of }: { of: Page["quarters"] }) {
	const max = Math.max(1, ...of);
	const label = of.map((views, i) => text.quarter(i, views)).join(", ");
	return (
		<span class="quarters" role="img" aria-label={label} title={label}>
			{of.map((n, i) => (
				<i key={i} style={{ height: `${Math.max(2, (n / max) * 20)}px` }} />
			))}
		</span>
	);
}

export function Elements({ of, page }: { of: { selector: string; count: number }[]; page: string }) {
	if (!of.length) return <>–</>;
	return (
		<span class="elements">
			{of.slice(0, 3).map(({ selector, count: n }) => (
				<span key={selector}>
					<a href={sessionListHref({ page, clicked: selector, frustrated: "true" })}>
						<code>{selector}</code>
					</a>{" "}
					{count(n)}
				</span>
			))}
		</span>
	);
}
