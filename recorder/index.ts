import {
	META,
	type RecordedEvent,
	TAG_COST,
	TAG_ERROR,
	TAG_LIMIT,
	TAG_RESOURCE,
	TAG_ROUTE,
} from "../src/contract/events.ts";
import { isRecord } from "../src/contract/redact.ts";
import type { PageCause } from "../src/contract/trail.ts";
import { type Capture, startCapture } from "./capture.ts";
import { BOOT, type Boot, type Early, type NotRecordingReason } from "./config.ts";
import { createCost } from "./cost.ts";
import { guard } from "./guard.ts";
import { whenIdle } from "./idle.ts";
import { clicks } from "./instruments/clicks.ts";
import { describeError, describeResource, errors, resources } from "./instruments/errors.ts";
import { fetchVitals } from "./instruments/fetch-vitals.ts";
import { forms } from "./instruments/forms.ts";
import { type Emit, type Instrument, listen } from "./instruments/instrument.ts";
import { links } from "./instruments/links.ts";
import { routes } from "./instruments/routes.ts";
import { TAG_NAME, tags } from "./instruments/tags.ts";
import { visibility } from "./instruments/visibility.ts";
import { createMasking } from "./masking.ts";
import { createParts } from "./parts.ts";
import { openRecording } from "./recording.ts";
import { redactorOf } from "./redaction.ts";
import { createUrlHistory } from "./url-history.ts";
import { createVisibleText } from "./visible-text.ts";

/** A page that is never idle is recorded from then on. */
const START_WITHIN_MS = 300;
/** How long capture pauses after too many changes; each time twice as long. */
const LIMIT_PAUSE_MS = 10_000;
const LIMIT_PAUSE_MAX_MS = 5 * 60_000;
/** What tells that the visitor is there. Heard on the window while capturing: before rrweb hears it. */
const SIGNS_OF_LIFE = ["pointerdown", "pointermove", "keydown", "wheel", "click", "input"];

const boot = (window as unknown as Record<string, Boot | undefined>)[BOOT];
if (boot && !boot.handleCall && !boot.stopped) {
	const fetchPart = createParts(boot);
	const fail = (error: unknown) => {
		boot.handleCall = () => {};
		boot.stopped = "failed";
		console.warn("Sentiero could not start", error);
	};
	whenReady(() => {
		try {
			// The page around may have been later.
			if (boot.isFramed()) boot.stopped = "framed";
			if (!boot.stopped) start(boot, fetchPart);
		} catch (error) {
			fail(error);
		}
	});
}

/** When the page is parsed and has nothing to do; at once when it is used, or left. */
function whenReady(act: () => void): void {
	let cancel = () => {};
	const stops: (() => void)[] = [];
	const go = () => {
		cancel();
		for (const stop of stops.splice(0)) stop();
		act();
	};
	const wait = () => {
		for (const type of ["pointerdown", "keydown", "pagehide"]) stops.push(listen(window, type, go));
		stops.push(listen(document, "visibilitychange", go));
		cancel = whenIdle(go, START_WITHIN_MS);
	};
	if (document.readyState !== "loading") wait();
	else stops.push(listen(document, "DOMContentLoaded", wait, { once: true }));
}

