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
import { BOOT, type Boot, type NotRecordingReason, type RecorderCall } from "./config.ts";
import { createCost } from "./cost.ts";
import { noteChosenFile } from "./data-url.ts";
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
import { checkOptions } from "./options.ts";
import { createParts, type FetchPart } from "./parts.ts";
import { createPrivacy } from "./privacy.ts";
import { openRecording } from "./recording.ts";
import { redactorOf } from "./redaction.ts";
import { createUrlHistory } from "./url-history.ts";
import { createVisibleText } from "./visible-text.ts";

/** Maximum wait for an idle moment before recording starts. */
const START_WITHIN_MS = 300;
/** Length of the first pause after too many DOM changes. Each further pause is twice as long, up to the maximum. */
const LIMIT_PAUSE_MS = 10_000;
const LIMIT_PAUSE_MAX_MS = 5 * 60_000;
/**
 * Events that count as visitor activity. Their listeners are on the window, so that they run before rrweb's listeners,
 * which are on the document.
 */
const ACTIVITY_EVENTS = ["pointerdown", "pointermove", "keydown", "wheel", "click", "input"];

const boot = (window as unknown as Record<string, Boot | undefined>)[BOOT];
if (boot && !boot.handleCall && !boot.stopped) {
	const fetchPart = createParts(boot);
	const fail = (error: unknown) => {
		boot.handleCall = () => {};
		boot.stopped = "failed";
		console.warn("Sentiero: recording could not start:", error);
	};
	whenReady(() => {
		try {
			// Checked again, because the embedding page may have loaded its recorder after this frame loaded its own.
			if (boot.isFramed()) boot.stopped = "framed";
			if (!boot.stopped) start(boot, fetchPart);
		} catch (error) {
			fail(error);
		}
	});
}

/** Calls back when the parsed page is idle, or as soon as the visitor uses or leaves it. */
function whenReady(callback: () => void): void {
	let cancel = () => {};
	const stops: (() => void)[] = [];
	const proceed = () => {
		cancel();
		for (const stop of stops.splice(0)) stop();
		callback();
	};
	const wait = () => {
		for (const type of ["pointerdown", "keydown", "pagehide"]) stops.push(listen(window, type, proceed));
		stops.push(listen(document, "visibilitychange", proceed));
		cancel = whenIdle(proceed, START_WITHIN_MS);
	};
	if (document.readyState !== "loading") wait();
	else stops.push(listen(document, "DOMContentLoaded", wait, { once: true }));
}

function stopAll(stops: (() => void)[]): void {
	for (const stop of stops.splice(0)) stop();
}

