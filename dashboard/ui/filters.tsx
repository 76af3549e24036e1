import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { FilterName } from "../../src/contract/filter.ts";
import { addressFilter, filterLabel, isoDay, type PeriodChoice, PRESETS, periodChoice } from "../state/filters.ts";
import { hrefWith, query, setQuery } from "../state/route.ts";
import { FilterMenu } from "./filter-menu.tsx";

/** The one bar of filters; a page adds its own between the project and the period. */
interface FiltersProps {
	projects: { id: string; name: string }[];
	/** The period when the address says none; unset, any time. */
	days?: number;
	/** Its rows are no sessions: their filters are not offered. */
	isPlain?: boolean;
	children?: ComponentChildren;
}

export function Filters({ projects, days, isPlain, children }: FiltersProps) {
	const chips = isPlain ? [] : Object.entries(addressFilter());
	return (
		<search class="filters">
			{projects.length > 1 && (
				<Choice
					label="Project"
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
					<Chip key={name} words={filterLabel(name as FilterName, value)} onRemove={() => setQuery({ [name]: null })} />
				))}
		</search>
	);
}

interface ChoiceProps {
	label: string;
	value: string;
	/** Value and words. */
	options: readonly (readonly [string, string])[];
	onChange(value: string): void;
}

export function Choice({ label, value, options, onChange }: ChoiceProps) {
	return (
		<label class="choice">
			<span class="hidden">{label}</span>
			<select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
				{options.map(([id, words]) => (
					<option key={id} value={id}>
						{words}
					</option>
				))}
			</select>
		</label>
	);
}

/** One of a few, all to be seen: links, so that each is an address. */
export function Pills({ label, value, name, preset, options }: PillsProps) {
	return (
		<nav class="pills" aria-label={label}>
			{options.map(([id, words, n]) => (
				<a
					key={id}
					href={hrefWith({ [name]: id === preset ? null : id })}
					aria-current={id === value ? "true" : undefined}
				>
					{words} {n !== undefined && <span class="sub">{n.toLocaleString()}</span>}
				</a>
			))}
		</nav>
	);
}

interface PillsProps {
	label: string;
	/** Of what it sets in the address. */
	name: string;
	value: string;
	/** What it is when the address says nothing. */
	preset: string;
	/** Value, words (or more), and how many there are. */
	options: readonly (readonly [string, ComponentChildren, number?])[];
}

/** A filter that came with a link, and can be taken off. */
export function Chip({ words, onRemove }: { words: string; onRemove(): void }) {
	return (
		<button type="button" class="button chip" aria-label={`${words}: show all again`} onClick={onRemove}>
			{words} <span aria-hidden="true">×</span>
		</button>
	);
}

/** Waits for a pause in typing. */
const TYPING_MS = 250;

/** @param name of what it sets in the address */
export function SearchBox({ label, name = "q" }: { label: string; name?: string }) {
	const input = useRef<HTMLInputElement>(null);
	const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
	const value = query(name) ?? "";
	// Changed by another way, such as the back button.
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
					timer.current = setTimeout(search, TYPING_MS);
				}}
				onChange={search}
			/>
		</label>
	);
}

export function focusSearch(): void {
	document.querySelector<HTMLElement>(".search-box input")?.focus();
}

const nameOf = (days: number) => (days === 1 ? "Today" : `Last ${days} days`);

function Period({ preset }: { preset: PeriodChoice }) {
	const choice = String(periodChoice(preset));
	const choose = (next: string) => {
		const since = next === "between" ? isoDay(Date.now() - 6 * 86_400_000) : null;
		setQuery({ days: Number(next) && Number(next) !== preset ? next : null, since, until: null });
	};
	return (
		<>
			<Choice
				label="Period"
				value={choice}
				options={[
					...(preset === "any" ? ([["any", "Any time"]] as const) : []),
					...PRESETS.map((days) => [String(days), nameOf(days)] as const),
					["between", "Between…"],
				]}
				onChange={choose}
			/>
			{choice === "between" && (
				<span class="between">
					<Day name="since" label="From" />
					<span aria-hidden="true">–</span>
					<Day name="until" label="To" />
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
