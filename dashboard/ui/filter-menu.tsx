import { useEffect, useId, useRef, useState } from "preact/hooks";
import { pathOf } from "../../src/analytics/activity.ts";
import type { FilterName } from "../../src/contract/filter.ts";
import { MAX_SEGMENT_NAME_CHARS } from "../../src/contract/limits.ts";
import { api, type OverviewInfo, read, type SegmentItem, type StepsInfo } from "../api.ts";
import { addressFilter, FILTER_NAMES, FLAG_VALUES, filterLabel, setFilter } from "../state/filters.ts";
import { reportScope } from "../state/report.ts";
import { query, setQuery } from "../state/route.ts";
import { messageOf } from "../state/sessions.ts";
import { countryCode, countryName } from "./country.ts";

/** Behind a button: any filter there is, and those that were given a name. */
export function FilterMenu() {
	const menu = useRef<HTMLDetailsElement>(null);
	const [isOpen, setOpen] = useState(false);
	useEffect(() => {
		if (!isOpen) return;
		const close = () => {
			menu.current!.open = false;
		};
		const onPointer = ({ target }: Event) => menu.current!.contains(target as Node) || close();
		const onKey = ({ key }: KeyboardEvent) => {
			if (key !== "Escape") return;
			close();
			menu.current!.querySelector("summary")!.focus();
		};
		addEventListener("pointerdown", onPointer);
		addEventListener("keydown", onKey);
		return () => {
			removeEventListener("pointerdown", onPointer);
			removeEventListener("keydown", onKey);
		};
	}, [isOpen]);
	return (
		<details ref={menu} class="menu" onToggle={(event) => setOpen(event.currentTarget.open)}>
			<summary class="button">Filter</summary>
			{isOpen && (
				<div class="menu-box">
					<AddFilter />
					<Segments />
				</div>
			)}
		</details>
	);
}

/** Without the two that have their own place beside the menu. */
const CHOICES = Object.entries(FILTER_NAMES).filter(([name]) => name !== "q") as [FilterName, string][];

function AddFilter() {
	const id = useId();
	const [name, setName] = useState<FilterName>("page");
	const [value, setValue] = useState("");
	const known = useKnown(name);
	const isFlag = name in FLAG_VALUES;
	const add = (event: Event) => {
		event.preventDefault();
		const wanted = value.trim();
		const typed = name === "country" ? countryCode(wanted) : wanted;
		if (!typed && !isFlag) return;
		setQuery({ [name]: FLAG_VALUES[name] ?? typed });
		setValue("");
	};
	return (
		<form class="menu-form" onSubmit={add}>
			<label class="choice">
				<span class="hidden">Filter by</span>
				<select
					value={name}
					onChange={(event) => {
						setName(event.currentTarget.value as FilterName);
						setValue("");
					}}
				>
					{CHOICES.map(([it, words]) => (
						<option key={it} value={it}>
							{it === "viewed" ? filterLabel(it, "false") : words}
						</option>
					))}
				</select>
			</label>
			{!isFlag && (
				<label class="search-box">
					<span class="hidden">{FILTER_NAMES[name]}</span>
					<input
						list={id}
						value={value}
						maxLength={1_024}
						// Unset, Preact would leave an empty one behind, which nothing is like.
						pattern={RANGES.includes(name) ? "\\d{1,6}(-\\d{1,6})?" : ".*"}
						placeholder={EXAMPLES[name] ?? ""}
						onInput={(event) => setValue(event.currentTarget.value)}
					/>
				</label>
			)}
			<datalist id={id}>
				{known.map(([it, words]) => (
					<option key={it} value={it} label={words} />
				))}
			</datalist>
			<button type="submit" class="button accent">
				Add filter
			</button>
		</form>
	);
}

const RANGES: FilterName[] = ["duration", "score"];

