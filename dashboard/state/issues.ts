import { computed, signal } from "@preact/signals";
import { ISSUE_STATUSES, type IssueStatus } from "../../src/contract/reports.ts";
import {
	api,
	type IssueDetail,
	type IssueItem,
	type IssueList,
	type OccurrenceItem,
	read,
	readOrNull,
} from "../api.ts";
import { periodQuery } from "./filters.ts";
import { createPaged, resetSavedPages } from "./paged.ts";
import { query } from "./route.ts";
import { messageOf } from "./sessions.ts";

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
		isPinned: (issue) => !isAsked(issue),
		first: () => ask(),
		more: ask,
	});
	const apply = (issue: IssueItem) => {
		list.change(() => {
			// Other lists may have it as it was.
			resetSavedPages();
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
		apply,
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
			const found = await readOrNull(api.issues[":fingerprint"].$get(of));
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
			resetSavedPages();
			if (list.head.value) list.head.value = { ...list.head.value, issue };
		});
	return { ...list, triage: createTriage(project, apply) };
}

/** Then it lies in the way more than it helps. */
const DONE_MS = 20_000;

/** @param apply shows what is known of an issue: at once what is hoped for, then what came of it */
export function createTriage(project: string | undefined, apply: (issue: IssueItem) => void) {
	const error = signal("");
	/** What was done last, for as long as it can be undone. */
	const done = signal<{ issue: IssueItem; was: IssueStatus } | null>(null);
	/** What is asked of each issue, one after the other, and what the server is known to have. */
	const lines = new Map<string, { turn: number; known: IssueItem; last: Promise<unknown> }>();

	/** @returns what came of it, unless it failed */
	const put = async (issue: IssueItem, status: IssueStatus) => {
		const { fingerprint } = issue;
		const line = lines.get(fingerprint) ?? { turn: 0, known: issue, last: Promise.resolve() };
		lines.set(fingerprint, line);
		const turn = ++line.turn;
		const isLast = () => line.turn === turn;
		error.value = "";
		apply({ ...issue, status, resolvedAt: status === "resolved" ? Date.now() : null });
		const asked = { param: { fingerprint }, query: { project }, json: { status } };
		const answer = line.last.then(() => read(api.issues[":fingerprint"].status.$put(asked)));
		line.last = answer.catch(() => null);
		try {
			const { issue: now } = await answer;
			const was = line.known.status;
			line.known = now ?? { ...issue, status };
			if (now && isLast()) apply(now);
			return { issue: line.known, was, isLast: isLast() };
		} catch (failure) {
			if (isLast()) apply(line.known);
			error.value = `${messageOf(failure)} ${issue.exceptionClass} ${isLast() ? "is as it was" : `did not become ${status}`}.`;
			return null;
		} finally {
			if (isLast()) lines.delete(fingerprint);
		}
	};
	return {
		error,
		done,
		async set(issue: IssueItem, status: IssueStatus) {
			if (issue.status === status) return;
			done.value = null;
			const what = await put(issue, status);
			if (!what?.isLast) return;
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
