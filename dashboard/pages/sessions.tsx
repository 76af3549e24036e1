import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { pathOf } from "../../src/analytics/activity.ts";
import type { SessionItem } from "../api.ts";
import { periodQuery, urlFilter } from "../state/filters.ts";
import { sessionPath, withQuery } from "../state/paths.ts";
import { go, query, setQuery } from "../state/route.ts";
import { createSessions, type SessionQuery } from "../state/sessions.ts";
import { Confirm } from "../ui/confirm.tsx";
import { countryName } from "../ui/country.ts";
import { Choice, Filters, focusSearch, SearchBox } from "../ui/filters.tsx";
import { icons } from "../ui/icons.tsx";
import { moveFocus, PageShortcuts } from "../ui/keys.tsx";
import { Labels, Star } from "../ui/marks.tsx";
import { LoadFailed } from "../ui/paged.tsx";
import { Score } from "../ui/score.tsx";
import { Blank } from "../ui/shell.tsx";
import { count } from "../ui/table.tsx";
import { Ago, duration, shortTime } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { Install } from "./install.tsx";
import * as text from "./sessions.text.ts";

export function SessionsPage() {
	const filters = sessionQuery();
	const { project } = filters;
	const list = useMemo(() => createSessions(filters), [JSON.stringify(filters)]);
	const isFiltered = Object.keys(filters).some((name) => name !== "project" && name !== "sort");
	const [pendingDeletion, setPendingDeletion] = useState<readonly SessionItem[]>([]);
	useTitle(text.title);
	useEffect(() => list.start(), [list]);

	const extra = EXTRA_COLUMNS[filters.sort ?? ""];
	const { status, items, fresh, next, totals, selected } = list;
	const selectedItems = items.value.filter(({ id }) => selected.value.has(id));
	if (status.value === "failed") {
		return <LoadFailed what={text.theSessions} error={list.error.value} onRetry={list.load} />;
	}
	const several = list.projects.value.length > 1;
	const isEmpty = status.value === "ready" && !items.value.length;
	if (isEmpty && !several && !isFiltered) return <Install />;
	return (
		<div class="page">
			<header class="page-head">
				<h1>{text.title}</h1>
				<a class="button quiet" href="/import">
					{text.importRecording}
				</a>
				{fresh.value.length > 0 && (
					<button type="button" class="button accent" onClick={list.showFresh}>
						{text.showNew(fresh.value.length)}
					</button>
				)}
				<p class="sub totals">
					{totals.value && totals.value.sessions > 0 && (
						<>
							{text.totals(totals.value)}{" "}
							<a
								href={`/api/sessions/export?${new URLSearchParams({ ...filters } as Record<string, string>)}`}
								download
							>
								{text.downloadCsv}
							</a>
						</>
					)}
				</p>
			</header>
			<Filters projects={list.projects.value}>
				<SearchBox label={text.search} />
				<Choice
					label={text.order}
					value={filters.sort ?? "start"}
					options={text.orders}
					onChange={(sort) => setQuery({ sort: sort === "start" ? null : sort })}
				/>
				<label class="checkbox">
					<input
						type="checkbox"
						checked={filters.errors === "true"}
						onChange={(event) => setQuery({ errors: event.currentTarget.checked ? "true" : null })}
					/>
					{text.withErrors}
				</label>
				<label class="checkbox">
					<input
						type="checkbox"
						checked={filters.live === "true"}
						onChange={(event) => setQuery({ live: event.currentTarget.checked ? "true" : null })}
					/>
					{text.liveNow}
				</label>
			</Filters>
			<div class={selectedItems.length > 0 ? "selection" : "hidden"}>
				<b role="status">{selectedItems.length > 0 && text.selected(selectedItems.length)}</b>
				{selectedItems.length > 0 && (
					<>
						<button type="button" class="button danger" onClick={() => setPendingDeletion(selectedItems)}>
							{text.deleteSessions(selectedItems.length)}
						</button>
						<button
							type="button"
							class="button"
							onClick={() => {
								selected.value = new Set();
							}}
						>
							{text.clearSelection}
						</button>
					</>
				)}
			</div>
			{totals.value?.isOpenCut && <p class="notice warn">{text.tooManyLive}</p>}
			<table class="list sessions" hidden={isEmpty} aria-busy={status.value === "loading"}>
				<thead>
					<tr>
						<th scope="col" class="select">
							<input
								type="checkbox"
								aria-label={text.selectAll}
								checked={selectedItems.length > 0 && selectedItems.length === items.value.length}
								onChange={(event) => {
									const ids = event.currentTarget.checked ? items.value.map(({ id }) => id) : [];
									selected.value = new Set(ids);
								}}
							/>
						</th>
						<th scope="col">{text.visitor}</th>
						<th scope="col">{text.entryPage}</th>
						<th scope="col">{text.started}</th>
						<th scope="col" class="number">
							{text.durationColumn}
						</th>
						<th scope="col" class="number">
							{text.pages}
						</th>
						<th scope="col" class="number">
							{text.clicks}
						</th>
						<th scope="col" class="number">
							{text.errors}
						</th>
						<th scope="col" class="number" title={text.aboutFrustration}>
							{text.frustration}
						</th>
						{extra && (
							<th scope="col" class="number">
								{extra.title}
							</th>
						)}
						<th scope="col">
							<span class="hidden">{text.actions}</span>
						</th>
					</tr>
				</thead>
				<tbody>
					{status.value === "loading"
						? Array.from({ length: 8 }, (_, i) => <SkeletonRow key={i} />)
						: items.value.map((session) => (
								<Row
									key={session.id}
									session={session}
									hasProject={several}
									extra={extra}
									isSelected={selected.value.has(session.id)}
									onSelect={() => list.toggle(session.id)}
									onDelete={() => setPendingDeletion([session])}
								/>
							))}
				</tbody>
			</table>
			{isEmpty && isFiltered && next.value && (
				<Blank title={text.noMatchesInNewest}>
					<button type="button" class="button" disabled={list.loadingMore.value} onClick={() => void list.more()}>
						{list.loadingMore.value ? text.searching : text.searchOlder}
					</button>
				</Blank>
			)}
			{isEmpty && isFiltered && !next.value && (
				<Blank title={text.noMatches}>
					<button
						type="button"
						class="button"
						onClick={() => go(filters.project ? `/?project=${filters.project}` : "/")}
					>
						{text.showAll}
					</button>
				</Blank>
			)}
			{isEmpty && !isFiltered && <Install project={project} />}
			{next.value && !isEmpty && (
				<div class="more">
					<button type="button" class="button" disabled={list.loadingMore.value} onClick={() => void list.more()}>
						{list.loadingMore.value ? text.loading : text.showOlder}
					</button>
				</div>
			)}
			{pendingDeletion.length > 0 && (
				<Confirm
					title={text.confirmTitle(pendingDeletion.length)}
					action={text.confirmAction(pendingDeletion.length)}
					onConfirm={() => list.remove(pendingDeletion.map(({ id }) => id))}
					onClose={() => setPendingDeletion([])}
				>
					{text.confirmBody(
						pendingDeletion.length,
						pendingDeletion.reduce((sum, { startedAt, lastAt }) => sum + lastAt - startedAt, 0),
					)}
				</Confirm>
			)}
			<PageShortcuts
				keys={[
					{ key: "j", does: text.nextSession, run: () => moveFocus("a.visitor", 1) },
					{ key: "k", does: text.previousSession, run: () => moveFocus("a.visitor", -1) },
					{ key: "x", does: text.toggleSelection, run: () => selectFocused() },
					{ key: "/", does: text.focusSearch, run: focusSearch },
					{ key: "n", does: text.showNewSessions, run: list.showFresh },
				]}
			/>
		</div>
	);
}

