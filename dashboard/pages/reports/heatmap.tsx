import { useEffect, useRef, useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import { FULL_SNAPSHOT, META, type RecordedEvent } from "../../../src/contract/events.ts";
import { api, type HeatmapInfo, read } from "../../api.ts";
import type { FromPlayer, ToPlayer } from "../../player/protocol.ts";
import { sanitizeEvents } from "../../player/sanitize.ts";
import { recordingsHref } from "../../state/filters.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { query, setQuery } from "../../state/route.ts";
import { Choice } from "../../ui/filters.tsx";
import { drawHeat, drawReach } from "../../ui/heat.ts";
import { count, DataTable, percent, sessionsOf } from "../../ui/table.tsx";
import { Frame } from "./frame.tsx";

const LAYERS = [
	["clicks", "Clicks"],
	["rage", "Rage clicks"],
	["dead", "Dead clicks"],
	["scroll", "Scroll"],
] as const;
type Layer = (typeof LAYERS)[number][0];

function shown(): Layer {
	return LAYERS.find(([name]) => name === query("show"))?.[0] ?? "clicks";
}

export function HeatmapReport() {
	const url = query("url");
	const scope = { ...reportScope(), ...(url && { url }) };
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.heatmap.$get({ query: scope })));
	const clicked = loaded.data?.pages ?? [];
	const shownUrl = loaded.data?.url;
	const isListed = !shownUrl || clicked.some((page) => page.url === shownUrl);
	const pages = isListed ? clicked : [...clicked, { url: shownUrl, clicks: 0 }];
	return (
		<Frame
			loaded={loaded}
			isEmpty={({ heatmap, reach }) => !heatmap?.clicks && !reach?.views}
			empty={<p>Clicks show here, on a picture of the page they were made on.</p>}
			controls={
				pages.length > 0 && (
					<>
						<Choice
							label="Page"
							value={loaded.data?.url ?? ""}
							options={pages.map(({ url: page, clicks }) => [page, `${pathOf(page)} (${count(clicks)})`])}
							onChange={(page) => setQuery({ url: page })}
						/>
						<Choice
							label="Show"
							value={shown()}
							options={LAYERS}
							onChange={(layer) => setQuery({ show: layer === "clicks" ? null : layer })}
						/>
					</>
				)
			}
		>
			{(data) => <Heat key={`${data.url} ${query("device")}`} data={data} />}
		</Frame>
	);
}

function Heat({ data }: { data: HeatmapInfo }) {
	const { clicks, sessions, elements, rage, dead } = data.heatmap!;
	const page = data.url!;
	const layer = shown();
	const trouble = (bins: Bins) => bins.reduce((sum, [, , n]) => sum + n, 0);
	return (
		<div class="heat">
			<Picture data={data} layer={layer} />
			<section>
				<p>
					<b>{count(clicks)}</b> clicks in <a href={recordingsHref({ page })}>{sessionsOf(sessions)}</a>,{" "}
					{count(trouble(rage))} of them in a rage and {count(trouble(dead))} dead; <b>{count(data.reach!.views)}</b>{" "}
					views.
				</p>
				<DataTable
					caption="What was clicked"
					rows={elements}
					keyOf={({ selector }) => selector}
					columns={[
						{
							title: "Element",
							cell: ({ selector }) => (
								<a href={recordingsHref({ page, clicked: selector })}>
									<code>{selector}</code>
								</a>
							),
						},
						{ title: "Clicks", isNumber: true, cell: (row) => count(row.count) },
						{ title: "Share", isNumber: true, cell: (row) => percent(Math.round((row.count / clicks) * 1000) / 10) },
					]}
				/>
				{!query("device") && <p class="sub">Choose a device to see its own layout.</p>}
			</section>
		</div>
	);
}

type Bins = NonNullable<HeatmapInfo["heatmap"]>["bins"];

/** Lines that are drawn where so many came, and no further. */
const FOLDS = [0.75, 0.5, 0.25];
const FOLD_STEP_PX = 20;

/** Where they are; what most saw to the end has none, and of several at one place the last stands for all. */
function folds(height: number, shareAt: (y: number) => number): [share: number, y: number][] {
	const found = new Map<number, number>();
	for (const share of FOLDS) {
		let y = 0;
		while (y + FOLD_STEP_PX < height && shareAt(y + FOLD_STEP_PX) >= share) y += FOLD_STEP_PX;
		if (y + FOLD_STEP_PX < height) found.set(y, share);
	}
	return [...found].map(([y, share]) => [share, y]);
}

const MAX_HEIGHT = 8_000;
/** Below the last click. */
const MARGIN_PX = 200;