const EXAMPLES: Partial<Record<FilterName, string>> = {
	...{
		page: "/pricing",
		clicked: "button#buy",
		tag: "signed_up",
		score: "60 or 60-80",
		duration: "120 or 30-120",
		user: "4711",
	},
	...{ entry: "https://…", referrer: "news.example", country: "DE", city: "Berlin", browser: "Firefox", os: "iOS" },
	...{ device: "Mobile", source: "newsletter", medium: "email", campaign: "summer", meta: "plan:pro" },
};

/** Values that there are, the most frequent first; with words where they say more. */
function useKnown(name: FilterName): (readonly [string, string])[] {
	const [overview, setOverview] = useState<OverviewInfo | null>(null);
	const [steps, setSteps] = useState<StepsInfo | null>(null);
	useEffect(() => {
		const { project, since, until } = reportScope();
		const asked = { query: { ...(project && { project }), ...(since && { since }), ...(until && { until }) } };
		// Only suggestions: without them one can still type.
		read(api.analytics.overview.$get(asked)).then(setOverview, () => {});
		read(api.analytics.steps.$get(asked)).then(setSteps, () => {});
	}, []);
	if (name === "page") return [...new Set((steps?.page ?? []).map(pathOf))].map((it) => [it, it]);
	if (name === "clicked") return (steps?.click ?? []).map((it) => [it, it]);
	if (name === "tag") return (steps?.tag ?? []).map((it) => [it, it]);
	const values = overview?.values as Record<string, { value: string }[]> | undefined;
	return (values?.[name] ?? []).map(({ value }) => [value, name === "country" ? countryName(value) : value]);
}

function Segments() {
	const project = query("project") ?? undefined;
	const [saved, setSaved] = useState<SegmentItem[] | null>(null);
	const [error, setError] = useState("");
	const [name, setName] = useState("");
	const [gone, setGone] = useState<SegmentItem | null>(null);
	const filter = addressFilter();
	const now = new URLSearchParams(filter).toString();
	const attempt = async (change: () => Promise<unknown>) => {
		try {
			await change();
			setSaved((await read(api.segments.$get({ query: { project } }))).segments);
			setError("");
		} catch (failure) {
			setError(messageOf(failure));
		}
	};
	useEffect(() => void attempt(async () => {}), [project]);
	const save = (event: Event) => {
		event.preventDefault();
		if (!name.trim()) return;
		void attempt(async () => {
			await read(api.segments.$post({ query: { project }, json: { name, query: now } }));
			setName("");
		});
	};
	return (
		<section class="menu-part">
			<h2>Segments</h2>
			{error && (
				<p class="notice bad" role="alert">
					{error}
				</p>
			)}
			{saved && !saved.length && !now && <p class="sub">Add filters, then save them under a name.</p>}
			<ul class="segments">
				{saved?.map((segment) => (
					<li key={segment.id}>
						<button
							type="button"
							class="button quiet"
							aria-pressed={segment.query === now}
							onClick={() => setFilter(Object.fromEntries(new URLSearchParams(segment.query)))}
						>
							{segment.name}
						</button>
						<button
							type="button"
							class="button quiet"
							aria-label={`Delete the segment ${segment.name}`}
							onClick={() =>
								void attempt(async () => {
									await read(api.segments[":id"].$delete({ param: { id: segment.id }, query: { project } }));
									setGone(segment);
								})
							}
						>
							×
						</button>
					</li>
				))}
			</ul>
			{gone && (
				<p class="sub" role="status">
					{gone.name} is deleted.{" "}
					<button
						type="button"
						class="button quiet"
						onClick={() =>
							void attempt(async () => {
								await read(api.segments.$post({ query: { project }, json: { name: gone.name, query: gone.query } }));
								setGone(null);
							})
						}
					>
						Undo
					</button>
				</p>
			)}
			{now && (
				<form class="menu-form" onSubmit={save}>
					<label class="search-box">
						<span class="hidden">Name of the segment</span>
						<input
							value={name}
							maxLength={MAX_SEGMENT_NAME_CHARS}
							placeholder="Name these filters"
							onInput={(event) => setName(event.currentTarget.value)}
						/>
					</label>
					<button type="submit" class="button">
						Save segment
					</button>
				</form>
			)}
		</section>
	);
}
