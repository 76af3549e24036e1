import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Trail } from "../contract/trail.ts";

/**
 * Encoding of trails in D1: deflate in base64. A table WITHOUT ROWID stores at most 1,002 bytes of a row in a page, and
 * the rest in overflow pages of 4 KB. The JSON of a trail alone often exceeds 1,002 bytes.
 */

/**
 * Preset dictionary of deflate: strings that many trails contain, the most frequent last. Stored trails can be read
 * only with exactly this dictionary: another one needs another `DEFLATED_PREFIX`.
 */
const DICTIONARY = new TextEncoder().encode(
	[
		'"cut":["]],"costs":[[]],"limits":[[]],"failed":[["img","script"]],"hidden":[[,1],[,"skew":,"shift":Uncaught TypeError: Cannot',
		' read properties of undefined (reading \'","TypeError","TypeError: \\n    at (),"download"],"media"],"selection"],"control"],',
		'"checkout"]],0,"route"]http://www..html?.com/search?q=input[name="select#textarea#section.div#div.span.li.a#a.button.button#',
		'],"submits":[[,null,"-form","],"fields":[[0,"text (password)"],[0,"email"],[0,"name"]],"inputs":[[0,1],[0,"errors":[[null,null]],',
		'"tags":[[,"{\\"id\\":\\"{\\"items\\":,\\"price\\":}"]],null],[,"poor","needs-improvement","https://',
		'{"v":1,"from":179,"to":0,"sums":[0,0,0],"types":{"3":,"5":2},"sums":[1,0,0],"types":{"0":1,"1":1,"2":1,"3":2,"4":1,"5":6},',
		'"bursts":[[0,20],[0]],"answer":0,"pages":[[0,"https://","",390,844,0,"load"]],1280,900,0,"load"]],"snapshots":[20],',
		'"clicks":[[,2,"button.",null]],"a.",null]],"input#"vitals":[[,"LCP",,"good","https://"],[,"FCP",,"good","https://"],[,"TTFB",',
		',"good","],[,"CLS",0.0,"good","],[,"INP",,"good",null]],"good","https://"]],"links":[[,"https://","",0]],"scrolls":[[,1,0],[,1,0]]}',
	].join(""),
);
const DEFLATED_PREFIX = "1";
const DEFLATE_OPTIONS = { dictionary: DICTIONARY, memLevel: 5 };

export function serializeTrail(trail: Trail): string {
	const bytes = deflateRawSync(new TextEncoder().encode(JSON.stringify(trail)), DEFLATE_OPTIONS);
	let text = "";
	for (const byte of bytes) text += String.fromCharCode(byte);
	return DEFLATED_PREFIX + btoa(text);
}

/** @param text as returned by `serializeTrail`, or JSON in older rows */
export function parseTrail(text: string): Trail {
	if (!text.startsWith(DEFLATED_PREFIX)) return JSON.parse(text);
	const bytes = Uint8Array.from(atob(text.slice(DEFLATED_PREFIX.length)), (char) => char.charCodeAt(0));
	return JSON.parse(new TextDecoder().decode(inflateRawSync(bytes, DEFLATE_OPTIONS)));
}
