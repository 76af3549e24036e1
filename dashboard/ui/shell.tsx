import type { ComponentChildren } from "preact";
import { route } from "../state/route.ts";
import { icons } from "./icons.tsx";
import { Logo } from "./logo.tsx";

/** The rail and what it leads to. */
export function Shell({ children }: { children: ComponentChildren }) {
	const { page } = route.value;
	const item = (href: string, label: string, icon: ComponentChildren, active: boolean) => (
		<a href={href} class="rail-item" aria-current={active ? "page" : undefined}>
			{icon}
			<span>{label}</span>
		</a>
	);
	return (
		<div class="shell">
			<a class="skip" href="#main">
				Skip to content
			</a>
			<nav class="rail" aria-label="Main">
				<a href="/" class="rail-mark" aria-label="Sentiero, sessions">
					<Logo />
				</a>
				{item("/", "Sessions", icons.sessions, ["sessions", "replay", "import"].includes(page))}
				{item("/analytics", "Analytics", icons.analytics, page === "analytics")}
				{item("/issues", "Issues", icons.issues, ["issues", "issue"].includes(page))}
				{item("/server-events", "Events", icons.events, ["events", "event"].includes(page))}
				{item("/maintenance", "Maintenance", icons.maintenance, page === "maintenance")}
				<form method="post" action="/logout" class="rail-exit">
					<button type="submit" class="rail-item">
						{icons.exit}
						<span>Log out</span>
					</button>
				</form>
			</nav>
			<main id="main" tabIndex={-1}>
				{children}
			</main>
		</div>
	);
}

/** A page that has nothing to show, or could not. */
export function Blank({ title, children }: { title: string; children?: ComponentChildren }) {
	return (
		<div class="blank">
			<Logo size={56} />
			<h1>{title}</h1>
			{children}
		</div>
	);
}

export function Loading({ label }: { label: string }) {
	return (
		<div class="blank" role="status">
			<Logo size={56} walking />
			<span class="hidden">{label}</span>
		</div>
	);
}
