import { render } from "preact";
import { Viewer } from "./pages/viewer.tsx";
import { sharedRecording } from "./state/shared.ts";
import { Logo } from "./ui/logo.tsx";

/** The page that a link leads to. */

function start() {
	const source = sharedRecording(location.pathname.split("/")[2] ?? "", location.hash.slice(1));
	render(
		<main>
			<Viewer
				source={source}
				head={
					<>
						<Logo />
						<h1 class="headline">A recording</h1>
						<span class="sub replay-tools">Masked as it was recorded</span>
					</>
				}
				gone={<p>The link is not whole, it was taken back, or its time has ended. Ask who sent it for another.</p>}
			/>
		</main>,
		document.getElementById("app")!,
	);
}

// Another link to the same recording, put into the same tab.
addEventListener("hashchange", () => location.reload());
start();
