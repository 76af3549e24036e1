import { render } from "preact";
import { Viewer } from "./pages/viewer.tsx";
import * as text from "./share.text.ts";
import { sharedSource } from "./state/shared.ts";
import { KeyboardShortcuts, KeyboardShortcutsButton } from "./ui/keys.tsx";
import { Logo } from "./ui/logo.tsx";

/** The page that a share link opens. */

function start() {
	const source = sharedSource(location.pathname.split("/")[2] ?? "", location.hash.slice(1));
	render(
		<main>
			<Viewer
				source={source}
				head={
					<>
						<Logo />
						<h1 class="headline">{text.sharedRecording}</h1>
						<span class="sub replay-tools">
							{text.masked} <KeyboardShortcutsButton class="button quiet" />
						</span>
					</>
				}
				notFound={<p>{text.invalidLink}</p>}
			/>
			<KeyboardShortcuts />
		</main>,
		document.getElementById("app")!,
	);
}

// If the same link is opened in this tab with another token, for example because the first token was truncated, only
// the hash of the URL changes, and the browser does not reload the page.
addEventListener("hashchange", () => location.reload());
start();
