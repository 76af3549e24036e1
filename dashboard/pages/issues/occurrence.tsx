import { useState } from "preact/hooks";
import type { IssueItem, OccurrenceItem } from "../../api.ts";
import { flatten } from "../../state/flatten.ts";
import { Ago, exactTime } from "../../ui/time.tsx";
import * as text from "../issues.text.ts";
import { SessionLink } from "./session-link.tsx";

/** Number of frames shown before "Show all" is clicked. */
const FRAMES = 20;

interface Props {
	occurrence: OccurrenceItem;
	issue: IssueItem;
	/** Project to name in links; undefined if there is only one project. */
	project: string | undefined;
	isOpen: boolean;
}

/** An occurrence with its backtrace and context. */
export function Occurrence({ occurrence, issue, project, isOpen }: Props) {
	const { at, message, context, platform, backtrace } = occurrence;
	const rows = flatten(context);
	const summary = rows.filter(([name]) => SUMMARY_FIELDS.includes(name)).map(([, value]) => value);
	return (
		<li>
			<details open={isOpen}>
				<summary>
					<span class="when-seen">
						<Ago at={at} />
					</span>
					<span class="line-one">{message === issue.message ? summary.join(" · ") : message}</span>
				</summary>
				<div class="occurrence">
					<p class="sub">
						{exactTime(at)}
						{platform && ` · ${platform}`}
					</p>
					{message !== issue.message && <p class="issue-message">{message}</p>}
					<SessionLink of={occurrence} project={project} />
					<Frames backtrace={backtrace} />
					{rows.length > 0 && (
						<dl class="facts">
							{rows.map(([name, value]) => (
								<div key={name}>
									<dt>{name}</dt>
									<dd>{value}</dd>
								</div>
							))}
						</dl>
					)}
				</div>
			</details>
		</li>
	);
}

/** Fields of the context that are shown in the summary, because they tell the occurrences of an issue apart. */
const SUMMARY_FIELDS = ["request.method", "request.path", "environment", "release"];

function Frames({ backtrace }: { backtrace: string[] }) {
	const [isAll, setAll] = useState(false);
	if (!backtrace.length) return <p class="sub">{text.noBacktrace}</p>;
	return (
		<>
			<ol class="frames" aria-label={text.backtrace}>
				{(isAll ? backtrace : backtrace.slice(0, FRAMES)).map((frame, i) => (
					<li key={i} class={LIBRARY.test(frame) ? "library" : undefined}>
						<code>{frame}</code>
					</li>
				))}
			</ol>
			{!isAll && backtrace.length > FRAMES && (
				<button type="button" class="button quiet" onClick={() => setAll(true)}>
					{text.showAllFrames(backtrace.length)}
				</button>
			)}
		</>
	);
}

/** Matches frames of libraries and of the language runtime. */
const LIBRARY = /\/gems\/|node_modules\/|node:|\/lib\/ruby\/|\/site-packages\/|\/lib\/crystal\//;
