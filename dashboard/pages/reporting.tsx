import type { ComponentChildren } from "preact";
import { CopyLine } from "../ui/copy.tsx";
import { Logo } from "../ui/logo.tsx";

interface Props {
	title: string;
	project: string;
	/** Where it is posted, and what. */
	lane: "errors" | "track";
	body: object;
	/** What the last step is, and what comes of it. */
	verb: string;
	children: ComponentChildren;
}

/** What is there before a server has reported anything: a key, where it goes, and a line to try it with. */
export function Reporting({ title, project, lane, body, verb, children }: Props) {
	return (
		<div class="install">
			<Logo size={56} walking />
			<h2 class="install-title">{title}</h2>
			<ol>
				<li>
					<h3>Make a key</h3>
					<CopyLine text="openssl rand -hex 32" />
				</li>
				<li>
					<h3>Tell it to the Worker</h3>
					<p>
						Its secret <code>INGEST_KEYS</code> is the project, a colon and the key: <code>{project}:THE-KEY</code>.
						Several are parted by commas.
					</p>
					<CopyLine text="npx wrangler secret put INGEST_KEYS" />
				</li>
				<li>
					<h3>{verb}</h3>
					<p>{children}</p>
					<CopyLine
						text={`curl ${location.origin}/${lane} -H "Authorization: Bearer THE-KEY" -d '${JSON.stringify(body)}'`}
					/>
				</li>
			</ol>
		</div>
	);
}
