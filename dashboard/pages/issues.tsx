import { useEffect } from "preact/hooks";
import { withQuery } from "../state/paths.ts";
import { query } from "../state/route.ts";
import { BrowserIssues } from "./issues/browser.tsx";
import { ServerIssues } from "./issues/server.tsx";

/** What went wrong: on the servers, and in the browsers of those who came. */
export function IssuesPage() {
	const isBrowser = query("tab") === "browser";
	useEffect(() => {
		document.title = "Issues – Sentiero";
	}, []);
	const href = (tab: string | null) =>
		withQuery("/issues", {
			...{ tab, project: query("project"), days: query("days"), since: query("since"), until: query("until") },
		});
	return (
		<div class="page">
			<header class="page-head">
				<h1>Issues</h1>
			</header>
			<nav class="tabs" aria-label="Where it went wrong">
				<a href={href(null)} aria-current={isBrowser ? undefined : "page"}>
					Server
				</a>
				<a href={href("browser")} aria-current={isBrowser ? "page" : undefined}>
					Browser
				</a>
			</nav>
			{isBrowser ? <BrowserIssues /> : <ServerIssues />}
		</div>
	);
}
