import type { ComponentChildren } from "preact";
import { route } from "../state/route.ts";
import { icons } from "./icons.tsx";
import { KeyboardShortcuts, KeyboardShortcutsButton } from "./keys.tsx";
import { Logo } from "./logo.tsx";
import * as text from "./ui.text.ts";

/** The frame of every page: navigation rail and main content. */
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
				{text.skipToContent}
			</a>
			<nav class="rail" aria-label={text.mainNavigation}>
				<a href="/" class="rail-mark" aria-label={text.home}>
					<Logo />
				</a>
				{item("/", text.sessions, icons.sessions, ["sessions", "replay", "import"].includes(page))}
				{item("/analytics", text.analytics, icons.analytics, page === "analytics")}
				{item("/issues", text.issues, icons.issues, ["issues", "issue"].includes(page))}
				{item("/server-events", text.events, icons.events, ["events", "event"].includes(page))}
				{item("/maintenance", text.maintenance, icons.maintenance, page === "maintenance")}
				<KeyboardShortcutsButton class="rail-item rail-end" />
				<form method="post" action="/logout">
					<button type="submit" class="rail-item">
						{icons.exit}
						<span>{text.logOut}</span>
					</button>
				</form>
			</nav>
			<main id="main" tabIndex={-1}>
				{children}
			</main>
			<KeyboardShortcuts />
		</div>
	);
}

/** An empty state or a page-level error; the children name the next step. */
export function Blank({ title, children }: { title: string; children?: ComponentChildren }) {
	return (
		<div class="blank">
			<Logo size={56} />
			<h1>{title}</h1>
			{children}
		</div>
	);
}

/** A page that is loading. @param label text for screen readers, such as "Loading the issue" */
export function Loading({ label }: { label: string }) {
	return (
		<div class="blank" role="status">
			<Logo size={56} walking />
			<span class="hidden">{label}</span>
		</div>
	);
}
