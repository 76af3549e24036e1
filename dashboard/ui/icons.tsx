import type { ComponentChildren } from "preact";
import type { ActivityKind } from "../../src/analytics/activity.ts";

function Icon({ children, size = 16 }: { children: ComponentChildren; size?: number }) {
	return (
		<svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
			{children}
		</svg>
	);
}

export const icons = {
	sessions: (
		<Icon size={20}>
			<path d="M2 4.5h12M2 8h12M2 11.5h8" />
		</Icon>
	),
	analytics: (
		<Icon size={20}>
			<path d="M2.5 13.5h11M4 11V7.5M7.3 11V3M10.6 11V5.5M13 11V9" />
		</Icon>
	),
	issues: (
		<Icon size={20}>
			<path d="M8 2.2 14.2 13H1.8zM8 6.4v3M8 11.2v.1" />
		</Icon>
	),
	events: (
		<Icon size={20}>
			<path d="m8 2 3 3-3 3-3-3zM8 8v3M3 13.5h10M8 11v2.5" />
		</Icon>
	),
	maintenance: (
		<Icon size={20}>
			<path d="M13.5 4.2a3.4 3.4 0 0 1-4.6 4.2l-4.3 4.4a1.4 1.4 0 0 1-2-2l4.5-4.3a3.4 3.4 0 0 1 4.3-4.5L9.3 4l.4 2.3 2.2.4z" />
		</Icon>
	),
	keyboard: (
		<Icon size={20}>
			<path d="M1.5 4h13v8h-13zM4 6.5v.1M6.7 6.5v.1M9.3 6.5v.1M12 6.5v.1M5 9.5h6" />
		</Icon>
	),
	exit: (
		<Icon size={20}>
			<path d="M6.5 2.5h-3v11h3M10 5l3 3-3 3M13 8H6.5" />
		</Icon>
	),
	play: (
		<Icon>
			<path class="solid" d="M4.5 2.8v10.4L13 8z" />
		</Icon>
	),
	pause: (
		<Icon>
			<path class="solid" d="M4 3h3v10H4zM9 3h3v10H9z" />
		</Icon>
	),
	trash: (
		<Icon>
			<path d="M3 4.5h10M6.2 4.5V3h3.6v1.5M4.3 4.5l.6 8.5h6.2l.6-8.5" />
		</Icon>
	),
	copy: (
		<Icon>
			<path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" />
		</Icon>
	),
	share: (
		<Icon>
			<path d="M8 9.5v-8M5 4.2l3-2.7 3 2.7M4.5 7h-2v6.5h11V7h-2" />
		</Icon>
	),
	back: (
		<Icon>
			<path d="M9.5 3.5 5 8l4.5 4.5" />
		</Icon>
	),
	close: (
		<Icon>
			<path d="m4 4 8 8M12 4l-8 8" />
		</Icon>
	),
	actual: (
		<Icon>
			<path d="M3 5.5 4.8 4v8M11 5.5 12.8 4v8M8.4 6v.1M8.4 10v.1" />
		</Icon>
	),
	fit: (
		<Icon>
			<path d="M2.5 3.5h11v9h-11zM5.5 8h5M7 6.5 5.5 8 7 9.5M9 6.5 10.5 8 9 9.5" />
		</Icon>
	),
	fullscreen: (
		<Icon>
			<path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" />
		</Icon>
	),
	up: (
		<Icon>
			<path d="M3.5 10 8 5.5l4.5 4.5" />
		</Icon>
	),
	down: (
		<Icon>
			<path d="M3.5 6 8 10.5 12.5 6" />
		</Icon>
	),
	done: (
		<Icon>
			<path d="m3 8.5 3.2 3.2L13 5" />
		</Icon>
	),
};

/** SVG path of the shape for frustration. Like all shapes below, it is drawn in a 12 × 12 box. */
export const FRUSTRATION_PATH = "M6 0L7.3 3.7L11.2 3L8.7 6L11.2 9L7.3 8.3L6 12L4.7 8.3L0.8 9L3.3 6L0.8 3L4.6 3.7z";

/** Each kind has its own shape, so that color is never the only cue. */
const SHAPES: Record<ActivityKind, ComponentChildren> = {
	page: <path d="M2.5 1h5L10 3.5V11H2.5z" />,
	click: <circle cx="6" cy="6" r="4" />,
	input: <path d="M3.5 1.5h5v1.6H6.9v5.8h1.6v1.6h-5V8.9h1.6V3.1H3.5z" />,
	frustration: <path d={FRUSTRATION_PATH} />,
	tag: <path d="m6 .8 5.2 5.2L6 11.2.8 6z" />,
	error: <path d="M6 .9 11.6 11H.4z" />,
	exception: <path d="M2.6.8 6 4.2 9.4.8l1.8 1.8L7.8 6l3.4 3.4-1.8 1.8L6 7.8l-3.4 3.4L.8 9.4 4.2 6 .8 2.6z" />,
	server: <path d="M1 1.2h10v4H1zM1 6.8h10v4H1z" />,
};

export function NoteShape() {
	return (
		<svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
			<path d="M6 0 8 2.5h3.5v9H.5v-9H4z" />
		</svg>
	);
}

export function KindShape({ kind }: { kind: ActivityKind }) {
	return (
		<svg class="shape" data-kind={kind} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
			{SHAPES[kind]}
		</svg>
	);
}
