import { useEffect, useMemo, useRef } from "preact/hooks";
import type { View } from "../../player/protocol.ts";
import { depthOf, type OverlayKind, type Spot, spotsOf } from "../../state/overlay.ts";
import type { Replay } from "../../state/replay.ts";
import { FRUSTRATION_PATH } from "../../ui/icons.tsx";

const DOT_PX = 7;
const STAR_PX = 22;
/** Side of the box that the shapes are drawn in. */
const SHAPE_BOX = 12;

/** Drawn over the recorded page, scaled and scrolled as it is. */
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
	const words =
		kind === "depth"
			? depth === null
				? "How far the page was seen is not known"
				: `The page was seen down to ${depth} pixels`
			: `${spots.length} ${spots.length === 1 ? "click" : "clicks"} on this page`;
	return <canvas ref={canvas} class="overlay" role="img" aria-label={words} />;
}

function draw(canvas: HTMLCanvasElement, view: View, spots: readonly Spot[], depth: number | null): void {
	const ratio = devicePixelRatio;
	canvas.width = canvas.clientWidth * ratio;
	canvas.height = canvas.clientHeight * ratio;
	const context = canvas.getContext("2d")!;
	// A canvas does not know `light-dark()`: the colour is what the browser makes of it.
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
		rage: () => burst(frustration, "white"),
		dead: () => burst("white", frustration),
	};
	/** A rage is full, a dead click hollow. */
	const burst = (inner: string, line: string) => {
		context.scale(STAR_PX / SHAPE_BOX, STAR_PX / SHAPE_BOX);
		context.translate(-SHAPE_BOX / 2, -SHAPE_BOX / 2);
		context.fillStyle = inner;
		context.fill(star);
		context.strokeStyle = line;
		context.stroke(star);
	};
	context.lineWidth = 1;
	// What went wrong lies above what did not.
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
