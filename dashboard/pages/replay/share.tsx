import { useEffect, useRef, useState } from "preact/hooks";
import { SHARE_DAYS } from "../../../src/contract/limits.ts";
import { api, read, type SessionDetail, type ShareItem } from "../../api.ts";
import type { Replay } from "../../state/replay.ts";
import { messageOf } from "../../state/sessions.ts";
import { isShareable } from "../../state/shareable.ts";
import { CopyButton } from "../../ui/copy.tsx";
import { icons } from "../../ui/icons.tsx";
import { Ago, exactTime } from "../../ui/time.tsx";

/** Links to this recording, for people without a login. */
export function ShareButton({ replay }: { replay: Replay }) {
	const [open, setOpen] = useState(false);
	const session = replay.detail.value?.session;
	return (
		<>
			<button
				type="button"
				class="button quiet"
				aria-label="Share this recording"
				disabled={!session}
				onClick={() => setOpen(true)}
			>
				{icons.share}
				<span>Share</span>
			</button>
			{open && session && <ShareDialog session={session} onClose={() => setOpen(false)} />}
		</>
	);
}

const fileOf = (sid: string, project: string, format: string) =>
	`/api/sessions/${sid}/file?${new URLSearchParams({ project, format })}`;

interface ShareDialogProps {
	session: SessionDetail["session"];
	onClose(): void;
}

function ShareDialog({ session: { id: sid, project }, onClose }: ShareDialogProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	const [shares, setShares] = useState<ShareItem[] | null>(null);
	const [days, setDays] = useState<(typeof SHARE_DAYS)[number]>(7);
	const [link, setLink] = useState("");
	const [error, setError] = useState("");
	const of = { param: { sid }, query: { project } };
	const load = async () => {
		try {
			setShares((await read(api.sessions[":sid"].shares.$get(of))).shares);
		} catch (failure) {
			setError(messageOf(failure));
		}
	};
	useEffect(() => {
		dialog.current?.showModal();
		if (isShareable) void load();
	}, []);
	const attempt = async (ask: () => Promise<unknown>) => {
		setError("");
		try {
			await ask();
			await load();
		} catch (failure) {
			setError(messageOf(failure));
		}
	};
	const create = async () => {
		const { share, token } = await read(api.sessions[":sid"].shares.$post({ ...of, json: { days } }));
		setLink(`${location.origin}/share/${share.id}#${token}`);
	};
	const revoke = async (id: string) => {
		await read(api.sessions[":sid"].shares[":id"].$delete({ ...of, param: { sid, id } }));
		if (link.includes(`/share/${id}#`)) setLink("");
	};
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
		<dialog
			ref={dialog}
			class="confirm share"
			aria-labelledby="share-title"
			onClose={onClose}
			onClick={(event) => event.target === dialog.current && dialog.current?.close()}
		>
			<h2 id="share-title">Share this recording</h2>
			{!isShareable ? (
				<p>
					Sharing is off. Write <code>SHAREABLE_REPLAYS = true</code> under <code>[vars]</code> in wrangler.toml and
					deploy: then a recording can be shown by link to people without a login, or kept as a file.
				</p>
			) : (
				<>
					<p>Whoever has the link sees this recording, and is not told whose it is, where or when.</p>
					<form
						class="share-new"
						onSubmit={(event) => {
							event.preventDefault();
							void attempt(create);
						}}
					>
						<label class="choice">
							<span class="hidden">Ends after</span>
							<select
								value={String(days)}
								onChange={(event) => setDays(SHARE_DAYS.find((it) => String(it) === event.currentTarget.value) ?? 7)}
							>
								{SHARE_DAYS.map((it) => (
									<option key={it} value={String(it)}>
										{it === 1 ? "For a day" : `For ${it} days`}
									</option>
								))}
							</select>
						</label>
						<button type="submit" class="button accent" disabled={!shares}>
							Make a link
						</button>
					</form>
					{link && (
						<div class="share-link" role="status">
							<input readOnly aria-label="The link" value={link} onFocus={(event) => event.currentTarget.select()} />
							<CopyButton text={() => link} label="Copy the link">
								Copy
							</CopyButton>
							<p class="sub">Copy it now: it is not shown again.</p>
						</div>
					)}
					{shares && shares.length > 0 && (
						<ul class="share-list" aria-label="Links">
							{shares.map((share) => (
								<li key={share.id}>
									<span>
										<span>
											Made <Ago at={share.createdAt} />
										</span>
										<span class="sub">
											ends {exactTime(share.expiresAt)} · {share.views === 1 ? "1 view" : `${share.views} views`}
											{share.viewedAt !== null && (
												<>
													, last <Ago at={share.viewedAt} />
												</>
											)}
										</span>
									</span>
									<button type="button" class="button" onClick={() => void attempt(() => revoke(share.id))}>
										Revoke
									</button>
								</li>
							))}
						</ul>
					)}
					<h3>As a file</h3>
					<p class="sub">
						HTML plays by itself, without the network, and holds no more than a link shows. JSON holds every event as it
						is stored, for other tools and for the Import page.
					</p>
					<div class="share-files">
						{(["html", "json"] as const).map((format) => (
							<form key={format} method="post" action={fileOf(sid, project, format)}>
								<button type="submit" class="button">
									Download {format.toUpperCase()}
								</button>
							</form>
						))}
					</div>
				</>
			)}
			{error && (
				<p class="notice bad" role="alert">
					{error}
				</p>
			)}
			<div class="actions">
				<button type="button" class="button" onClick={() => dialog.current?.close()}>
					Close
				</button>
			</div>
		</dialog>
	);
}
