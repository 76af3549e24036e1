import { useEffect, useRef, useState } from "preact/hooks";
import { SHARE_DAYS } from "../../../src/contract/limits.ts";
import { api, read, type SessionDetail, type ShareItem } from "../../api.ts";
import type { Replay } from "../../state/replay.ts";
import { messageOf } from "../../state/sessions.ts";
import { isShareable } from "../../state/shareable.ts";
import { CopyButton } from "../../ui/copy.tsx";
import { icons } from "../../ui/icons.tsx";
import { Ago, exactTime } from "../../ui/time.tsx";
import { share } from "../replay.text.ts";
import * as text from "./share.text.ts";

/** A button that opens the dialog for share links and exported files. */
export function ShareButton({ replay }: { replay: Replay }) {
	const [open, setOpen] = useState(false);
	const session = replay.detail.value?.session;
	return (
		<>
			<button
				type="button"
				class="button quiet"
				aria-label={text.shareRecording}
				disabled={!session}
				onClick={() => setOpen(true)}
			>
				{icons.share}
				<span>{share}</span>
			</button>
			{open && session && <ShareDialog session={session} onClose={() => setOpen(false)} />}
		</>
	);
}

const exportPath = (sid: string, project: string, format: string) =>
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
	const request = { param: { sid }, query: { project } };
	const load = async () => {
		try {
			setShares((await read(api.sessions[":sid"].shares.$get(request))).shares);
		} catch (failure) {
			setError(messageOf(failure));
		}
	};
	useEffect(() => {
		dialog.current?.showModal();
		if (isShareable) void load();
	}, []);
	const attempt = async (change: () => Promise<unknown>) => {
		setError("");
		try {
			await change();
			await load();
		} catch (failure) {
			setError(messageOf(failure));
		}
	};
	const create = async () => {
		const created = await read(api.sessions[":sid"].shares.$post({ ...request, json: { days } }));
		setLink(`${location.origin}/share/${created.share.id}#${created.token}`);
	};
	const revoke = async (id: string) => {
		await read(api.sessions[":sid"].shares[":id"].$delete({ ...request, param: { sid, id } }));
		if (link.includes(`/share/${id}#`)) setLink("");
	};
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the browser closes a dialog on Escape
		<dialog
			ref={dialog}
			class="confirm share"
			aria-labelledby="share-title"
			onClose={onClose}
			onClick={(event) => event.target === dialog.current && dialog.current?.close()}
		>
			<h2 id="share-title">{text.shareRecording}</h2>
			{!isShareable ? (
				<p>
					{text.sharingIsOff} <code>SHAREABLE_REPLAYS = true</code> {text.inWranglerToml}
				</p>
			) : (
				<>
					<p>{text.whatIsShown}</p>
					<form
						class="share-new"
						onSubmit={(event) => {
							event.preventDefault();
							void attempt(create);
						}}
					>
						<label class="choice">
							<span class="hidden">{text.expiresAfter}</span>
							<select
								value={String(days)}
								onChange={(event) => setDays(SHARE_DAYS.find((it) => String(it) === event.currentTarget.value) ?? 7)}
							>
								{SHARE_DAYS.map((it) => (
									<option key={it} value={String(it)}>
										{text.days(it)}
									</option>
								))}
							</select>
						</label>
						<button type="submit" class="button accent" disabled={!shares}>
							{text.createLink}
						</button>
					</form>
					{link && (
						<div class="share-link" role="status">
							<input
								readOnly
								aria-label={text.shareLink}
								value={link}
								onFocus={(event) => event.currentTarget.select()}
							/>
							<CopyButton text={() => link} label={text.copyLink}>
								{text.copy}
							</CopyButton>
							<p class="sub">{text.copyNow}</p>
						</div>
					)}
					{shares && shares.length > 0 && (
						<ul class="share-list" aria-label={text.activeLinks}>
							{shares.map((item) => (
								<li key={item.id}>
									<span>
										<span>
											{text.created} <Ago at={item.createdAt} />
										</span>
										<span class="sub">
											{text.expires(exactTime(item.expiresAt))} · {text.views(item.views)}
											{item.viewedAt !== null && (
												<>
													, {text.lastViewed} <Ago at={item.viewedAt} />
												</>
											)}
										</span>
									</span>
									<button type="button" class="button" onClick={() => void attempt(() => revoke(item.id))}>
										{text.revoke}
									</button>
								</li>
							))}
						</ul>
					)}
					<h3>{text.exportAsFile}</h3>
					<p class="sub">{text.formats}</p>
					<div class="share-files">
						{(["html", "json"] as const).map((format) => (
							<form key={format} method="post" action={exportPath(sid, project, format)}>
								<button type="submit" class="button">
									{text.download(format)}
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
					{text.close}
				</button>
			</div>
		</dialog>
	);
}
