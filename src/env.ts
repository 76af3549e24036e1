import { DEFAULT_OPT_OUT_COOKIE } from "./contract/consent.ts";
import { isId } from "./contract/ids.ts";
import { MAX_BATCH_BYTES } from "./contract/limits.ts";
import { compilePattern } from "./contract/patterns.ts";
import {
	DEFAULT_REDACTION,
	isRecord,
	PATTERN_NAMES,
	type PatternName,
	type RedactionOptions,
	type UrlMode,
} from "./contract/redact.ts";

/** Bindings, variables and secrets of the Worker. Variables are untyped until `configOf` validates them. */
export interface Env {
	DB: D1Database;
	CHUNKS: R2Bucket;
	ASSETS: Fetcher;
	/** Rate limits per minute, see `http/rate.ts`. A limit whose binding is missing does not apply. */
	RATE_LIMIT_SESSION?: RateLimit;
	RATE_LIMIT_ADDRESS?: RateLimit;
	RATE_LIMIT_LOGIN?: RateLimit;
	RATE_LIMIT_SERVER?: RateLimit;
	[variable: string]: unknown;
}

export interface Project {
	id: string;
	name: string;
	/** Exact origins that may send recordings, such as `https://shop.example`. */
	origins: readonly string[];
	/** Milliseconds from a session's last event to its automatic deletion; null: sessions are kept forever. */
	retentionMs: number | null;
	/** Share of sessions that are stored, 0 to 1. */
	sampleRate: number;
	caps: Caps;
}

export interface EncryptionKey {
	/** ID that is stored with each chunk encrypted with this key. */
	id: string;
	secret: Uint8Array<ArrayBuffer>;
}

/** Upper limits of a project; null: no limit. */
export interface Caps {
	/** New sessions, and stored bytes, per UTC day. */
	sessionsPerDay: number | null;
	bytesPerDay: number | null;
	/** Stored sessions, and their bytes. If one of the two caps is exceeded, the oldest sessions are deleted. */
	sessions: number | null;
	bytes: number | null;
	/** Events of a session. When a session has this many, its further batches are rejected. */
	eventsPerSession: number | null;
	/**
	 * Caps for reports from servers. If a cap is exceeded, the oldest occurrences or server events are deleted, or the
	 * issues whose last occurrence is the longest ago.
	 */
	issues: number | null;
	occurrencesPerIssue: number | null;
	serverEvents: number | null;
}

/** Key with which servers send reports to a project. */
export interface IngestKey {
	project: string;
	key: string;
}

/** Validated configuration with defaults; see docs/configuration.md. */
export interface Config {
	/** At least one. */
	projects: readonly Project[];
	/** `Project.retentionMs` of the projects that were removed from the configuration. */
	retentionMs: number | null;
	/** null: the dashboard is locked. */
	login: { user: string; password: string } | null;
	requireOrigin: boolean;
	respectGpc: boolean;
	/** null: no opt-out cookie. */
	optOutCookie: string | null;
	geo: boolean;
	/** Whether bot traffic is stored. */
	storeBots: boolean;
	maxBatchBytes: number;
	maxEventsPerRequest: number;
	redaction: RedactionOptions;
	/** Origins from which a replay may load images, styles, fonts and media, in addition to the projects' origins. */
	replayAssetOrigins: readonly string[];
	/** Enables share links and recording files. */
	shareableReplays: boolean;
	/** Newest key first. Empty: chunks are stored unencrypted. */
	encryptionKeys: readonly EncryptionKey[];
	/** Number of packs that are written per minute, from the chunks of old sessions; 0: chunks are not packed. */
	packsPerMinute: number;
	/** A project may have several keys, so that they can be rotated. Empty: servers cannot send reports. */
	ingestKeys: readonly IngestKey[];
	/** Whether IP addresses in reports from servers are truncated to their network. */
	anonymizeIp: boolean;
	/** Platform of reports that do not name one; see `analytics/fingerprint.ts`. */
	fingerprintPlatform: string;
	/** Options of the recorder that variables set, by the option's name. The build compiles them into `/recorder.js`. */
	recorder: Readonly<Record<string, unknown>>;
}

/** Invalid configuration. The message names the variable and is shown to everybody who opens the Worker. */
export class ConfigError extends Error {}

const configs = new WeakMap<Env, Config>();

