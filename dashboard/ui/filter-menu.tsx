import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { pathOf } from "../../src/analytics/activity.ts";
import type { FilterName } from "../../src/contract/filter.ts";
import { MAX_SEGMENT_NAME_CHARS } from "../../src/contract/limits.ts";
import { api, type OverviewInfo, read, type SegmentItem, type StepsInfo } from "../api.ts";
import { FLAG_VALUES, filterLabel, setFilter, urlFilter } from "../state/filters.ts";
import { reportScope } from "../state/report.ts";
import { query, setQuery } from "../state/route.ts";
import { messageOf } from "../state/sessions.ts";
import { filterNames } from "../state/state.text.ts";
import { countryCode, countryName } from "./country.ts";
import * as text from "./ui.text.ts";

/** A button that opens a menu with a form to add a filter, and with the saved segments. */
export function FilterMenu() {
	const menu = useRef<HTMLDetailsElement>(null);
	const box = useRef<HTMLDivElement>(null);
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
	useLayoutEffect(() => {
		if (!isOpen) return;
		const fit = () => fitIntoViewport(menu.current!, box.current!);
		fit();
		addEventListener("resize", fit);
		return () => removeEventListener("resize", fit);
	}, [isOpen]);
	return (
		<details ref={menu} class="menu" onToggle={(event) => setOpen(event.currentTarget.open)}>
			<summary class="button">{text.filter}</summary>
			{isOpen && (
				<div ref={box} class="menu-box">
					<AddFilter />
					<Segments />
				</div>
			)}
		</details>
	);
}

/** Distance of the open menu from the edges of the viewport. */
const MARGIN_PX = 16;
/** Minimum height of the menu. If the viewport has less space, the page scrolls. */
const MIN_HEIGHT_PX = 240;

/** Moves the open menu sideways and limits its height, so that it is inside the viewport. */
function fitIntoViewport(menu: HTMLElement, box: HTMLElement): void {
	const { left, bottom } = menu.getBoundingClientRect();
	const { clientWidth, clientHeight } = document.documentElement;
	const rightmost = clientWidth - MARGIN_PX - box.offsetWidth;
	box.style.left = `${Math.max(MARGIN_PX, Math.min(left, rightmost)) - left}px`;
	box.style.maxHeight = `${Math.max(MIN_HEIGHT_PX, clientHeight - bottom - MARGIN_PX)}px`;
}

/** All filters except the text search, which has its own field. */
const CHOICES = Object.entries(filterNames).filter(([name]) => name !== "q") as [FilterName, string][];

function AddFilter() {
	const id = useId();
	const [name, setName] = useState<FilterName>("page");
	const [value, setValue] = useState("");
	const suggestions = useSuggestions(name);
	const isFlag = name in FLAG_VALUES;
	const add = (event: Event) => {
		event.preventDefault();
		const typed = name === "country" ? countryCode(value.trim()) : value.trim();
		if (!typed && !isFlag) return;
		setQuery({ [name]: FLAG_VALUES[name] ?? typed });
		setValue("");
	};
	return (
		<form class="menu-form" onSubmit={add}>
			<label class="choice">
				<span class="hidden">{text.filterBy}</span>
				<select
					value={name}
					onChange={(event) => {
						setName(event.currentTarget.value as FilterName);
						setValue("");
					}}
				>
					{CHOICES.map(([it, label]) => (
						<option key={it} value={it}>
							{it === "viewed" ? filterLabel(it, "false") : label}
						</option>
					))}
				</select>
			</label>
			{!isFlag && (
				<label class="search-box">
					<span class="hidden">{filterNames[name]}</span>
					<input
						list={id}
						value={value}
						maxLength={1_024}
						// `.*` instead of no pattern: Preact would leave an empty attribute behind, which no value matches.
						pattern={RANGES.includes(name) ? "\\d{1,6}(-\\d{1,6})?" : ".*"}
						placeholder={(text.examples as Partial<Record<FilterName, string>>)[name] ?? ""}
						onInput={(event) => setValue(event.currentTarget.value)}
					/>
				</label>
			)}
			<datalist id={id}>
				{suggestions.map(([it, label]) => (
					<option key={it} value={it} label={label} />
				))}
			</datalist>
			<button type="submit" class="button accent">
				{text.addFilter}
			</button>
		</form>
	);
}

/** Filters whose values are numbers or ranges. */
const RANGES: FilterName[] = ["duration", "score"];

/** Returns the values of a filter that occur in the period, most frequent first, each with its label. */
function useSuggestions(name: FilterName): (readonly [string, string])[] {
	const [overview, setOverview] = useState<OverviewInfo | null>(null);
	const [steps, setSteps] = useState<StepsInfo | null>(null);
	useEffect(() => {
		const { project, since, until } = reportScope();
		const request = { query: { ...(project && { project }), ...(since && { since }), ...(until && { until }) } };
		// Errors are ignored: the field works without suggestions.
		read(api.analytics.overview.$get(request)).then(setOverview, () => {});
		read(api.analytics.steps.$get(request)).then(setSteps, () => {});
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
	const [deleted, setDeleted] = useState<SegmentItem | null>(null);
	const filter = urlFilter();
	const current = new URLSearchParams(filter).toString();
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
			await read(api.segments.$post({ query: { project }, json: { name, query: current } }));
			setName("");
		});
	};
	return (
		<section class="menu-part">
			<h2>{text.segments}</h2>
			{error && (
				<p class="notice bad" role="alert">
					{error}
				</p>
			)}
			{saved && !saved.length && !current && <p class="sub">{text.noSegments}</p>}
			<ul class="segments">
				{saved?.map((segment) => (
					<li key={segment.id}>
						<button
							type="button"
							class="button quiet"
							aria-pressed={segment.query === current}
							onClick={() => setFilter(Object.fromEntries(new URLSearchParams(segment.query)))}
						>
							{segment.name}
						</button>
						<button
							type="button"
							class="button quiet"
							aria-label={text.deleteSegment(segment.name)}
							onClick={() =>
								void attempt(async () => {
									await read(api.segments[":id"].$delete({ param: { id: segment.id }, query: { project } }));
									setDeleted(segment);
								})
							}
						>
							×
						</button>
					</li>
				))}
			</ul>
			{deleted && (
				<p class="sub" role="status">
					{text.segmentDeleted(deleted.name)}{" "}
					<button
						type="button"
						class="button quiet"
						onClick={() =>
							void attempt(async () => {
								await read(
									api.segments.$post({ query: { project }, json: { name: deleted.name, query: deleted.query } }),
								);
								setDeleted(null);
							})
						}
					>
						{text.undo}
					</button>
				</p>
			)}
			{current && (
				<form class="menu-form" onSubmit={save}>
					<label class="search-box">
						<span class="hidden">{text.segmentName}</span>
						<input
							value={name}
							maxLength={MAX_SEGMENT_NAME_CHARS}
							placeholder={text.segmentName}
							onInput={(event) => setName(event.currentTarget.value)}
						/>
					</label>
					<button type="submit" class="button">
						{text.saveSegment}
					</button>
				</form>
			)}
		</section>
	);
}
