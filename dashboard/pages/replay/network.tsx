import { useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import { lastUpTo } from "../../../src/analytics/timeline.ts";
import type { NetworkCall } from "../../state/records.ts";
import type { Replay } from "../../state/replay.ts";
import { bytes, clock } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual.tsx";
import { Nothing } from "./console.tsx";

/** As in the style sheet. */
const ROW_PX = 28;

/** The page's own requests, each with a bar from when it was sent to when it was answered. */
export function Network({ replay }: { replay: Replay }) {
	const [isAll, setAll] = useState(false);
	const [open, setOpen] = useState<NetworkCall | null>(null);
	const { calls } = replay.records.value;
	const now = replay.from.value + replay.offset.value;
	const pageViews = replay.pageViews.value;
	const at = Math.max(0, lastUpTo(pageViews, now));
	const [begin, end] = [pageViews[at]?.at ?? 0, pageViews[at + 1]?.at ?? Number.POSITIVE_INFINITY];
	const shown = isAll ? calls : calls.filter((call) => call.at >= begin && call.at < end);
	const from = isAll ? replay.from.value : (shown[0]?.at ?? 0);
	const total = Math.max(1, ...shown.map((call) => call.at + call.durationMs - from));
	const current = lastUpTo(shown, now);
	if (!calls.length) {
		return (
			<Nothing replay={replay}>
				Nothing was recorded of the network. The recorder hears it with <code>captureNetwork</code>.
			</Nothing>
		);
	}
	return (
		<div class="records">
			<label class="toggle">
				<input type="checkbox" checked={isAll} onChange={() => setAll(!isAll)} /> All pages
			</label>
			{!shown.length && <p class="sub">This page asked for nothing.</p>}
			<VirtualList items={shown} rowPx={ROW_PX} current={current}>
				{(call, place) => (
					<button
						type="button"
						class="network-call"
						data-failed={isFailed(call) ? "" : undefined}
						aria-current={place === current ? "true" : undefined}
						aria-expanded={call === open}
						onClick={() => {
							setOpen(call === open ? null : call);
							replay.seek(call.at - replay.from.value);
						}}
					>
						<span class="when">{clock(call.at - replay.from.value)}</span>
						<span class="status">{statusOf(call)}</span>
						<span class="method">{call.method}</span>
						<code>{pathOf(call.url)}</code>
						<span class="took">{Math.round(call.durationMs)} ms</span>
						<span class="bar" aria-hidden="true">
							<i
								style={{
									left: `${Math.min(99, ((call.at - from) / total) * 100)}%`,
									width: `${Math.min(100, (call.durationMs / total) * 100)}%`,
								}}
							/>
						</span>
					</button>
				)}
			</VirtualList>
			{open && (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be within the keyboard's reach
				<pre class="record" tabIndex={0}>
					{[
						`${open.method} ${open.url}`,
						`${statusOf(open)} by ${open.api || "the page"}, ${Math.round(open.durationMs)} ms`,
						open.requestBytes !== null && `${bytes(open.requestBytes)} sent`,
						open.responseBytes !== null && `${bytes(open.responseBytes)} came back`,
					]
						.filter(Boolean)
						.join("\n")}
				</pre>
			)}
		</div>
	);
}

const isFailed = ({ status }: NetworkCall) => status === 0 || status >= 400;

function statusOf({ status }: NetworkCall): string {
	return status === 0 ? "failed" : status < 0 ? "opaque" : String(status);
}
