import { useEffect, useRef, useState } from "preact/hooks";
import type { Source } from "../state/source.ts";
import { icons } from "../ui/icons.tsx";
import * as text from "./import.text.ts";
import { Viewer } from "./viewer.tsx";

/** Plays a recording from a file, in this browser only. */
export function ImportPage() {
	const [opened, setOpened] = useState<{ name: string; source: Source } | null>(null);
	const [error, setError] = useState("");
	const [reading, setReading] = useState(false);
	const [isDragOver, setDragOver] = useState(false);
	const field = useRef<HTMLInputElement>(null);
	useEffect(() => {
		document.title = "Import – Sentiero";
	}, []);
	const open = async (file: File | undefined) => {
		if (!file) return;
		setError("");
		setReading(true);
		try {
			// Loaded on demand: only this page reads raw recordings.
			const imported = await import("../state/imported.ts");
			if (file.size > imported.MAX_FILE_BYTES) throw new imported.InvalidRecordingError(text.tooLarge);
			const windows = imported.parseRecording(await file.text());
			setOpened({ name: file.name, source: imported.importedSource(windows) });
		} catch (failure) {
			const isKnown = failure instanceof Error && "isSentence" in failure;
			if (!isKnown) console.error(failure);
			setError(isKnown ? failure.message : text.unreadable);
			if (field.current) field.current.value = "";
		}
		setReading(false);
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
					void open(event.dataTransfer?.files[0]);
				}}
			>
				<b>{reading ? text.reading : text.chooseFile}</b>
				<span class="sub">{text.accepted}</span>
				<input
					ref={field}
					type="file"
					accept=".json,application/json"
					onChange={(event) => void open(event.currentTarget.files?.[0])}
				/>
			</label>
			{error && (
				<p class="notice bad" role="alert">
					{error}
				</p>
			)}
		</div>
	);
}
