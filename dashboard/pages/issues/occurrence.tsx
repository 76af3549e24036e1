import { useState } from "preact/hooks";
import type { IssueItem, OccurrenceItem } from "../../api.ts";
import { flatten } from "../../state/flatten.ts";
import { Ago, exactTime } from "../../ui/time.tsx";
import { SessionLink } from "./session-link.tsx";

const FRAMES = 20;

interface Props {
	occurrence: OccurrenceItem;
	issue: IssueItem;
	/** Named in links where there are several. */
	project: string | undefined;
	isOpen: boolean;
}

/** One time it happened, with all that was told of it. */
export function Occurrence({ occurrence, issue, project, isOpen }: Props) {
	const { at, message, context, platform, backtrace } = occurrence;
	const rows = flatten(context);
	const brief = rows.filter(([name]) => BRIEF.includes(name)).map(([, value]) => value);
	return (
		<li>
			<details open={isOpen}>
				<summary>
					<span class="when-seen">
						<Ago at={at} />
					</span>
					<span class="line-one">{message === issue.message ? brief.join(" · ") : message}</span>
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

/** Of the context, what tells occurrences apart in a line. */
const BRIEF = ["request.method", "request.path", "environment", "release"];

function Frames({ backtrace }: { backtrace: string[] }) {
	const [isAll, setAll] = useState(false);
	if (!backtrace.length) return <p class="sub">It came without a backtrace.</p>;
	return (
		<>
			<ol class="frames" aria-label="Backtrace, the innermost frame first">
				{(isAll ? backtrace : backtrace.slice(0, FRAMES)).map((frame, i) => (
					<li key={i} class={FOREIGN.test(frame) ? "foreign" : undefined}>
						<code>{frame}</code>
					</li>
				))}
			</ol>
			{!isAll && backtrace.length > FRAMES && (
				<button type="button" class="button quiet" onClick={() => setAll(true)}>
					Show all {backtrace.length} frames
				</button>
			)}
		</>
	);
}

/** Of a library or the language itself, not of the site's own code. */
const FOREIGN = /\/gems\/|node_modules\/|node:|\/lib\/ruby\/|\/site-packages\/|\/lib\/crystal\//;
