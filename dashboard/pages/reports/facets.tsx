import { pathOf } from "../../../src/analytics/activity.ts";
import { recordingsHref } from "../../state/filters.ts";
import { countryName } from "../../ui/country.ts";

/** What sessions are told apart by where some reach something and others do not. */
export const FACETS = {
	entry: "By entry page",
	referrer: "By where they came from",
	source: "By source",
	medium: "By medium",
	campaign: "By campaign",
	device: "By device",
	country: "By country",
};

/** A value, leading to its recordings. */
export function FacetValue({ of, value }: { of: keyof typeof FACETS; value: string }) {
	return (
		<a class="page-name" title={value} href={recordingsHref({ [of]: value })}>
			{of === "entry" ? pathOf(value) : of === "country" ? countryName(value) : value}
		</a>
	);
}
