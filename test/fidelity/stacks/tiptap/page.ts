import { Editor } from "@tiptap/core";
import StarterKit from "@tiptap/starter-kit";

const editor = new Editor({
	element: document.getElementById("editor")!,
	extensions: [StarterKit],
	content:
		"<h1>Draft</h1><p>Some <strong>bold</strong> and <em>slanted</em> text.</p><ul><li><p>One</p></li><li><p>Two</p></li></ul><blockquote><p>A quote</p></blockquote><pre><code>const code = 1;</code></pre>",
});
const buttons: Record<string, () => unknown> = {
	bold: () => editor.chain().focus().toggleBold().run(),
	heading: () => editor.chain().focus().toggleHeading({ level: 2 }).run(),
	list: () => editor.chain().focus().toggleOrderedList().run(),
};
for (const [id, act] of Object.entries(buttons)) document.getElementById(id)!.addEventListener("click", act);
editor.on("transaction", () => {
	for (const id of ["bold", "heading"]) document.getElementById(id)!.classList.toggle("is-active", editor.isActive(id));
});
