import { useEffect, useState } from "preact/hooks";
import { api, type MaintenanceInfo, read } from "../api.ts";
import { CopyLine } from "../ui/copy.tsx";
import { Logo } from "../ui/logo.tsx";
import * as text from "./install.text.ts";

/** Setup steps, shown until the first session arrives, and the reasons why batches were rejected. */
export function Install({ project }: { project?: string }) {
	const [info, setInfo] = useState<MaintenanceInfo | null>(null);
	useEffect(() => {
		const load = () => void read(api.maintenance.$get()).then(setInfo, () => {});
		load();
		const timer = setInterval(load, 5_000);
		return () => clearInterval(timer);
	}, []);
	const several = (info?.projects.length ?? 0) > 1;
	const current = info?.projects.find(({ id }) => id === project) ?? info?.projects[0];
	const projectAttribute = several && current ? ` data-project="${current.id}"` : "";
	const tag = `<script src="${location.origin}/recorder.js"${projectAttribute} defer></script>`;
	const origins = current?.origins ?? [];
	const refused = info?.refusals.filter(({ reason, origin }) => reason === "origin_refused" && origin) ?? [];
	const optedOut = info?.refusals.filter(({ reason }) => reason === "opted_out" || reason === "global_privacy_control");
	return (
		<div class="install">
			<Logo size={56} walking />
			<h1>{text.waiting}</h1>
			<ol>
				<li>
					<h2>{text.allowYourSite}</h2>
					{origins.length ? (
						<p>
							{text.allowed} <code>{origins.join(", ")}</code>
						</p>
					) : (
						<>
							<p>
								{text.noneAllowed} <code>wrangler.toml</code> {text.andDeploy}
							</p>
							<CopyLine
								text={`${several ? "origins" : "CORS_ORIGINS"} = ["${refused[0]?.origin ?? "https://your-site.example"}"]`}
							/>
						</>
					)}
					{refused.map(({ origin, count }) => (
						<p class="notice warn" key={origin}>
							<code>{origin}</code> {text.refused(count)}
						</p>
					))}
				</li>
				<li>
					<h2>{text.addTheTag}</h2>
					<p>{text.inTheHead}</p>
					<CopyLine text={tag} />
					<p>{text.withCsp}</p>
					<CopyLine text={`script-src ${location.origin}; connect-src ${location.origin}`} />
				</li>
				<li>
					<h2>{text.openYourSite}</h2>
					<p>{text.aFewSeconds}</p>
					{optedOut && optedOut.length > 0 && (
						<p class="notice">{text.optedOut(optedOut.reduce((sum, { count }) => sum + count, 0))}</p>
					)}
				</li>
			</ol>
		</div>
	);
}
