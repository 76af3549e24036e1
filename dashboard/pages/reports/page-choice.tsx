import { pathOf } from "../../../src/analytics/activity.ts";
import { setQuery } from "../../state/route.ts";
import { Choice } from "../../ui/filters.tsx";
import * as text from "./shared.text.ts";

interface PageChoiceProps {
	url: string | null;
	/** URL and label of each page; null while the pages load. */
	options: (readonly [string, string])[] | null;
}

/** A choice of the page of a report. The width is fixed, so that the filter bar does not move when the pages load. */
export function PageChoice({ url, options }: PageChoiceProps) {
	return (
		<span class="page-choice">
			<Choice
				label={text.page}
				value={url ?? ""}
				options={options ?? [[url ?? "", url ? pathOf(url) : text.loading]]}
				onChange={(page) => setQuery({ url: page })}
			/>
		</span>
	);
}