/** Returns the validated configuration. Only this function reads variables and secrets. @throws ConfigError */
export function configOf(env: Env): Config {
	let config = configs.get(env);
	if (!config) {
		config = Object.freeze(read(env));
		configs.set(env, config);
	}
	return config;
}

function read(env: Env): Config {
	const optOut = flag(env, "USER_OPT_OUT", true);
	const projects = projectsOf(env);
	return {
		projects,
		retentionMs: daysInMs(env, "RETENTION_DAYS", 30),
		login: loginOf(env),
		requireOrigin: flag(env, "REQUIRE_ORIGIN", false),
		respectGpc: flag(env, "RESPECT_GPC", true),
		optOutCookie: optOut ? cookieName(env, "OPT_OUT_COOKIE_NAME", DEFAULT_OPT_OUT_COOKIE) : null,
		geo: choice(env, "GEO_SOURCE", ["cloudflare", "off"], "cloudflare") === "cloudflare",
		storeBots: flag(env, "STORE_BOTS", false),
		maxBatchBytes: count(env, "MAX_BATCH_BYTES", MAX_BATCH_BYTES, 1024, 64 * 1024 * 1024),
		maxEventsPerRequest: count(env, "MAX_EVENTS_PER_REQUEST", 20_000, 1, 1_000_000),
		redaction: {
			...DEFAULT_REDACTION,
			urlMode: choice<UrlMode>(env, "REDACTION_URL_MODE", ["strip", "keep_filtered", "keep_all"], "strip"),
			urlParamAllowlist: list(env, "REDACTION_URL_PARAM_ALLOWLIST"),
			urlParamDenylist: list(env, "REDACTION_URL_PARAM_DENYLIST"),
			disabledPatterns: patterns(env, "REDACTION_DISABLED_PATTERNS"),
			domPatterns: patterns(env, "REDACTION_DOM_PATTERNS"),
			customPatterns: list(env, "REDACTION_CUSTOM_PATTERNS").map((pattern) => customPattern(pattern)),
		},
		replayAssetOrigins: originsOf(env.REPLAY_ASSET_ORIGINS, "REPLAY_ASSET_ORIGINS"),
		shareableReplays: flag(env, "SHAREABLE_REPLAYS", false),
		encryptionKeys: encryptionKeysOf(env),
		packsPerMinute: count(env, "PACKS_PER_MINUTE", 1, 0, 100),
		ingestKeys: ingestKeysOf(env, projects),
		anonymizeIp: flag(env, "ANONYMIZE_IP", true),
		fingerprintPlatform: text(env, "FINGERPRINT_DEFAULT_PLATFORM", "ruby"),
		recorder: recorderOf(env, optOut),
	};
}

/*
 * The following tables map variables to the recorder options that they set. The variables are named after the options
 * of Sentiero (the Ruby gem).
 */

const RECORDER_FLAGS = {
	RESPECT_GPC: "respectGpc",
	CROSS_TAB_SESSIONS: "crossTabSessions",
	MASK_ALL_INPUTS: "maskAllInputs",
	CAPTURE_METADATA: "captureMetadata",
	CAPTURE_ERRORS: "captureErrors",
	CAPTURE_CLICKS: "captureClicks",
	CAPTURE_WEB_VITALS: "captureWebVitals",
	TRACK_NAVIGATION: "trackNavigation",
	TRACK_CUSTOM_EVENTS: "trackCustomEvents",
	TRACK_FORMS: "trackForms",
};
const RECORDER_TEXTS = {
	BLOCK_SELECTOR: "blockSelector",
	MASK_TEXT_SELECTOR: "maskTextSelector",
	IGNORE_SELECTOR: "ignoreSelector",
	OPT_OUT_COOKIE_NAME: "optOutCookieName",
};
/** `factor` converts the unit of the variable to the unit of the option. */
const RECORDER_COUNTS: Record<string, [name: string, factor: number]> = {
	FLUSH_INTERVAL_MS: ["flushIntervalMs", 1],
	FLUSH_EVENT_THRESHOLD: ["flushEventThreshold", 1],
	SESSION_IDLE_TIMEOUT: ["sessionIdleTimeoutMs", 1000],
	SESSION_MAX_AGE: ["sessionMaxAgeMs", 1000],
};
const RECORDER_REDACTION = {
	REDACTION_URL_MODE: "urlMode",
	REDACTION_URL_PARAM_ALLOWLIST: "urlParamAllowlist",
	REDACTION_URL_PARAM_DENYLIST: "urlParamDenylist",
	REDACTION_DISABLED_PATTERNS: "disabledPatterns",
	REDACTION_CUSTOM_PATTERNS: "customPatterns",
};

