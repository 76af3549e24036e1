import { render } from "preact";
import { AnalyticsPage } from "./pages/analytics.tsx";
import { ImportPage } from "./pages/import.tsx";
import { IssuePage } from "./pages/issue.tsx";
import { IssuesPage } from "./pages/issues.tsx";
import { MaintenancePage } from "./pages/maintenance.tsx";
import { ReplayPage } from "./pages/replay.tsx";
import { ServerEventPage } from "./pages/server-event.tsx";
import { ServerEventsPage } from "./pages/server-events.tsx";
import { SessionsPage } from "./pages/sessions.tsx";
import { interceptLinks, route } from "./state/route.ts";
import { useNavigationFocus } from "./ui/navigation-focus.ts";
import { Blank, Shell } from "./ui/shell.tsx";
import { useTitle } from "./ui/title.ts";
import * as text from "./ui/ui.text.ts";

function App() {
	useNavigationFocus();
	return <Shell>{page()}</Shell>;
}

function page() {
	const at = route.value;
	switch (at.page) {
		case "sessions":
			return <SessionsPage />;
		case "replay":
			// The key does not contain `wid`, so that loaded data is kept when another tab of the session is shown.
			return <ReplayPage key={at.sid} sid={at.sid} wid={at.wid} />;
		case "analytics":
			return <AnalyticsPage report={at.report} />;
		case "issues":
			return <IssuesPage />;
		case "issue":
			return <IssuePage key={at.fingerprint} fingerprint={at.fingerprint} />;
		case "events":
			return <ServerEventsPage />;
		case "event":
			return <ServerEventPage key={at.id} id={at.id} />;
		case "maintenance":
			return <MaintenancePage />;
		case "import":
			return <ImportPage />;
		case "nothing":
			return <PageNotFound />;
	}
}

function PageNotFound() {
	useTitle(text.pageNotFound);
	return (
		<Blank title={text.pageNotFound}>
			<a class="button" href="/">
				{text.allSessions}
			</a>
		</Blank>
	);
}

const root = document.getElementById("app")!;
interceptLinks(root);
render(<App />, root);
