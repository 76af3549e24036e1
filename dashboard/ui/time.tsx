import { useEffect, useState } from "preact/hooks";
import { startOfDay } from "../../src/contract/days.ts";
import { justNow } from "./ui.text.ts";

/** Formats times in the viewer's language and time zone. Functions with "Utc" in their names use UTC. */

const DAY = { year: "numeric", month: "short", day: "numeric" } as const;
const TIME = { hour: "2-digit", minute: "2-digit" } as const;
const exact = new Intl.DateTimeFormat(undefined, { ...DAY, ...TIME, second: "2-digit", timeZoneName: "short" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", ...TIME });
const time = new Intl.DateTimeFormat(undefined, TIME);
const day = new Intl.DateTimeFormat(undefined, DAY);
const utcDay = new Intl.DateTimeFormat(undefined, { ...DAY, timeZone: "UTC" });
const shortUtc = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });

/** A relative time ("5 min. ago"), or the date after a day; the exact time is the tooltip. */
export function Ago({ at }: { at: number }) {
	const now = useNow();
	return (
		<time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
			{ago(at, now)}
		</time>
	);
}

function ago(at: number, now: number): string {
	const seconds = Math.round((at - now) / 1000);
	if (seconds > -45) return justNow;
	if (seconds > -3600) return relative.format(Math.round(seconds / 60), "minute");
	if (seconds > -86_400) return relative.format(Math.round(seconds / 3600), "hour");
	return short.format(at);
}

/** Returns the current time, updated every 30 seconds, which is often enough for relative times. */
function useNow(): number {
	const [now, setNow] = useState(Date.now());
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), 30_000);
		return () => clearInterval(timer);
	}, []);
	return now;
}

/** Formats a time as "Jul 1, 2026, 12:04:05 PM GMT+2". */
export function exactTime(at: number): string {
	return exact.format(at);
}

/** Formats a time as "12:04 PM" or, if it is not today, as "Jul 1, 12:04 PM". */
export function shortTime(at: number): string {
	return (day.format(at) === day.format(Date.now()) ? time : short).format(at);
}

/** Formats the day of a time as "Jul 1, 2026". */
export function formatDay(at: number): string {
	return day.format(at);
}

/** Formats a UTC day as "Jul 1, 2026". @param utc yyyymmdd */
export function formatUtcDay(utc: number): string {
	return utcDay.format(startOfDay(utc));
}

/** Formats a UTC day as "Jul 1". @param at epoch milliseconds in that day */
export function shortUtcDay(at: number): string {
	return shortUtc.format(at);
}

/** Formats a duration as "8s", "2m 5s" or "1h 4m". */
export function duration(ms: number): string {
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds}s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 60) return seconds % 60 ? `${minutes}m ${seconds % 60}s` : `${minutes}m`;
	return minutes % 60 ? `${Math.floor(minutes / 60)}h ${minutes % 60}m` : `${Math.floor(minutes / 60)}h`;
}

/** Formats an offset in a recording as "0:08", "12:05" or "1:04:09". */
export function clock(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	const pad = (n: number) => String(n).padStart(2, "0");
	const minutes = Math.floor(seconds / 60);
	const tail = pad(seconds % 60);
	return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${tail}`;
}

export function bytes(count: number): string {
	if (count < 1000) return `${count} B`;
	if (count < 1_000_000) return `${(count / 1000).toFixed(count < 10_000 ? 1 : 0)} KB`;
	return `${(count / 1_000_000).toFixed(1)} MB`;
}
