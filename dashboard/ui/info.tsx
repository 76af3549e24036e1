import { useId, useState } from "preact/hooks";
import * as text from "./ui.text.ts";

const MAX_WIDTH_PX = 280;
const MARGIN_PX = 16;

/** An icon whose tooltip explains a number. Hover, focus and tap open the tooltip; Escape closes it. */
export function Info({ about, children }: { about: string; children: string }) {
	const id = useId();
	/** Horizontal offset that keeps the open tooltip inside the page, in pixels; null while closed. */
	const [offset, setOffset] = useState<number | null>(null);
	const open = ({ currentTarget }: { currentTarget: HTMLElement }) => {
		const room = document.documentElement.clientWidth - MARGIN_PX - currentTarget.getBoundingClientRect().left;
		setOffset(Math.min(0, room - MAX_WIDTH_PX));
	};
	const close = () => setOffset(null);
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: the pointer may move from the button to the tooltip
		<span class="info" onMouseEnter={open} onMouseLeave={close}>
			<button
				type="button"
				aria-label={text.about(about)}
				aria-describedby={id}
				onFocus={open}
				onBlur={close}
				onKeyDown={({ key }) => key === "Escape" && close()}
			>
				<svg class="icon" width={16} height={16} viewBox="0 0 16 16" aria-hidden="true">
					<path d="M8 14.5a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM8 7.5V11M8 5v.1" />
				</svg>
			</button>
			<span id={id} role="tooltip" hidden={offset === null} style={{ left: `${offset ?? 0}px` }}>
				{children}
			</span>
		</span>
	);
}