function recorderOf(env: Env, optOut: boolean): Record<string, unknown> {
	const isSet = (variable: string) => env[variable] !== undefined;
	const recorderOptions = parseJson(env.RECORDER ?? {});
	if (!isRecord(recorderOptions)) throw new ConfigError("RECORDER must be a table of the recorder's options.");
	const options: Record<string, unknown> = {};
	for (const [variable, name] of Object.entries(RECORDER_FLAGS)) {
		if (isSet(variable)) options[name] = flag(env, variable, true);
	}
	for (const [variable, name] of Object.entries(RECORDER_TEXTS)) {
		if (!isSet(variable)) continue;
		if (typeof env[variable] !== "string") throw new ConfigError(`${variable} must be a string.`);
		options[name] = env[variable];
	}
	for (const [variable, [name, factor]] of Object.entries(RECORDER_COUNTS)) {
		if (isSet(variable)) options[name] = count(env, variable, 0, 0, 1_000_000_000) * factor;
	}
	if (isSet("MASK_INPUT_OPTIONS")) {
		options.maskInputOptions = parseJson(env.MASK_INPUT_OPTIONS);
		if (!isRecord(options.maskInputOptions)) {
			throw new ConfigError("MASK_INPUT_OPTIONS must be a table of field types, such as { email = true }.");
		}
	}
	const redaction: Record<string, unknown> = {};
	for (const [variable, name] of Object.entries(RECORDER_REDACTION)) {
		if (isSet(variable)) redaction[name] = name === "urlMode" ? env[variable] : list(env, variable);
	}
	const rrweb: Record<string, unknown> = {};
	if (isSet("INLINE_STYLESHEET")) rrweb.inlineStylesheet = flag(env, "INLINE_STYLESHEET", true);
	if (isSet("CHECKOUT_EVERY_N_MS")) rrweb.checkoutEveryNms = count(env, "CHECKOUT_EVERY_N_MS", 0, 1000, 86_400_000);
	if (Object.keys(redaction).length) options.redaction = redaction;
	if (Object.keys(rrweb).length) options.recorderOptions = rrweb;
	// If USER_OPT_OUT is false, the recorder must not look for the cookie.
	if (!optOut) options.optOutCookieName = "";
	return { ...options, ...recorderOptions };
}

function projectsOf(env: Env): Project[] {
	if (env.PROJECTS === undefined) {
		return [
			{
				id: "default",
				name: "Default",
				origins: originsOf(env.CORS_ORIGINS, "CORS_ORIGINS"),
				...projectSettings(env, {}),
			},
		];
	}
	const tables = parseJson(env.PROJECTS);
	if (!Array.isArray(tables) || !tables.length) {
		throw new ConfigError("PROJECTS must be a list of tables, each with an id and its origins.");
	}
	const seen = new Set<string>();
	return tables.map((table) => {
		if (!isRecord(table) || !isId(table.id)) {
			throw new ConfigError("PROJECTS: each project needs an id of letters, digits, - and _.");
		}
		if (seen.has(table.id)) throw new ConfigError(`PROJECTS: the id "${table.id}" is used twice.`);
		seen.add(table.id);
		const unknown = Object.keys(table).find((key) => !PROJECT_KEYS.includes(key));
		if (unknown)
			throw new ConfigError(`PROJECTS: unknown key "${unknown}" in "${table.id}". Use: ${PROJECT_KEYS.join(", ")}.`);
		const name = typeof table.name === "string" && table.name.trim() ? table.name.trim() : table.id;
		const origins = originsOf(table.origins, `PROJECTS: origins of "${table.id}"`);
		return { id: table.id, name, origins, ...projectSettings(env, table) };
	});
}

const MAX_COUNT = 1e15;

/**
 * Returns the settings of a project. Variables apply to all projects. The table of a project in PROJECTS overrides a
 * variable by a key with the variable's name in lower case.
 */
