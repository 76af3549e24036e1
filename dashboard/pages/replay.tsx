import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { REDACTED } from "../../src/contract/redact.ts";
import type { SessionDetail } from "../api.ts";
import { createActivityState } from "../state/activity.ts";
import { createNeighbours } from "../state/neighbours.ts";
import { OVERLAYS } from "../state/overlay.ts";
import { sessionPath, withQuery } from "../state/paths.ts";
import { createReplay, type Replay } from "../state/replay.ts";
import { go, query, setQuery } from "../state/route.ts";
import { Confirm } from "../ui/confirm.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { icons } from "../ui/icons.tsx";
import { PageShortcuts } from "../ui/keys.tsx";
import { Blank } from "../ui/shell.tsx";
import { exactTime, shortTime } from "../ui/time.tsx";
import { useTitle } from "../ui/title.ts";
import { ActivityList, isError, isRage } from "./replay/activity.tsx";
import { Controls } from "./replay/controls.tsx";
import { playingKeys } from "./replay/keys.ts";
import { Annotations, addNote, useNotes } from "./replay/notes.tsx";
import { Panels } from "./replay/panels.tsx";
import { ShareButton } from "./replay/share.tsx";
import { MissingChunks, Stage, toggleFullscreen } from "./replay/stage.tsx";
import { viewParams, Windows } from "./replay/windows.tsx";
import * as text from "./replay.text.ts";

export function ReplayPage({ sid, wid }: { sid: string; wid: string | null }) {
	const page = useRef<HTMLDivElement>(null);
	const previous = useRef<Replay | null>(null);
	const replay = useMemo(() => {
		const [t, item, isPlaying] = [query("t"), query("item"), query("play") !== null];
		const project = query("project") ?? undefined;
		previous.current = createReplay({ sid, wid, project, t, item, isPlaying, previous: previous.current });
		return previous.current;
	}, [sid, wid]);
	const view = useMemo(() => createActivityState(replay), [replay]);
	/** Query of the session list from which the session was opened. */
	const listQuery = query("list") ?? "";
	const neighbours = useMemo(() => createNeighbours(sid, replay.project, listQuery, viewParams), [sid, listQuery]);
	const notes = useNotes(replay);
	const [deleting, setDeleting] = useState(false);
	const isActual = query("size") === "actual";
	const overlay = OVERLAYS.find((kind) => kind === query("over")) ?? "off";
	// A layout effect runs before the first paint, so that loading starts as early as possible.
	useLayoutEffect(() => replay.start(), [replay]);
	const session = replay.detail.value?.session;
	const isNotFound = replay.error.value?.kind === "not-found";
	useTitle(isNotFound ? text.notFound : session ? titleOf(session) : text.session);
	useEffect(() => {
		// Loads the neighbours after the recording, because they are not urgent.
		if (replay.started.value) void neighbours.load().catch(() => {});
		// Removes `play` from the URL, because a reload of the page must not start playback.
		if (replay.started.value && query("play")) setQuery({ play: null }, true);
	}, [neighbours, replay.started.value]);
	useEffect(() => {
		const next = replay.ended.value ? replay.nextTab() : null;
		if (!next) return;
		const path = sessionPath(sid, replay.project, next.window.id, next.at);
		go(withQuery(path, { ...viewParams(), play: "1", follow: query("follow") }), false);
	}, [replay.ended.value]);
	useEffect(() => {
		const target = replay.itemInOtherTab.value;
		if (target) go(withQuery(sessionPath(sid, replay.project, target.windowId, target.at), viewParams()), false);
	}, [replay.itemInOtherTab.value]);

	if (isNotFound) {
		return (
			<Blank title={text.notFound}>
				<p>{text.notFoundReason}</p>
				<a class="button" href="/">
					{text.allSessions}
				</a>
			</Blank>
		);
	}
	const { project } = replay;
	const momentUrl = () =>
		location.origin + sessionPath(sid, project, replay.windowId.value, Math.round(replay.offset.value));
	const list = listQuery ? `/?${listQuery}` : project === undefined ? "/" : `/?project=${project}`;
	const { previous: previousHref, next: nextHref } = neighbours.found.value;
	const showOverlay = (kind: string) => setQuery({ over: kind === "off" ? null : kind }, true);
	const toggleSize = () => setQuery({ size: isActual ? null : "actual" }, true);
	return (
		<div class="replay" ref={page}>
			<header class="replay-head">
				<a class="button quiet" href={list} aria-label={text.allSessions}>
					{icons.back}
				</a>
				<Headline replay={replay} />
				<div class="replay-tools">
					<NeighbourLink href={previousHref} label={text.previousSession} icon={icons.up} />
					<NeighbourLink href={nextHref} label={text.nextSession} icon={icons.down} />
					<CopyButton text={momentUrl} label={text.copyLinkToMoment}>
						{text.copyLink}
					</CopyButton>
					<ShareButton replay={replay} />
					<button type="button" class="button quiet" aria-label={text.deleteSession} onClick={() => setDeleting(true)}>
						{icons.trash}
					</button>
				</div>
			</header>
			<Windows replay={replay} />
			<MissingChunks replay={replay} />
			<Stage key={wid} replay={replay} isActual={isActual} overlay={overlay} />
			<Controls
				replay={replay}
				notes={notes?.notes.value}
				overlay={overlay}
				onOverlay={showOverlay}
				isActual={isActual}
				onActual={toggleSize}
				onFullscreen={() => toggleFullscreen(page)}
			/>
			<ActivityList replay={replay} view={view} />
			<Panels replay={replay} />
			<Annotations replay={replay} notes={notes} />
			{deleting && <DeleteDialog replay={replay} list={list} onClose={() => setDeleting(false)} />}
			<PageShortcuts
				keys={[
					...playingKeys(replay),
					{ key: "j", does: text.nextEntry, run: () => view.walk(1) },
					{ key: "k", does: text.previousEntry, run: () => view.walk(-1) },
					{ key: "e", does: text.nextError, run: () => view.jump(1, isError) },
					{ key: "E", shown: text.shiftE, does: text.previousError, run: () => view.jump(-1, isError) },
					{ key: "r", does: text.nextRageClick, run: () => view.jump(1, isRage) },
					{ key: "R", shown: text.shiftR, does: text.previousRageClick, run: () => view.jump(-1, isRage) },
					{ key: "n", does: text.nextSession, run: () => nextHref && go(nextHref) },
					{ key: "p", does: text.previousSession, run: () => previousHref && go(previousHref) },
					{ key: "m", does: text.addNote, run: addNote },
					{ key: "z", does: text.actualSizeOrFit, run: toggleSize },
					{ key: "f", does: text.fullScreen, run: () => toggleFullscreen(page) },
				]}
			/>
		</div>
	);
}

