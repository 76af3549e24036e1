import { computed, signal } from "@preact/signals";
import { ISSUE_STATUSES, type IssueStatus } from "../../src/contract/reports.ts";
import {
	api,
	type IssueDetail,
	type IssueItem,
	type IssueList,
	type OccurrenceItem,
	read,
	readIfThere,
} from "../api.ts";
import { periodQuery } from "./filters.ts";
import { createPaged, forgetLeft } from "./paged.ts";
import { query } from "./route.ts";
import { sentence } from "./sessions.ts";

interface IssueQuery {
	project?: string;
	/** Absent: all of them. */
	status?: IssueStatus;
	q?: string;
	since?: string;
	until?: string;
	sort?: string;
}

/** What the address asks for: what is open, unless it says otherwise. */
export function issueQuery(): IssueQuery {
	const asked: Record<string, string> = { ...periodQuery(Date.now()) };
	for (const name of ["project", "q", "sort"]) {
		const value = query(name);
		if (value) asked[name] = value;
	}
	const status = ISSUE_STATUSES.find((it) => it === (query("status") ?? "open"));
	return { ...asked, ...(status && { status }) };
}

/** As the server orders them. */
function rankOf({ sort }: IssueQuery): (issue: IssueItem) => number {
	if (sort === "count") return ({ count }) => count;
	return sort === "first_seen" ? ({ firstSeen }) => firstSeen : ({ lastSeen }) => lastSeen;
}

type Head = Omit<IssueList, "issues" | "next">;

/** Exceptions of servers, and what becomes of them. */
export function createIssues(asked: IssueQuery) {
	const ask = async (cursor?: string) => {
		const { issues, next, ...head } = await read(api.issues.$get({ query: { ...asked, cursor } }));
		return { items: issues, next, head };
	};
	const rank = rankOf(asked);
	const isAsked = ({ status }: IssueItem) => !asked.status || status === asked.status;
	const list = createPaged<IssueItem, Head>({
		key: `issues ${JSON.stringify(asked)}`,
		keyOf: ({ fingerprint }) => fingerprint,
		isBefore: (one, other) =>
			rank(one) === rank(other) ? one.fingerprint > other.fingerprint : rank(one) > rank(other),
		isHeld: (issue) => !isAsked(issue),
		first: () => ask(),
		more: ask,
	});
	const apply = (issue: IssueItem) => {
		list.change(() => {
			// Other lists may have it as it was.
			forgetLeft();
			list.items.value = list.items.value.map((it) => {
				if (it.fingerprint !== issue.fingerprint) return it;
				if (list.head.value && it.status !== issue.status) {
					const { counts } = list.head.value;
					const moved = { [it.status]: counts[it.status] - 1, [issue.status]: counts[issue.status] + 1 };
					list.head.value = { ...list.head.value, counts: { ...counts, ...moved } };
				}
				return issue;
			});
		});
		if (!list.items.value.some(({ fingerprint }) => fingerprint === issue.fingerprint)) void list.refresh();
	};
	return {
		...list,
		/** Those that are as asked; one that was changed since keeps its place, in case it comes back. */
		shown: computed(() => list.items.value.filter(isAsked)),
		triage: createTriage(asked.project, apply),
	};
}

/** One of them, with its occurrences; ready without a head, there is none. */
export function createIssue(fingerprint: string, project: string | undefined) {
	const of = { param: { fingerprint }, query: { project } };
	const list = createPaged<OccurrenceItem, Omit<IssueDetail, "occurrences" | "next"> | null>({
		key: `issue ${fingerprint} ${project}`,
		keyOf: ({ id }) => id,
		isBefore: (one, other) => one.id > other.id,
		async first() {
			const found = await readIfThere(api.issues[":fingerprint"].$get(of));
			if (!found) return { items: [], next: null, head: null };
			const { occurrences, next, ...head } = found;
			return { items: occurrences, next, head };
		},
		async more(cursor) {
			const asked = { ...of, query: { project, cursor } };
			const { occurrences, next } = await read(api.issues[":fingerprint"].occurrences.$get(asked));
			return { items: occurrences, next };
		},
	});
	const apply = (issue: IssueItem) =>
		list.change(() => {
			// The list it was opened from has it as it was.
			forgetLeft();
			if (list.head.value) list.head.value = { ...list.head.value, issue };
		});
	return { ...list, triage: createTriage(project, apply) };
}

/** Then it lies in the way more than it helps. */
const DONE_MS = 20_000;

/** @param apply shows what is known of an issue: at once what is hoped for, then what came of it */
function createTriage(project: string | undefined, apply: (issue: IssueItem) => void) {
	const error = signal("");
	/** What was done last, for as long as it can be undone. */
	const done = signal<{ issue: IssueItem; was: IssueStatus } | null>(null);
	const turns = new Map<string, number>();

	/** @returns whether it was done */
	const put = async (issue: IssueItem, status: IssueStatus): Promise<boolean> => {
		const { fingerprint } = issue;
		const turn = (turns.get(fingerprint) ?? 0) + 1;
		turns.set(fingerprint, turn);
		const isLast = () => turns.get(fingerprint) === turn;
		error.value = "";
		apply({ ...issue, status, resolvedAt: status === "resolved" ? Date.now() : null });
		try {
			const asked = { param: { fingerprint }, query: { project }, json: { status } };
			const { issue: now } = await read(api.issues[":fingerprint"].status.$put(asked));
			if (now && isLast()) apply(now);
			return true;
		} catch (failure) {
			if (isLast()) apply(issue);
			error.value = `${sentence(failure)} ${issue.exceptionClass} is as it was.`;
			return false;
		}
	};
	return {
		error,
		done,
		async set(issue: IssueItem, status: IssueStatus) {
			if (issue.status === status) return;
			done.value = null;
			if (!(await put(issue, status))) return;
			const what = { issue: { ...issue, status }, was: issue.status };
			done.value = what;
			setTimeout(() => {
				if (done.value === what) done.value = null;
			}, DONE_MS);
		},
		async undo() {
			const last = done.value;
			done.value = null;
			if (last && !(await put(last.issue, last.was))) done.value = last;
		},
	};
}

export type Triage = ReturnType<typeof createTriage>;
