import { useState } from "preact/hooks";
import { MAX_REPORTED } from "../../../src/contract/limits.ts";
import { LEVELS } from "../../../src/contract/reports.ts";
import type { ServerItem } from "../../api.ts";
import { sessionPath, withQuery } from "../../state/paths.ts";
import type { Replay } from "../../state/replay.ts";
import { levelOf, type PlacedServerItem, serverItemPath } from "../../state/server-items.ts";
import { Choice } from "../../ui/filters.tsx";
import { KindShape } from "../../ui/icons.tsx";
import { clock, exactTime } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual.tsx";
import { savedView, tabsOf } from "./windows.tsx";

/** As in the style sheet. */
const ROW_PX = 28;

const KINDS = [
	["all", "Exceptions and events"],
	["exception", "Exceptions"],
	["event", "Events"],
] as const;

const CHOICES = [["all", "All levels"], ...LEVELS.toReversed().map((level) => [level, level] as const)] as const;

/** What servers reported of this session, in all of its tabs and after them, the newest first. */
export function Server({ replay }: { replay: Replay }) {
	const [kind, setKind] = useState<string>("all");
	const [level, setLevel] = useState<string>("all");
	const [open, setOpen] = useState("");
	const all = replay.placed.value;
	if (!all.length) return <p class="sub">No server reported anything of this session.</p>;
	const shown = all
		.filter(({ item }) => (kind === "all" || item.kind === kind) && (level === "all" || levelOf(item) === level))
		.reverse();
	const opened = shown.find(({ item }) => item.id === open)?.item;
	return (
		<div class="records">
			<div class="record-choices">
				<Choice label="Kind" value={kind} options={KINDS} onChange={setKind} />
				<Choice label="Level" value={level} options={CHOICES} onChange={setLevel} />
				{replay.reported.value.isCut && <span class="sub">Only the newest {MAX_REPORTED} of a kind are here.</span>}
			</div>
			{!shown.length && <p class="sub">Nothing here is like that.</p>}
			<VirtualList items={shown} rowPx={ROW_PX} keyOf={({ item }) => item.id}>
				{(placed) => {
					const { item } = placed;
					const text = textOf(item);
					return (
						<div class="reported" data-level={levelOf(item)}>
							<Moment placed={placed} replay={replay} />
							<KindShape kind={item.kind === "exception" ? "exception" : "server"} />
							<span class="level">{levelOf(item)}</span>
							<a href={serverItemPath(item, replay.home.value)}>
								{item.kind === "exception" ? item.exceptionClass || "Exception" : item.name}
							</a>
							{text && (
								<button
									type="button"
									class="moment"
									aria-expanded={item === opened}
									onClick={() => setOpen(item === opened ? "" : item.id)}
								>
									<code>{text}</code>
								</button>
							)}
						</div>
					);
				}}
			</VirtualList>
			{opened && (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach
				<pre class="record" tabIndex={0}>
					{opened.kind === "exception"
						? [opened.exceptionClass, opened.message, opened.platform].filter(Boolean).join("\n")
						: JSON.stringify(opened.payload, null, 2)}
				</pre>
			)}
		</div>
	);
}

/** Leads there, in the tab where it is. */
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
	const [elsewhere] = windowIds;
	if (elsewhere !== undefined) {
		const path = sessionPath(replay.sid, replay.project, elsewhere, moment);
		return (
			<a class="when" href={withQuery(path, savedView())} title={title}>
				Tab {tabsOf(replay).findIndex(({ id }) => id === elsewhere) + 1}
			</a>
		);
	}
	return (
		<time class="when" dateTime={new Date(item.at).toISOString()} title={`${title}, when nothing was recorded`}>
			{moment < replay.from.value ? "before" : "after"}
		</time>
	);
}

function textOf(item: ServerItem): string {
	if (item.kind === "exception") return item.message;
	return item.payload ? JSON.stringify(item.payload) : "";
}
