import { OTHER } from "../../../src/analytics/counts.ts";
import { api, type ErrorsInfo, read } from "../../api.ts";
import { sessionListHref } from "../../state/filters.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { query } from "../../state/route.ts";
import { focusSearch, SearchBox } from "../../ui/filters.tsx";
import { moveFocus, PageShortcuts } from "../../ui/keys.tsx";
import { type Column, count, DataTable } from "../../ui/table.tsx";
import { formatUtcDay } from "../../ui/time.tsx";
import * as text from "../issues.text.ts";
import { ReportFrame } from "../reports/frame.tsx";
import { TableSkeleton } from "../reports/skeletons.tsx";

type BrowserError = ErrorsInfo["issues"][number];

const hrefOf = ({ message }: BrowserError) => sessionListHref({ error: message });

const COLUMNS: Column<BrowserError>[] = [
	{
		title: text.error,
		cell: (error) =>
			error.message === OTHER ? (
				text.rareErrors
			) : (
				<a class="message" title={error.message} href={hrefOf(error)}>
					{error.message}
				</a>
			),
	},
	{ title: text.occurrences, isNumber: true, cell: (error) => count(error.count) },
	{
		title: text.sessions,
		isNumber: true,
		cell: (error) =>
			error.message === OTHER ? count(error.sessions) : <a href={hrefOf(error)}>{count(error.sessions)}</a>,
	},
	{ title: text.lastSeenUtc, cell: ({ lastDay }) => formatUtcDay(lastDay) },
];

/** Browser errors in the selected period, each with a link to its sessions. */
export function BrowserIssues() {
	const scope = reportScope();
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.errors.$get({ query: scope })));
	const search = query("message")?.toLowerCase() ?? "";
	return (
		<>
			<ReportFrame
				loaded={loaded}
				isEmpty={({ issues }) => !issues.length}
				empty={
					<p>
						{text.aboutBrowserErrors} <code>CAPTURE_ERRORS</code> {text.isOnByDefault}
					</p>
				}
				controls={<SearchBox label={text.searchMessage} name="message" />}
				skeleton={<TableSkeleton />}
			>
				{({ issues, more }) => {
					const shown = issues.filter(({ message }) => message.toLowerCase().includes(search));
					return (
						<>
							{shown.length > 0 ? (
								<DataTable
									caption={text.browserErrors}
									columns={COLUMNS}
									rows={shown}
									keyOf={({ message }) => message}
								/>
							) : (
								<p>{text.noErrorMatches}</p>
							)}
							<p class="sub">
								{text.grouping} {more && text.onlyFrequent}
							</p>
						</>
					);
				}}
			</ReportFrame>
			<PageShortcuts
				keys={[
					{ key: "j", does: text.nextError, run: () => moveFocus("a.message", 1) },
					{ key: "k", does: text.previousError, run: () => moveFocus("a.message", -1) },
					{ key: "/", does: text.focusSearch, run: focusSearch },
				]}
			/>
		</>
	);
}
