import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { lastUpTo } from "../../../src/analytics/timeline.ts";
import type { ConsoleLine } from "../../state/records.ts";
import type { Replay } from "../../state/replay.ts";
import { Choice } from "../../ui/filters.tsx";
import { clock } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual.tsx";

/** As in the style sheet. */
const ROW_PX = 28;

const LEVELS = [
	["all", "All levels"],
	["warn", "Warnings and errors"],
	["error", "Errors"],
] as const;

/** What the page wrote on its console. */
export function Console({ replay }: { replay: Replay }) {
	const [level, setLevel] = useState<string>("all");
	const [open, setOpen] = useState<ConsoleLine | null>(null);
	const { lines } = replay.records.value;
	const shown = lines.filter((line) => level === "all" || line.level === "error" || line.level === level);
	const current = lastUpTo(shown, replay.from.value + replay.offset.value);
	if (!lines.length) {
		return (
			<Nothing replay={replay}>
				Nothing was recorded of the console. The recorder hears it with <code>captureConsole</code>.
			</Nothing>
		);
	}
	return (
		<div class="records">
			<Choice label="Level" value={level} options={LEVELS} onChange={setLevel} />
			<VirtualList items={shown} rowPx={ROW_PX} current={current}>
				{(line, place) => (
					<button
						type="button"
						class="console-line"
						data-level={line.level}
						aria-current={place === current ? "true" : undefined}
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
			{open && (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach
				<pre class="record" tabIndex={0}>
					{open.text}
				</pre>
			)}
		</div>
	);
}

/** Says that there is nothing only when all of the recording was looked at. */
export function Nothing({ replay, children }: { replay: Replay; children: ComponentChildren }) {
	return <p class="sub">{replay.complete.value ? children : "Loading the recording…"}</p>;
}
