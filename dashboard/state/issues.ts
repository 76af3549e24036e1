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
import * as text from "./state.text.ts";

interface IssueQuery {
	project?: string;
	/** All statuses if absent. */
	status?: IssueStatus;
	q?: string;
	since?: string;
	until?: string;
	sort?: string;
}

/** Returns project, status, search, period and order from the URL. The default status is open. */
export function issueQuery(): IssueQuery {
	const filters: Record<string, string> = { ...periodQuery(Date.now()) };
	for (const name of ["project", "q", "sort"]) {
		const value = query(name);
		if (value) filters[name] = value;
	}
	const status = ISSUE_STATUSES.find((it) => it === (query("status") ?? "open"));
	return { ...filters, ...(status && { status }) };
}

/** Returns a function that returns the value by which the server sorts issues, greatest first. */
function rankOf({ sort }: IssueQuery): (issue: IssueItem) => number {
	if (sort === "count") return ({ count }) => count;
	return sort === "first_seen" ? ({ firstSeen }) => firstSeen : ({ lastSeen }) => lastSeen;
}

type Head = Omit<IssueList, "issues" | "next">;

/** Creates the list of server issues. */
export function createIssues(filters: IssueQuery) {
	const page = async (cursor?: string) => {
		const { issues, next, ...summary } = await read(api.issues.$get({ query: { ...filters, cursor } }));
		return { items: issues, next, summary };
	};
	const rank = rankOf(filters);
	const matches = ({ status }: IssueItem) => !filters.status || status === filters.status;
	const list = createPaged<IssueItem, Head>({
		key: `issues ${JSON.stringify(filters)}`,
		keyOf: ({ fingerprint }) => fingerprint,
		isBefore: (one, other) =>
			rank(one) === rank(other) ? one.fingerprint > other.fingerprint : rank(one) > rank(other),
		isPinned: (issue) => !matches(issue),
		first: () => page(),
		more: page,
	});
	const apply = (issue: IssueItem) => {
		list.change(() => {
			// The saved list may contain the issue with its previous status.
			resetSavedPages();
			list.items.value = list.items.value.map((it) => {
				if (it.fingerprint !== issue.fingerprint) return it;
				if (list.summary.value && it.status !== issue.status) {
					const { counts } = list.summary.value;
					const moved = { [it.status]: counts[it.status] - 1, [issue.status]: counts[issue.status] + 1 };
					list.summary.value = { ...list.summary.value, counts: { ...counts, ...moved } };
				}
				return issue;
			});
		});
		if (!list.items.value.some(({ fingerprint }) => fingerprint === issue.fingerprint)) void list.refresh();
	};
	return {
		...list,
		/** Issues that match the filters. Issues with a changed status stay in `items`, so that undo shows them again. */
		shown: computed(() => list.items.value.filter(matches)),
		apply,
	};
}

/**
 * Creates the state of an issue with its occurrences. If there is no such issue, `summary` is null in status `ready`.
 */
export function createIssue(fingerprint: string, project: string | undefined) {
	const request = { param: { fingerprint }, query: { project } };
	const list = createPaged<OccurrenceItem, Omit<IssueDetail, "occurrences" | "next"> | null>({
		key: `issue ${fingerprint} ${project}`,
		keyOf: ({ id }) => id,
		isBefore: (one, other) => one.id > other.id,
		async first() {
			const found = await readOrNull(api.issues[":fingerprint"].$get(request));
			if (!found) return { items: [], next: null, summary: null };
			const { occurrences, next, ...summary } = found;
			return { items: occurrences, next, summary };
		},
		async more(cursor) {
			const ofPage = { ...request, query: { project, cursor } };
			const { occurrences, next } = await read(api.issues[":fingerprint"].occurrences.$get(ofPage));
			return { items: occurrences, next };
		},
	});
	const apply = (issue: IssueItem) =>
		list.change(() => {
			// The saved list may contain the issue with its previous status.
			resetSavedPages();
			if (list.summary.value) list.summary.value = { ...list.summary.value, issue };
		});
	return { ...list, triage: createTriage(project, apply) };
}

/** How long the toast with the undo button is shown. */
const UNDO_MS = 20_000;

/**
 * Changes the status of issues, with undo.
 * @param apply updates the displayed issue, first with the requested status, then with the server's response
 */
export function createTriage(project: string | undefined, apply: (issue: IssueItem) => void) {
	const error = signal("");
	/** The last change, while it can be undone. */
	const done = signal<{ issue: IssueItem; previous: IssueStatus } | null>(null);
	/**
	 * Queues of changes by fingerprint: each issue has one request at a time. `turn` is the number of the latest change,
	 * `known` the issue as in the server's last response. `last` settles when the latest request has ended.
	 */
	const queues = new Map<string, { turn: number; known: IssueItem; last: Promise<unknown> }>();

	/** Changes the status of an issue. Returns the change as confirmed by the server; null if the request failed. */
	const put = async (issue: IssueItem, status: IssueStatus) => {
		const { fingerprint } = issue;
		const queue = queues.get(fingerprint) ?? { turn: 0, known: issue, last: Promise.resolve() };
		queues.set(fingerprint, queue);
		const turn = ++queue.turn;
		const isLast = () => queue.turn === turn;
		error.value = "";
		apply({ ...issue, status, resolvedAt: status === "resolved" ? Date.now() : null });
		const request = { param: { fingerprint }, query: { project }, json: { status } };
		const answer = queue.last.then(() => read(api.issues[":fingerprint"].status.$put(request)));
		queue.last = answer.catch(() => null);
		try {
			const { issue: now } = await answer;
			const previous = queue.known.status;
			queue.known = now ?? { ...issue, status };
			if (now && isLast()) apply(now);
			return { issue: queue.known, previous, isLast: isLast() };
		} catch (failure) {
			if (isLast()) apply(queue.known);
			error.value = isLast()
				? text.statusUnchanged(messageOf(failure), issue.exceptionClass)
				: text.statusNotSet(messageOf(failure), issue.exceptionClass, status);
			return null;
		} finally {
			if (isLast()) queues.delete(fingerprint);
		}
	};
	return {
		error,
		done,
		async set(issue: IssueItem, status: IssueStatus) {
			if (issue.status === status) return;
			done.value = null;
			const change = await put(issue, status);
			if (!change?.isLast) return;
			done.value = change;
			setTimeout(() => {
				if (done.value === change) done.value = null;
			}, UNDO_MS);
		},
		async undo() {
			const last = done.value;
			done.value = null;
			if (last && !(await put(last.issue, last.previous))) done.value = last;
		},
	};
}

export type Triage = ReturnType<typeof createTriage>;
