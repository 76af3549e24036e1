import { BOOT, type Boot } from "./config.ts";
import type { BatchLabel, OpenStore, PendingBatch, Store } from "./pending-batch.ts";

/**
 * Batches that are not answered yet, in IndexedDB: a page that is killed, offline or held back leaves them to the next
 * one. A file of its own, which hands itself to the recorder that fetched it.
 */
interface Row extends BatchLabel {
	id?: number;
	/** Where it is to go: a site may have two collectors. */
	eventsUrl: string;
	held: boolean;
	keptAt: number;
	bytes: Uint8Array<ArrayBuffer>;
}

const NAME = "sentiero";
const ROWS = "batches";
/** The edge takes no older events; a session that was held back for so long is over. */
const MAX_AGE_MS = 24 * 3_600_000;
/** Another tab may still be about to send its own. */
const OTHERS_AGE_MS = 60_000;
/** What is kept of a site whose batches get nowhere; the oldest give way. */
const MAX_ROWS = 60;
const MAX_BYTES = 8 * 1024 * 1024;

const open: OpenStore = async ({ sessionId, windowId, formerWindowId }, eventsUrl, now) => {
	const request = indexedDB.open(NAME, 1);
	request.onupgradeneeded = () => request.result.createObjectStore(ROWS, { keyPath: "id", autoIncrement: true });
	const db = await settled(request);
	// A visitor who opts out has it deleted, in whatever tab.
	db.onversionchange = () => db.close();
	const ids = new WeakMap<PendingBatch, number>();
	/** As held or not, at the last word. */
	const kept = new WeakMap<PendingBatch, boolean>();

	/** Committed at once: whoever waits for the transaction to end by itself may be gone before it does. */
	const write = <T>(act: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
		const transaction = db.transaction(ROWS, "readwrite");
		const result = settled(act(transaction.objectStore(ROWS)));
		transaction.commit?.();
		return result;
	};
	const put = async (batch: PendingBatch, held: boolean) => {
		const { sessionId, windowId, from, isStart } = batch;
		const bytes = batch.bytes ?? new TextEncoder().encode(batch.text);
		const row: Row = { sessionId, windowId, from, isStart, eventsUrl, held, keptAt: now(), bytes };
		const known = ids.get(batch);
		if (known !== undefined) row.id = known;
		try {
			ids.set(batch, (await write((rows) => rows.put(row))) as number);
			if (batch.isDone) store.delete(batch);
		} catch {
			// Full, or closed by an opt-out: it lives in memory only.
		}
	};

	const store: Store = {
		save(batch, held, atOnce = false) {
			if (kept.get(batch) === held || batch.isDone) return;
			if (!batch.bytes && !atOnce) return void batch.compressed.then(() => store.save(batch, held));
			kept.set(batch, held);
			void put(batch, held);
		},
		delete(batch) {
			const id = ids.get(batch);
			if (id === undefined) return;
			ids.delete(batch);
			try {
				write((rows) => rows.delete(id)).catch(() => {});
			} catch {
				// Closed.
			}
		},
		async leftovers() {
			const rows: Row[] = await settled(db.transaction(ROWS).objectStore(ROWS).getAll());
			const found: PendingBatch[] = [];
			let count = 0;
			let bytes = 0;
			for (const row of rows.reverse()) {
				const age = now() - row.keptAt;
				const isOurs = row.windowId === windowId || row.windowId === formerWindowId;
				// Held back, and its session over: it was never to be sent.
				const isMoot = row.held && row.sessionId !== sessionId;
				count++;
				bytes += row.bytes.length;
				const isMuch = count > MAX_ROWS || bytes > MAX_BYTES;
				const batch: PendingBatch = {
					...row,
					text: "",
					compressed: Promise.resolve(),
					isDone: false,
					strikes: 0,
					failedAt: 0,
				};
				ids.set(batch, row.id!);
				kept.set(batch, row.held);
				if (age > MAX_AGE_MS || isMuch || (isMoot && isOurs)) store.delete(batch);
				else if (row.eventsUrl === eventsUrl && !isMoot && (isOurs || age > OTHERS_AGE_MS)) found.unshift(batch);
			}
			return found;
		},
	};
	return store;
};

function settled<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
}

(window as unknown as Record<string, Boot | undefined>)[BOOT]?.registerPart?.("store", open);