function projectSettings(
	env: Env,
	table: Record<string, unknown>,
): Pick<Project, "retentionMs" | "sampleRate" | "caps"> {
	const settings = { ...env } as Env;
	for (const name of PROJECT_SETTINGS) {
		const value = table[name.toLowerCase()];
		if (value === null)
			throw new ConfigError(
				`PROJECTS: ${name.toLowerCase()} of "${String(table.id)}" is null: remove it to use the default.`,
			);
		if (value !== undefined) settings[name] = value;
	}
	/** Reads a cap; 0 means no cap. */
	const cap = (name: (typeof PROJECT_SETTINGS)[number], preset = 0) =>
		count(settings, name, preset, 0, MAX_COUNT) || null;
	return {
		retentionMs: daysInMs(settings, "RETENTION_DAYS", 30),
		sampleRate: ratio(settings, "SAMPLE_RATE", 1),
		caps: {
			sessionsPerDay: cap("MAX_SESSIONS_PER_DAY"),
			bytesPerDay: cap("MAX_BYTES_PER_DAY"),
			sessions: cap("MAX_SESSIONS"),
			bytes: cap("MAX_BYTES"),
			eventsPerSession: cap("MAX_EVENTS_PER_SESSION", 100_000),
			issues: cap("MAX_PROBLEMS", 5_000),
			occurrencesPerIssue: cap("MAX_OCCURRENCES_PER_PROBLEM", 2_000),
			serverEvents: cap("MAX_SERVER_EVENTS", 50_000),
		},
	};
}

const PROJECT_SETTINGS = [
	"RETENTION_DAYS",
	"SAMPLE_RATE",
	"MAX_SESSIONS_PER_DAY",
	"MAX_BYTES_PER_DAY",
	"MAX_SESSIONS",
	"MAX_BYTES",
	"MAX_EVENTS_PER_SESSION",
	"MAX_PROBLEMS",
	"MAX_OCCURRENCES_PER_PROBLEM",
	"MAX_SERVER_EVENTS",
] as const;

const PROJECT_KEYS = ["id", "name", "origins", ...PROJECT_SETTINGS.map((name) => name.toLowerCase())];

/** Parses origins from a list, or from a comma-separated string, as people enter it in Cloudflare's dashboard. */
function originsOf(value: unknown, name: string): string[] {
	return parseList(value, name).map((item) => {
		let origin: string | null = null;
		try {
			origin = new URL(item).origin;
		} catch {
			// An invalid URL is reported below.
		}
		if (origin !== item.replace(/\/$/, "")) {
			throw new ConfigError(
				`${name}: "${item}" is not an origin. Write scheme and host only, such as https://shop.example.`,
			);
		}
		return origin;
	});
}

function loginOf(env: Env): Config["login"] {
	const value = env.BASIC_AUTH;
	if (value === undefined || value === "") return null;
	const colon = typeof value === "string" ? value.indexOf(":") : -1;
	if (typeof value !== "string" || colon < 1 || colon === value.length - 1) {
		throw new ConfigError("BASIC_AUTH must be user:password, both not empty.");
	}
	return { user: value.slice(0, colon), password: value.slice(colon + 1) };
}

/** Parses encryption keys, newest first: `id:base64,id:base64`. */
function encryptionKeysOf(env: Env): EncryptionKey[] {
	const ids = new Set<string>();
	return list(env, "ENCRYPTION_KEYS").map((item) => {
		const [id, base64] = item.split(":");
		let secret = new Uint8Array();
		try {
			secret = Uint8Array.from(atob(base64 ?? ""), (char) => char.charCodeAt(0));
		} catch {
			// Invalid base64 is reported below.
		}
		if (!isId(id) || secret.length < 32) {
			throw new ConfigError(
				"ENCRYPTION_KEYS: each key is an id, a colon and at least 32 random bytes in base64: make one with openssl rand -base64 32.",
			);
		}
		// If two keys had the same ID, chunks encrypted with the older one would become unreadable without any error.
		if (ids.has(id)) throw new ConfigError(`ENCRYPTION_KEYS: two keys have the id ${id}. Give the new key another id.`);
		ids.add(id);
		return { id, secret };
	});
}

