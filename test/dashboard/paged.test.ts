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

const REFRESHED = 31_000;

/** Of numbers, the greatest first, two to a page. */
function listOf(all: () => number[], key: string, isHeld?: (item: { n: number }) => boolean) {
	const page = async (cursor?: string) => {
		const rest = all().filter((n) => cursor === undefined || n < Number(cursor));
		return { items: rest.slice(0, 2).map((n) => ({ n })), next: rest.length > 2 ? String(rest[1]) : null };
	};
	return createPaged<{ n: number }, number>({
		key,
		keyOf: ({ n }) => String(n),
		isBefore: (one, other) => one.n > other.n,
		isPinned: isHeld,
		first: async () => ({ ...(await page()), head: all().length }),
		more: page,
	});
}

const settled = () => vi.advanceTimersByTimeAsync(0);

it("new ones wait to be shown, and what is read stays where it is", async () => {
	let all = [5, 4, 3, 2, 1];
	const list = listOf(() => all, "a");
	const shown = () => list.items.value.map(({ n }) => n).join();
	const stop = list.start();
	await settled();
	await list.more();
	expect([shown(), list.next.value]).toEqual(["5,4,3,2", "2"]);
	all = [6, ...all];
	await vi.advanceTimersByTimeAsync(REFRESHED);
	expect([shown(), list.fresh.value, list.head.value]).toEqual(["5,4,3,2", 1, 6]);
	await list.load();
	expect([shown(), list.fresh.value]).toEqual(["6,5", 0]);
	stop();
});

it("what is gone from a list that fits a page leaves it", async () => {
	let all = [2, 1];
	const list = listOf(() => all, "b");
	const stop = list.start();
	await settled();
	all = [1];
	await vi.advanceTimersByTimeAsync(REFRESHED);
	expect(list.items.value).toEqual([{ n: 1 }]);
	stop();
});

it("what is held stays, and what moves up from the next page is not new", async () => {
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
	await vi.advanceTimersByTimeAsync(REFRESHED);
	expect([shown(), list.fresh.value]).toEqual(["5,4", 0]);
	await list.more();
	expect(shown()).toBe("5,4,3,2");
	// Of the first page, and gone; what is beyond it is not known to be.
	all = [3, 1];
	await vi.advanceTimersByTimeAsync(REFRESHED);
	expect(shown()).toBe("5,3");
	stop();
});

it("what is gone from within the first page leaves a longer list", async () => {
	let all = [6, 5, 4, 3, 2];
	const list = listOf(() => all, "within");
	const stop = list.start();
	await settled();
	await list.more();
	all = [6, 4, 3, 2, 1];
	await vi.advanceTimersByTimeAsync(REFRESHED);
	expect(list.items.value.map(({ n }) => n)).toEqual([6, 4, 3]);
	stop();
});

it("an empty list that fills goes on to its next page", async () => {
	let all: number[] = [];
	const list = listOf(() => all, "filled");
	const stop = list.start();
	await settled();
	all = [3, 2, 1];
	await vi.advanceTimersByTimeAsync(REFRESHED);
	expect([list.items.value, list.next.value, list.fresh.value]).toEqual([[{ n: 3 }, { n: 2 }], "2", 0]);
	stop();
});

it("whoever comes back finds the list as it was, for a while", async () => {
	const first = listOf(() => [3, 2, 1], "c");
	first.start()();
	await settled();
	// Left before it was there: nothing to come back to.
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

it("an answer from before a change does not undo it", async () => {
	let answer: (items: { n: number; name: string }[]) => void = () => {};
	const list = createPaged<{ n: number; name: string }, null>({
		key: "d",
		keyOf: ({ n }) => String(n),
		isBefore: (one, other) => one.n > other.n,
		first: () => new Promise((resolve) => (answer = (items) => resolve({ items, next: null, head: null }))),
		more: async () => ({ items: [], next: null }),
	});
	const stop = list.start();
	answer([{ n: 1, name: "old" }]);
	await vi.advanceTimersByTimeAsync(REFRESHED);
	list.change(() => {
		list.items.value = [{ n: 1, name: "new" }];
	});
	answer([{ n: 1, name: "old" }]);
	await settled();
	expect(list.items.value).toEqual([{ n: 1, name: "new" }]);
	stop();
});
