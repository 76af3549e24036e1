import type { Activity } from "../../../src/analytics/activity.ts";
import { type ActivityState, FILTER_KINDS } from "../../state/activity.ts";
import type { Replay } from "../../state/replay.ts";
import { KindShape } from "../../ui/icons.tsx";
import { clock } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual.tsx";
import * as text from "../replay.text.ts";

const ROW_PX = 44;

/** The visitor's activity as a list with filters, search and keyboard navigation. */
export function ActivityList({ replay, view }: { replay: Replay; view: ActivityState }) {
	const entries = replay.entries.value;
	const shown = view.shown.value;
	const current = view.current.value;
	return (
		<section class="activity" aria-label={text.activity}>
			<header>
				<h2>
					{text.activity}{" "}
					<span class="sub" role="status">
						{shown.length === entries.length ? entries.length || "" : text.someOf(shown.length, entries.length)}
					</span>
				</h2>
				<JumpButtons replay={replay} view={view} />
				<KindFilter view={view} />
				<input
					type="search"
					class="activity-find"
					aria-label={text.searchActivity}
					placeholder={text.search}
					value={view.text.value}
					onInput={(event) => view.find(event.currentTarget.value)}
				/>
			</header>
			{replay.chunks.value.length > 0 && !entries.length && <p class="sub">{text.noActivity}</p>}
			{entries.length > 0 && !shown.length && <p class="sub">{text.noMatches}</p>}
			<VirtualList items={shown} rowPx={ROW_PX} current={current}>
				{(index, position) => (
					<Row
						entry={entries[index]!}
						from={replay.from.value}
						isCurrent={position === current}
						isSelected={index === view.selectedIndex.value}
						onSelect={() => view.select(index)}
					/>
				)}
			</VirtualList>
			<EntryDetails entry={view.selected.value} />
		</section>
	);
}

/** Buttons that jump to the next error and the next rage click. */
function JumpButtons({ replay, view }: { replay: Replay; view: ActivityState }) {
	const has = (matches: (entry: Activity) => boolean) => replay.entries.value.some(matches);
	return (
		<div class="jump">
			<button type="button" class="button quiet" disabled={!has(isError)} onClick={() => view.jump(1, isError)}>
				<KindShape kind="error" /> {text.nextError}
			</button>
			<button type="button" class="button quiet" disabled={!has(isRage)} onClick={() => view.jump(1, isRage)}>
				<KindShape kind="frustration" /> {text.nextRageClick}
			</button>
		</div>
	);
}

/** Matches errors in the browser and exceptions on a server. */
export const isError = ({ kind }: Activity) => kind === "error" || kind === "exception";
export const isRage = ({ frustration }: Activity) => frustration === "rage";

function KindFilter({ view }: { view: ActivityState }) {
	const { counts, hidden } = view;
	const kinds = FILTER_KINDS.filter((kind) => counts.value.has(kind));
	if (kinds.length < 2) return null;
	return (
		<fieldset class="kinds">
			<legend class="hidden">{text.show}</legend>
			{kinds.map((kind) => (
				<button key={kind} type="button" aria-pressed={!hidden.value.has(kind)} onClick={() => view.toggle(kind)}>
					<KindShape kind={kind} /> {text.kinds[kind]} <span class="sub">{counts.value.get(kind)}</span>
				</button>
			))}
		</fieldset>
	);
}

interface RowProps {
	entry: Activity;
	/** Start of the recording, epoch milliseconds. */
	from: number;
	/** Whether this is the last entry at or before the playhead. */
	isCurrent: boolean;
	isSelected: boolean;
	onSelect(): void;
}

function Row({ entry, from, isCurrent, isSelected, onSelect }: RowProps) {
	const { at, kind, title, subject, detail } = entry;
	return (
		<button type="button" aria-current={isCurrent ? "true" : undefined} aria-expanded={isSelected} onClick={onSelect}>
			<span class="when">{clock(at - from)}</span>
			<KindShape kind={kind} />
			<span class="what">
				<span class="line-one">
					<span class="verb">{title}</span> {subject && <b>{subject}</b>}
				</span>
				{detail && <span class="sub">{detail.split("\n")[0]}</span>}
			</span>
		</button>
	);
}

/** All details of the selected entry, in a box of fixed size, so that a selection does not move the list. */
function EntryDetails({ entry }: { entry: Activity | null }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
		<section class="entry-details" aria-label={text.selectedEntry} tabIndex={0}>
			{entry ? (
				<>
					<p>
						<span class="verb">{entry.title}</span> {entry.subject && <b>{entry.subject}</b>}
					</p>
					{entry.detail && <pre>{entry.detail}</pre>}
					{entry.href && <a href={entry.href}>{entry.kind === "exception" ? text.viewIssue : text.viewServerEvent}</a>}
				</>
			) : (
				<p class="sub">{text.selectAnEntry}</p>
			)}
		</section>
	);
}
