// @vitest-environment jsdom
import { afterEach, describe, expect, it } from "vitest";
import { answerOf } from "../../recorder/instruments/clicks.ts";
import { tags } from "../../recorder/instruments/tags.ts";

const heard: unknown[] = [];
const stop = tags((tag, payload) => heard.push([tag, payload]) > 0);

afterEach(() => {
	heard.length = 0;
	document.body.innerHTML = "";
});

function inPage(html: string): HTMLElement {
	document.body.innerHTML = html;
	return document.querySelector<HTMLElement>("#it")!;
}

describe("events that the markup asks for", () => {
	it.each<[string, string, unknown[]]>([
		[
			"a name and a payload",
			`data-sentiero-track-click="a.b-c_1" data-sentiero-data='{"n":1}'`,
			[["a.b-c_1", { n: 1 }]],
		],
		["no payload", `data-sentiero-track-click="a"`, [["a", {}]]],
		["a name of 100", `data-sentiero-track-click="${"a".repeat(100)}"`, [["a".repeat(100), {}]]],
		["one of 101", `data-sentiero-track-click="${"a".repeat(101)}"`, []],
		["letters of other kinds", `data-sentiero-track-click="ä b"`, []],
		[
			"a payload of 4,096",
			`data-sentiero-track-click="a" data-sentiero-data='"${"x".repeat(4094)}"'`,
			[["a", "x".repeat(4094)]],
		],
		["one of 4,097", `data-sentiero-track-click="a" data-sentiero-data='"${"x".repeat(4095)}"'`, []],
		["one that is no JSON", `data-sentiero-track-click="a" data-sentiero-data="{"`, []],
		["another kind of event", `data-sentiero-track-change="a"`, []],
	])("%s", (_, attributes, expected) => {
		inPage(`<p ${attributes}><b id="it">x</b></p>`).click();
		expect(heard).toEqual(expected);
	});

	it("are of the nearest carrier only, and survive events of the document itself", () => {
		inPage(`<p data-sentiero-track-click="far"><b data-sentiero-track-click="near" id="it">x</b></p>`).click();
		document.dispatchEvent(new Event("focus"));
		document.dispatchEvent(new Event("click"));
		expect(heard).toEqual([["near", {}]]);
		stop();
		document.querySelector<HTMLElement>("#it")!.click();
		expect(heard).toHaveLength(1);
	});
});

describe("what answers a click by itself", () => {
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
	])("%s: %s", (html, expected) => expect(answerOf(inPage(html))).toBe(expected));
});
