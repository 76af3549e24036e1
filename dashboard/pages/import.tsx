import { useEffect, useRef, useState } from "preact/hooks";
import type { Source } from "../state/source.ts";
import { icons } from "../ui/icons.tsx";
import { Viewer } from "./viewer.tsx";

/** A recording in a file, looked at without uploading it. */
export function ImportPage() {
	const [opened, setOpened] = useState<{ name: string; source: Source } | null>(null);
	const [error, setError] = useState("");
	const [reading, setReading] = useState(false);
	const [isOver, setOver] = useState(false);
	const field = useRef<HTMLInputElement>(null);
	useEffect(() => {
		document.title = "Import – Sentiero";
	}, []);
	const open = async (file: File | undefined) => {
		if (!file) return;
		setError("");
		setReading(true);
		try {
			// It knows how to read a recording, which no other page of the dashboard has to.
			const imported = await import("../state/imported.ts");
			if (file.size > imported.MAX_FILE_BYTES) throw new imported.NotARecording("This file is over 200 MB.");
			const windows = imported.parseRecording(await file.text());
			setOpened({ name: file.name, source: imported.importedRecording(windows) });
		} catch (failure) {
			const isKnown = failure instanceof Error && "isSentence" in failure;
			if (!isKnown) console.error(failure);
			setError(isKnown ? failure.message : "This file could not be read.");
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
						<button type="button" class="button quiet" aria-label="Choose another file" onClick={() => setOpened(null)}>
							{icons.back}
						</button>
						<h1 class="headline">
							{opened.name} <span class="sub">from a file, in this browser only</span>
						</h1>
					</>
				}
				gone={<p>This file holds nothing that can be played.</p>}
			/>
		);
	}
	return (
		<div class="page narrow">
			<header class="page-head">
				<h1>Import</h1>
			</header>
			<p>Look at a recording that is in a file. It stays in this browser: nothing is uploaded, and nothing is kept.</p>
			<label
				class={isOver ? "drop over" : "drop"}
				onDragOver={(event) => {
					event.preventDefault();
					setOver(true);
				}}
				onDragLeave={() => setOver(false)}
				onDrop={(event) => {
					event.preventDefault();
					setOver(false);
					void open(event.dataTransfer?.files[0]);
				}}
			>
				<b>{reading ? "Reading…" : "Choose a file, or drop one here"}</b>
				<span class="sub">JSON from “Share”, or a list of rrweb’s events, up to 200 MB</span>
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
