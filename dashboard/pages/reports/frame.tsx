import type { ComponentChildren } from "preact";
import { REPORT_DAYS } from "../../state/filters.ts";
import type { Loaded } from "../../state/report.ts";
import { query, setQuery } from "../../state/route.ts";
import { Choice, Filters } from "../../ui/filters.tsx";
import { Blank } from "../../ui/shell.tsx";
import { formatUtcDay } from "../../ui/time.tsx";
import * as text from "./shared.text.ts";

const DEVICES = [
	["", text.allDevices],
	["Desktop", text.desktop],
	["Mobile", text.mobile],
	["Tablet", text.tablet],
] as const;

/** Fields that are in the response of every report. */
interface Report {
	projects: { id: string; name: string }[];
	isCut: boolean;
	isOpenCut: boolean;
	goneUntil: number | null;
}

interface ReportFrameProps<T> {
	loaded: Loaded<T>;
	isEmpty(data: T): boolean;
	/** Text of the empty state, which says how to get data into the report. */
	empty: ComponentChildren;
	controls?: ComponentChildren;
	/** Input of the report, shown above the content, even while the content is loading. */
	input?: ComponentChildren;
	/** Placeholder of the same size as the content, shown while the content is loading. */
	skeleton: ComponentChildren;
	children(data: T): ComponentChildren;
}

/** Projects of the report that was loaded last. They are shown while the next report is loading. */
let projects: Report["projects"] = [];

/** Shows the filter bar of a report, its state (loading, failed or empty), its notices and its content. */
export function ReportFrame<T extends Report>({
	loaded,
	isEmpty,
	empty,
	controls,
	input,
	skeleton,
	children,
}: ReportFrameProps<T>) {
	const { data, error, isLoading, reload } = loaded;
	if (data) projects = data.projects;
	return (
		<>
			<Filters projects={projects} days={REPORT_DAYS}>
				{controls}
				<Choice
					label={text.device}
					value={query("device") ?? ""}
					options={DEVICES}
					onChange={(device) => setQuery({ device: device || null })}
				/>
			</Filters>
			{error && (
				<p class="notice bad" role="alert">
					{error}{" "}
					<button type="button" class="button" onClick={reload}>
						{text.tryAgain}
					</button>
				</p>
			)}
			{data?.isCut && <p class="notice warn">{text.newestOnly}</p>}
			{data?.isOpenCut && <p class="notice warn">{text.liveMissing}</p>}
			{data && data.goneUntil !== null && <p class="notice">{text.recordingsDeleted(formatUtcDay(data.goneUntil))}</p>}
			<div aria-busy={isLoading} class={isLoading && data ? "stale" : undefined}>
				{input}
				{!data && !error && (
					<div class="skeleton" role="status" aria-label={text.loading}>
						{skeleton}
					</div>
				)}
				{data && (isEmpty(data) ? <Blank title={text.noData}>{empty}</Blank> : children(data))}
			</div>
		</>
	);
}
