import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { pathOf } from "../../src/analytics/activity.ts";
import type { SessionItem, SessionTotals } from "../api.ts";
import { addressFilter, periodQuery } from "../state/filters.ts";
import { sessionPath, withQuery } from "../state/paths.ts";
import { go, query, setQuery } from "../state/route.ts";
import { createSessions, type SessionQuery } from "../state/sessions.ts";
import { isShareable } from "../state/shareable.ts";
import { Confirm } from "../ui/confirm.tsx";
import { countryName } from "../ui/country.ts";
import { Choice, Filters, focusSearch, SearchBox } from "../ui/filters.tsx";
import { icons } from "../ui/icons.tsx";
import { Keys, walk } from "../ui/keys.tsx";
import { Labels, Star } from "../ui/marks.tsx";
import { LoadFailed } from "../ui/paged.tsx";
import { Score } from "../ui/score.tsx";
import { Blank } from "../ui/shell.tsx";
import { count, sessionsOf } from "../ui/table.tsx";
import { Ago, duration } from "../ui/time.tsx";
import { Install } from "./install.tsx";

export function SessionsPage() {
	const asked = sessionQuery();
	const { project } = asked;
	const list = useMemo(() => createSessions(asked), [JSON.stringify(asked)]);
	const isFiltered = Object.keys(asked).some((name) => name !== "project" && name !== "sort");
	const [doomed, setDoomed] = useState<readonly SessionItem[]>([]);
	useEffect(() => {
		document.title = "Sessions – Sentiero";
		return list.start();
	}, [list]);

	const extra = EXTRAS[asked.sort ?? ""];
	const { status, items, fresh, next, totals, selected } = list;
	const chosen = items.value.filter(({ id }) => selected.value.has(id));
	if (status.value === "failed") {
		return <LoadFailed what="The sessions" error={list.error.value} onRetry={list.load} />;
	}
	const several = list.projects.value.length > 1;
	const isEmpty = status.value === "ready" && !items.value.length;
	if (isEmpty && !several && !isFiltered) return <Install />;
	return (
		<div class="page">
			<header class="page-head">
				<h1>Sessions</h1>
				{isShareable && (
					<a class="button quiet" href="/import">
						Import
					</a>
				)}
				{fresh.value.length > 0 && (
					<button type="button" class="button accent" onClick={list.showFresh}>
						Show {fresh.value.length} new
					</button>
				)}
				{totals.value && totals.value.sessions > 0 && (
					<p class="sub totals">
						{wordsOf(totals.value)}{" "}
						<a href={`/api/sessions/export?${new URLSearchParams({ ...asked } as Record<string, string>)}`} download>
							CSV
						</a>
					</p>
				)}
			</header>
			<Filters projects={list.projects.value}>
				<SearchBox label="Search id, person, metadata" />
				<Choice
					label="Order"
					value={asked.sort ?? "start"}
					options={ORDERS}
					onChange={(sort) => setQuery({ sort: sort === "start" ? null : sort })}
				/>
				<label class="checkbox">
					<input
						type="checkbox"
						checked={asked.errors === "true"}
						onChange={(event) => setQuery({ errors: event.currentTarget.checked ? "true" : null })}
					/>
					With errors
				</label>
				<label class="checkbox">
					<input
						type="checkbox"
						checked={asked.live === "true"}
						onChange={(event) => setQuery({ live: event.currentTarget.checked ? "true" : null })}
					/>
					Live now
				</label>
			</Filters>
			{chosen.length > 0 && (
				<div class="selection" role="status">
					<b>{chosen.length} selected</b>
					<button type="button" class="button danger" onClick={() => setDoomed(chosen)}>
						Delete {sessionsOf(chosen.length)}
					</button>
					<button
						type="button"
						class="button"
						onClick={() => {
							selected.value = new Set();
						}}
					>
						Select none
					</button>
				</div>
			)}
			{totals.value?.isOpenCut && (
				<p class="notice warn">
					Too many sessions are going on to look through them all. The rest appear when they have ended.
				</p>
			)}
			<table class="list" hidden={isEmpty} aria-busy={status.value === "loading"}>
				<thead>
					<tr>
						<th scope="col" class="select">
							<input
								type="checkbox"
								aria-label="Select all that are shown"
								checked={chosen.length > 0 && chosen.length === items.value.length}
								onChange={(event) => {
									const ids = event.currentTarget.checked ? items.value.map(({ id }) => id) : [];
									selected.value = new Set(ids);
								}}
							/>
						</th>
						<th scope="col">Visitor</th>
						<th scope="col">Began at</th>
						<th scope="col">Started</th>
						<th scope="col" class="number">
							Duration
						</th>
						<th scope="col" class="number">
							Pages
						</th>
						<th scope="col" class="number">
							Clicks
						</th>
						<th scope="col" class="number">
							Errors
						</th>
						<th scope="col" class="number" title="How much the visitor struggled: 0 to 100, higher is worse">
							Struggle
						</th>
						{extra && (
							<th scope="col" class="number">
								{extra.title}
							</th>
						)}
						<th scope="col">
							<span class="hidden">Actions</span>
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
									isNamed={several}
									extra={extra}
									isSelected={selected.value.has(session.id)}
									onSelect={() => list.toggle(session.id)}
									onDelete={() => setDoomed([session])}
								/>
							))}
				</tbody>
			</table>
			{isEmpty && isFiltered && next.value && (
				<Blank title="None of the newest sessions is like that">
					<button type="button" class="button" disabled={list.loadingMore.value} onClick={() => void list.more()}>
						{list.loadingMore.value ? "Looking…" : "Look further back"}
					</button>
				</Blank>
			)}
			{isEmpty && isFiltered && !next.value && (
				<Blank title="No session is like that">
					<button type="button" class="button" onClick={() => go(asked.project ? `/?project=${asked.project}` : "/")}>
						Show all sessions
					</button>
				</Blank>
			)}
			{isEmpty && !isFiltered && <Install project={project} />}
			{next.value && !isEmpty && (
				<div class="more">
					<button type="button" class="button" disabled={list.loadingMore.value} onClick={() => void list.more()}>
						{list.loadingMore.value ? "Loading…" : "Show older sessions"}
					</button>
				</div>
			)}
			{doomed.length > 0 && (
				<Confirm
					title={doomed.length === 1 ? "Delete this session?" : `Delete ${doomed.length} sessions?`}
					action={doomed.length === 1 ? "Delete session" : `Delete ${doomed.length} sessions`}
					onConfirm={() => list.remove(doomed.map(({ id }) => id))}
					onClose={() => setDoomed([])}
				>
					{doomed.length === 1 ? "Its recording" : "Recordings"} of{" "}
					{duration(doomed.reduce((sum, { startedAt, lastAt }) => sum + lastAt - startedAt, 0))} and everything known
					about {doomed.length === 1 ? "it" : "them"} is erased. It cannot be brought back.
				</Confirm>
			)}
			<Keys
				keys={[
					{ key: "j", does: "Next session", run: () => walk("a.visitor", 1) },
					{ key: "k", does: "Previous session", run: () => walk("a.visitor", -1) },
					{ key: "x", does: "Select the session, or not", run: () => selectFocused() },
					{ key: "/", does: "Search", run: focusSearch },
					{ key: "n", does: "Show new sessions", run: list.showFresh },
				]}
			/>
		</div>
	);
}

