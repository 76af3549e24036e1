import { useState } from "preact/hooks";
import { MAX_SERVER_ITEMS } from "../../../src/contract/limits.ts";
import { LEVELS } from "../../../src/contract/reports.ts";
import type { ServerItem } from "../../api.ts";
import { sessionPath, withQuery } from "../../state/paths.ts";
import type { Replay } from "../../state/replay.ts";
import { levelOf, type PlacedServerItem, serverItemPath } from "../../state/server-items.ts";
import { Choice } from "../../ui/filters.tsx";
import { KindShape } from "../../ui/icons.tsx";
import { clock, exactTime } from "../../ui/time.tsx";
import { levels } from "../../ui/ui.text.ts";
import { VirtualList } from "../../ui/virtual.tsx";
import { tab } from "../replay.text.ts";
import { RecordDetails } from "./console.tsx";
import * as text from "./panels.text.ts";
import { sortedTabs, viewParams } from "./windows.tsx";

const ROW_PX = 28;

const KINDS = [
	["all", text.exceptionsAndEvents],
	["exception", text.exceptions],
	["event", text.serverEvents],
] as const;

const LEVEL_OPTIONS = [
	["all", text.allLevels],
	...LEVELS.toReversed().map((level) => [level, levels[level]] as const),
] as const;

/** Server exceptions and events of this session in all tabs and outside of the recording, newest first. */
export function Server({ replay }: { replay: Replay }) {
	const [kind, setKind] = useState<string>("all");
	const [level, setLevel] = useState<string>("all");
	const [open, setOpen] = useState("");
	const all = replay.placedItems.value;
	if (!all.length) return <p class="sub">{text.noReports}</p>;
	const shown = all
		.filter(({ item }) => (kind === "all" || item.kind === kind) && (level === "all" || levelOf(item) === level))
		.reverse();
	const opened = shown.find(({ item }) => item.id === open)?.item;
	return (
		<div class="records">
			<div class="record-choices">
				<Choice label={text.kind} value={kind} options={KINDS} onChange={setKind} />
				<Choice label={text.level} value={level} options={LEVEL_OPTIONS} onChange={setLevel} />
				{!shown.length && <span class="sub">{text.noMatches}</span>}
				{replay.reported.value.isCut && <span class="sub">{text.newestOfEachKind(MAX_SERVER_ITEMS)}</span>}
			</div>
			<VirtualList items={shown} rowPx={ROW_PX} keyOf={({ item }) => item.id}>
				{(placed) => {
					const { item } = placed;
					const summary = summaryOf(item);
					return (
						<div class="reported" data-level={levelOf(item)}>
							<Moment placed={placed} replay={replay} />
							<KindShape kind={item.kind === "exception" ? "exception" : "server"} />
							<span class="level">{levels[levelOf(item)]}</span>
							<a href={serverItemPath(item, replay.sessionProject.value)}>
								{item.kind === "exception" ? item.exceptionClass || text.exception : item.name}
							</a>
							{summary && (
								<button
									type="button"
									class="moment"
									aria-expanded={item === opened}
									onClick={() => setOpen(item === opened ? "" : item.id)}
								>
									<code>{summary}</code>
								</button>
							)}
						</div>
					);
				}}
			</VirtualList>
			<RecordDetails content={opened && detailsOf(opened)} />
		</div>
	);
}

/** A button that seeks to an item, or a link to the tab of the item, or "before" or "after" the recording. */
function Moment({ placed: { item, moment, windowIds }, replay }: { placed: PlacedServerItem; replay: Replay }) {
	const title = exactTime(item.at);
	if (windowIds.includes(replay.windowId.value ?? "")) {
		return (
			<button
				type="button"
				class="moment"
				title={title}
				onClick={() => replay.seek(Math.max(0, moment - replay.from.value))}
			>
				<span class="when">{clock(moment - replay.from.value)}</span>
			</button>
		);
	}
	const [otherTab] = windowIds;
	if (otherTab !== undefined) {
		const path = sessionPath(replay.sid, replay.project, otherTab, moment);
		return (
			<a class="when" href={withQuery(path, viewParams())} title={title}>
				{tab(sortedTabs(replay).findIndex(({ id }) => id === otherTab) + 1)}
			</a>
		);
	}
	return (
		<time class="when" dateTime={new Date(item.at).toISOString()} title={text.notRecordedThen(title)}>
			{moment < replay.from.value ? text.before : text.after}
		</time>
	);
}

function detailsOf(item: ServerItem): string {
	if (item.kind === "event") return JSON.stringify(item.payload, null, 2);
	return [item.exceptionClass, item.message, item.platform].filter(Boolean).join("\n");
}

function summaryOf(item: ServerItem): string {
	if (item.kind === "exception") return item.message;
	return item.payload ? JSON.stringify(item.payload) : "";
}
