import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { createActivityView } from "../state/activity.ts";
import { createNeighbours } from "../state/neighbours.ts";
import { OVERLAYS } from "../state/overlay.ts";
import { sessionPath, withQuery } from "../state/paths.ts";
import { createReplay, type Replay } from "../state/replay.ts";
import { go, query, setQuery } from "../state/route.ts";
import { Confirm } from "../ui/confirm.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { icons } from "../ui/icons.tsx";
import { Keys } from "../ui/keys.tsx";
import { Blank } from "../ui/shell.tsx";
import { exactTime } from "../ui/time.tsx";
import { ActivityList, isError, isRage } from "./replay/activity.tsx";
import { Controls } from "./replay/controls.tsx";
import { playingKeys } from "./replay/keys.ts";
import { Annotations, beginNote, useNotes } from "./replay/notes.tsx";
import { Panels } from "./replay/panels.tsx";
import { ShareButton } from "./replay/share.tsx";
import { MissingChunks, Stage, toggleFullscreen } from "./replay/stage.tsx";
import { savedView, Windows } from "./replay/windows.tsx";

export function ReplayPage({ sid, wid }: { sid: string; wid: string | null }) {
	const page = useRef<HTMLDivElement>(null);
	const before = useRef<Replay | null>(null);
	const replay = useMemo(() => {
		const [t, item, isPlaying] = [query("t"), query("item"), query("play") !== null];
		const project = query("project") ?? undefined;
		before.current = createReplay({ sid, wid, project, t, item, isPlaying, before: before.current });
		return before.current;
	}, [sid, wid]);
	const view = useMemo(() => createActivityView(replay), [replay]);
	/** The query of the list that the session was opened from. */
	const from = query("list") ?? "";
	const neighbours = useMemo(() => createNeighbours(sid, replay.project, from, savedView), [sid, from]);
	const notes = useNotes(replay);
	const [deleting, setDeleting] = useState(false);
	const isActual = query("size") === "actual";
	const overlay = OVERLAYS.find(([kind]) => kind === query("over"))?.[0] ?? "off";
	// Before the first paint, as the recording is waited for.
	useLayoutEffect(() => {
		document.title = "Replay – Sentiero";
		return replay.start();
	}, [replay]);
	useEffect(() => {
		// Nothing waits for it, and the recording comes first.
		if (replay.started.value) void neighbours.load().catch(() => {});
		// Whoever loads the page again did not ask for that.
		if (replay.started.value && query("play")) setQuery({ play: null }, true);
	}, [neighbours, replay.started.value]);
	useEffect(() => {
		const next = replay.ended.value ? replay.next() : null;
		if (!next) return;
		const path = sessionPath(sid, replay.project, next.window.id, next.at);
		go(withQuery(path, { ...savedView(), play: "1", follow: query("follow") }), false);
	}, [replay.ended.value]);
	useEffect(() => {
		const there = replay.elsewhere.value;
		if (there) go(withQuery(sessionPath(sid, replay.project, there.windowId, there.at), savedView()), false);
	}, [replay.elsewhere.value]);

	if (replay.trouble.value?.kind === "gone") {
		return (
			<Blank title="This session is not here">
				<p>It was deleted, or its retention ended, or the address is wrong.</p>
				<a class="button" href="/">
					All sessions
				</a>
			</Blank>
		);
	}
	const { project } = replay;
	const address = () =>
		location.origin + sessionPath(sid, project, replay.windowId.value, Math.round(replay.offset.value));
	const list = from ? `/?${from}` : project === undefined ? "/" : `/?project=${project}`;
	const { before: previous, after } = neighbours.found.value;
	const showOverlay = (kind: string) => setQuery({ over: kind === "off" ? null : kind }, true);
	const toggleSize = () => setQuery({ size: isActual ? null : "actual" }, true);
	return (
		<div class="replay" ref={page}>
			<header class="replay-head">
				<a class="button quiet" href={list} aria-label="All sessions">
					{icons.back}
				</a>
				<Headline replay={replay} />
				<div class="replay-tools">
					<Step href={previous} name="Previous session" icon={icons.up} />
					<Step href={after} name="Next session" icon={icons.down} />
					<CopyButton text={address} label="Copy a link to this moment">
						Copy link
					</CopyButton>
					<ShareButton replay={replay} />
					<button type="button" class="button quiet" aria-label="Delete session" onClick={() => setDeleting(true)}>
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
			{deleting && <Deletion replay={replay} list={list} onClose={() => setDeleting(false)} />}
			<Keys
				keys={[
					...playingKeys(replay),
					{ key: "j", does: "Next in the activity", run: () => view.walk(1) },
					{ key: "k", does: "Before that in the activity", run: () => view.walk(-1) },
					{ key: "e", does: "Next error", run: () => view.jump(1, isError) },
					{ key: "E", shown: "Shift E", does: "Error before", run: () => view.jump(-1, isError) },
					{ key: "r", does: "Next rage click", run: () => view.jump(1, isRage) },
					{ key: "R", shown: "Shift R", does: "Rage click before", run: () => view.jump(-1, isRage) },
					{ key: "n", does: "Next session of the list", run: () => after && go(after) },
					{ key: "p", does: "Session before it in the list", run: () => previous && go(previous) },
					{ key: "m", does: "Write a note at this moment", run: beginNote },
					{ key: "z", does: "Actual size, or fit", run: toggleSize },
					{ key: "f", does: "Full screen", run: () => toggleFullscreen(page) },
				]}
			/>
		</div>
	);
}

