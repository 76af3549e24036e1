import { api, type FormsInfo, read } from "../../api.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { count, DataTable, percent } from "../../ui/table.tsx";
import { duration } from "../../ui/time.tsx";
import { PageName } from "./cells.tsx";
import { Frame } from "./frame.tsx";

export function FormsReport() {
	const scope = reportScope();
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.forms.$get({ query: scope })));
	return (
		<Frame
			loaded={loaded}
			isEmpty={({ forms }) => !forms.length}
			empty={<p>Forms that somebody typed into show here, by the names of their fields, never by what was typed.</p>}
		>
			{({ forms }) => forms.map((form) => <Form key={form.url} form={form} />)}
		</Frame>
	);
}

type FormInfo = FormsInfo["forms"][number];

export function Form({ form }: { form: FormInfo }) {
	return (
		<section class="report-part">
			<h2>
				<PageName url={form.url} />
			</h2>
			<p class="sub">
				{count(form.started)} began, {count(form.completed)} of them sent it ({percent(form.completionRate)}).
			</p>
			{form.fields.length > 0 && (
				<DataTable
					caption={`Fields of the form on ${form.url}`}
					rows={form.fields}
					keyOf={({ label }) => label}
					columns={[
						{ title: "Field", cell: ({ label }) => label },
						{ title: "Sessions", isNumber: true, cell: ({ sessions }) => count(sessions) },
						{ title: "Of those that began", isNumber: true, cell: ({ reach }) => percent(reach) },
						{ title: "Time to fill", isNumber: true, cell: ({ meanFillMs }) => duration(meanFillMs) },
						{ title: "Changed again", isNumber: true, cell: ({ changes }) => count(changes) },
						{ title: "Left here", isNumber: true, cell: ({ left }) => count(left) },
					]}
				/>
			)}
		</section>
	);
}
