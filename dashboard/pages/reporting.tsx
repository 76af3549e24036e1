import type { ComponentChildren } from "preact";
import { CopyLine } from "../ui/copy.tsx";
import { Logo } from "../ui/logo.tsx";
import * as text from "./reporting.text.ts";

interface Props {
	title: string;
	project: string;
	/** Path of the endpoint, without the slash. */
	endpoint: "errors" | "track";
	/** Example of a request body. */
	body: object;
	/** Heading of the last step. The children are its text. */
	lastStep: string;
	children: ComponentChildren;
}

/** Setup steps, shown until a server has sent a report: create a key, add it to the Worker, send an example. */
export function Reporting({ title, project, endpoint, body, lastStep, children }: Props) {
	return (
		<div class="install">
			<Logo size={56} walking />
			<h2 class="install-title">{title}</h2>
			<ol>
				<li>
					<h3>{text.makeKey}</h3>
					<CopyLine text="openssl rand -hex 32" />
				</li>
				<li>
					<h3>{text.addKey}</h3>
					<p>
						{text.secretIs} <code>INGEST_KEYS</code> {text.secretFormat} <code>{project}:THE-KEY</code>.{" "}
						{text.severalKeys}
					</p>
					<CopyLine text="npx wrangler secret put INGEST_KEYS" />
				</li>
				<li>
					<h3>{lastStep}</h3>
					<p>{children}</p>
					<CopyLine
						text={`curl ${location.origin}/${endpoint} -H "Authorization: Bearer THE-KEY" -d '${JSON.stringify(body)}'`}
					/>
				</li>
			</ol>
		</div>
	);
}
