import { useEffect, useMemo, useRef } from "preact/hooks";
import type { View } from "../../player/protocol.ts";
import { depthOf, type OverlayKind, type Spot, spotsOf } from "../../state/overlay.ts";
import type { Replay } from "../../state/replay.ts";
import { FRUSTRATION_PATH } from "../../ui/icons.tsx";
import * as text from "../replay.text.ts";

const DOT_PX = 7;
const STAR_PX = 22;
/** Width and height of the box in which `FRUSTRATION_PATH` is drawn. */
const SHAPE_BOX = 12;

/** Clicks or scroll depth, drawn over the recorded page at its scale and scroll position. */
export function Overlay({ replay, kind }: { replay: Replay; kind: OverlayKind }) {
	const canvas = useRef<HTMLCanvasElement>(null);
	const timeline = replay.timeline.value;
	const view = replay.view.value;
	const at = replay.from.value + replay.offset.value;
	const pageView = replay.pageViews.value.findLastIndex((it) => it.at <= at);
	const all = useMemo(
		() => (timeline && kind !== "depth" ? spotsOf(timeline, at, Number.POSITIVE_INFINITY) : []),
		[timeline, pageView, kind],
	);
	const spots = kind === "so-far" ? all.filter((spot) => spot.at <= at) : all;
	const depth = timeline && kind === "depth" ? depthOf(timeline, at) : null;
	useEffect(() => {
		if (canvas.current && view) draw(canvas.current, view, spots, depth);
	}, [view, spots.length, all, depth]);
	const label =
		kind === "depth" ? (depth === null ? text.depthUnknown : text.seenDownTo(depth)) : text.clicksOnPage(spots.length);
	return <canvas ref={canvas} class="overlay" role="img" aria-label={label} />;
}

function draw(canvas: HTMLCanvasElement, view: View, spots: readonly Spot[], depth: number | null): void {
	const ratio = devicePixelRatio;
	canvas.width = canvas.clientWidth * ratio;
	canvas.height = canvas.clientHeight * ratio;
	const context = canvas.getContext("2d")!;
	// A canvas does not resolve `light-dark()`, so the browser computes the color.
	const color = (name: string) => {
		canvas.style.color = `var(${name})`;
		return getComputedStyle(canvas).color;
	};
	const [click, frustration, accent] = [color("--click"), color("--frustration"), color("--accent")];
	context.scale(ratio, ratio);
	context.beginPath();
	context.rect(view.left, view.top, view.width * view.scale, view.height * view.scale);
	context.clip();
	const toX = (x: number) => view.left + (x - view.scrollX) * view.scale;
	const toY = (y: number) => view.top + (y - view.scrollY) * view.scale;
	const star = new Path2D(FRUSTRATION_PATH);
	const shapes = {
		click() {
			context.beginPath();
			context.arc(0, 0, DOT_PX, 0, 2 * Math.PI);
			context.globalAlpha = 0.75;
			context.fillStyle = click;
			context.fill();
			context.globalAlpha = 1;
			context.strokeStyle = "white";
			context.stroke();
		},
		rage: () => drawStar(frustration, "white"),
		dead: () => drawStar("white", frustration),
	};
	/** Draws a star, which is filled for a rage click and hollow for a dead click. */
	const drawStar = (inner: string, line: string) => {
		context.scale(STAR_PX / SHAPE_BOX, STAR_PX / SHAPE_BOX);
		context.translate(-SHAPE_BOX / 2, -SHAPE_BOX / 2);
		context.fillStyle = inner;
		context.fill(star);
		context.strokeStyle = line;
		context.stroke(star);
	};
	context.lineWidth = 1;
	// Rage clicks and dead clicks are drawn over other clicks.
	for (const { x, y, kind } of spots.toSorted((a, b) => Number(a.kind !== "click") - Number(b.kind !== "click"))) {
		context.save();
		context.translate(toX(x), toY(y));
		shapes[kind]();
		context.restore();
	}
	if (depth === null) return;
	const y = toY(depth);
	context.fillStyle = "rgb(0 0 0 / 0.35)";
	context.fillRect(view.left, y, view.width * view.scale, canvas.clientHeight);
	context.fillStyle = accent;
	context.fillRect(view.left, y - 2, view.width * view.scale, 2);
}
