import { api, read } from "../../api.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { DataTable } from "../../ui/table.tsx";
import * as text from "./export.text.ts";
import { ReportFrame } from "./frame.tsx";
import { TableSkeleton } from "./skeletons.tsx";

const FORMATS = ["csv", "json", "ndjson"] as const;

/** Links to files with the data behind the reports, for the selected period and filters. */
export function ExportReport() {
	const scope = reportScope();
	const loaded = useReport("datasets", async () => {
		const [list, frame] = await Promise.all([
			read(api.analytics.export.$get()),
			read(api.analytics.forms.$get({ query: scope })),
		]);
		return { ...list, projects: frame.projects, isCut: false, isOpenCut: false, goneUntil: null };
	});
	const link = (name: string, format: string) =>
		`/api/analytics/export/${name}?${new URLSearchParams({ ...scope, format } as Record<string, string>)}`;
	return (
		<ReportFrame loaded={loaded} isEmpty={() => false} empty={null} skeleton={<TableSkeleton rows={13} />}>
			{({ datasets }) => (
				<DataTable
					caption={text.datasets}
					rows={datasets}
					keyOf={({ name }) => name}
					columns={[
						{ title: text.dataset, cell: ({ title }) => title },
						{
							title: text.download,
							cell: ({ name, title }) => (
								<span class="downloads">
									{FORMATS.map((format) => (
										<a
											key={format}
											href={link(name, format)}
											download
											aria-label={text.downloadAs(title, format.toUpperCase())}
										>
											{format.toUpperCase()}
										</a>
									))}
								</span>
							),
						},
						{ title: text.columns, cell: ({ columns }) => <span class="sub columns">{columns.join(", ")}</span> },
					]}
				/>
			)}
		</ReportFrame>
	);
}
