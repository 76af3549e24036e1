import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPaged } from "../../dashboard/state/paged.ts";

beforeEach(() => {
	vi.useFakeTimers();
	vi.stubGlobal("document", { hidden: false });
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

/** Longer than the interval at which a list is refreshed. */
const REFRESH_MS = 31_000;

/** Returns a list of numbers, greatest first, with two items per page. */
function listOf(all: () => number[], key: string, isPinned?: (item: { n: number }) => boolean) {
	const page = async (cursor?: string) => {
		const rest = all().filter((n) => cursor === undefined || n < Number(cursor));
		return { items: rest.slice(0, 2).map((n) => ({ n })), next: rest.length > 2 ? String(rest[1]) : null };
	};
	return createPaged<{ n: number }, number>({
		key,
		keyOf: ({ n }) => String(n),
		isBefore: (one, other) => one.n > other.n,
		isPinned,
		first: async () => ({ ...(await page()), summary: all().length }),
		more: page,
	});
}

const settled = () => vi.advanceTimersByTimeAsync(0);

it("a list counts newer items without moving the rows on screen", async () => {
	let all = [5, 4, 3, 2, 1];
	const list = listOf(() => all, "a");
	const shown = () => list.items.value.map(({ n }) => n).join();
	const stop = list.start();
	await settled();
	await list.more();
	expect([shown(), list.next.value]).toEqual(["5,4,3,2", "2"]);
	all = [6, ...all];
	await vi.advanceTimersByTimeAsync(REFRESH_MS);
	expect([shown(), list.fresh.value, list.summary.value]).toEqual(["5,4,3,2", 1, 6]);
	await list.load();
	expect([shown(), list.fresh.value]).toEqual(["6,5", 0]);
	stop();
});

it("deleted items are removed from a list of one page", async () => {
	let all = [2, 1];
	const list = listOf(() => all, "b");
	const stop = list.start();
	await settled();
	all = [1];
	await vi.advanceTimersByTimeAsync(REFRESH_MS);
	expect(list.items.value).toEqual([{ n: 1 }]);
	stop();
});

it("a list keeps pinned items, and does not count items that move up from the next page as new", async () => {
	let all = [5, 4, 3, 2, 1];
	const list = listOf(
		() => all,
		"held",
		({ n }) => n === 5,
	);
	const shown = () => list.items.value.map(({ n }) => n).join();
	const stop = list.start();
	await settled();
	all = [4, 3, 2, 1];
	await vi.advanceTimersByTimeAsync(REFRESH_MS);
	expect([shown(), list.fresh.value]).toEqual(["5,4", 0]);
	await list.more();
	expect(shown()).toBe("5,4,3,2");
	// 4 and 2 were deleted; the pinned 5 stays.
	all = [3, 1];
	await vi.advanceTimersByTimeAsync(REFRESH_MS);
	expect(shown()).toBe("5,3");
	stop();
});

it("deleted items are removed from the first page of a longer list", async () => {
	let all = [6, 5, 4, 3, 2];
	const list = listOf(() => all, "within");
	const stop = list.start();
	await settled();
	await list.more();
	all = [6, 4, 3, 2, 1];
	await vi.advanceTimersByTimeAsync(REFRESH_MS);
	expect(list.items.value.map(({ n }) => n)).toEqual([6, 4, 3]);
	stop();
});

it("an empty list that fills gets a next page", async () => {
	let all: number[] = [];
	const list = listOf(() => all, "filled");
	const stop = list.start();
	await settled();
	all = [3, 2, 1];
	await vi.advanceTimersByTimeAsync(REFRESH_MS);
	expect([list.items.value, list.next.value, list.fresh.value]).toEqual([[{ n: 3 }, { n: 2 }], "2", 0]);
	stop();
});

it("a saved list is restored for ten minutes", async () => {
	const first = listOf(() => [3, 2, 1], "c");
	first.start()();
	await settled();
	// The list was stopped before it had loaded, so nothing was saved.
	expect(listOf(() => [3, 2, 1], "c").status.value).toBe("loading");
	const stop = first.start();
	await settled();
	await first.more();
	stop();
	expect(listOf(() => [], "c").items.value).toHaveLength(3);
	expect(listOf(() => [], "other").status.value).toBe("loading");
	vi.advanceTimersByTime(11 * 60_000);
	expect(listOf(() => [], "c").status.value).toBe("loading");
});

it("a list ignores a response that was requested before a local change", async () => {
	let answer: (items: { n: number; name: string }[]) => void = () => {};
	const list = createPaged<{ n: number; name: string }, null>({
		key: "d",
		keyOf: ({ n }) => String(n),
		isBefore: (one, other) => one.n > other.n,
		first: () => new Promise((resolve) => (answer = (items) => resolve({ items, next: null, summary: null }))),
		more: async () => ({ items: [], next: null }),
	});
	const stop = list.start();
	answer([{ n: 1, name: "old" }]);
	await vi.advanceTimersByTimeAsync(REFRESH_MS);
	list.change(() => {
		list.items.value = [{ n: 1, name: "new" }];
	});
	answer([{ n: 1, name: "old" }]);
	await settled();
	expect(list.items.value).toEqual([{ n: 1, name: "new" }]);
	stop();
});
