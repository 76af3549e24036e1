/** Location and browser of a session, from Cloudflare's request data and the User-Agent. Contains no IP address. */
export interface Client {
	/** ISO 3166-1 alpha-2 code, in upper case. */
	country?: string;
	region?: string;
	city?: string;
	timezone?: string;
	browser?: string;
	os?: string;
	device?: "Desktop" | "Mobile" | "Tablet";
	bot?: true;
}
