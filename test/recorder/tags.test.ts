// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import { answerOf } from "../../recorder/instruments/clicks.ts";
import { tags } from "../../recorder/instruments/tags.ts";

const recorded: unknown[] = [];
const stop = tags((tag, payload) => recorded.push([tag, payload]) > 0);

afterEach(() => {
	recorded.length = 0;
	document.body.innerHTML = "";
});

function inPage(html: string): HTMLElement {
	document.body.innerHTML = html;
	return document.querySelector<HTMLElement>("#it")!;
}

describe("custom event declared in markup", () => {
	it.each<[string, string, unknown[]]>([
		[
			"is recorded with a name and a payload",
			`data-sentiero-track-click="a.b-c_1" data-sentiero-data='{"n":1}'`,
			[["a.b-c_1", { n: 1 }]],
		],
		["is recorded without a payload", `data-sentiero-track-click="a"`, [["a", {}]]],
		[
			"is recorded with a name of 100 characters",
			`data-sentiero-track-click="${"a".repeat(100)}"`,
			[["a".repeat(100), {}]],
		],
		["is not recorded with a name of 101 characters", `data-sentiero-track-click="${"a".repeat(101)}"`, []],
		["is not recorded with spaces or letters outside ASCII", `data-sentiero-track-click="ä b"`, []],
		[
			"is recorded with a payload of 4,096 characters",
			`data-sentiero-track-click="a" data-sentiero-data='"${"x".repeat(4094)}"'`,
			[["a", "x".repeat(4094)]],
		],
		[
			"is not recorded with a payload of 4,097 characters",
			`data-sentiero-track-click="a" data-sentiero-data='"${"x".repeat(4095)}"'`,
			[],
		],
		["is not recorded with invalid JSON", `data-sentiero-track-click="a" data-sentiero-data="{"`, []],
		["is not recorded for another event type", `data-sentiero-track-change="a"`, []],
	])("%s", (_, attributes, expected) => {
		inPage(`<p ${attributes}><b id="it">x</b></p>`).click();
		expect(recorded).toEqual(expected);
	});

	it("is defined by the nearest element with the attribute; events on the document are ignored", () => {
		inPage(`<p data-sentiero-track-click="far"><b data-sentiero-track-click="near" id="it">x</b></p>`).click();
		document.dispatchEvent(new Event("focus"));
		document.dispatchEvent(new Event("click"));
		expect(recorded).toEqual([["near", {}]]);
		stop();
		document.querySelector<HTMLElement>("#it")!.click();
		expect(recorded).toHaveLength(1);
	});
});

describe("native response to a click", () => {
	it.each<[string, string | null]>([
		[`<input id="it">`, "control"],
		[`<label><b id="it">x</b></label>`, "control"],
		[`<input type="button" id="it">`, null],
		[`<button id="it">x</button>`, null],
		[`<a href="/x"><b id="it">x</b></a>`, "link"],
		[`<a href="#part" id="it">x</a>`, "link"],
		[`<a href="#" id="it">x</a>`, null],
		[`<a href="javascript:void 0" id="it">x</a>`, null],
		[`<a id="it">x</a>`, null],
		[`<a href="/x" download id="it">x</a>`, "download"],
		[`<video controls id="it"></video>`, "media"],
		[`<video id="it"></video>`, null],
		[`<details><summary><b id="it">x</b></summary></details>`, "control"],
		[`<div contenteditable><b id="it">x</b></div>`, "control"],
	])("to %s is %s", (html, expected) => expect(answerOf(inPage(html))).toBe(expected));
});
