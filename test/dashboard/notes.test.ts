import { afterEach, expect, it, vi } from "vitest";
import { createNotes } from "../../dashboard/state/notes.ts";

afterEach(() => vi.unstubAllGlobals());

const note = (id: string, at: number) => ({ id, windowId: "w", at, text: `note ${id}`, createdAt: at });

it("a note appears when it is saved, and reappears when deleting it fails", async () => {
	let status = 200;
	vi.stubGlobal("fetch", async () => Response.json({ error: "try again" }, { status }));
	const notes = createNotes({ id: "s", project: "" });
	const shown = () => notes.notes.value.map(({ id }) => id).join();
	expect(await notes.write(note("b", 2))).toBe(true);
	status = 503;
	const late = notes.write(note("a", 1));
	expect(shown()).toBe("b");
	expect(await late).toBe(false);
	expect([shown(), notes.error.value]).toEqual(["b", "try again"]);
	await notes.remove(note("b", 2));
	expect([shown(), notes.deleted.value]).toEqual(["b", null]);
	status = 200;
	expect(await notes.write(note("a", 1))).toBe(true);
	expect([shown(), notes.error.value]).toEqual(["a,b", ""]);
});