/** Asks for confirmation to delete the session or, if the session has several tabs, only this tab. */
function DeleteDialog({ replay, list, onClose }: { replay: Replay; list: string; onClose(): void }) {
	const [isTab, setTab] = useState(false);
	const others = (replay.detail.value?.windows ?? []).filter(({ id }) => id !== replay.windowId.value);
	const choices = [
		[false, text.wholeSession],
		[true, text.onlyThisTab],
	] as const;
	return (
		<Confirm
			title={isTab ? text.deleteThisTab : text.deleteThisSession}
			action={isTab ? text.deleteTab : text.deleteSession}
			onConfirm={async () => {
				if (!isTab) {
					await replay.deleteSession();
					go(list);
					return;
				}
				await replay.deleteWindow();
				go(withQuery(sessionPath(replay.sid, replay.project, others[0]?.id), viewParams()), false);
			}}
			onClose={onClose}
		>
			{others.length > 0 && (
				<span class="choices" role="radiogroup" aria-label={text.whatToDelete}>
					{choices.map(([value, name]) => (
						<label key={name} class="toggle">
							<input type="radio" name="deleted" checked={isTab === value} onChange={() => setTab(value)} /> {name}
						</label>
					))}
				</span>
			)}
			{isTab ? text.tabDeletion : text.sessionDeletion}
		</Confirm>
	);
}

/** A link to the previous or next session; disabled at the start or end of the list. */
function NeighbourLink({ href, label, icon }: { href: string | null; label: string; icon: ComponentChildren }) {
	if (href) {
		return (
			<a class="button quiet" href={href} aria-label={label} title={label}>
				{icon}
			</a>
		);
	}
	return (
		<button type="button" class="button quiet" aria-label={label} title={label} disabled>
			{icon}
		</button>
	);
}

function titleOf({ userId, client, startedAt }: SessionDetail["session"]): string {
	const time = shortTime(startedAt);
	if (isKnown(userId)) return text.sessionOf(userId, time);
	const location = locationOf(client);
	return location ? text.sessionFrom(location, time) : text.sessionAt(time);
}

/** Returns whether a user ID identifies a person. It does not if it is missing, or was redacted by the site's rules. */
function isKnown(userId: string | null): userId is string {
	return userId !== null && userId !== REDACTED;
}

function locationOf({ city, country }: SessionDetail["session"]["client"]): string {
	return [city, country].filter(Boolean).join(", ");
}

/** The heading: user ID or else location, with browser, OS and start. Has its final height while the session loads. */
function Headline({ replay }: { replay: Replay }) {
	const session = replay.detail.value?.session;
	if (!session) {
		return (
			<h1 class="headline">
				{text.session} <span class="sub">&nbsp;</span>
			</h1>
		);
	}
	const { client } = session;
	const userId = isKnown(session.userId) ? session.userId : null;
	const location = locationOf(client);
	return (
		<h1 class="headline">
			<span>{userId ?? (location || text.unknownLocation)}</span>
			{session.live && <span class="badge live">{text.live}</span>}
			<span class="sub">
				{[userId !== null && location, client.browser, client.os].filter(Boolean).join(" · ")}
				{" · "}
				<time dateTime={new Date(session.startedAt).toISOString()}>{exactTime(session.startedAt)}</time>
			</span>
		</h1>
	);
}
