import { OTHER } from "../../../src/analytics/counts.ts";
import { api, type ErrorsInfo, read } from "../../api.ts";
import { recordingsHref } from "../../state/filters.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { query } from "../../state/route.ts";
import { focusSearch, SearchBox } from "../../ui/filters.tsx";
import { Keys, walk } from "../../ui/keys.tsx";
import { type Column, count, DataTable } from "../../ui/table.tsx";
import { formatUtcDay } from "../../ui/time.tsx";
import { Frame } from "../reports/frame.tsx";

type BrowserError = ErrorsInfo["issues"][number];

const hrefOf = ({ message }: BrowserError) => recordingsHref({ error: message });

const COLUMNS: Column<BrowserError>[] = [
	{
		title: "Error",
		cell: (error) =>
			error.message === OTHER ? (
				"Others, each in a few sessions"
			) : (
				<a class="message" title={error.message} href={hrefOf(error)}>
					{error.message}
				</a>
			),
	},
	{ title: "Times", isNumber: true, cell: (error) => count(error.count) },
	{
		title: "Sessions",
		isNumber: true,
		cell: (error) =>
			error.message === OTHER ? count(error.sessions) : <a href={hrefOf(error)}>{count(error.sessions)}</a>,
	},
	{ title: "Last seen", cell: ({ lastDay }) => formatUtcDay(lastDay) },
];

/** Errors of pages in a period, each with the sessions it happened in. */
export function BrowserIssues() {
	const scope = reportScope();
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.errors.$get({ query: scope })));
	const wanted = query("message")?.toLowerCase() ?? "";
	return (
		<>
			<Frame
				loaded={loaded}
				isEmpty={({ issues }) => !issues.length}
				empty={
					<p>
						Uncaught errors and rejected promises of your pages show here. The recorder hears them while{" "}
						<code>CAPTURE_ERRORS</code> is on, as it is unless you turned it off.
					</p>
				}
				controls={<SearchBox label="Search message" name="message" />}
			>
				{({ issues, more }) => {
					const shown = issues.filter(({ message }) => message.toLowerCase().includes(wanted));
					return (
						<>
							{shown.length > 0 ? (
								<DataTable caption="Errors of pages" columns={COLUMNS} rows={shown} keyOf={({ message }) => message} />
							) : (
								<p>No error says that.</p>
							)}
							<p class="sub">
								Errors that differ only in their numbers are one; a number is shown as #.
								{more && " The 200 most frequent are shown."}
							</p>
						</>
					);
				}}
			</Frame>
			<Keys
				keys={[
					{ key: "j", does: "Next error", run: () => walk("a.message", 1) },
					{ key: "k", does: "Previous error", run: () => walk("a.message", -1) },
					{ key: "/", does: "Search", run: focusSearch },
				]}
			/>
		</>
	);
}
