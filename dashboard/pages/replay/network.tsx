import { useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import { lastUpTo } from "../../../src/analytics/timeline.ts";
import type { NetworkCall } from "../../state/records.ts";
import type { Replay } from "../../state/replay.ts";
import { bytes, clock } from "../../ui/time.tsx";
import { VirtualList } from "../../ui/virtual.tsx";
import { EmptyPanel, RecordDetails } from "./console.tsx";
import * as text from "./panels.text.ts";

const ROW_PX = 28;

/** Requests of the page as a waterfall: each bar lasts from request to response. */
export function Network({ replay }: { replay: Replay }) {
	const [isAll, setAll] = useState(false);
	const [open, setOpen] = useState<NetworkCall | null>(null);
	const { calls } = replay.records.value;
	const now = replay.from.value + replay.offset.value;
	const pageViews = replay.pageViews.value;
	const i = Math.max(0, lastUpTo(pageViews, now));
	const [start, end] = [pageViews[i]?.at ?? 0, pageViews[i + 1]?.at ?? Number.POSITIVE_INFINITY];
	const shown = isAll ? calls : calls.filter((call) => call.at >= start && call.at < end);
	const from = isAll ? replay.from.value : (shown[0]?.at ?? 0);
	const total = Math.max(1, ...shown.map((call) => call.at + call.durationMs - from));
	const current = lastUpTo(shown, now);
	if (!calls.length) {
		return <EmptyPanel replay={replay} message={text.noNetwork} />;
	}
	return (
		<div class="records">
			<div class="record-choices">
				<label class="toggle">
					<input type="checkbox" checked={isAll} onChange={() => setAll(!isAll)} /> {text.allPages}
				</label>
				{!shown.length && <span class="sub">{text.noRequests}</span>}
			</div>
			<VirtualList items={shown} rowPx={ROW_PX} current={current}>
				{(call, position) => (
					<button
						type="button"
						class="network-call"
						data-failed={isFailed(call) ? "" : undefined}
						aria-current={position === current ? "true" : undefined}
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
						<span class="took">{text.ms(call.durationMs)}</span>
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
			<RecordDetails content={open ? detailsOf(open) : undefined} />
		</div>
	);
}

function detailsOf(call: NetworkCall): string {
	return [
		`${call.method} ${call.url}`,
		text.call(statusOf(call), call.api, text.ms(call.durationMs)),
		call.requestBytes !== null && text.sent(bytes(call.requestBytes)),
		call.responseBytes !== null && text.received(bytes(call.responseBytes)),
	]
		.filter(Boolean)
		.join("\n");
}

const isFailed = ({ status }: NetworkCall) => status === 0 || status >= 400;

function statusOf({ status }: NetworkCall): string {
	return status === 0 ? text.failed : status < 0 ? text.opaque : String(status);
}