const ORDERS = [
	["start", "Newest first"],
	["activity", "Last active first"],
	["duration", "Longest first"],
	["events", "Most events"],
	["pages", "Most pages"],
	["clicks", "Most clicks"],
	["errors", "Most errors"],
	["score", "Worst struggle first"],
] as const;

function wordsOf({ sessions, errored, durationMs, isCut }: SessionTotals): string {
	const some = isCut ? `Of the newest 5,000 sessions ${count(sessions)}` : sessionsOf(sessions);
	return `${some}, ${count(errored)} with errors, ${duration(durationMs / sessions)} on average`;
}

function selectFocused(): void {
	document.activeElement?.closest("tr")?.querySelector<HTMLInputElement>(".select input")?.click();
}

function sessionQuery(): SessionQuery {
	const asked: Record<string, string> = { ...periodQuery(Date.now()), ...addressFilter() };
	for (const name of ["project", "live", "sort"]) {
		const value = query(name);
		if (value) asked[name] = value;
	}
	return asked;
}

/** What is ordered by and has no column of its own. */
interface Extra {
	title: string;
	label: string;
	cell(session: SessionItem): ComponentChildren;
}
const EXTRAS: Partial<Record<string, Extra>> = {
	activity: { title: "Last active", label: "last active", cell: ({ lastAt }) => <Ago at={lastAt} /> },
	events: { title: "Events", label: "events", cell: ({ events }) => count(events) },
};