/** Of several tabs one may be all that has to go. */
function Deletion({ replay, list, onClose }: { replay: Replay; list: string; onClose(): void }) {
	const [isTab, setTab] = useState(false);
	const others = (replay.detail.value?.windows ?? []).filter(({ id }) => id !== replay.windowId.value);
	const choices = [
		[false, "The whole session, with all of its tabs"],
		[true, "Only the tab that is shown"],
	] as const;
	return (
		<Confirm
			title={isTab ? "Delete this tab?" : "Delete this session?"}
			action={isTab ? "Delete tab" : "Delete session"}
			onConfirm={async () => {
				if (!isTab) {
					await replay.remove();
					go(list);
					return;
				}
				await replay.removeWindow();
				go(withQuery(sessionPath(replay.sid, replay.project, others[0]?.id), savedView()), false);
			}}
			onClose={onClose}
		>
			{others.length > 0 && (
				<span class="choices" role="radiogroup" aria-label="What is deleted">
					{choices.map(([value, name]) => (
						<label key={name} class="toggle">
							<input type="radio" name="deleted" checked={isTab === value} onChange={() => setTab(value)} /> {name}
						</label>
					))}
				</span>
			)}
			{isTab
				? "What was recorded in this tab is erased. It cannot be brought back."
				: "The recording and everything known about it is erased. It cannot be brought back."}
		</Confirm>
	);
}

/** To another session; there is none at either end of the list. */
function Step({ href, name, icon }: { href: string | null; name: string; icon: ComponentChildren }) {
	if (href) {
		return (
			<a class="button quiet" href={href} aria-label={name} title={name}>
				{icon}
			</a>
		);
	}
	return (
		<button type="button" class="button quiet" aria-label={name} title={name} disabled>
			{icon}
		</button>
	);
}

function Headline({ replay }: { replay: Replay }) {
	const session = replay.detail.value?.session;
	if (!session) return <h1 class="headline">Replay</h1>;
	const { client } = session;
	return (
		<h1 class="headline">
			{[client.city, client.country].filter(Boolean).join(", ") || "A visit"}
			{session.live && <span class="badge live">Live</span>}
			<span class="sub">
				{[client.browser, client.os].filter(Boolean).join(" · ")}
				{" · "}
				<time dateTime={new Date(session.startedAt).toISOString()}>{exactTime(session.startedAt)}</time>
			</span>
		</h1>
	);
}
