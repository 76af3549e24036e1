import { CUSTOM, META, type RecordedEvent } from "../src/contract/events.ts";
import { MAX_METADATA_VALUE_CHARS } from "../src/contract/limits.ts";
import { cutAtQuery, type Redactor } from "../src/contract/redact.ts";
import { WIRE_VERSION } from "../src/contract/wire.ts";
import { createBuffer, toJson } from "./buffer.ts";
import { campaignOf } from "./campaign.ts";
import type { Boot } from "./config.ts";
import type { Cost } from "./cost.ts";
import { guard } from "./guard.ts";
import type { PendingBatch, Store } from "./pending-batch.ts";
import { openSession, type Session } from "./session.ts";
import { createTransport, type StopReason } from "./transport.ts";

/** Turns events into numbered batches of the current session. A batch is sent, held back or discarded. */
export interface Recording {
	readonly session: Session;
	/** Adds a scrubbed rrweb event. */
	add(event: RecordedEvent, urgent: boolean): void;
	/** Adds an internal or custom event. A payload that cannot be serialized is dropped with a console warning. */
	addCustom(timestamp: number, tag: string, payload: unknown, urgent?: boolean): void;
	/** Merges values into the session's metadata. The values are repeated in each later session of this page. */
	setMetadata(values: Record<string, unknown>): void;
	flush(): void;
	/** Called when the page is hidden or closed. */
	leave(isClosing: boolean): void;
	/** Called when the page is shown again or, with `isNetwork`, when the network is back. */
	resume(isNetwork: boolean): void;
	/** Saves unsent batches to the store from now on. */
	attach(store: Store): void;
	/** Sends the held-back batches, and holds back no more batches of this session. */
	release(): void;
	/** Extends the session. @returns false when another tab has begun a new session in the meantime */
	touch(now: number): boolean;
	/** Ends the session. Joins the one that another tab has begun, or begins a new one. */
	renew(): void;
	/** Discards all unsent events and accepts no more. */
	end(): void;
	readonly state: Readonly<{ held: boolean; lost: number; problem: string | null; bytes: number }>;
}

export interface RecordingOptions {
	boot: Boot;
	redactor: Redactor;
	cost: Cost;
	/** Returns the document's title, masked if the privacy rules mask or block the `<title>` element. */
	title(): string;
	/** Called when the server stops this session or refuses the visitor. */
	onStop(reason: StopReason): void;
	/**
	 * Called when the last full snapshot is older than the look-back. The caller must take a new full snapshot, so that
	 * older events can be discarded.
	 */
	onStale(): void;
}

/**
 * Minimum look-back. A full snapshot, which costs time, is taken whenever the last one is older than the look-back.
 */
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
	/** Metadata set by the page, repeated for the next session. */
	let persistentMetadata: Record<string, unknown> = {};
	let lastSnapshotAt = startedAt;
	/** Whether a new full snapshot was requested and has not arrived yet. */
	let isStale = false;
	let timer: ReturnType<typeof setTimeout> | undefined;

	const noteLost = (problem: string) => {
		state.lost++;
		state.problem = problem;
	};
	const transport = createTransport(config.eventsUrl, {
		onStop: ({ sessionId }, reason) => sessionId === session.sessionId && onStop(reason),
		onLost: noteLost,
		onSent(bytes) {
			state.bytes += bytes;
		},
	});
	const metadataOf = new WeakMap<PendingBatch, Record<string, unknown> | null>();
	const buffer = createBuffer(startedAt, config, {
		/** Numbers the batch and creates its JSON, with keys in the same order as in `Batch`. The JSON never changes. */
		freeze: (events, label) =>
			cost.measure(() => {
				const { sessionId, windowId } = session;
				const project = config.project || undefined;
				const head = toJson({ v: WIRE_VERSION, project, sessionId, windowId, seq: seq++ });
				const tail = metadata === null ? "" : `,"metadata":${toJson(metadata)}`;
				const batchLabel = { sessionId, windowId, ...label };
				const batch = transport.freeze(`${head.slice(0, -1)},"events":${events}${tail}}`, batchLabel);
				metadataOf.set(batch, metadata);
				return batch;
			}),
		unfreeze(batches) {
			seq -= batches.length;
		},
		onTooLarge: noteLost,
		send(batch) {
			// If metadata was added after the batch was frozen, the next batch sends the metadata.
			if (metadataOf.get(batch) === metadata) metadata = null;
			transport.send(batch);
			if (state.held) transport.discardBefore(Date.now() - lookBackMs);
		},
	});
	/**
	 * Serializes and redacts each value immediately, so that one value that cannot be serialized does not fail the batch.
	 */
	const addMetadata = (values: Record<string, unknown>) => {
		for (const key of Object.keys(values)) {
			try {
				const value = toPlainJson(values[key]);
				const clipped = typeof value === "string" ? value.slice(0, MAX_METADATA_VALUE_CHARS) : value;
				metadata = { ...metadata, ...redactor.metadata({ [key]: clipped }) };
			} catch (error) {
				console.warn("Sentiero: not recorded:", key, error);
			}
		}
	};
	const updateHold = () => {
		clearTimeout(timer);
		const remainingMs = session.createdAt + config.minimumDurationMs - Date.now();
		state.held = !session.isReleased && (config.recordOn.length > 0 || remainingMs > 0);
		transport.hold(state.held ? session.sessionId : null);
		if (state.held && !config.recordOn.length) timer = setTimeout(() => guard(updateHold), remainingMs);
	};
	const addPageMetadata = () => {
		updateHold();
		if (config.captureMetadata) {
			addMetadata({
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
		addMetadata(persistentMetadata);
	};
	addPageMetadata();
	return {
		session,
		state,
		add: (event, urgent) =>
			cost.measure(() => {
				if (state.held && event.type === META) {
					// Begins a new batch at each full snapshot, so that older batches can be discarded.
					buffer.flush();
					lastSnapshotAt = Date.now();
					isStale = false;
				}
				buffer.add(redactor.event(event), urgent);
				if (!state.held || isStale || Date.now() - lastSnapshotAt <= lookBackMs) return;
				isStale = true;
				onStale();
			}),
		addCustom: (timestamp, tag, payload, urgent = false) =>
			cost.measure(() => {
				try {
					buffer.add(redactor.event({ type: CUSTOM, timestamp, data: { tag, payload: toPlainJson(payload) } }), urgent);
				} catch (error) {
					console.warn("Sentiero: not recorded:", tag, error);
				}
			}),
		setMetadata(values) {
			addMetadata(values);
			persistentMetadata = { ...persistentMetadata, ...values };
		},
		flush: buffer.flush,
		leave(isClosing) {
			buffer.leave();
			transport.leave(isClosing);
		},
		resume: transport.resume,
		attach: transport.attach,
		release() {
			if (!session.isReleased) session.release();
			updateHold();
		},
		touch(now) {
			const isSame = session.touch(now);
			if (state.held && session.isReleased) updateHold();
			return isSame;
		},
		renew() {
			buffer.flush();
			// Batches that are still held back when their session ends are never sent.
			transport.clear(false);
			session.join(Date.now(), page());
			seq = 0;
			metadata = null;
			addPageMetadata();
		},
		end() {
			clearTimeout(timer);
			buffer.discard();
			transport.clear(true);
		},
	};
}

/** Copies a value through JSON, because the page may change it later. @throws what `JSON.stringify` throws */
function toPlainJson(value: unknown): unknown {
	return JSON.parse(toJson(value) ?? "null");
}
