import { useState } from "preact/hooks";
import { lastUpTo } from "../../../src/analytics/timeline.ts";
import type { ConsoleLine } from "../../state/records.ts";
import type { Replay } from "../../state/replay.ts";
import { Choice } from "../../ui/filters.tsx";
import { clock } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual.tsx";
import * as text from "./panels.text.ts";

const ROW_PX = 28;

const LEVELS = [
	["all", text.allLevels],
	["warn", text.warningsAndErrors],
	["error", text.errors],
] as const;

/** Console output of the page. */
export function Console({ replay }: { replay: Replay }) {
	const [level, setLevel] = useState<string>("all");
	const [open, setOpen] = useState<ConsoleLine | null>(null);
	const { lines } = replay.records.value;
	const shown = lines.filter((line) => level === "all" || line.level === "error" || line.level === level);
	const current = lastUpTo(shown, replay.from.value + replay.offset.value);
	if (!lines.length) {
		return <EmptyPanel replay={replay} message={text.noConsole} />;
	}
	return (
		<div class="records">
			<Choice label={text.level} value={level} options={LEVELS} onChange={setLevel} />
			<VirtualList items={shown} rowPx={ROW_PX} current={current}>
				{(line, position) => (
					<button
						type="button"
						class="console-line"
						data-level={line.level}
						aria-current={position === current ? "true" : undefined}
						aria-expanded={line === open}
						onClick={() => {
							setOpen(line === open ? null : line);
							replay.seek(line.at - replay.from.value);
						}}
					>
						<span class="when">{clock(line.at - replay.from.value)}</span>
						<span class="level">{line.level}</span>
						<code>{line.text}</code>
					</button>
				)}
			</VirtualList>
			<RecordDetails content={open?.text} />
		</div>
	);
}

/** The complete content of the selected row, in a box of fixed size, so that a selection does not move the rows. */
export function RecordDetails({ content }: { content: string | undefined }) {
	if (content === undefined) return <p class="record sub">{text.selectARow}</p>;
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
		<pre class="record" tabIndex={0}>
			{content}
		</pre>
	);
}

/** The message of a panel without rows. Until the whole recording is loaded, rows may still arrive. */
export function EmptyPanel({ replay, message }: { replay: Replay; message: string }) {
	return <p class="sub">{replay.complete.value ? message : text.loadingRecording}</p>;
}
