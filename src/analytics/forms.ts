import { branchAt, type Counts, numberAt } from "./counts.ts";
import { topOf } from "./overview.ts";

/**
 * A form (all fields of one page), with the sessions that started and completed it. Contains nothing that was typed.
 */
export interface FormRow {
	url: string;
	/** Number of sessions that changed a field. */
	started: number;
	/** Number of sessions that submitted the form in every page view in which they changed a field. */
	completed: number;
	/** Percentage of the started sessions that completed the form. */
	completionRate: number;
	/** Number of submissions. */
	sends: number;
	fields: {
		label: string;
		sessions: number;
		/** Percentage of the started sessions that changed this field. */
		reach: number;
		/** Mean time from the first to the last change in a page view, in milliseconds. */
		meanFillMs: number;
		/** Number of changes, without the first change in each page view. */
		changes: number;
		/** Number of sessions that left the page without submitting the form, and had changed this field last. */
		left: number;
	}[];
}

const MAX_FORMS = 100;
const MAX_FIELDS = 50;

/** Returns the forms of a period, those with the most sessions first. @param sums the section `forms` of a rollup */
export function formsOf(sums: Counts, max = MAX_FORMS): FormRow[] {
	return topOf(sums, max, "s").map(([url, form]) => rowOf(url, form));
}

/** Returns the form of a page; null if there are no numbers. @param sums the section `forms` of a rollup */
export function formOf(sums: Counts, url: string): FormRow | null {
	const form = branchAt(sums, url);
	return form ? rowOf(url, form) : null;
}

function rowOf(url: string, form: Counts): FormRow {
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
}
