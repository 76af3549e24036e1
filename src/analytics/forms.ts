import { branchAt, type Counts, numberAt } from "./counts.ts";
import { topOf } from "./overview.ts";

/** A form: sessions that started and completed it, and its fields. Has nothing that was typed. */
export interface FormRow {
	url: string;
	/** Sessions that changed a field. */
	started: number;
	/** Started sessions that submitted the form in each view in which they changed a field. */
	completed: number;
	/** Percent. */
	completionRate: number;
	sends: number;
	fields: {
		label: string;
		sessions: number;
		/** Percent of the started sessions. */
		reach: number;
		meanFillMs: number;
		/** Changes after the first one. */
		changes: number;
		/** Sessions for which it was the last field before they left the page without submitting. */
		left: number;
	}[];
}

const MAX_FORMS = 100;
const MAX_FIELDS = 50;

/** Returns the forms of a period, those with the most sessions first. @param sums of the part `forms` */
export function formsOf(sums: Counts, max = MAX_FORMS): FormRow[] {
	return topOf(sums, max, "s").map(([url, form]) => {
		const started = numberAt(form, "s");
		const completed = numberAt(form, "completed");
		return {
			...{ url, started, completed, sends: numberAt(form, "sends") },
			completionRate: started ? Math.round((completed / started) * 1000) / 10 : 0,
			fields: topOf(branchAt(form, "fields"), MAX_FIELDS, "s").map(([label, field]) => ({
				...{ label, sessions: numberAt(field, "s"), changes: numberAt(field, "changes") },
				reach: started ? Math.round((numberAt(field, "s") / started) * 1000) / 10 : 0,
				meanFillMs: Math.round(numberAt(field, "ms") / Math.max(numberAt(field, "n"), 1)),
				left: numberAt(branchAt(form, "left", label), "s"),
			})),
		};
	});
}
