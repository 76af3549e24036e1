import { useRef, useState } from "preact/hooks";
import type { Source } from "../state/source.ts";
import { icons } from "../ui/icons.tsx";
import { useTitle } from "../ui/title.ts";
import * as text from "./import.text.ts";
import { Viewer } from "./viewer.tsx";

/** Plays a recording from a file or from pasted JSON, in this browser only. */
export function ImportPage() {
	const [opened, setOpened] = useState<{ name: string; source: Source } | null>(null);
	const [error, setError] = useState("");
	const [reading, setReading] = useState(false);
	const [isDragOver, setDragOver] = useState(false);
	const field = useRef<HTMLInputElement>(null);
	const pasted = useRef<HTMLTextAreaElement>(null);
	useTitle(opened?.name ?? text.title);
	const open = async (input: { name: string; size: number; text(): Promise<string> }) => {
		setError("");
		setReading(true);
		try {
			// The module is loaded on demand, because only this page parses recordings.
			const imported = await import("../state/imported.ts");
			if (input.size > imported.MAX_FILE_BYTES) throw new imported.InvalidRecordingError(text.tooLarge);
			const windows = imported.parseRecording(await input.text());
			setOpened({ name: input.name, source: imported.importedSource(windows) });
		} catch (failure) {
			const isKnown = failure instanceof Error && "isUserMessage" in failure;
			if (!isKnown) console.error(failure);
			setError(isKnown ? failure.message : text.unreadable);
			if (field.current) field.current.value = "";
		}
		setReading(false);
	};
	const openFile = (file: File | undefined) => {
		if (file) void open(file);
	};
	const openPasted = (event: Event) => {
		event.preventDefault();
		const json = pasted.current?.value ?? "";
		void open({ name: text.pastedRecording, size: json.length, text: async () => json });
	};
	if (opened) {
		return (
			<Viewer
				source={opened.source}
				head={
					<>
						<button type="button" class="button quiet" aria-label={text.chooseAnother} onClick={() => setOpened(null)}>
							{icons.back}
						</button>
						<h1 class="headline">
							{opened.name} <span class="sub">{text.onlyHere}</span>
						</h1>
					</>
				}
				notFound={<p>{text.nothingToPlay}</p>}
			/>
		);
	}
	return (
		<div class="page narrow">
			<header class="page-head">
				<h1>{text.title}</h1>
			</header>
			<p>{text.about}</p>
			<label
				class={isDragOver ? "drop over" : "drop"}
				onDragOver={(event) => {
					event.preventDefault();
					setDragOver(true);
				}}
				onDragLeave={() => setDragOver(false)}
				onDrop={(event) => {
					event.preventDefault();
					setDragOver(false);
					openFile(event.dataTransfer?.files[0]);
				}}
			>
				<b>{reading ? text.reading : text.chooseFile}</b>
				<span class="sub">{text.accepted}</span>
				<input
					ref={field}
					type="file"
					accept=".json,application/json"
					onChange={(event) => openFile(event.currentTarget.files?.[0])}
				/>
			</label>
			<form class="paste" onSubmit={openPasted}>
				<label for="pasted-recording">{text.orPaste}</label>
				<textarea id="pasted-recording" ref={pasted} rows={6} required spellcheck={false} />
				<button type="submit" class="button">
					{text.play}
				</button>
			</form>
			{error && (
				<p class="notice bad" role="alert">
					{error}
				</p>
			)}
		</div>
	);
}
