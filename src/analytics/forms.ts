import { branchAt, type Counts, numberAt } from "./counts.ts";
import { topOf } from "./overview.ts";

/** Forms: who began one, who sent it, and the field they left at. Never what was typed. */
export interface FormRow {
	url: string;
	/** Sessions that typed something. */
	started: number;
	/** Of these, those that left none of its visits without sending. */
	completed: number;
	/** Percent. */
	completionRate: number;
	sends: number;
	fields: {
		label: string;
		sessions: number;
		/** Percent of the sessions that began. */
		reach: number;
		meanFillMs: number;
		/** Changes after it had been filled in. */
		changes: number;
		/** Sessions whose last field it was. */
		left: number;
	}[];
}

const MAX_FORMS = 100;
const MAX_FIELDS = 50;

/** @param sums of the part `forms` */
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
