/** `npm run cron`: runs the background jobs of the local Worker once. Cron Triggers do not fire locally. */
const url = `http://localhost:${process.env.PORT || 8787}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`;
const response = await fetch(url).catch(() => null);
if (!response?.ok) {
	console.error(`No response from ${new URL(url).origin}. Start the Worker with npm run demo, or set PORT.`);
	process.exit(1);
}
console.log("Background jobs ran once.");

export {};
