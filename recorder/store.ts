import { BOOT, type Boot } from "./config.ts";
import type { Label, OpenStore, Parcel, Store } from "./parcel.ts";

/**
 * Batches that are not answered yet, in IndexedDB: a page that is killed, offline or held back leaves them to the next
 * one. A file of its own, which hands itself to the recorder that fetched it.
 */
interface Row extends Label {
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
	const ids = new WeakMap<Parcel, number>();
	/** As held or not, at the last word. */
	const kept = new WeakMap<Parcel, boolean>();

	/** Committed at once: whoever waits for the transaction to end by itself may be gone before it does. */
	const write = <T>(act: (rows: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
		const transaction = db.transaction(ROWS, "readwrite");
		const result = settled(act(transaction.objectStore(ROWS)));
		transaction.commit?.();
		return result;
	};
	const put = async (parcel: Parcel, held: boolean) => {
		const { sessionId, windowId, from, isStart } = parcel;
		const bytes = parcel.bytes ?? new TextEncoder().encode(parcel.text);
		const row: Row = { sessionId, windowId, from, isStart, eventsUrl, held, keptAt: now(), bytes };
		const known = ids.get(parcel);
		if (known !== undefined) row.id = known;
		try {
			ids.set(parcel, (await write((rows) => rows.put(row))) as number);
			if (parcel.isDone) store.drop(parcel);
		} catch {
			// Full, or closed by an opt-out: it lives in memory only.
		}
	};

	const store: Store = {
		keep(parcel, held, atOnce = false) {
			if (kept.get(parcel) === held || parcel.isDone) return;
			if (!parcel.bytes && !atOnce) return void parcel.packed.then(() => store.keep(parcel, held));
			kept.set(parcel, held);
			void put(parcel, held);
		},
		drop(parcel) {
			const id = ids.get(parcel);
			if (id === undefined) return;
			ids.delete(parcel);
			try {
				write((rows) => rows.delete(id)).catch(() => {});
			} catch {
				// Closed.
			}
		},
		async leftovers() {
			const rows: Row[] = await settled(db.transaction(ROWS).objectStore(ROWS).getAll());
			const found: Parcel[] = [];
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
				const parcel: Parcel = { ...row, text: "", packed: Promise.resolve(), isDone: false, strikes: 0, failedAt: 0 };
				ids.set(parcel, row.id!);
				kept.set(parcel, row.held);
				if (age > MAX_AGE_MS || isMuch || (isMoot && isOurs)) store.drop(parcel);
				else if (row.eventsUrl === eventsUrl && !isMoot && (isOurs || age > OTHERS_AGE_MS)) found.unshift(parcel);
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

(window as unknown as Record<string, Boot | undefined>)[BOOT]?.bring?.("store", open);