/** Parses ingest keys: `project:key,project:key`. */
function ingestKeysOf(env: Env, projects: readonly Project[]): IngestKey[] {
	return list(env, "INGEST_KEYS").map((item) => {
		const [, project = "", key = ""] = /^([^:]*):(.*)$/.exec(item) ?? [];
		if (!projects.some(({ id }) => id === project)) {
			throw new ConfigError("INGEST_KEYS: each key is the id of a project, a colon and the key itself.");
		}
		if (!/^[\x21-\x7e]{16,512}$/.test(key)) {
			throw new ConfigError(
				`INGEST_KEYS: the key of ${project} must be 16 to 512 printable ASCII characters without spaces: make one with openssl rand -hex 32.`,
			);
		}
		return { project, key };
	});
}

function daysInMs(env: Env, name: string, preset: number): number | null {
	const value = env[name] === undefined ? preset : Number(env[name]);
	if (!Number.isFinite(value) || value < 0 || env[name] === "") {
		throw new ConfigError(`${name} must be a number of days. 0 keeps sessions forever.`);
	}
	return value === 0 ? null : value * 86_400_000;
}

function ratio(env: Env, name: string, preset: number): number {
	const value = env[name] === undefined ? preset : Number(env[name] === "" ? Number.NaN : env[name]);
	if (!(value >= 0 && value <= 1)) throw new ConfigError(`${name} must be a number from 0 to 1.`);
	return value;
}

function count(env: Env, name: string, preset: number, min: number, max: number): number {
	const value = env[name] === undefined ? preset : Number(env[name]);
	if (!Number.isInteger(value) || value < min || value > max) {
		throw new ConfigError(`${name} must be a whole number from ${min} to ${max}.`);
	}
	return value;
}

function flag(env: Env, name: string, preset: boolean): boolean {
	const value = env[name];
	if (value === undefined) return preset;
	if (value === true || value === "true") return true;
	if (value === false || value === "false") return false;
	throw new ConfigError(`${name} must be true or false.`);
}

function choice<T extends string>(env: Env, name: string, options: readonly T[], preset: T): T {
	const value = env[name];
	if (value === undefined) return preset;
	const found = options.find((option) => option === value);
	if (!found) throw new ConfigError(`${name} must be one of ${options.join(", ")}.`);
	return found;
}

function text(env: Env, name: string, preset: string): string {
	const value = env[name] ?? preset;
	if (typeof value !== "string" || !value.trim()) throw new ConfigError(`${name} must be a non-empty string.`);
	return value.trim();
}

function cookieName(env: Env, name: string, preset: string): string {
	const value = env[name] ?? preset;
	if (typeof value !== "string" || !/^[\w.-]{1,64}$/.test(value)) {
		throw new ConfigError(`${name} must be a cookie name of at most 64 letters, digits, _, . and -.`);
	}
	return value;
}

function patterns(env: Env, name: string): PatternName[] {
	return list(env, name).map((item) => {
		const found = PATTERN_NAMES.find((pattern) => pattern === item);
		if (!found) throw new ConfigError(`${name}: unknown pattern "${item}". Use: ${PATTERN_NAMES.join(", ")}.`);
		return found;
	});
}

function customPattern(pattern: string): RegExp {
	try {
		return compilePattern(pattern);
	} catch (error) {
		const why = error instanceof Error ? error.message : error;
		throw new ConfigError(`REDACTION_CUSTOM_PATTERNS: ${pattern} cannot be used: ${why}.`);
	}
}

function list(env: Env, name: string): string[] {
	return parseList(env[name], name);
}

function parseList(raw: unknown, name: string): string[] {
	const value = parseJson(raw);
	if (value === undefined || value === null || value === "") return [];
	const items = typeof value === "string" ? value.split(",") : value;
	if (!Array.isArray(items) || items.some((item) => typeof item !== "string")) {
		throw new ConfigError(`${name} must be a list of strings.`);
	}
	return items.map((item: string) => item.trim()).filter(Boolean);
}

/** Parses a list or table that was entered as JSON. Values from wrangler.toml are parsed already and stay unchanged. */
function parseJson(value: unknown): unknown {
	if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
	try {
		return JSON.parse(value);
	} catch {
		return value;
	}
}

/** Returns the R2 bucket of the chunks, and the keys that encrypt and decrypt the chunks. */
export function chunkStore(env: Env): { bucket: R2Bucket; keys: readonly EncryptionKey[] } {
	return { bucket: env.CHUNKS, keys: configOf(env).encryptionKeys };
}
