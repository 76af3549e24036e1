import { CUSTOM, TAG_ERROR, TAG_ROUTE } from "../src/contract/events.ts";
import { createRedactor, cutAtQuery, DEFAULT_REDACTION, isRecord } from "../src/contract/redact.ts";
import { WIRE_VERSION } from "../src/contract/wire.ts";
import { createAddresses } from "./addresses.ts";
import { createBuffer } from "./buffer.ts";
import { campaignOf } from "./campaign.ts";
import { startCapture } from "./capture.ts";
import { BOOT, type Boot, type Early } from "./config.ts";
import { clicks } from "./instruments/clicks.ts";
import { describeError, errors } from "./instruments/errors.ts";
import { fetchVitals } from "./instruments/fetch-vitals.ts";
import { forms } from "./instruments/forms.ts";
import { type Emit, listen } from "./instruments/instrument.ts";
import { links } from "./instruments/links.ts";
import { routes } from "./instruments/routes.ts";
import { TAG_NAME, tags } from "./instruments/tags.ts";
import { openSession } from "./session.ts";
import { createTransport, type Parcel } from "./transport.ts";

/** As JSON has it: a page's objects may be live, or go in circles. @throws what `JSON.stringify` throws */
function plain(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value) ?? "null");
}

const boot = (window as unknown as Record<string, Boot | undefined>)[BOOT];
if (boot && !boot.take && !boot.stopped) {
	try {
		start(boot);
	} catch (error) {
		boot.take = () => {};
		boot.stopped = "failed";
		console.warn("Sentiero could not start", error);
	}
}

/** One page's recording, from here to its end. */
function start({ config, early }: Boot): void {
	const startedAt = Date.now();
	const redactor = createRedactor({ ...DEFAULT_REDACTION, ...config.redaction });
	const page = { url: cutAtQuery(location.href), referrer: cutAtQuery(document.referrer) };
	const session = openSession(config, startedAt, page);
	let metadata: Record<string, unknown> | null = null;
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
	let seq = 0;
	const stops: (() => void)[] = [];

	const said = new WeakMap<Parcel, Record<string, unknown> | null>();
	const buffer = createBuffer(startedAt, {
		/** Numbered; from here on it does not change. Its keys are in the order of `Batch`. */
		seal(events) {
			const { sessionId, windowId } = session;
			const head = JSON.stringify({ v: WIRE_VERSION, project: config.project, sessionId, windowId, seq: seq++ });
			const tail = metadata === null ? "" : `,"metadata":${JSON.stringify(metadata)}`;
			const parcel = transport.seal(`${head.slice(0, -1)},"events":${events}${tail}}`);
			said.set(parcel, metadata);
			return parcel;
		},
		send(parcel) {
			// What was said since it was sealed goes with the next.
			if (said.get(parcel) === metadata) metadata = null;
			transport.send(parcel);
			session.touch(Date.now());
		},
	});
	const end = () => {
		boot!.take = () => {};
		for (const stop of stops) stop();
		buffer.discard();
		transport.discard();
	};
	const transport = createTransport(config.eventsUrl, () => {
		boot!.stopped = "stopped";
		end();
	});

	const add = (timestamp: number, tag: string, payload: unknown, urgent = false) => {
		try {
			buffer.add(redactor.event({ type: CUSTOM, timestamp, data: { tag, payload: plain(payload) } }), urgent);
		} catch (error) {
			console.warn(`Sentiero: the event ${tag} could not be recorded`, error);
		}
	};
	const take = (it: Early) => {
		if (it.kind === "custom") {
			if (TAG_NAME.test(it.tag)) add(it.at, it.tag, it.payload ?? {});
			else console.warn(`Sentiero: "${it.tag}" is not a name for an event`);
		} else if (it.kind === "error") add(it.at, TAG_ERROR, describeError(it.event), true);
		else if (it.kind === "metadata") {
			if (isRecord(it.values)) say(it.values);
		} else {
			end();
			session.forget();
		}
	};
	const leave = (forGood: boolean) => {
		buffer.leave();
		transport.leave(forGood);
	};

	const capture = startCapture(config, redactor, (event, urgent) => buffer.add(redactor.event(event), urgent));
	stops.push(capture);
	for (const it of early.splice(0)) take(it);
	boot!.take = take;
	const hidden = [config.maskTextSelector, config.blockSelector, "[contenteditable]"].filter(Boolean).join(",");
	const isHidden = (element: Element) => config.maskAllText || element.closest(hidden) !== null;
	const sameUrl = (a: string, b: string) => redactor.url(a) === redactor.url(b);
	const addresses = createAddresses(location.href);
	const hear: Emit = (tag, payload, urgent) => {
		if (tag === TAG_ROUTE) addresses.add(location.href);
		add(Date.now(), tag, payload, urgent);
	};
	for (const instrument of [errors, links(isHidden), tags, clicks, forms, routes(sameUrl)])
		stops.push(instrument(hear));
	if (config.captureWebVitals) stops.push(fetchVitals(boot!, addresses.at)(hear));
	// After the instruments, which have their last words when the page goes.
	stops.push(
		listen(document, "visibilitychange", () => (document.hidden ? leave(false) : transport.resume())),
		listen(window, "pagehide", () => leave(true)),
		listen(window, "online", () => transport.resume()),
	);
}
