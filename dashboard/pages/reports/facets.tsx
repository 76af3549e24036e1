import { pathOf } from "../../../src/analytics/activity.ts";
import { sessionListHref } from "../../state/filters.ts";
import { countryName } from "../../ui/country.ts";
import * as text from "./shared.text.ts";

/** Breakdowns of funnels and conversions, with their titles. */
export const FACETS = {
	entry: text.byEntry,
	referrer: text.byReferrer,
	source: text.bySource,
	medium: text.byMedium,
	campaign: text.byCampaign,
	device: text.byDevice,
	country: text.byCountry,
};

/** A value of a breakdown, with a link to the sessions that have the value. */
export function FacetValue({ of, value }: { of: keyof typeof FACETS; value: string }) {
	return (
		<a class="page-name" title={value} href={sessionListHref({ [of]: value })}>
			{of === "entry" ? pathOf(value) : of === "country" ? countryName(value) : value}
		</a>
	);
}