function selectFocused(): void {
	document.activeElement?.closest("tr")?.querySelector<HTMLInputElement>(".select input")?.click();
}

function sessionQuery(): SessionQuery {
	const filters: Record<string, string> = { ...periodQuery(Date.now()), ...urlFilter() };
	for (const name of ["project", "live", "sort"]) {
		const value = query(name);
		if (value) filters[name] = value;
	}
	return filters;
}

/** A column that is added if the list is sorted by a value that no other column shows. */
interface ExtraColumn {
	title: string;
	/** Unit, shown after the number on phones. */
	unit: string;
	cell(session: SessionItem): ComponentChildren;
}
const EXTRA_COLUMNS: Partial<Record<string, ExtraColumn>> = {
	activity: { title: text.lastActive, unit: text.lastActiveUnit, cell: ({ lastAt }) => <Ago at={lastAt} /> },
	events: { title: text.events, unit: text.eventUnit, cell: ({ events }) => count(events) },
};

interface RowProps {
	extra: ExtraColumn | undefined;
	session: SessionItem;
	/** Whether links name the project, because there are several projects. */
	hasProject: boolean;
	isSelected: boolean;
	onSelect(): void;
	onDelete(): void;
}

function Row({ extra, session, hasProject, isSelected, onSelect, onDelete }: RowProps) {
	const { client, metadata } = session;
	// `list` is the query of this list, for links from the replay page to neighbouring sessions and back to the list.
	const href = withQuery(sessionPath(session.id, hasProject ? session.project : undefined), {
		list: location.search.slice(1),
	});
	const knownLocation = [client.city, client.country && countryName(client.country)].filter(Boolean).join(", ");
	const locationName = knownLocation || text.unknownLocation;
	const startedAt = shortTime(session.startedAt);
	const label = text.sessionLabel(knownLocation, client.browser, startedAt);
	const device = [client.browser, client.os, client.device].filter(Boolean).join(" · ") || text.unknownBrowser;
	const entry = String(metadata.entry_url ?? metadata.url ?? "");
	const last = String(metadata.url ?? "");
	return (
		<tr
			class={session.mark.viewedAt ? "viewed" : undefined}
			data-selected={isSelected}
			onClick={(event) => !(event.target as Element).closest("a, button, .select") && go(href)}
		>
			<td class="select">
				<input type="checkbox" aria-label={text.select(label)} checked={isSelected} onChange={onSelect} />
			</td>
			<th scope="row">
				<span class="row-title">
					<a href={href} class="visitor" aria-label={text.sessionName(locationName, client.browser, startedAt)}>
						{locationName}
					</a>
					{session.live && <span class="badge live">{text.live}</span>}
					{client.bot && <span class="badge">{text.bot}</span>}
					{session.snapshots === 0 && (
						<span class="badge" title={text.aboutNoReplay}>
							{text.noReplay}
						</span>
					)}
				</span>
				<span class="sub" title={[session.userId, device].filter(Boolean).join(" · ")}>
					{session.userId && <b class="person">{session.userId}</b>}
					{session.userId && " · "}
					{device}
				</span>
				<Labels labels={session.mark.labels} />
			</th>
			<td class="entry" data-label={text.entryPage}>
				<span title={entry}>{entry ? pathOf(entry) : "–"}</span>
				<span class="sub">{last && last !== entry ? text.lastPage(pathOf(last)) : String(metadata.title ?? "")}</span>
			</td>
			<td class="time" data-label={text.started}>
				<Ago at={session.startedAt} />
			</td>
			<td class="number" data-label={text.durationColumn}>
				{duration(session.lastAt - session.startedAt)}
			</td>
			<td class="number" data-label={text.pageUnit(session.pages)}>
				{session.pages}
			</td>
			<td class="number" data-label={text.clickUnit(session.clicks)}>
				{session.clicks}
			</td>
			<Errors session={session} />
			<td class={session.score === null ? "number none" : "number"} data-label={text.frustrationUnit}>
				{session.score === null ? "–" : <Score value={session.score} />}
			</td>
			{extra && (
				<td class="number" data-label={extra.unit}>
					{extra.cell(session)}
				</td>
			)}
			<td class="row-actions">
				<Star session={session} label={text.star(label)} />
				<button type="button" class="button quiet" aria-label={text.deleteOne(label)} onClick={onDelete}>
					{icons.trash}
				</button>
			</td>
		</tr>
	);
}

/** The cell with the total number of errors and, below, the number of errors on servers. */
function Errors({ session: { errors, serverErrors } }: { session: SessionItem }) {
	const all = errors + serverErrors;
	const label = [text.errorUnit(all), serverErrors && text.onServer(serverErrors)].filter(Boolean).join(", ");
	return (
		<td
			class={all ? "number bad" : "number none"}
			data-label={label}
			title={all ? `${count(all)} ${label}` : undefined}
		>
			{count(all)}
			{serverErrors > 0 && <span class="sub">{text.onServer(serverErrors)}</span>}
		</td>
	);
}

function SkeletonRow() {
	return (
		<tr class="skeleton">
			<td class="select" />
			<th>
				<i style={{ width: "9em" }} />
				<i class="sub" style={{ width: "12em" }} />
			</th>
			<td class="entry">
				<i style={{ width: "7em" }} />
				<i class="sub" style={{ width: "11em" }} />
			</td>
			{["9em", "4em", "1em", "1em", "7em", "2em", "5.2em"].map((width, i) => (
				<td key={i} class={i > 0 ? "number" : undefined}>
					<i style={{ width }} />
				</td>
			))}
		</tr>
	);
}
