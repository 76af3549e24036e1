import { CUSTOM, META, type RecordedEvent } from "../src/contract/events.ts";
import { cutAtQuery, type Redactor } from "../src/contract/redact.ts";
import { WIRE_VERSION } from "../src/contract/wire.ts";
import { createBuffer, textOf } from "./buffer.ts";
import { campaignOf } from "./campaign.ts";
import type { Boot } from "./config.ts";
import type { Cost } from "./cost.ts";
import type { Parcel, Store } from "./parcel.ts";
import { openSession, type Session } from "./session.ts";
import { createTransport } from "./transport.ts";

/** What becomes of events: numbered batches of the current session, sent now, later or never. */
export interface Recording {
	readonly session: Session;
	/** An event of rrweb's, its attributes scrubbed. */
	add(event: RecordedEvent, urgent: boolean): void;
	/** An event of ours, or of the site's own. What cannot be written down is told on the console, and lost. */
	tell(timestamp: number, tag: string, payload: unknown, urgent?: boolean): void;
	/** Facts about the session. */
	say(values: Record<string, unknown>): void;
	flush(): void;
	/** The page is hidden, or going for good. */
	leave(forGood: boolean): void;
	/** The page, or the network, is back. */
	resume(): void;
	attach(store: Store): void;
	/** What is held back may be sent, and all that follows. */
	release(): void;
	/** The session is over: joins the browser's next one, or begins it. */
	renew(): void;
	/** Forgets all that was not sent, and takes no more. */
	end(): void;
	readonly state: Readonly<{ held: boolean; lost: number; problem: string | null; bytes: number }>;
}

export interface RecordingOptions {
	boot: Boot;
	redactor: Redactor;
	cost: Cost;
	/** The server wants nothing more of this session. */
	onStop(): void;
	/** What is held back would begin too long ago: a fresh snapshot is due. */
	onStale(): void;
}

export function openRecording({ boot, redactor, cost, onStop, onStale }: RecordingOptions): Recording {
	const { config } = boot;
	const startedAt = Date.now();
	const page = () => ({ url: cutAtQuery(location.href), referrer: cutAtQuery(document.referrer) });
	const session = openSession(config, startedAt, page(), boot.writeCookie);
	const state = { held: false, lost: 0, problem: null as string | null, bytes: 0 };
	const lookBackMs = config.recordOn.length ? config.lookBackMinutes * 60_000 : Number.POSITIVE_INFINITY;
	let seq = 0;
	let metadata: Record<string, unknown> | null = null;
	/** What the page said, which is said again to the next session. */
	let lasting: Record<string, unknown> = {};
	let lastStart = startedAt;
	let timer: ReturnType<typeof setTimeout> | undefined;

	const transport = createTransport(config.eventsUrl, {
		onStop: ({ sessionId }) => sessionId === session.sessionId && onStop(),
		onLost(problem) {
			state.lost++;
			state.problem = problem;
		},
		onSent(bytes) {
			state.bytes += bytes;
		},
	});
	const said = new WeakMap<Parcel, Record<string, unknown> | null>();
	const buffer = createBuffer(startedAt, config, {
		/** Numbered; from here on it does not change. Its keys are in the order of `Batch`. */
		seal(events, label) {
			const end = cost.begin();
			const { sessionId, windowId } = session;
			const project = config.project || undefined;
			const head = textOf({ v: WIRE_VERSION, project, sessionId, windowId, seq: seq++ });
			const tail = metadata === null ? "" : `,"metadata":${textOf(metadata)}`;
			const parcel = transport.seal(`${head.slice(0, -1)},"events":${events}${tail}}`, {
				sessionId,
				windowId,
				...label,
			});
			said.set(parcel, metadata);
			end();
			return parcel;
		},
		send(parcel) {
			// What was said since it was sealed goes with the next.
			if (said.get(parcel) === metadata) metadata = null;
			transport.send(parcel);
			if (state.held) transport.forgetBefore(Date.now() - lookBackMs);
		},
	});
	/** Made plain and redacted at once: what cannot be written down costs its key, never the batch. */
	const say = (values: Record<string, unknown>) => {
		for (const key of Object.keys(values)) {
			try {
				metadata = { ...metadata, ...redactor.metadata({ [key]: plain(values[key]) }) };
			} catch (error) {
				console.warn(`Sentiero: the metadata ${key} could not be recorded`, error);
			}
		}
	};
	const hold = () => {
		clearTimeout(timer);
		const tooYoung = session.createdAt + config.minimumDurationMs - Date.now();
		state.held = !session.isReleased && (config.recordOn.length > 0 || tooYoung > 0);
		transport.hold(state.held);
		if (state.held && !config.recordOn.length) timer = setTimeout(hold, tooYoung);
	};
	const introduce = () => {
		hold();
		if (config.captureMetadata) {
			say({
				url: location.href,
				title: document.title,
				referrer: document.referrer,
				viewport: `${innerWidth}x${innerHeight}`,
				language: navigator.language,
				entry_url: session.entryUrl,
				entry_referrer: session.entryReferrer,
				...(session.isNew && campaignOf(location.search)),
			});
		}
		say(lasting);
	};
	introduce();
	return {
		session,
		state,
		add(event, urgent) {
			const end = cost.begin();
			if (state.held && event.type === META) {
				// A batch of its own to begin with: what is older can be forgotten.
				buffer.flush();
				lastStart = Date.now();
			}
			buffer.add(redactor.event(event), urgent);
			if (state.held && Date.now() - lastStart > lookBackMs) onStale();
			end();
		},
		tell(timestamp, tag, payload, urgent = false) {
			const end = cost.begin();
			try {
				buffer.add(redactor.event({ type: CUSTOM, timestamp, data: { tag, payload: plain(payload) } }), urgent);
			} catch (error) {
				console.warn(`Sentiero: the event ${tag} could not be recorded`, error);
			}
			end();
		},
		say(values) {
			lasting = { ...lasting, ...values };
			say(values);
		},
		flush: buffer.flush,
		leave(forGood) {
			buffer.leave();
			transport.leave(forGood);
		},
		resume: transport.resume,
		attach: transport.attach,
		release() {
			if (!session.isReleased) session.release();
			hold();
		},
		renew() {
			buffer.flush();
			// Held to its end: it was never to be sent.
			if (state.held) transport.clear();
			session.join(Date.now(), page());
			seq = 0;
			metadata = null;
			introduce();
		},
		end() {
			clearTimeout(timer);
			buffer.discard();
			transport.clear();
		},
	};
}

/** As JSON has it: a page's objects may be live, or go in circles. @throws what `JSON.stringify` throws */
function plain(value: unknown): unknown {
	return JSON.parse(textOf(value) ?? "null");
}
