import type { ComponentChildren } from "preact";
import type { Level } from "../../src/contract/reports.ts";
import { levels } from "./ui.text.ts";

/** Each level has its own shape, so that color is never the only cue. */
const SHAPES: Record<Level, ComponentChildren> = {
	debug: <circle cx="6" cy="6" r="2.2" />,
	info: <path d="m6 .8 5.2 5.2L6 11.2.8 6z" />,
	warn: <path d="M1.6 1.6h8.8v8.8H1.6z" />,
	error: <path d="M6 .9 11.6 11H.4z" />,
};

/** The level of a server event, with its shape. */
export function LevelName({ level }: { level: Level }) {
	return (
		<span class="event-level" data-level={level}>
			<svg class="shape" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
				{SHAPES[level]}
			</svg>
			{levels[level]}
		</span>
	);
}
