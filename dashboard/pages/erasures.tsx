import { useState } from "preact/hooks";
import { api, read } from "../api.ts";
import { messageOf } from "../state/sessions.ts";
import { Confirm } from "../ui/confirm.tsx";

type Kind = "person" | "before" | "metadata" | "ids";

const KINDS: Record<Kind, string> = {
	person: "of a person",
	before: "from before a day",
	metadata: "with a metadata value",
	ids: "by their ids",
};

type Selection = Record<string, unknown>;

interface StoredSession {
	project: string;
	id: string;
	chunks: unknown[];
}

/** Deletes what a person, a day, a fact or ids name, and hands out what is held about them. */
export function PersonalData({ onDone }: { onDone(): void }) {
	const [kind, setKind] = useState<Kind>("person");
	const [values, setValues] = useState<Record<string, string>>({});
	const [found, setFound] = useState<{ selection: Selection; count: number } | null>(null);
	const [said, say] = useState("");
	const [asking, ask] = useState(false);
	const set = (name: string) => (event: Event) => {
		setValues({ ...values, [name]: (event.currentTarget as HTMLInputElement).value });
		setFound(null);
		say("");
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
		say("");
		try {
			const { count } = await read(api.erasures.count.$post({ json: selection as never }));
			setFound({ selection, count });
		} catch (failure) {
			say(messageOf(failure));
		}
	};
	const erase = async () => {
		let total = 0;
		for (;;) {
			const step = await read(api.erasures.$post({ json: found!.selection as never }));
			total += step.erased;
			say(`${sessions(total)} deleted…`);
			if (step.more) continue;
			const until = new Date(step.platformKeepsUntil).toLocaleDateString();
			const gone = total
				? `${sessions(total)} deleted.`
				: "Nothing was stored under that, and nothing will be that still comes.";
			say(
				`${gone} Cloudflare's own copies of the index (D1 Time Travel) are gone by ${until} at the latest. Copies that you made with npm run backup keep what they have.`,
			);
			break;
		}
		setFound(null);
		onDone();
	};
	const download = async () => {
		const whole = new Map<string, StoredSession>();
		let cursor: string | undefined;
		do {
			const part = await partOf(found!.selection, cursor);
			if (!part) return say("The export could not be made. Try again.");
			for (const session of part.sessions) {
				const known = whole.get(`${session.project} ${session.id}`);
				if (known) known.chunks.push(...session.chunks);
				else whole.set(`${session.project} ${session.id}`, session);
			}
			cursor = part.cursor ?? undefined;
			say(`${sessions(whole.size)} of ${found!.count.toLocaleString()} fetched…`);
		} while (cursor);
		const json = JSON.stringify({ exportedAt: Date.now(), sessions: [...whole.values()] });
		say(`${sessions(whole.size)} handed out.`);
		const link = document.createElement("a");
		link.href = URL.createObjectURL(new Blob([json], { type: "application/json" }));
		link.download = `export-${nameOf(found!.selection)}.json`;
		link.click();
		URL.revokeObjectURL(link.href);
	};
	/** What is unknown may be on its way, or lie where the index was lost. */
	const canErase = found && (found.count > 0 || kind === "ids");
	const action = found?.count ? `Delete ${sessions(found.count)}` : "Delete what may still come of them";
	return (
		<section>
			<h2>Delete or hand out recordings</h2>
			<p>Deleted sessions are gone from R2 and D1 at once, and stay away whatever arrives later.</p>
			<form class="fields" onSubmit={find}>
				<label class="field">
					Sessions
					<select
						value={kind}
						onChange={(event) => {
							setKind(event.currentTarget.value as Kind);
							setFound(null);
							say("");
						}}
					>
						{Object.entries(KINDS).map(([value, text]) => (
							<option key={value} value={value}>
								{text}
							</option>
						))}
					</select>
				</label>
				{kind === "person" && field("userId", "Their id, as Sentiero.identify has it")}
				{kind === "before" && field("before", "Before this day (UTC)", true)}
				{kind === "metadata" && field("key", "Name")}
				{kind === "metadata" && field("value", "Value")}
				{kind === "ids" && field("ids", "Ids, parted by commas or spaces")}
				<button type="submit" class="button">
					Find
				</button>
			</form>
			<div class="work">
				{found && canErase && (
					<button type="button" class="button danger" onClick={() => ask(true)}>
						{action}
					</button>
				)}
				{found && found.count > 0 && (
					<button type="button" class="button" onClick={() => void download()}>
						Download them
					</button>
				)}
				<span role="status">{found?.count === 0 ? "No sessions like that." : said}</span>
			</div>
			{asking && found && (
				<Confirm title={`${action}?`} action={action} onConfirm={erase} onClose={() => ask(false)}>
					Their recordings and all that is known of them go for good. This cannot be undone.
				</Confirm>
			)}
		</section>
	);
}

interface Part {
	sessions: StoredSession[];
	cursor: string | null;
}

/** What is held comes in parts; null when one does not. */
async function partOf(selection: Selection, cursor: string | undefined): Promise<Part | null> {
	try {
		const response: Response = await api.erasures.export.$post({ json: selection as never, query: { cursor } });
		return response.ok ? ((await response.json()) as Part) : null;
	} catch {
		return null;
	}
}

function nameOf({ userId, sessionIds }: Selection): string {
	return String(userId ?? [sessionIds].flat()[0] ?? "sessions").replace(/[^\w.-]/g, "_");
}

const sessions = (count: number) => (count === 1 ? "1 session" : `${count.toLocaleString()} sessions`);

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