interface RowProps {
	extra: Extra | undefined;
	session: SessionItem;
	isNamed: boolean;
	isSelected: boolean;
	onSelect(): void;
	onDelete(): void;
}

function Row({ extra, session, isNamed, isSelected, onSelect, onDelete }: RowProps) {
	const { client, metadata } = session;
	// The replay leads to the next one of this list, and back to it.
	const href = withQuery(sessionPath(session.id, isNamed ? session.project : undefined), {
		list: location.search.slice(1),
	});
	const place = [client.city, client.country && countryName(client.country)].filter(Boolean).join(", ");
	const entry = String(metadata.entry_url ?? metadata.url ?? "");
	const last = String(metadata.url ?? "");
	return (
		<tr
			class={session.mark.viewedAt ? "viewed" : undefined}
			data-selected={isSelected}
			onClick={(event) => !(event.target as Element).closest("a, button, .select") && go(href)}
		>
			<td class="select">
				<input
					type="checkbox"
					aria-label={`Select the session from ${place || "an unknown place"}`}
					checked={isSelected}
					onChange={onSelect}
				/>
			</td>
			<th scope="row">
				<a href={href} class="visitor">
					{place || "Unknown place"}
				</a>
				{session.live && <span class="badge live">Live</span>}
				{client.bot && <span class="badge">Bot</span>}
				{session.snapshots === 0 && (
					<span class="badge" title="Its first full snapshot never arrived, so there is nothing to draw">
						No replay
					</span>
				)}
				{session.userId && <span class="sub person">{session.userId}</span>}
				<span class="sub">{[client.browser, client.os, client.device].filter(Boolean).join(" · ") || "Unknown"}</span>
				<Labels labels={session.mark.labels} />
			</th>
			<td class="entry" data-label="Began at">
				<span title={entry}>{entry ? pathOf(entry) : "–"}</span>
				<span class="sub">{last && last !== entry ? `then ${pathOf(last)}` : String(metadata.title ?? "")}</span>
			</td>
			<td data-label="Started">
				<Ago at={session.startedAt} />
			</td>
			<td class="number" data-label="Duration">
				{duration(session.lastAt - session.startedAt)}
			</td>
			<td class="number" data-label={session.pages === 1 ? "page" : "pages"}>
				{session.pages}
			</td>
			<td class="number" data-label={session.clicks === 1 ? "click" : "clicks"}>
				{session.clicks}
			</td>
			<Errors session={session} />
			<td class={session.score === null ? "number none" : "number"} data-label="struggle">
				{session.score === null ? "–" : <Score value={session.score} />}
			</td>
			{extra && (
				<td class="number" data-label={extra.label}>
					{extra.cell(session)}
				</td>
			)}
			<td class="row-actions">
				<Star session={session} label={`Star the session from ${place || "an unknown place"}`} />
				<button
					type="button"
					class="button quiet"
					aria-label={`Delete the session from ${place || "an unknown place"}`}
					onClick={onDelete}
				>
					{icons.trash}
				</button>
			</td>
		</tr>
	);
}

/** Wherever they happened; those on the operator's servers are told apart. */
function Errors({ session: { errors, serverErrors } }: { session: SessionItem }) {
	const all = errors + serverErrors;
	const label = `${all === 1 ? "error" : "errors"}${serverErrors ? `, ${count(serverErrors)} on the server` : ""}`;
	return (
		<td
			class={all ? "number bad" : "number none"}
			data-label={label}
			title={all ? `${count(all)} ${label}` : undefined}
		>
			{count(all)}
			{serverErrors > 0 && <span class="sub">{count(serverErrors)} on the server</span>}
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
			<td>
				<i style={{ width: "7em" }} />
				<i class="sub" style={{ width: "11em" }} />
			</td>
			{["5em", "3em", "1em", "1em", "1em", "1em", "1em"].map((width, i) => (
				<td key={i} class={i > 0 ? "number" : undefined}>
					<i style={{ width }} />
				</td>
			))}
		</tr>
	);
}
