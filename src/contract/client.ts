/** Where a visit comes from and what it runs on, as the edge saw it; no address among it. */
export interface Client {
	/** ISO 3166-1 alpha-2, upper case. */
	country?: string;
	region?: string;
	city?: string;
	timezone?: string;
	browser?: string;
	os?: string;
	device?: "Desktop" | "Mobile" | "Tablet";
	bot?: true;
}
