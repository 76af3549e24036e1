/** `npm run cron`: one tick of upkeep on the local Worker, now. */
const url = `http://localhost:${process.env.PORT || 8787}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`;
const response = await fetch(url).catch(() => null);
if (!response?.ok) {
	console.error(`Nothing answered on ${new URL(url).origin}. Is npm run demo running?`);
	process.exit(1);
}
console.log("Upkeep ran once.");

export {};