/** Records one page until it is closed or recording is stopped. */
function start(boot: Boot, fetchPart: FetchPart): void {
	const { config, isIncluded, watchUrl } = boot;
	const cost = createCost();
	const redactor = redactorOf(config);
	const checked = checkOptions(config);
	const privacy = createPrivacy(checked.privacy);
	const masking = createMasking(privacy, checked.masking);
	const visibleText = createVisibleText(privacy, masking.text);
	const recording = openRecording({ boot, redactor, cost, title: visibleText.title, onStop: finish, onStale });
	const { session, state } = recording;
	const urlHistory = createUrlHistory(location.href);
	const stops: (() => void)[] = [];
	const instruments: Instrument[] = [];
	const instrumentStops: (() => void)[] = [];
	/**
	 * Functions that remove the listeners of `watchLeaving`. These must run after the listeners of the instruments, which
	 * emit their final events when the page is hidden or closed.
	 */
	const leavingStops: (() => void)[] = [];
	let capture: Capture | null = null;
	/** Reasons why capture is paused; usually empty. */
	const pauseReasons = new Set<NotRecordingReason>();
	/**
	 * Returns whether events of the instruments are dropped. A pause because of too many changes stops only rrweb, not
	 * the instruments.
	 */
	const isPaused = () => [...pauseReasons].some((reason) => reason !== "too_many_changes");
	/** Whether `Sentiero.stop()` ended the session; `start()` then begins a new one. */
	let isEnded = false;
	let lastUrl = "";
	let limitPauseMs = LIMIT_PAUSE_MS;
	let reportedCostMs = 0;
	/** Makes the error instrument forget the errors it has recorded, because each session records them again. */
	let resetErrors = () => {};
	/** URLs of failed resources that were already recorded. */
	const reportedResources = new Set<unknown>();

	const runLater = (callback: () => void, ms: number) => setTimeout(() => guard(callback), ms);
	const isNewUrl = (url: string) => redactor.url(url) !== redactor.url(lastUrl);
	const begin = (cause: PageCause) => {
		const emit = (event: RecordedEvent, urgent: boolean) => {
			if (session.isOver(Date.now())) return pauseCapture("idle");
			if (event.type === META) lastUrl = location.href;
			recording.add(event, urgent);
		};
		const started = startCapture({
			...{ config, rrwebOptions: checked.rrweb, redactor, masking, privacy, cost, fetchPart },
			...{ title: visibleText.title, cause, emit, onLimit },
		});
		// Capture may have been paused while it started.
		if (pauseReasons.size) started.stop();
		else capture = started;
	};
	const pauseCapture = (reason: NotRecordingReason) => {
		pauseReasons.add(reason);
		capture?.stop();
		capture = null;
	};
	const resumeCapture = (...reasons: NotRecordingReason[]) => {
		for (const reason of reasons) pauseReasons.delete(reason);
		if (capture || isPaused()) return;
		if (isEnded || session.isOver(Date.now())) startNewSession();
		else if (!pauseReasons.size) begin(isNewUrl(location.href) ? "load" : "checkout");
	};
	/** Begins a new session, or joins the one that another tab has begun. */
	const startNewSession = () => {
		pauseCapture("idle");
		isEnded = false;
		// A session starts with a page view even when the URL is unchanged.
		lastUrl = "";
		recording.renew();
		resetErrors();
		const isSampledOut = session.isNew && !boot.isForced && !boot.isSampled(true);
		if (isSampledOut) return pauseCapture("sampled_out");
		pauseReasons.delete("idle");
		if (!pauseReasons.size) begin("load");
	};
	const onActivity = () => {
		// While capture is paused, activity only ends a pause for inactivity.
		if (!capture && !(pauseReasons.size === 1 && pauseReasons.has("idle"))) return;
		const now = Date.now();
		if (session.isOver(now) || !recording.touch(now)) return startNewSession();
		if (!capture) resumeCapture("idle");
		if (now - samplingExtendedAt < config.sessionIdleTimeoutMs / 4) return;
		samplingExtendedAt = now;
		// Keeps the sampling decision alive as long as the session.
		boot.isSampled();
	};
	let samplingExtendedAt = Date.now();
	function onLimit(changes: number): void {
		recording.addCustom(Date.now(), TAG_LIMIT, { changes, pauseMs: limitPauseMs });
		pauseCapture("too_many_changes");
		runLater(() => resumeCapture("too_many_changes"), limitPauseMs);
		limitPauseMs = Math.min(limitPauseMs * 2, LIMIT_PAUSE_MAX_MS);
	}
	function onStale(): void {
		// Deferred, because rrweb is in the middle of emitting an event.
		runLater(() => capture?.checkout(), 0);
	}
	const startInstrument = (instrument: Instrument) => {
		instruments.push(instrument);
		if (!isEnded) instrumentStops.push(instrument(onInstrument));
	};
	/**
	 * Starts the instruments again. `Sentiero.stop()` has stopped them, so that the page got back the functions that they
	 * wrap.
	 */
	const attachInstruments = () => {
		for (const instrument of instruments) instrumentStops.push(instrument(onInstrument));
		watchLeaving();
	};
	const stopListening = () => [stops, instrumentStops, leavingStops].forEach(stopAll);
	function restart(): void {
		capture?.stop();
		stopListening();
		recording.flush();
		session.leave();
		whenReady(() => guard(() => boot.stopped || start(boot, fetchPart)));
	}
	function finish(reason: NotRecordingReason): void {
		boot.stopped ??= reason;
		boot.handleCall = () => {};
		delete boot.registerPart;
		pauseCapture(reason);
		stopListening();
		recording.end();
	}

	const onInstrument: Emit = (tag, payload, urgent) => {
		if (session.isOver(Date.now())) pauseCapture("idle");
		if (isPaused()) return false;
		if (tag === TAG_ROUTE) {
			lastUrl = location.href;
			urlHistory.add(lastUrl);
		}
		recording.addCustom(Date.now(), tag, payload, urgent);
		if (config.recordOn.includes(tag)) release();
		return true;
	};
	const release = () => {
		recording.release();
		recording.flush();
	};
	const handleCall = (call: RecorderCall) => {
		if (call.kind === "custom") {
			if (!TAG_NAME.test(call.tag)) return console.warn("Sentiero: invalid event name:", call.tag);
			if (session.isOver(Date.now())) pauseCapture("idle");
			if (isPaused()) return;
			recording.addCustom(call.at, call.tag, call.payload ?? {});
			if (config.recordOn.includes(call.tag)) release();
		} else if (call.kind === "error") {
			const resource = describeResource(call.event, visibleText);
			if (resource) {
				reportedResources.add(resource.url);
				recording.addCustom(call.at, TAG_RESOURCE, resource);
			} else if (!(call.event.target instanceof Element)) {
				recording.addCustom(call.at, TAG_ERROR, describeError(call.event as ErrorEvent), true);
				if (config.recordOn.includes(TAG_ERROR)) release();
			}
		} else if (call.kind === "metadata") {
			if (isRecord(call.values)) recording.setMetadata(call.values);
		} else if (call.kind === "flush") recording.flush();
		else if (call.kind === "start") {
			if (!instrumentStops.length) attachInstruments();
			resumeCapture("ended", "paused", "sampled_out", "idle");
			if (!isEnded) release();
		} else if (call.kind === "forget") {
			finish("opted_out");
			session.forget();
		} else {
			recording.flush();
			pauseCapture(call.kind === "pause" ? "paused" : "ended");
			if (call.kind === "pause" || isEnded) return;
			isEnded = true;
			session.forget();
			stopAll(instrumentStops);
		}
	};
	const leave = (isClosing: boolean) => {
		const ms = Math.round(cost.total.ms);
		if (capture && ms > reportedCostMs) {
			const { longestMs, longTasks } = cost.total;
			onInstrument(TAG_COST, { ms, longestMs: Math.round(longestMs), longTasks, bytes: state.bytes, lost: state.lost });
			reportedCostMs = ms;
		}
		recording.leave(isClosing);
	};
	const followRules = () => {
		if (isIncluded(location.href, config.urlInclude, config.urlExclude)) resumeCapture("url_excluded");
		else pauseCapture("url_excluded");
	};

	// `document.open()` and frameworks that replace the document remove every listener, so recording starts over.
	const root = document.documentElement;
	const observer = new MutationObserver(() => {
		if (!document.documentElement || document.documentElement === root || boot.stopped) return;
		guard(restart);
	});
	observer.observe(document, { childList: true });
	stops.push(() => observer.disconnect());
	for (const type of ACTIVITY_EVENTS) stops.push(listen(window, type, onActivity));
	for (const type of ["change", "drop", "paste"]) stops.push(listen(window, type, noteChosenFile));
	// The instruments listen on the document, so this listener on the window runs first. If it begins a new session, the
	// events of the instruments already belong to that session.
	stops.push(listen(window, "visibilitychange", () => document.hidden || onActivity()));
	if (config.urlInclude.length || config.urlExclude.length) startInstrument(() => watchUrl(followRules));
	begin("load");
	for (const call of boot.early.splice(0)) handleCall(call);
	boot.handleCall = handleCall;
	boot.report = () => ({
		reason: pauseReasons.values().next().value ?? null,
		held: state.held,
		lost: state.lost,
		problem: state.problem,
		sentBytes: state.bytes,
		sessionId: session.sessionId,
		windowId: session.windowId,
	});

	const errorInstrument = errors();
	resetErrors = errorInstrument.forget;
	const enabled: [unknown, Instrument[]][] = [
		[config.captureErrors, [errorInstrument.instrument, resources(visibleText, reportedResources)]],
		[config.trackNavigation, [links(visibleText), routes(isNewUrl, watchUrl, visibleText.title)]],
		[config.trackCustomEvents, [tags]],
		[config.captureClicks, [clicks(visibleText)]],
		[config.trackForms, [forms(visibleText)]],
		[true, [visibility]],
		[config.captureWebVitals, [fetchVitals((use) => fetchPart("vitals", use), urlHistory.at)]],
	];
	for (const [isWanted, list] of enabled) if (isWanted) list.forEach(startInstrument);
	if (config.captureConsole) fetchPart("console", startInstrument);
	if (config.captureNetwork) fetchPart("network", startInstrument);
	fetchPart("store", (open) => void open(session, config.eventsUrl, Date.now).then(recording.attach, () => {}));
	watchLeaving();
	function watchLeaving(): void {
		stopAll(leavingStops);
		leavingStops.push(
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
				if (session.isOver(Date.now()) || !recording.touch(Date.now())) return startNewSession();
				// The tab recorded another page in the meantime, so this is a new page view.
				capture.stop();
				capture = null;
				begin("load");
			}),
			listen(window, "online", () => recording.resume(true)),
		);
	}
}
