import { BOOT, type Boot } from "./config.ts";
import type { BatchLabel, OpenStore, PendingBatch, Store } from "./pending-batch.ts";

/**
 * A row of the store. The store keeps unsent batches in IndexedDB: batches that are held back, and batches that an
 * offline or killed page could not send. A later page sends them. The store is a part of the recorder that is loaded
 * separately.
 */
interface Row extends BatchLabel {
	id?: number;
	/** URL that the batch is sent to. Pages of one site may send to different Workers. */
	eventsUrl: string;
	held: boolean;
	/** Time at which the batch was saved, in epoch milliseconds. */
	keptAt: number;
	bytes: Uint8Array<ArrayBuffer>;
}

const NAME = "sentiero";
const ROWS = "batches";
/**
 * Age at which a batch is deleted. A held-back session of this age is over, and the server's `MAX_ACCEPTED_AGE_MS`
 * allows for a delay of one day.
 */
const MAX_AGE_MS = 24 * 3_600_000;
/** Age at which a batch of another tab is taken over. Until then, the other tab may still send the batch. */
const OTHERS_AGE_MS = 60_000;
/** Limits of the store; the oldest batches are deleted first. */
const MAX_ROWS = 60;
const MAX_BYTES = 8 * 1024 * 1024;

const open: OpenStore = async ({ sessionId, windowId, formerWindowId }, eventsUrl, now) => {
	const request = indexedDB.open(NAME, 1);
	request.onupgradeneeded = () => request.result.createObjectStore(ROWS, { keyPath: "id", autoIncrement: true });
	const db = await resultOf(request);
	// An opt-out in any tab deletes the database, which requires that every tab closes it.
	db.onversionchange = () => db.close();
	const ids = new WeakMap<PendingBatch, number>();
	/** The `held` value that was last saved for each batch. */
	const heldState = new WeakMap<PendingBatch, boolean>();

	/**
	 * Writes in a transaction, and commits explicitly, because the page may be closed before the automatic commit.
	 */
	const write = <T>(callback: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
		const transaction = db.transaction(ROWS, "readwrite");
		const result = resultOf(callback(transaction.objectStore(ROWS)));
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
			// The store is full, or closed by an opt-out: the batch stays in memory only.
		}
	};

	const store: Store = {
		save(batch, held, atOnce = false) {
			if (heldState.get(batch) === held || batch.isDone) return;
			if (!batch.bytes && !atOnce) return void batch.compressed.then(() => store.save(batch, held));
			heldState.set(batch, held);
			void put(batch, held);
		},
		delete(batch) {
			const id = ids.get(batch);
			if (id === undefined) return;
			ids.delete(batch);
			try {
				write((rows) => rows.delete(id)).catch(() => {});
			} catch {
				// The database is closed.
			}
		},
		async leftovers() {
			const rows: Row[] = await resultOf(db.transaction(ROWS).objectStore(ROWS).getAll());
			const found: PendingBatch[] = [];
			let count = 0;
			let bytes = 0;
			for (const row of rows.reverse()) {
				const age = now() - row.keptAt;
				const isOurs = row.windowId === windowId || row.windowId === formerWindowId;
				// A held-back batch of a session that is over is never sent.
				const isObsolete = row.held && row.sessionId !== sessionId;
				count++;
				bytes += row.bytes.length;
				const isOverLimit = count > MAX_ROWS || bytes > MAX_BYTES;
				const batch: PendingBatch = {
					...row,
					text: "",
					compressed: Promise.resolve(),
					isDone: false,
					strikes: 0,
					failedAt: 0,
				};
				ids.set(batch, row.id!);
				heldState.set(batch, row.held);
				if (age > MAX_AGE_MS || isOverLimit || (isObsolete && isOurs)) store.delete(batch);
				else if (row.eventsUrl === eventsUrl && !isObsolete && (isOurs || age > OTHERS_AGE_MS)) found.unshift(batch);
			}
			return found;
		},
	};
	return store;
};

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
}

(window as unknown as Record<string, Boot | undefined>)[BOOT]?.registerPart?.("store", open);