/** The page as a recording shows it, unrolled to its height, with the clicks over it. */
function Picture({ data, layer }: { data: HeatmapInfo; layer: Layer }) {
	const { bins, columns, rowPx } = data.heatmap!;
	const marks = layer === "rage" || layer === "dead" ? data.heatmap![layer] : bins;
	const { views, bottoms } = data.reach!;
	const box = useRef<HTMLDivElement>(null);
	const frame = useRef<HTMLIFrameElement>(null);
	const canvas = useRef<HTMLCanvasElement>(null);
	const [snapshot, setSnapshot] = useState<RecordedEvent[] | null>(null);
	const [width, setWidth] = useState(0);
	const [isReady, setReady] = useState(false);
	const { recording, url, project } = data;
	useEffect(() => {
		// Gone before it was drawn.
		if (!box.current) return;
		let isOver = false;
		if (recording) void snapshotOf(recording, url!, project).then((events) => isOver || setSnapshot(events));
		const resized = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
		resized.observe(box.current);
		const onMessage = ({ origin, source, data: said }: MessageEvent<FromPlayer>) => {
			if (origin === location.origin && source === frame.current?.contentWindow && said.kind === "ready")
				setReady(true);
		};
		addEventListener("message", onMessage);
		return () => {
			isOver = true;
			resized.disconnect();
			removeEventListener("message", onMessage);
		};
	}, [recording?.cursor, url, project]);

	const meta = snapshot?.find(({ type }) => type === META)?.data as { width: number; height: number } | undefined;
	const pageWidth = meta?.width ?? 1_280;
	const lowest = Math.max(0, ...bins.map(([, row]) => row)) * rowPx + MARGIN_PX;
	const screen = meta?.height ?? 720;
	const pageHeight = Math.min(Math.max(lowest, screen, bottoms.at(-1)?.[0] ?? 0), MAX_HEIGHT);
	const scale = width ? Math.min(1, width / pageWidth) : 0;
	const size = { width: Math.floor(pageWidth * scale), height: Math.floor(pageHeight * scale) };
	/** Of the views, how many came to see what is so far down; the first screen is seen by all. */
	const shareAt = (y: number) => {
		if (y <= screen || !views) return 1;
		return bottoms.reduce((sum, [bottom, n]) => sum + (bottom >= y ? n : 0), 0) / views;
	};
	useEffect(() => {
		if (!isReady || !snapshot || !scale) return;
		const tell = (message: ToPlayer) => frame.current?.contentWindow?.postMessage(message, location.origin);
		const unrolled = snapshot.map((event) =>
			event.type === META ? { ...event, data: { ...(event.data as object), height: pageHeight } } : event,
		);
		tell({ kind: "still" });
		tell({ kind: "add", events: unrolled });
	}, [isReady, snapshot, scale > 0]);
	useEffect(() => {
		if (!canvas.current || !scale) return;
		if (layer === "scroll") drawReach(canvas.current, (y) => shareAt(y / scale), size);
		else drawHeat(canvas.current, marks, { ...size, columns, rowPx: rowPx * scale });
	}, [marks, layer, size.width, size.height]);
	return (
		<div class="heat-stage" ref={box}>
			<div class="heat-page" style={{ width: `${size.width}px`, height: `${size.height}px` }}>
				{data.recording && scale > 0 && <iframe ref={frame} src="/player" title="The page" tabIndex={-1} />}
				<canvas
					ref={canvas}
					width={size.width}
					height={size.height}
					role="img"
					aria-label={
						layer === "scroll" ? "How far down people came" : "Where people clicked; the list has what they clicked on"
					}
				/>
				{layer === "scroll" &&
					folds(pageHeight, shareAt).map(([share, y]) => (
						<span key={share} class="fold" style={{ top: `${y * scale}px` }}>
							{Math.round(share * 100)} % came this far
						</span>
					))}
			</div>
			{!data.recording && <p class="sub">No recording of this page is kept any more; its clicks are.</p>}
		</div>
	);
}

/** The Meta and the full snapshot of a page, and a moment after it, out of a chunk; null when they cannot be had. */
async function snapshotOf(
	{ sessionId, windowId, cursor }: NonNullable<HeatmapInfo["recording"]>,
	url: string,
	project: string,
): Promise<RecordedEvent[] | null> {
	try {
		const param = { sid: sessionId, wid: windowId };
		const asked = api.sessions[":sid"].windows[":wid"].events.$get({ param, query: { project, cursor } });
		const { events } = (await read(asked)) as unknown as { events: RecordedEvent[] };
		const all = sanitizeEvents(events, 0, location.host);
		const at = all.findIndex(({ type, data }) => type === META && (data as { href?: string }).href === url);
		const next = all.findIndex(({ type }, i) => i > at && type === FULL_SNAPSHOT);
		if (at < 0 || next < 0) return null;
		const [meta, snapshot] = [all[at]!, all[next]!];
		// The player wants a recording of some length.
		const end = { type: 3, timestamp: snapshot.timestamp! + 10, data: { source: 1, positions: [] } };
		return [{ ...meta, timestamp: snapshot.timestamp! - 1 }, snapshot, end];
	} catch {
		return null;
	}
}
