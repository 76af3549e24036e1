import type { JSX } from "preact";
import type { Replay } from "../../state/replay.ts";
import { query, setQuery } from "../../state/route.ts";
import { Console } from "./console.tsx";
import { Details } from "./details.tsx";
import { Events } from "./events.tsx";
import { Network } from "./network.tsx";
import { Forms, Pages } from "./page-list.tsx";
import * as text from "./panels.text.ts";
import { Server } from "./server.tsx";

interface Panel {
	id: string;
	name: string;
	/** Number of items in the panel. */
	count?: number;
	Body(props: { replay: Replay }): JSX.Element | null;
}

/** A drawer below the stage. At most one panel is open; its ID is in the URL. */
export function Panels({ replay }: { replay: Replay }) {
	const { lines, calls } = replay.records.value;
	const reported = replay.reported.value.items.length;
	// The Server panel is shown if it has items. Once open, it stays open in the next session even if it has none.
	const isServerOpen = query("panel") === "server";
	const panels: Panel[] = [
		{ id: "details", name: text.details, Body: Details },
		{ id: "console", name: text.console, count: lines.length, Body: Console },
		{ id: "network", name: text.network, count: calls.length, Body: Network },
		{ id: "pages", name: text.pages, count: replay.pageViews.value.length, Body: Pages },
		{ id: "forms", name: text.forms, count: replay.timeline.value?.fields.length ?? 0, Body: Forms },
		{ id: "events", name: text.events, Body: Events },
		...(reported || isServerOpen ? [{ id: "server", name: text.server, count: reported, Body: Server }] : []),
	];
	const open = panels.find(({ id }) => id === query("panel"));
	const show = (id: string | null) => setQuery({ panel: id }, true);
	const onKeyDown = (event: KeyboardEvent) => {
		const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
		if (!step) return;
		event.preventDefault();
		event.stopPropagation();
		const tabs = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('[role="tab"]')];
		const at = tabs.indexOf(document.activeElement as HTMLElement);
		tabs[(at + step + tabs.length) % tabs.length]?.focus();
	};
	return (
		<section class="panels" aria-label={text.sessionData}>
			<div class="panel-tabs" role="tablist" aria-label={text.sessionData} onKeyDown={onKeyDown}>
				{panels.map(({ id, name, count }, i) => (
					<button
						key={id}
						type="button"
						role="tab"
						id={`tab-${id}`}
						aria-selected={id === open?.id}
						aria-controls={id === open?.id ? "panel" : undefined}
						tabIndex={open ? (id === open.id ? 0 : -1) : i ? -1 : 0}
						onClick={() => show(id === open?.id ? null : id)}
					>
						{name} {count !== undefined && <span class="sub">{count}</span>}
					</button>
				))}
			</div>
			{open && (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
				<div class="panel" id="panel" role="tabpanel" aria-labelledby={`tab-${open.id}`} tabIndex={0}>
					<open.Body key={replay.windowId.value} replay={replay} />
				</div>
			)}
		</section>
	);
}
