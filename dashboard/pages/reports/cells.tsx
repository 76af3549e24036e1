import { pathOf } from "../../../src/analytics/activity.ts";
import type { PagesInfo } from "../../api.ts";
import { recordingsHref, reportHref } from "../../state/filters.ts";
import { count } from "../../ui/table.tsx";

/** What the tables of pages are made of. */

type Page = PagesInfo["pages"][number];

export function PageName({ url }: { url: string }) {
	return (
		<a class="page-name" title={url} href={reportHref("pages", { url })}>
			{pathOf(url)}
		</a>
	);
}

export function Vital({ metric, vital }: { metric: string; vital: Page["vitals"][string] | undefined }) {
	if (!vital) return <>–</>;
	const { p75, good, fair, poor, samples } = vital;
	const most = Math.max(good, fair, poor);
	const rating = most === good ? "good" : most === fair ? "fair" : "poor";
	const words = metric === "CLS" ? p75.toFixed(2) : p75 >= 1_000 ? `${(p75 / 1_000).toFixed(1)} s` : `${p75} ms`;
	return (
		<span class={`vital ${rating}`} title={`${rating}: ${good} good, ${fair} fair, ${poor} poor of ${samples}`}>
			{words}
		</span>
	);
}

export function Quarters({ of }: { of: Page["quarters"] }) {
	const most = Math.max(1, ...of);
	const words = of.map((n, i) => `${i * 25}–${(i + 1) * 25} %: ${n}`).join(", ");
	return (
		<span class="quarters" role="img" aria-label={words} title={words}>
			{of.map((n, i) => (
				<i key={i} style={{ height: `${Math.max(2, (n / most) * 20)}px` }} />
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
					<a href={recordingsHref({ page, clicked: selector, frustrated: "true" })}>
						<code>{selector}</code>
					</a>{" "}
					{count(n)}
				</span>
			))}
		</span>
	);
}
