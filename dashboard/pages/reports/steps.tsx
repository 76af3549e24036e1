import { useEffect, useId, useState } from "preact/hooks";
import { pathOf } from "../../../src/analytics/activity.ts";
import { api, read, type StepsInfo } from "../../api.ts";
import { type Scope, SLOW_REFRESH_MS, useReport } from "../../state/report.ts";

/** A step of a funnel, or a goal: `page:/pricing`, `click:button#buy`, `tag:bought`. */

const KINDS = [
	["page", "Page"],
	["click", "Click on"],
	["tag", "Event"],
] as const;

export function useVocabulary(scope: Scope): StepsInfo | null {
	return useReport(JSON.stringify(scope), () => read(api.analytics.steps.$get({ query: scope })), SLOW_REFRESH_MS).data;
}

interface StepInputProps {
	label: string;
	value: string;
	words: StepsInfo | null;
	onChange(value: string): void;
}

export function StepInput({ label, value, words, onChange }: StepInputProps) {
	const id = useId();
	const [, kind = "page", rest = ""] = /^(\w+):(.*)$/s.exec(value) ?? [];
	// Of its own: the report around it is drawn anew while somebody types.
	const [typed, setTyped] = useState(rest);
	useEffect(() => setTyped(rest), [kind, rest]);
	const known = words?.[kind as keyof Pick<StepsInfo, "page" | "click" | "tag">] ?? [];
	const options = kind === "page" ? [...new Set(known.map(pathOf))] : known;
	return (
		<fieldset class="step">
			<legend class="hidden">{label}</legend>
			<span aria-hidden="true">{label}</span>
			<label class="choice">
				<span class="hidden">{label}: kind</span>
				<select value={kind} onChange={(event) => onChange(`${event.currentTarget.value}:`)}>
					{KINDS.map(([name, title]) => (
						<option key={name} value={name}>
							{title}
						</option>
					))}
				</select>
			</label>
			<label class="search-box">
				<span class="hidden">{label}: which</span>
				<input
					list={id}
					value={typed}
					placeholder={kind === "page" ? "/pricing" : kind === "click" ? "button#buy" : "signed_up"}
					onInput={(event) => setTyped(event.currentTarget.value)}
					onChange={(event) => onChange(`${kind}:${wholeOf(kind, event.currentTarget.value.trim())}`)}
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

/** A page begins with a slash, and a site alone is its first page. */
function wholeOf(kind: string, typed: string): string {
	if (kind !== "page" || !typed) return typed;
	if (URL.canParse(typed)) return new URL(typed).pathname === "/" && !typed.endsWith("/") ? `${typed}/` : typed;
	return typed.startsWith("/") ? typed : `/${typed}`;
}
