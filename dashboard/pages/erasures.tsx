import { useState } from "preact/hooks";
import { api, read } from "../api.ts";
import { messageOf } from "../state/sessions.ts";
import { Confirm } from "../ui/confirm.tsx";
import { formatDay } from "../ui/time.tsx";
import * as text from "./erasures.text.ts";

type Kind = keyof typeof text.kinds;

/** Request body that selects the sessions to delete or export. */
type Selection = Record<string, unknown>;

interface StoredSession {
	project: string;
	id: string;
	chunks: unknown[];
}

/** A form to delete or export sessions: those of a person, before a day, with a metadata value, or with given IDs. */
export function PersonalData({ onDone }: { onDone(): void }) {
	const [kind, setKind] = useState<Kind>("person");
	const [values, setValues] = useState<Record<string, string>>({});
	const [found, setFound] = useState<{ selection: Selection; count: number } | null>(null);
	const [message, setMessage] = useState("");
	const [isConfirming, setConfirming] = useState(false);
	const set = (name: string) => (event: Event) => {
		setValues({ ...values, [name]: (event.currentTarget as HTMLInputElement).value });
		setFound(null);
		setMessage("");
	};
	const field = (name: string, label: string, isDay = false) => {
		const common = { name, value: values[name] ?? "", onInput: set(name), required: true };
		const id = `erase-${name}`;
		return (
			<div class="field">
				<label for={id}>{label}</label>
				{isDay ? <input id={id} type="date" {...common} /> : <input id={id} type="text" {...common} />}
			</div>
		);
	};
	const find = async (event: Event) => {
		event.preventDefault();
		const selection = selectionOf(kind, values);
		setMessage("");
		try {
			const { count } = await read(api.erasures.count.$post({ json: selection as never }));
			setFound({ selection, count });
		} catch (failure) {
			setMessage(messageOf(failure));
		}
	};
	const erase = async () => {
		let total = 0;
		for (;;) {
			const step = await read(api.erasures.$post({ json: found!.selection as never }));
			total += step.erased;
			setMessage(text.deletedSoFar(total));
			if (step.more) continue;
			setMessage(text.deleted(total, formatDay(step.platformKeepsUntil)));
			break;
		}
		setFound(null);
		onDone();
	};
	const download = async () => {
		const byKey = new Map<string, StoredSession>();
		let cursor: string | undefined;
		do {
			const part = await partOf(found!.selection, cursor);
			if (!part) return setMessage(text.exportFailed);
			for (const session of part.sessions) {
				const sessionKey = `${session.project} ${session.id}`;
				const known = byKey.get(sessionKey);
				if (known) known.chunks.push(...session.chunks);
				else byKey.set(sessionKey, session);
			}
			cursor = part.cursor ?? undefined;
			setMessage(text.fetchedSoFar(byKey.size, found!.count));
		} while (cursor);
		const json = JSON.stringify({ exportedAt: Date.now(), sessions: [...byKey.values()] });
		setMessage(text.exported(byKey.size));
		const link = document.createElement("a");
		link.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
		link.download = `export-${nameOf(found!.selection)}.json`;
		link.click();
		URL.revokeObjectURL(link.href);
	};
	// Unknown IDs can be deleted too: their data may arrive later, or be missing from the index.
	const canErase = found && (found.count > 0 || kind === "ids");
	const action = text.deleteFound(found?.count ?? 0);
	return (
		<section>
			<h2>{text.title}</h2>
			<p>{text.about}</p>
			<form class="fields" onSubmit={find}>
				<label class="field">
					{text.sessions}
					<select
						value={kind}
						onChange={(event) => {
							setKind(event.currentTarget.value as Kind);
							setFound(null);
							setMessage("");
						}}
					>
						{Object.entries(text.kinds).map(([value, name]) => (
							<option key={value} value={value}>
								{name}
							</option>
						))}
					</select>
				</label>
				{kind === "person" && field("userId", text.userId)}
				{kind === "before" && field("before", text.beforeDay, true)}
				{kind === "metadata" && field("key", text.key)}
				{kind === "metadata" && field("value", text.value)}
				{kind === "ids" && field("ids", text.ids)}
				<button type="submit" class="button">
					{text.find}
				</button>
			</form>
			<div class="work">
				{found && canErase && (
					<button type="button" class="button danger" onClick={() => setConfirming(true)}>
						{action}
					</button>
				)}
				{found && found.count > 0 && (
					<button type="button" class="button" onClick={() => void download()}>
						{text.exportFound}
					</button>
				)}
				<span role="status">{found?.count === 0 ? text.noneFound : message}</span>
			</div>
			{isConfirming && found && (
				<Confirm
					title={text.confirmTitle(action)}
					action={action}
					onConfirm={erase}
					onClose={() => setConfirming(false)}
				>
					{text.confirmBody}
				</Confirm>
			)}
		</section>
	);
}

interface Part {
	sessions: StoredSession[];
	cursor: string | null;
}

/** Requests a part of the export. Returns null if the request fails. */
async function partOf(selection: Selection, cursor: string | undefined): Promise<Part | null> {
	try {
		const response: Response = await api.erasures.export.$post({ json: selection as never, query: { cursor } });
		return response.ok ? ((await response.json()) as Part) : null;
	} catch {
		return null;
	}
}

/** Returns the user ID, the first session ID, or else "sessions", in a form that is valid in file names. */
function nameOf({ userId, sessionIds }: Selection): string {
	return String(userId ?? [sessionIds].flat()[0] ?? "sessions").replace(/[^\w.-]/g, "_");
}

function selectionOf(kind: Kind, values: Record<string, string>): Selection {
	const value = (name: string) => (values[name] ?? "").trim();
	switch (kind) {
		case "person":
			return { userId: value("userId") };
		case "before":
			return { until: Date.parse(`${value("before")}T00:00:00Z`) - 1 };
		case "metadata":
			return { metadata: { key: value("key"), value: value("value") } };
		case "ids":
			return {
				sessionIds: value("ids")
					.split(/[\s,]+/)
					.filter(Boolean),
			};
	}
}
