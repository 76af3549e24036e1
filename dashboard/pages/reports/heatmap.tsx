import { useEffect, useRef, useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import { FULL_SNAPSHOT, META, type RecordedEvent } from "../../../src/contract/events.ts";
import { api, type HeatmapInfo, read } from "../../api.ts";
import type { FromPlayer, ToPlayer } from "../../player/protocol.ts";
import { sanitizeEvents } from "../../player/sanitize.ts";
import { sessionListHref } from "../../state/filters.ts";
import { reportScope, useReport } from "../../state/report.ts";
import { query, setQuery } from "../../state/route.ts";
import { Choice } from "../../ui/filters.tsx";
import { drawHeat, drawReach } from "../../ui/heat.ts";
import { count, DataTable, percent } from "../../ui/table.tsx";
import { ReportFrame } from "./frame.tsx";
import * as text from "./heatmap.text.ts";
import { PageChoice } from "./page-choice.tsx";
import { TableSkeleton } from "./skeletons.tsx";

const LAYERS = [
	["clicks", text.clicks],
	["rage", text.rageClicks],
	["dead", text.deadClicks],
	["scroll", text.scrollDepth],
] as const;
type Layer = (typeof LAYERS)[number][0];

function currentLayer(): Layer {
	return LAYERS.find(([name]) => name === query("show"))?.[0] ?? "clicks";
}

export function HeatmapReport() {
	const url = query("url");
	const scope = { device: "auto", ...reportScope(), ...(url && { url }) };
	const loaded = useReport(JSON.stringify(scope), () => read(api.analytics.heatmap.$get({ query: scope })));
	const clicked = loaded.data?.pages ?? [];
	const shownUrl = loaded.data?.url;
	const isListed = !shownUrl || clicked.some((page) => page.url === shownUrl);
	const pages = isListed ? clicked : [...clicked, { url: shownUrl, clicks: 0 }];
	return (
		<ReportFrame
			loaded={loaded}
			isEmpty={({ heatmap, reach }) => !heatmap?.clicks && !reach?.views}
			empty={<p>{text.empty}</p>}
			skeleton={<Skeleton />}
			controls={
				(!loaded.data || pages.length > 0) && (
					<>
						<PageChoice
							url={loaded.data?.url ?? url}
							options={
								loaded.data && pages.map(({ url: page, clicks }) => [page, text.pageOption(pathOf(page), clicks)])
							}
						/>
						<Choice
							label={text.layer}
							value={currentLayer()}
							options={LAYERS}
							onChange={(layer) => setQuery({ show: layer === "clicks" ? null : layer })}
						/>
					</>
				)
			}
		>
			{(data) => <Heat key={`${data.url} ${query("device")}`} data={data} />}
		</ReportFrame>
	);
}

const Skeleton = () => (
	<div class="heat" aria-hidden="true">
		<div class="heat-stage" />
		<section>
			<p>&nbsp;</p>
			<TableSkeleton />
		</section>
	</div>
);

function Heat({ data }: { data: HeatmapInfo }) {
	const { clicks, sessions, elements, rage, dead } = data.heatmap!;
	const page = data.url!;
	const layer = currentLayer();
	const clicksIn = (bins: Bins) => bins.reduce((sum, [, , n]) => sum + n, 0);
	return (
		<div class="heat">
			<Picture data={data} layer={layer} />
			<section>
				<p>
					<b>{count(clicks)}</b>
					{text.clicksIn(clicks)}
					<a href={sessionListHref({ page })}>{text.sessions(sessions)}</a>
					{text.frustrated(clicksIn(rage), clicksIn(dead))}
					<b>{count(data.reach!.views)}</b>
					{text.pageViews(data.reach!.views)}
				</p>
				<DataTable
					caption={text.elements}
					rows={elements}
					keyOf={({ selector }) => selector}
					columns={[
						{
							title: text.element,
							cell: ({ selector }) => (
								<a href={sessionListHref({ page, clicked: selector })}>
									<code>{selector}</code>
								</a>
							),
						},
						{ title: text.clicks, isNumber: true, cell: (row) => count(row.count) },
						{ title: text.share, isNumber: true, cell: (row) => percent(Math.round((row.count / clicks) * 1000) / 10) },
					]}
				/>
				{!query("device") && data.device && <p class="sub">{text.chooseDevice(data.device)}</p>}
			</section>
		</div>
	);
}

type Bins = NonNullable<HeatmapInfo["heatmap"]>["bins"];

/** Shares of page views. For each, a line on the scroll map marks how far down this share of the views reached. */
const MARKED_SHARES = [0.75, 0.5, 0.25];
const LINE_STEP_PX = 20;

/**
 * Returns the lines for `MARKED_SHARES`, each with its distance from the top of the page. A share of views that reaches
 * the end of the page has no line. Of several shares at the same position, only the smallest has a line.
 */
function shareLines(height: number, shareAt: (y: number) => number): [share: number, y: number][] {
	const found = new Map<number, number>();
	for (const share of MARKED_SHARES) {
		let y = 0;
		while (y + LINE_STEP_PX < height && shareAt(y + LINE_STEP_PX) >= share) y += LINE_STEP_PX;
		if (y + LINE_STEP_PX < height) found.set(y, share);
	}
	return [...found].map(([y, share]) => [share, y]);
}

const MAX_HEIGHT = 8_000;
/** Minimum height of the page that is drawn below the lowest click. */
const MARGIN_PX = 200;

/** Draws a page at its full height, from a recording, with the clicks or the scroll map over it. */
function Picture({ data, layer }: { data: HeatmapInfo; layer: Layer }) {
	const { bins, columns, rowPx } = data.heatmap!;
	const layerBins = layer === "rage" || layer === "dead" ? data.heatmap![layer] : bins;
	const { views, bottoms } = data.reach!;
	const box = useRef<HTMLDivElement>(null);
	const frame = useRef<HTMLIFrameElement>(null);
	const canvas = useRef<HTMLCanvasElement>(null);
	const [snapshot, setSnapshot] = useState<RecordedEvent[] | null>(null);
	const [width, setWidth] = useState(0);
	const [isReady, setReady] = useState(false);
	const { recording, url, project } = data;
	useEffect(() => {
		// The component may have been unmounted before the effect runs.
		if (!box.current) return;
		let isUnmounted = false;
		if (recording) void snapshotOf(recording, url!, project).then((events) => isUnmounted || setSnapshot(events));
		const resizeObserver = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
		resizeObserver.observe(box.current);
		const onMessage = ({ origin, source, data: message }: MessageEvent<FromPlayer>) => {
			if (origin === location.origin && source === frame.current?.contentWindow && message.kind === "ready")
				setReady(true);
		};
		addEventListener("message", onMessage);
		return () => {
			isUnmounted = true;
			resizeObserver.disconnect();
			removeEventListener("message", onMessage);
		};
	}, [recording?.cursor, url, project]);

	const meta = snapshot?.find(({ type }) => type === META)?.data as { width: number; height: number } | undefined;
	const pageWidth = meta?.width ?? 1_280;
	const lowest = Math.max(0, ...bins.map(([, row]) => row)) * rowPx + MARGIN_PX;
	const screenHeight = meta?.height ?? 720;
	const pageHeight = Math.min(Math.max(lowest, screenHeight, bottoms.at(-1)?.[0] ?? 0), MAX_HEIGHT);
	const scale = width ? Math.min(1, width / pageWidth) : 0;
	const size = { width: Math.floor(pageWidth * scale), height: Math.floor(pageHeight * scale) };
	/** Returns the share of views, 0 to 1, that reached a position. All views count as having seen the first screen. */
	const shareAt = (y: number) => {
		if (y <= screenHeight || !views) return 1;
		return bottoms.reduce((sum, [bottom, n]) => sum + (bottom >= y ? n : 0), 0) / views;
	};
	useEffect(() => {
		if (!isReady || !snapshot || !scale) return;
		const post = (message: ToPlayer) => frame.current?.contentWindow?.postMessage(message, location.origin);
		const fullHeight = snapshot.map((event) =>
			event.type === META ? { ...event, data: { ...(event.data as object), height: pageHeight } } : event,
		);
		post({ kind: "still" });
		post({ kind: "add", events: fullHeight });
	}, [isReady, snapshot, scale > 0]);
	useEffect(() => {
		if (!canvas.current || !scale) return;
		if (layer === "scroll") drawReach(canvas.current, (y) => shareAt(y / scale), size);
		else drawHeat(canvas.current, layerBins, { ...size, columns, rowPx: rowPx * scale });
	}, [layerBins, layer, size.width, size.height]);
	return (
		<div class="heat-stage" ref={box}>
			<div class="heat-page" style={{ width: `${size.width}px`, height: `${size.height}px` }}>
				{data.recording && scale > 0 && <iframe ref={frame} src="/player" title={text.snapshot} tabIndex={-1} />}
				<canvas
					ref={canvas}
					width={size.width}
					height={size.height}
					role="img"
					aria-label={layer === "scroll" ? text.scrollMap : text.clickMap}
				/>
				{layer === "scroll" &&
					shareLines(pageHeight, shareAt).map(([share, y]) => (
						<span key={share} class="fold" style={{ top: `${y * scale}px` }}>
							{text.reached(percent(Math.round(share * 100)))}
						</span>
					))}
			</div>
			{!data.recording && <p class="sub">{text.noRecording}</p>}
		</div>
	);
}

/** Loads a chunk. Returns the Meta event and full snapshot of a page, and a final event; null if that fails. */
async function snapshotOf(
	{ sessionId, windowId, cursor }: NonNullable<HeatmapInfo["recording"]>,
	url: string,
	project: string,
): Promise<RecordedEvent[] | null> {
	try {
		const param = { sid: sessionId, wid: windowId };
		const request = api.sessions[":sid"].windows[":wid"].events.$get({ param, query: { project, cursor } });
		const { events } = (await read(request)) as unknown as { events: RecordedEvent[] };
		const all = sanitizeEvents(events, 0, location.host);
		const metaIndex = all.findIndex(({ type, data }) => type === META && (data as { href?: string }).href === url);
		const snapshotIndex = all.findIndex(({ type }, i) => i > metaIndex && type === FULL_SNAPSHOT);
		if (metaIndex < 0 || snapshotIndex < 0) return null;
		const [meta, snapshot] = [all[metaIndex]!, all[snapshotIndex]!];
		// The player needs an event after the snapshot.
		const end = { type: 3, timestamp: snapshot.timestamp! + 10, data: { source: 1, positions: [] } };
		return [{ ...meta, timestamp: snapshot.timestamp! - 1 }, snapshot, end];
	} catch {
		return null;
	}
}