/** One page's recording, from here to its end. */
function start(boot: Boot, fetchPart: ReturnType<typeof createParts>): void {
	const { config, isIncluded, watchUrl } = boot;
	const cost = createCost();
	const redactor = redactorOf(config);
	const masking = createMasking(config.maskLength, config.maskAllInputs);
	const seen = createVisibleText(config, masking.text);
	const finishStopped = () => finish("stopped");
	const recording = openRecording({ boot, redactor, cost, title: seen.title, onStop: finishStopped, onStale });
	const { session, state } = recording;
	const addresses = createUrlHistory(location.href);
	const stops: (() => void)[] = [];
	let capture: Capture | null = null;
	/** Why nothing is captured just now; usually empty. */
	const silences = new Set<NotRecordingReason>();
	/** Events of ours are told on while only the page's changes are too many. */
	const isMute = () => [...silences].some((reason) => reason !== "too_many_changes");
	/** The session ended by `stop()`: the next to begin is another. */
	let isEnded = false;
	let toldUrl = "";
	let limitPauseMs = LIMIT_PAUSE_MS;
	let toldMs = 0;
	/** Of instruments that know what they told: each session hears it anew. */
	let forgetTold = () => {};
	/** Addresses of what did not load. */
	const toldResources = new Set<unknown>();

	const later = (act: () => void, ms: number) => setTimeout(() => guard(act), ms);
	const isNews = (url: string) => redactor.url(url) !== redactor.url(toldUrl);
	const begin = (cause: PageCause) => {
		const emit = (event: RecordedEvent, urgent: boolean) => {
			if (session.isOver(Date.now())) return silence("idle");
			if (event.type === META) toldUrl = location.href;
			recording.add(event, urgent);
		};
		const started = startCapture({ config, redactor, masking, cost, title: seen.title, cause, emit, onLimit });
		// Its first snapshot may have been too much.
		if (silences.size) started.stop();
		else capture = started;
	};
	const silence = (reason: NotRecordingReason) => {
		silences.add(reason);
		capture?.stop();
		capture = null;
	};
	const goOn = (...reasons: NotRecordingReason[]) => {
		for (const reason of reasons) silences.delete(reason);
		if (capture || isMute()) return;
		if (isEnded || session.isOver(Date.now())) renew();
		else if (!silences.size) begin(isNews(location.href) ? "load" : "checkout");
	};
	/** Another session, with a page of its own to begin with. */
	const renew = () => {
		silence("idle");
		isEnded = false;
		// Wherever it begins is a page of its own.
		toldUrl = "";
		recording.renew();
		forgetTold();
		const isOut = session.isNew && !boot.isForced && !boot.isSampled(true);
		if (isOut) return silence("sampled_out");
		silences.delete("idle");
		if (!silences.size) begin("load");
	};
	const onSignOfLife = () => {
		// Somebody who is there does not make good what else keeps us silent.
		if (!capture && !(silences.size === 1 && silences.has("idle"))) return;
		const now = Date.now();
		if (session.isOver(now) || !recording.touch(now)) return renew();
		if (!capture) goOn("idle");
		if (now - drawnAt < config.sessionIdleTimeoutMs / 4) return;
		drawnAt = now;
		// As long as the session lives, so does the draw.
		boot.isSampled();
	};
	let drawnAt = Date.now();
	function onLimit(changes: number): void {
		recording.addCustom(Date.now(), TAG_LIMIT, { changes, pauseMs: limitPauseMs });
		silence("too_many_changes");
		later(() => goOn("too_many_changes"), limitPauseMs);
		limitPauseMs = Math.min(limitPauseMs * 2, LIMIT_PAUSE_MAX_MS);
	}
	function onStale(): void {
		// Not while rrweb hands over an event.
		later(() => capture?.checkout(), 0);
	}
	function finish(reason: NotRecordingReason): void {
		boot.stopped ??= reason;
		boot.handleCall = () => {};
		delete boot.registerPart;
		silence(reason);
		for (const stop of stops) stop();
		recording.end();
	}

	const onInstrument: Emit = (tag, payload, urgent) => {
		if (session.isOver(Date.now())) silence("idle");
		if (isMute()) return false;
		if (tag === TAG_ROUTE) {
			toldUrl = location.href;
			addresses.add(toldUrl);
		}
		recording.addCustom(Date.now(), tag, payload, urgent);
		if (config.recordOn.includes(tag)) release();
		return true;
	};
	const release = () => {
		recording.release();
		recording.flush();
	};
	const handleCall = (it: Early) => {
		if (it.kind === "custom") {
			if (!TAG_NAME.test(it.tag)) return console.warn("Sentiero: not a name for an event:", it.tag);
			if (session.isOver(Date.now())) silence("idle");
			if (isMute()) return;
			recording.addCustom(it.at, it.tag, it.payload ?? {});
			if (config.recordOn.includes(it.tag)) release();
		} else if (it.kind === "error") {
			const resource = describeResource(it.event, seen);
			if (resource) {
				toldResources.add(resource.url);
				recording.addCustom(it.at, TAG_RESOURCE, resource);
			} else if (!(it.event.target instanceof Element)) {
				recording.addCustom(it.at, TAG_ERROR, describeError(it.event as ErrorEvent), true);
				if (config.recordOn.includes(TAG_ERROR)) release();
			}
		} else if (it.kind === "metadata") {
			if (isRecord(it.values)) recording.setMetadata(it.values);
		} else if (it.kind === "flush") recording.flush();
		else if (it.kind === "start") {
			goOn("ended", "paused", "sampled_out", "idle");
			if (!isEnded) release();
		} else if (it.kind === "forget") {
			finish("opted_out");
			session.forget();
		} else {
			recording.flush();
			silence(it.kind === "pause" ? "paused" : "ended");
			if (it.kind === "pause" || isEnded) return;
			isEnded = true;
			session.forget();
		}
	};
	const leave = (forGood: boolean) => {
		const ms = Math.round(cost.total.ms);
		if (capture && ms > toldMs) {
			const { longestMs, longTasks } = cost.total;
			onInstrument(TAG_COST, { ms, longestMs: Math.round(longestMs), longTasks, bytes: state.bytes, lost: state.lost });
			toldMs = ms;
		}
		recording.leave(forGood);
	};
	const followRules = () => {
		if (isIncluded(location.href, config.urlInclude, config.urlExclude)) goOn("url_excluded");
		else silence("url_excluded");
	};

	for (const type of SIGNS_OF_LIFE) stops.push(listen(window, type, onSignOfLife));
	// On the window, and so before the instruments: what comes next belongs to the session that begins with it.
	stops.push(listen(window, "visibilitychange", () => document.hidden || onSignOfLife()));
	if (config.urlInclude.length || config.urlExclude.length) stops.push(watchUrl(followRules));
	begin("load");
	for (const it of boot.early.splice(0)) handleCall(it);
	boot.handleCall = handleCall;
	boot.report = () => ({
		reason: silences.values().next().value ?? null,
		held: state.held,
		lost: state.lost,
		problem: state.problem,
		sessionId: session.sessionId,
		windowId: session.windowId,
	});

	const telling = errors();
	forgetTold = telling.forget;
	const wanted: [unknown, Instrument[]][] = [
		[config.captureErrors, [telling.instrument, resources(seen, toldResources)]],
		[config.trackNavigation, [links(seen), routes(isNews, watchUrl, seen.title)]],
		[config.trackCustomEvents, [tags]],
		[config.captureClicks, [clicks(seen)]],
		[config.trackForms, [forms(seen)]],
		[true, [visibility]],
		[config.captureWebVitals, [fetchVitals((use) => fetchPart("vitals", use), addresses.at)]],
	];
	const play = (instrument: Instrument) => stops.push(instrument(onInstrument));
	for (const [isWanted, instruments] of wanted) if (isWanted) instruments.forEach(play);
	if (config.captureConsole) fetchPart("console", play);
	if (config.captureNetwork) fetchPart("network", play);
	fetchPart("store", (open) => void open(session, config.eventsUrl, Date.now).then(recording.attach, () => {}));
	// After the instruments, which have their last words when the page goes.
	stops.push(
		listen(document, "visibilitychange", () => {
			if (document.hidden) leave(false);
			else recording.resume(false);
		}),
		listen(document, "freeze", () => leave(false)),
		listen(window, "pagehide", () => {
			leave(true);
			session.leave();
		}),
		listen<PageTransitionEvent>(window, "pageshow", ({ persisted }) => {
			if (!persisted) return;
			session.comeBack();
			recording.resume(false);
			if (!capture) return;
			if (session.isOver(Date.now()) || !recording.touch(Date.now())) return renew();
			// Another page of the same tab was recorded meanwhile.
			capture.stop();
			capture = null;
			begin("load");
		}),
		listen(window, "online", () => recording.resume(true)),
	);
}
