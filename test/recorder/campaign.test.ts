import { describe, expect, it } from "vitest";
import { campaignOf } from "../../recorder/campaign.ts";

describe("campaign parameters", () => {
	it.each([
		["?utm_source=news&utm_medium=mail&x=1", { utm_source: "news", utm_medium: "mail" }],
		["?UTM_Source=News&utm_source=second", { utm_source: "News" }],
		["?gclid=a&fbclid=b&msclkid=c", { gclid: "a", fbclid: "b", msclkid: "c" }],
		["?utm_campaign=spring+sale%21&utm_term=%20", { utm_campaign: "spring sale!" }],
		["?utm_secret=x&token=y", {}],
		["", {}],
		["?%E0%A4%A=x", {}],
		[`?utm_id=${"x".repeat(500)}`, { utm_id: "x".repeat(200) }],
	])("are read from %j", (search, found) => expect(campaignOf(search)).toEqual(found));
});
