import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { FilterName } from "../../src/contract/filter.ts";
import { filterLabel, isoDay, type PeriodChoice, PRESETS, periodChoice, urlFilter } from "../state/filters.ts";
import { hrefWith, query, setQuery } from "../state/route.ts";
import { FilterMenu } from "./filter-menu.tsx";
import { count } from "./table.tsx";
import * as text from "./ui.text.ts";

interface FiltersProps {
	projects: { id: string; name: string }[];
	/** Default period in days; any time if absent. */
	days?: number;
	/** Hides the session filters, for pages whose rows are not sessions. */
	isPlain?: boolean;
	children?: ComponentChildren;
}

/** The filter bar of the lists and reports. The children are controls of the page, shown between project and period. */
export function Filters({ projects, days, isPlain, children }: FiltersProps) {
	const chips = isPlain ? [] : Object.entries(urlFilter());
	return (
		<search class="filters">
			{projects.length > 1 && (
				<Choice
					label={text.project}
					value={query("project") ?? projects[0]!.id}
					options={projects.map(({ id, name }) => [id, name])}
					onChange={(id) => setQuery({ project: id, url: null })}
				/>
			)}
			{children}
			<Period preset={days ?? "any"} />
			{!isPlain && <FilterMenu />}
			{chips
				.filter(
					([name, value]) => !(days ? name === "device" : name === "q" || (name === "errors" && value === "true")),
				)
				.map(([name, value]) => (
					<Chip key={name} label={filterLabel(name as FilterName, value)} onRemove={() => setQuery({ [name]: null })} />
				))}
		</search>
	);
}

interface ChoiceProps {
	label: string;
	value: string;
	/** Value and label of each option. */
	options: readonly (readonly [string, string])[];
	onChange(value: string): void;
}

export function Choice({ label, value, options, onChange }: ChoiceProps) {
	return (
		<label class="choice">
			<span class="hidden">{label}</span>
			<select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
				{options.map(([id, name]) => (
					<option key={id} value={id}>
						{name}
					</option>
				))}
			</select>
		</label>
	);
}

/** A choice whose options are all visible. They are links, so that each can be opened in a new tab or copied. */
export function Pills({ label, value, name, preset, options }: PillsProps) {
	return (
		<nav class="pills" aria-label={label}>
			{options.map(([id, content, n]) => (
				<a
					key={id}
					href={hrefWith({ [name]: id === preset ? null : id })}
					aria-current={id === value ? "true" : undefined}
				>
					{content} <span class="sub">{n !== undefined && count(n)}</span>
				</a>
			))}
		</nav>
	);
}

interface PillsProps {
	label: string;
	/** Query parameter that the links set. */
	name: string;
	value: string;
	/** Default value, which the URL omits. */
	preset: string;
	/** Value, label and number of items of each option. */
	options: readonly (readonly [string, ComponentChildren, number?])[];
}

/** An active filter with a button to remove it. */
export function Chip({ label, onRemove }: { label: string; onRemove(): void }) {
	return (
		<button type="button" class="button chip" aria-label={text.removeFilter(label)} onClick={onRemove}>
			{label} <span aria-hidden="true">×</span>
		</button>
	);
}

/** How long after the last input the search starts. */
const TYPING_PAUSE_MS = 250;

/** A search field. @param name query parameter that the search sets */
export function SearchBox({ label, name = "q" }: { label: string; name?: string }) {
	const input = useRef<HTMLInputElement>(null);
	const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
	const value = query(name) ?? "";
	// The URL may change without input in this field, such as by the Back button.
	useEffect(() => {
		if (input.current && document.activeElement !== input.current) input.current.value = value;
	}, [value]);
	const search = () => {
		clearTimeout(timer.current);
		setQuery({ [name]: input.current?.value.trim() || null }, true);
	};
	return (
		<label class="search-box">
			<span class="hidden">{label}</span>
			<input
				ref={input}
				type="search"
				placeholder={label}
				defaultValue={value}
				maxLength={200}
				onInput={() => {
					clearTimeout(timer.current);
					timer.current = setTimeout(search, TYPING_PAUSE_MS);
				}}
				onChange={search}
			/>
		</label>
	);
}

export function focusSearch(): void {
	document.querySelector<HTMLElement>(".search-box input")?.focus();
}

function Period({ preset }: { preset: PeriodChoice }) {
	const choice = String(periodChoice(preset));
	const choose = (next: string) => {
		const since = next === "between" ? isoDay(Date.now() - 6 * 86_400_000) : null;
		setQuery({ days: Number(next) && Number(next) !== preset ? next : null, since, until: null });
	};
	return (
		<>
			<Choice
				label={text.period}
				value={choice}
				options={[
					...(preset === "any" ? ([["any", text.anyTime]] as const) : []),
					...PRESETS.map((days) => [String(days), text.lastDays(days)] as const),
					["between", text.customRange],
				]}
				onChange={choose}
			/>
			{choice === "between" && (
				<span class="between">
					<Day name="since" label={text.from} />
					<span aria-hidden="true">–</span>
					<Day name="until" label={text.to} />
				</span>
			)}
		</>
	);
}

function Day({ name, label }: { name: "since" | "until"; label: string }) {
	return (
		<label class="choice">
			<span class="hidden">{label}</span>
			<input
				type="date"
				value={query(name)?.slice(0, 10) ?? ""}
				onChange={(event) => setQuery({ [name]: event.currentTarget.value || null })}
			/>
		</label>
	);
}
