import type { Activity } from "../../../src/analytics/activity.ts";
import { type ActivityView, KINDS } from "../../state/activity.ts";
import type { Replay } from "../../state/replay.ts";
import { icons, KindShape } from "../../ui/icons.tsx";
import { clock } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual.tsx";

/** As in the style sheet. */
const ROW_PX = 44;

/** What the visitor did, as a list to search and to walk. */
export function ActivityList({ replay, view }: { replay: Replay; view: ActivityView }) {
	const entries = replay.entries.value;
	const shown = view.shown.value;
	const current = view.current.value;
	return (
		<section class="activity" aria-label="Activity">
			<header>
				<h2>
					Activity{" "}
					<span class="sub" role="status">
						{shown.length === entries.length ? entries.length || "" : `${shown.length} of ${entries.length}`}
					</span>
				</h2>
				<Jump replay={replay} view={view} />
				<Choices view={view} />
				<input
					type="search"
					class="activity-find"
					aria-label="Search the activity"
					placeholder="Search"
					value={view.text.value}
					onInput={(event) => view.find(event.currentTarget.value)}
				/>
			</header>
			{replay.chunks.value.length > 0 && !entries.length && <p class="sub">The visitor only looked.</p>}
			{entries.length > 0 && !shown.length && <p class="sub">Nothing here is like that.</p>}
			<VirtualList items={shown} rowPx={ROW_PX} current={current}>
				{(index, place) => (
					<Row
						entry={entries[index]!}
						from={replay.from.value}
						isCurrent={place === current}
						onChoose={() => view.choose(index)}
					/>
				)}
			</VirtualList>
			{(view.chosen.value?.detail || view.chosen.value?.href) && (
				<EntryDetails entry={view.chosen.value} onClose={() => (view.chosen.value = null)} />
			)}
		</section>
	);
}

/** What is looked for most: the moments that went wrong. */
function Jump({ replay, view }: { replay: Replay; view: ActivityView }) {
	const has = (isWanted: (entry: Activity) => boolean) => replay.entries.value.some(isWanted);
	return (
		<div class="jump">
			<button type="button" class="button quiet" disabled={!has(isError)} onClick={() => view.jump(1, isError)}>
				<KindShape kind="error" /> Next error
			</button>
			<button type="button" class="button quiet" disabled={!has(isRage)} onClick={() => view.jump(1, isRage)}>
				<KindShape kind="frustration" /> Next rage click
			</button>
		</div>
	);
}

/** In the browser or on a server. */
export const isError = ({ kind }: Activity) => kind === "error" || kind === "exception";
export const isRage = ({ frustration }: Activity) => frustration === "rage";

function Choices({ view }: { view: ActivityView }) {
	const { counts, hidden } = view;
	const there = KINDS.filter(([signal]) => counts.value.has(signal));
	if (there.length < 2) return null;
	return (
		<fieldset class="signals">
			<legend class="hidden">Show</legend>
			{there.map(([kind, name]) => (
				<button key={kind} type="button" aria-pressed={!hidden.value.has(kind)} onClick={() => view.toggle(kind)}>
					<KindShape kind={kind} /> {name} <span class="sub">{counts.value.get(kind)}</span>
				</button>
			))}
		</fieldset>
	);
}

interface RowProps {
	entry: Activity;
	/** Epoch milliseconds of the recording's beginning. */
	from: number;
	isCurrent: boolean;
	onChoose(): void;
}

function Row({ entry, from, isCurrent, onChoose }: RowProps) {
	const { at, kind, title, subject, detail } = entry;
	return (
		<button type="button" aria-current={isCurrent ? "true" : undefined} onClick={onChoose}>
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

/** All that is known of one entry, which a row has no room for. */
function EntryDetails({ entry, onClose }: { entry: Activity; onClose(): void }) {
	return (
		<aside class="story" aria-label="The chosen entry">
			<button type="button" class="button quiet" aria-label="Close" onClick={onClose}>
				{icons.close}
			</button>
			<p>
				<span class="verb">{entry.title}</span> {entry.subject && <b>{entry.subject}</b>}
			</p>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach */}
			<pre tabIndex={0}>{entry.detail}</pre>
			{entry.href && <a href={entry.href}>{entry.kind === "exception" ? "Its issue" : "All of it"}</a>}
		</aside>
	);
}
