import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Activity } from "../../src/analytics/activity.ts";
import { createReplay, type Replay, SPEEDS, type Trouble } from "../state/replay.ts";
import { go, query, sessionPath } from "../state/route.ts";
import { Confirm } from "../ui/confirm.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { icons, SignalShape } from "../ui/icons.tsx";
import { Keys } from "../ui/keys.tsx";
import { Mark } from "../ui/mark.tsx";
import { Blank } from "../ui/shell.tsx";
import { bytes, clock, duration, exactTime } from "../ui/time.tsx";
import { Added, beginNote } from "./replay/notes.tsx";
import { ShareButton } from "./replay/share.tsx";
import { Timeline } from "./timeline.tsx";

export function ReplayPage({ sid, wid }: { sid: string; wid: string | null }) {
	const replay = useMemo(() => createReplay(sid, wid, query("project") ?? undefined, query("t")), [sid, wid]);
	const [deleting, setDeleting] = useState(false);
	useEffect(() => {
		document.title = "Replay – Sentiero";
		return replay.start();
	}, [replay]);

	const trouble = replay.trouble.value;
	if (trouble?.kind === "gone") {
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
	const list = project === undefined ? "/" : `/?project=${project}`;
	return (
		<div class="replay">
			<header class="replay-head">
				<a class="button quiet" href={list} aria-label="All sessions">
					{icons.back}
				</a>
				<Headline replay={replay} />
				<div class="replay-tools">
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
			<div class="stage">
				{trouble ? <StageTrouble trouble={trouble} /> : replay.chunks.value.length > 0 && <Frame replay={replay} />}
				{!trouble && (!replay.started.value || replay.waiting.value) && (
					<div class="stage-over" role="status">
						<Mark size={56} walking />
						<span class="hidden">Loading the recording</span>
					</div>
				)}
				{!trouble && replay.started.value && !replay.playing.value && !replay.waiting.value && (
					<button type="button" class="stage-play" aria-label="Play" onClick={replay.play}>
						{icons.play}
					</button>
				)}
			</div>
			<Controls replay={replay} />
			<ActivityList replay={replay} />
			<Details replay={replay} />
			<Added replay={replay} />
			{deleting && (
				<Confirm
					title="Delete this session?"
					action="Delete session"
					onConfirm={async () => {
						await replay.remove();
						go(list);
					}}
					onClose={() => setDeleting(false)}
				>
					The recording and everything known about it is erased. It cannot be brought back.
				</Confirm>
			)}
			<Keys
				keys={[
					{ key: " ", shown: "Space", does: "Play or pause", run: replay.toggle },
					{ key: "ArrowRight", shown: "→", does: "5 seconds on", run: () => replay.skipBy(1) },
					{ key: "ArrowLeft", shown: "←", does: "5 seconds back", run: () => replay.skipBy(-1) },
					{ key: "ArrowUp", shown: "↑", does: "Faster", run: () => replay.faster(1) },
					{ key: "ArrowDown", shown: "↓", does: "Slower", run: () => replay.faster(-1) },
					{ key: "s", does: "Skip quiet spans, or not", run: () => replay.toggleSkip() },
					{ key: "m", does: "Write a note at this moment", run: beginNote },
				]}
			/>
		</div>
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

/** The tabs of the visitor's browser, when there was more than one. */
function Windows({ replay }: { replay: Replay }) {
	const windows = replay.detail.value?.windows ?? [];
	if (windows.length < 2) return null;
	return (
		<nav class="windows" aria-label="Tabs of this session">
			{windows.map((window, i) => (
				<a
					key={window.id}
					href={sessionPath(replay.sid, replay.project, window.id)}
					aria-current={window.id === replay.windowId.value ? "page" : undefined}
				>
					Tab {i + 1} <span class="sub">{duration(window.lastAt - window.startedAt)}</span>
				</a>
			))}
		</nav>
	);
}

export function Frame({ replay }: { replay: Replay }) {
	const frame = useRef<HTMLIFrameElement>(null);
	useEffect(() => {
		replay.attach(frame.current);
		return () => replay.attach(null);
	}, [replay]);
	return <iframe ref={frame} class="player" src={replay.player()} title="Recording" />;
}

export function StageTrouble({ trouble }: { trouble: Trouble }) {
	const [title, text] =
		trouble.kind === "no-snapshot"
			? ["Nothing to draw", "This tab has no full snapshot: the recording was cut off before its first one arrived."]
			: trouble.kind === "one-event"
				? ["A single event", "The visitor was gone before anything could be recorded. There is nothing to play."]
				: ["This recording could not be loaded", trouble.kind === "failed" ? trouble.sentence : ""];
	return (
		<div class="stage-trouble" role="alert">
			<h2>{title}</h2>
			<p>{text}</p>
		</div>
	);
}

export function Controls({ replay }: { replay: Replay }) {
	return (
		<div class="controls">
			<button
				type="button"
				class="button round"
				aria-label={replay.playing.value ? "Pause" : "Play"}
				disabled={!replay.started.value}
				onClick={replay.toggle}
			>
				{replay.playing.value ? icons.pause : icons.play}
			</button>
			<span class="clock">
				{clock(replay.offset.value)} <span class="sub">/ {clock(replay.duration.value)}</span>
			</span>
			<Timeline replay={replay} />
			<label class="choice">
				<span class="hidden">Speed</span>
				<select
					value={String(replay.speed.value)}
					onChange={(event) => replay.setSpeed(Number(event.currentTarget.value))}
				>
					{SPEEDS.map((speed) => (
						<option key={speed} value={String(speed)}>
							{speed}×
						</option>
					))}
				</select>
			</label>
			<label class="toggle">
				<input type="checkbox" checked={replay.skip.value} onChange={() => replay.toggleSkip()} /> Skip quiet
			</label>
		</div>
	);
}

function ActivityList({ replay }: { replay: Replay }) {
	const list = useRef<HTMLOListElement>(null);
	const current = replay.current.value;
	const entries = replay.entries.value;
	useEffect(() => {
		const row = list.current?.children[current] as HTMLElement | undefined;
		const box = list.current;
		if (!row || !box || !replay.playing.value) return;
		const outside =
			row.offsetTop < box.scrollTop || row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight;
		if (outside) box.scrollTop = row.offsetTop - box.clientHeight / 3;
	}, [current, replay]);
	return (
		<section class="activity" aria-label="Activity">
			<h2>
				Activity <span class="sub">{entries.length || ""}</span>
			</h2>
			{replay.chunks.value.length > 0 && !entries.length && <p class="sub">The visitor only looked.</p>}
			<ol ref={list}>
				{entries.map((entry, i) => (
					<ActivityRow
						key={i}
						entry={entry}
						offset={entry.at - replay.from.value}
						isCurrent={i === current}
						onSeek={replay.seek}
					/>
				))}
			</ol>
		</section>
	);
}

interface RowProps {
	entry: Activity;
	offset: number;
	isCurrent: boolean;
	onSeek(offset: number): void;
}

function ActivityRow({ entry, offset, isCurrent, onSeek }: RowProps) {
	return (
		<li>
			<button type="button" aria-current={isCurrent ? "true" : undefined} onClick={() => onSeek(offset)}>
				<span class="when">{clock(offset)}</span>
				<SignalShape signal={entry.signal} />
				<span class="what">
					<span class="verb">{entry.title}</span> {entry.subject && <b>{entry.subject}</b>}
					{entry.detail && (
						<span class="sub" title={entry.detail}>
							{entry.detail.split("\n")[0]}
						</span>
					)}
				</span>
			</button>
		</li>
	);
}

/** What is known of the session. */
function Details({ replay }: { replay: Replay }) {
	const session = replay.detail.value?.session;
	if (!session) return null;
	const { client, metadata } = session;
	const facts: [string, string][] = [
		["Session", session.id],
		["Started", exactTime(session.startedAt)],
		["Duration", duration(session.lastAt - session.startedAt)],
		["Device", [client.device, client.os, client.browser].filter(Boolean).join(" · ")],
		["Place", [client.city, client.region, client.country].filter(Boolean).join(", ")],
		["Stored", `${session.events.toLocaleString()} events, ${bytes(session.bytes)}`],
		...Object.entries(metadata).map(([key, value]): [string, string] => [key, String(value)]),
	];
	return (
		<details class="facts">
			<summary>Details</summary>
			{replay.missing.value > 0 && (
				<p class="notice warn">{replay.missing.value} parts of this recording are missing; the rest plays.</p>
			)}
			<dl>
				{facts
					.filter(([, value]) => value)
					.map(([name, value]) => (
						<div key={name}>
							<dt>{name}</dt>
							<dd>{value}</dd>
						</div>
					))}
			</dl>
		</details>
	);
}
