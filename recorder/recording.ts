import { CUSTOM, META, type RecordedEvent } from "../src/contract/events.ts";
import { MAX_METADATA_VALUE_CHARS } from "../src/contract/limits.ts";
import { cutAtQuery, type Redactor } from "../src/contract/redact.ts";
import { WIRE_VERSION } from "../src/contract/wire.ts";
import { createBuffer, textOf } from "./buffer.ts";
import { campaignOf } from "./campaign.ts";
import type { Boot } from "./config.ts";
import type { Cost } from "./cost.ts";
import { guard } from "./guard.ts";
import type { PendingBatch, Store } from "./pending-batch.ts";
import { openSession, type Session } from "./session.ts";
import { createTransport } from "./transport.ts";

/** What becomes of events: numbered batches of the current session, sent now, later or never. */
export interface Recording {
	readonly session: Session;
	/** An event of rrweb's, its attributes scrubbed. */
	add(event: RecordedEvent, urgent: boolean): void;
	/** An event of ours, or of the site's own. What cannot be written down is told on the console, and lost. */
	addCustom(timestamp: number, tag: string, payload: unknown, urgent?: boolean): void;
	/** Facts about the session. */
	setMetadata(values: Record<string, unknown>): void;
	flush(): void;
	/** The page is hidden, or going for good. */
	leave(forGood: boolean): void;
	/** The page is back; or the network. */
	resume(isNetwork: boolean): void;
	attach(store: Store): void;
	/** What is held back may be sent, and all that follows. */
	release(): void;
	/** The visitor is there. @returns false when another tab has begun another session meanwhile */
	touch(now: number): boolean;
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
	/** The document's, as it may be told. */
	title(): string;
	/** The server wants nothing more of this session. */
	onStop(): void;
	/** What is held back would begin too long ago: a fresh snapshot is due. */
	onStale(): void;
}

/** A fresh snapshot is due each time, and costs. */
const MIN_LOOK_BACK_MS = 10_000;

export function openRecording({ boot, redactor, cost, title, onStop, onStale }: RecordingOptions): Recording {
	const { config } = boot;
	const startedAt = Date.now();
	const page = () => ({ url: cutAtQuery(location.href), referrer: cutAtQuery(document.referrer) });
	const session = openSession(config, startedAt, page(), boot);
	const state = { held: false, lost: 0, problem: null as string | null, bytes: 0 };
	const lookBackMs = config.recordOn.length
		? Math.max(config.lookBackMinutes * 60_000, MIN_LOOK_BACK_MS)
		: Number.POSITIVE_INFINITY;
	let seq = 0;
	let metadata: Record<string, unknown> | null = null;
	/** What the page said, which is said again to the next session. */
	let lasting: Record<string, unknown> = {};
	let lastStart = startedAt;
	/** It was asked for, and has not come yet. */
	let isStale = false;
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
	const said = new WeakMap<PendingBatch, Record<string, unknown> | null>();
	const buffer = createBuffer(startedAt, config, {
		/** Numbered; from here on it does not change. Its keys are in the order of `Batch`. */
		freeze: (events, label) =>
			cost.measure(() => {
				const { sessionId, windowId } = session;
				const project = config.project || undefined;
				const head = textOf({ v: WIRE_VERSION, project, sessionId, windowId, seq: seq++ });
				const tail = metadata === null ? "" : `,"metadata":${textOf(metadata)}`;
				const whole = { sessionId, windowId, ...label };
				const batch = transport.freeze(`${head.slice(0, -1)},"events":${events}${tail}}`, whole);
				said.set(batch, metadata);
				return batch;
			}),
		unfreeze(batches) {
			seq -= batches.length;
		},
		send(batch) {
			// What was said since it was sealed goes with the next.
			if (said.get(batch) === metadata) metadata = null;
			transport.send(batch);
			if (state.held) transport.forgetBefore(Date.now() - lookBackMs);
		},
	});
	/** Made plain and redacted at once: what cannot be written down costs its key, never the batch. */
	const say = (values: Record<string, unknown>) => {
		for (const key of Object.keys(values)) {
			try {
				const value = plain(values[key]);
				const clipped = typeof value === "string" ? value.slice(0, MAX_METADATA_VALUE_CHARS) : value;
				metadata = { ...metadata, ...redactor.metadata({ [key]: clipped }) };
			} catch (error) {
				console.warn("Sentiero: not recorded:", key, error);
			}
		}
	};
	const hold = () => {
		clearTimeout(timer);
		const tooYoung = session.createdAt + config.minimumDurationMs - Date.now();
		state.held = !session.isReleased && (config.recordOn.length > 0 || tooYoung > 0);
		transport.hold(state.held ? session.sessionId : null);
		if (state.held && !config.recordOn.length) timer = setTimeout(() => guard(hold), tooYoung);
	};
	const introduce = () => {
		hold();
		if (config.captureMetadata) {
			say({
				url: location.href,
				title: title(),
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
		add: (event, urgent) =>
			cost.measure(() => {
				if (state.held && event.type === META) {
					// A batch of its own to begin with: what is older can be forgotten.
					buffer.flush();
					lastStart = Date.now();
					isStale = false;
				}
				buffer.add(redactor.event(event), urgent);
				if (!state.held || isStale || Date.now() - lastStart <= lookBackMs) return;
				isStale = true;
				onStale();
			}),
		addCustom: (timestamp, tag, payload, urgent = false) =>
			cost.measure(() => {
				try {
					buffer.add(redactor.event({ type: CUSTOM, timestamp, data: { tag, payload: plain(payload) } }), urgent);
				} catch (error) {
					console.warn("Sentiero: not recorded:", tag, error);
				}
			}),
		setMetadata(values) {
			say(values);
			lasting = { ...lasting, ...values };
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
		touch(now) {
			const isSame = session.touch(now);
			if (state.held && session.isReleased) hold();
			return isSame;
		},
		renew() {
			buffer.flush();
			// Held to its end: it was never to be sent.
			transport.clear(false);
			session.join(Date.now(), page());
			seq = 0;
			metadata = null;
			introduce();
		},
		end() {
			clearTimeout(timer);
			buffer.discard();
			transport.clear(true);
		},
	};
}

/** As JSON has it: a page's objects may be live, or go in circles. @throws what `JSON.stringify` throws */
function plain(value: unknown): unknown {
	return JSON.parse(textOf(value) ?? "null");
}
