import { javascript } from "@codemirror/lang-javascript";
import { basicSetup, EditorView } from "codemirror";

const doc = Array.from({ length: 300 }, (_, i) => `function f${i}(a, b) { return a * ${i} + b; } // line`).join("\n");
new EditorView({
	doc,
	parent: document.getElementById("root")!,
	// The blinking cursor is hidden, because it would differ between pictures.
	extensions: [
		basicSetup,
		javascript(),
		EditorView.theme({ "&": { height: "600px" }, ".cm-cursor": { display: "none !important" } }),
	],
});
