import type { ComponentChildren } from "preact";
import { REPORT_DAYS } from "../../state/filters.ts";
import type { Loaded } from "../../state/report.ts";
import { query, setQuery } from "../../state/route.ts";
import { Choice, Filters } from "../../ui/filters.tsx";
import { Blank } from "../../ui/shell.tsx";
import { formatUtcDay } from "../../ui/time.tsx";

const DEVICES = [
	["", "All devices"],
	["Desktop", "Desktop"],
	["Mobile", "Phones"],
	["Tablet", "Tablets"],
] as const;

interface Answer {
	projects: { id: string; name: string }[];
	isCut: boolean;
	isOpenCut: boolean;
	goneUntil: number | null;
}

interface FrameProps<T> {
	loaded: Loaded<T>;
	isEmpty(data: T): boolean;
	/** What to do to see something here. */
	empty: ComponentChildren;
	controls?: ComponentChildren;
	children(data: T): ComponentChildren;
}

/** Filters, and what a report shows while it loads, fails, is empty or was cut. */
export function Frame<T extends Answer>({ loaded, isEmpty, empty, controls, children }: FrameProps<T>) {
	const { data, error, isLoading, reload } = loaded;
	return (
		<>
			<Filters projects={data?.projects ?? []} days={REPORT_DAYS}>
				{controls}
				<Choice
					label="Device"
					value={query("device") ?? ""}
					options={DEVICES}
					onChange={(device) => setQuery({ device: device || null })}
				/>
			</Filters>
			{error && (
				<p class="notice bad" role="alert">
					{error}{" "}
					<button type="button" class="button" onClick={reload}>
						Try again
					</button>
				</p>
			)}
			{data?.isCut && (
				<p class="notice warn">There is more than a page can count at once: these are the newest sessions.</p>
			)}
			{data?.isOpenCut && (
				<p class="notice warn">
					More sessions are going on than are counted at once: the others count when they have ended.
				</p>
			)}
			{data && data.goneUntil !== null && (
				<p class="notice">
					Recordings up to {formatUtcDay(data.goneUntil)} are gone, and this can only be told from those that are kept.
				</p>
			)}
			<div aria-busy={isLoading} class={isLoading && data ? "stale" : undefined}>
				{!data && !error && <div class="skeleton report-skeleton" role="status" aria-label="Loading" />}
				{data && (isEmpty(data) ? <Blank title="Nothing in this period">{empty}</Blank> : children(data))}
			</div>
		</>
	);
}
