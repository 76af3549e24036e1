import { api, type FormsInfo, read } from "../../api.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { count, DataTable, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { PageName } from "./cells.tsx";
import * as text from "./forms.text.ts";
import { ReportFrame } from "./frame.tsx";
import * as shared from "./shared.text.ts";
import { TableSkeleton } from "./skeletons.tsx";

export function FormsReport() {
	const scope = reportScope();
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.forms.$get({ query: scope })));
	return (
		<ReportFrame
			loaded={loaded}
			isEmpty={({ forms }) => !forms.length}
			empty={<p>{text.empty}</p>}
			skeleton={<TableSkeleton rows={5} />}
		>
			{({ forms }) => forms.map((form) => <Form key={form.url} form={form} />)}
		</ReportFrame>
	);
}

type FormInfo = FormsInfo["forms"][number];

export function Form({ form }: { form: FormInfo }) {
	return (
		<section class="report-part">
			<h2>
				<PageName url={form.url} />
			</h2>
			<p class="sub">{text.completion(form.started, form.completed, percent(form.completionRate))}</p>
			{form.fields.length > 0 && (
				<DataTable
					caption={text.fields(form.url)}
					rows={form.fields}
					keyOf={({ label }) => label}
					columns={[
						{ title: text.field, cell: ({ label }) => label },
						{ title: shared.sessions, isNumber: true, cell: ({ sessions }) => count(sessions) },
						{ title: text.filledIn, isNumber: true, cell: ({ reach }) => percent(reach) },
						{
							title: text.timeToFill,
							isNumber: true,
							cell: ({ meanFillMs }) => (meanFillMs ? duration(meanFillMs) : "–"),
						},
						{ title: text.refilled, isNumber: true, cell: ({ changes }) => count(changes) },
						{ title: text.droppedOff, isNumber: true, cell: ({ left }) => count(left) },
					]}
				/>
			)}
		</section>
	);
}
