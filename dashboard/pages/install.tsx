import { useEffect, useState } from "preact/hooks";
import { api, type MaintenanceInfo, read } from "../api.ts";
import { CopyLine } from "../ui/copy.tsx";
import { Logo } from "../ui/logo.tsx";

/** What is there before the first session: the one tag to paste, and what stood in its way so far. */
export function Install({ project }: { project?: string }) {
	const [info, setInfo] = useState<MaintenanceInfo | null>(null);
	useEffect(() => {
		const load = () => void read(api.maintenance.$get()).then(setInfo, () => {});
		load();
		const timer = setInterval(load, 5_000);
		return () => clearInterval(timer);
	}, []);
	const several = (info?.projects.length ?? 0) > 1;
	const own = info?.projects.find(({ id }) => id === project) ?? info?.projects[0];
	const named = several && own ? ` data-project="${own.id}"` : "";
	const tag = `<script src="${location.origin}/recorder.js"${named} defer></script>`;
	const origins = own?.origins ?? [];
	const refused = info?.refusals.filter(({ reason, origin }) => reason === "origin_refused" && origin) ?? [];
	const privately = info?.refusals.filter(
		({ reason }) => reason === "opted_out" || reason === "global_privacy_control",
	);
	return (
		<div class="install">
			<Logo size={56} walking />
			<h1>Waiting for the first visit</h1>
			<ol>
				<li>
					<h2>Say which site may record</h2>
					{origins.length ? (
						<p>
							Allowed so far: <code>{origins.join(", ")}</code>
						</p>
					) : (
						<>
							<p>
								No site may yet. Add yours to <code>wrangler.toml</code> and deploy again:
							</p>
							<CopyLine
								text={`${several ? "origins" : "CORS_ORIGINS"} = ["${refused[0]?.origin ?? "https://your-site.example"}"]`}
							/>
						</>
					)}
					{refused.map(({ origin, count }) => (
						<p class="notice warn" key={origin}>
							<code>{origin}</code> tried {count === 1 ? "once" : `${count} times`} and was refused: it is not among the
							allowed ones.
						</p>
					))}
				</li>
				<li>
					<h2>Paste this into its pages</h2>
					<p>Anywhere in the head.</p>
					<CopyLine text={tag} />
					<p>If the site has a Content-Security-Policy, add this to it:</p>
					<CopyLine text={`script-src ${location.origin}; connect-src ${location.origin}`} />
				</li>
				<li>
					<h2>Visit it</h2>
					<p>The session is here a few seconds later. What people type is masked from the start.</p>
					{privately && privately.length > 0 && (
						<p class="notice">
							{privately.reduce((sum, { count }) => sum + count, 0)} visits were left unrecorded because the visitor's
							browser asked for it.
						</p>
					)}
				</li>
			</ol>
		</div>
	);
}
