import { useEffect, useId, useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import { api, read, type StepsInfo } from "../../api.ts";
import { type Scope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";
import * as text from "./shared.text.ts";

/** The input for a funnel step or a goal, such as `page:/pricing`, `click:button#buy` or `tag:bought`. */

const KINDS = [
	["page", text.stepPage],
	["click", text.stepClick],
	["tag", text.stepEvent],
] as const;

/** Returns the pages, selectors and event names that occur in the period; null while loading. */
export function useSuggestions(scope: Scope): StepsInfo | null {
	return useReport(JSON.stringify(scope), () => read(api.analytics.steps.$get({ query: scope })), SLOW_REFRESH_MS).data;
}

interface StepInputProps {
	label: string;
	value: string;
	suggestions: StepsInfo | null;
	onChange(value: string): void;
}

export function StepInput({ label, value, suggestions, onChange }: StepInputProps) {
	const id = useId();
	const [, kind = "page", initial = ""] = /^(\w+):(.*)$/s.exec(value) ?? [];
	// The typed text is local state, because the report around this input may render again while the user types.
	const [typed, setTyped] = useState(initial);
	useEffect(() => setTyped(initial), [kind, initial]);
	const known = suggestions?.[kind as keyof Pick<StepsInfo, "page" | "click" | "tag">] ?? [];
	const options = kind === "page" ? [...new Set(known.map(pathOf))] : known;
	return (
		<fieldset class="step">
			<legend class="hidden">{label}</legend>
			<span aria-hidden="true">{label}</span>
			<label class="choice">
				<span class="hidden">{text.stepType(label)}</span>
				<select value={kind} onChange={(event) => onChange(`${event.currentTarget.value}:`)}>
					{KINDS.map(([name, title]) => (
						<option key={name} value={name}>
							{title}
						</option>
					))}
				</select>
			</label>
			<label class="search-box">
				<span class="hidden">{text.stepValue(label)}</span>
				<input
					list={id}
					value={typed}
					placeholder={kind === "page" ? "/pricing" : kind === "click" ? "button#buy" : "signed_up"}
					onInput={(event) => setTyped(event.currentTarget.value)}
					onChange={(event) => onChange(`${kind}:${normalizeStep(kind, event.currentTarget.value.trim())}`)}
				/>
			</label>
			<datalist id={id}>
				{options.map((option) => (
					<option key={option} value={option} />
				))}
			</datalist>
		</fieldset>
	);
}

/** Adds the slash that is missing at the start of a path, or at the end of a URL without a path. */
function normalizeStep(kind: string, typed: string): string {
	if (kind !== "page" || !typed) return typed;
	if (URL.canParse(typed)) return new URL(typed).pathname === "/" && !typed.endsWith("/") ? `${typed}/` : typed;
	return typed.startsWith("/") ? typed : `/${typed}`;
}
