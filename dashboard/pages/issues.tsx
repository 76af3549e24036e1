import { withQuery } from "../state/paths.ts";
import { query } from "../state/route.ts";
import { useTitle } from "../ui/title.ts";
import { BrowserIssues } from "./issues/browser.tsx";
import { ServerIssues } from "./issues/server.tsx";
import * as text from "./issues.text.ts";

/** Issues: exceptions reported by servers, and errors in browsers. */
export function IssuesPage() {
	const isBrowser = query("tab") === "browser";
	useTitle(isBrowser ? text.browserErrors : text.title);
	const href = (tab: string | null) =>
		withQuery("/issues", {
			...{ tab, project: query("project"), days: query("days"), since: query("since"), until: query("until") },
		});
	return (
		<div class="page">
			<header class="page-head">
				<h1>{text.title}</h1>
			</header>
			<nav class="tabs" aria-label={text.source}>
				<a href={href(null)} aria-current={isBrowser ? undefined : "page"}>
					{text.server}
				</a>
				<a href={href("browser")} aria-current={isBrowser ? "page" : undefined}>
					{text.browser}
				</a>
			</nav>
			{isBrowser ? <BrowserIssues /> : <ServerIssues />}
		</div>
	);
}
