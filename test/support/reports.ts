import { type Random, randomFrom } from "./random.ts";
import { draw } from "./sample-sessions.ts";

/**
 * Posts sample reports as servers of the demo shop would: five issues, and server events. For the demo, not for tests.
 */

interface Options {
	/** Origin of the Worker. */
	worker: string;
	/** A key of the Worker's `INGEST_KEYS`. */
	key: string;
	/** `name:password` of the dashboard. */
	login: string;
}

interface Session {
	id: string;
	startedAt: number;
	lastAt: number;
}

const DAY_MS = 86_400_000;
/** Maximum age of a sample report, in days. The Worker would change times older than `MAX_EVENT_AGE_MS`. */
const DAYS = 6;
const EVENT_COUNT = 60;

const appFrame = (path: string, line: number, method: string) => `/srv/shop/${path}:${line}:in '${method}'`;
const gemFrame = (path: string, line: number, method: string) =>
	`/usr/local/bundle/ruby/3.4.0/gems/${path}:${line}:in '${method}'`;
const RAILS_FRAMES = [
	gemFrame("actionpack-8.0.2/lib/action_controller/metal/basic_implicit_render.rb", 8, "send_action"),
	gemFrame("actionpack-8.0.2/lib/abstract_controller/base.rb", 226, "process_action"),
	gemFrame("actionpack-8.0.2/lib/action_controller/metal/rendering.rb", 193, "process_action"),
	gemFrame("activesupport-8.0.2/lib/active_support/callbacks.rb", 121, "run_callbacks"),
	gemFrame("actionpack-8.0.2/lib/action_controller/metal/callbacks.rb", 266, "process_action"),
	gemFrame("actionpack-8.0.2/lib/action_controller/metal/rescue.rb", 36, "process_action"),
	gemFrame("actionpack-8.0.2/lib/action_controller/metal/instrumentation.rb", 79, "process_action"),
	gemFrame("activerecord-8.0.2/lib/active_record/railties/controller_runtime.rb", 42, "process_action"),
	gemFrame("actionpack-8.0.2/lib/abstract_controller/base.rb", 163, "process"),
	gemFrame("actionview-8.0.2/lib/action_view/rendering.rb", 40, "process"),
	gemFrame("actionpack-8.0.2/lib/action_controller/metal.rb", 252, "dispatch"),
	gemFrame("actionpack-8.0.2/lib/action_dispatch/routing/route_set.rb", 67, "dispatch"),
	gemFrame("actionpack-8.0.2/lib/action_dispatch/routing/route_set.rb", 50, "serve"),
	gemFrame("actionpack-8.0.2/lib/action_dispatch/journey/router.rb", 53, "serve"),
	gemFrame("rack-3.1.12/lib/rack/tempfile_reaper.rb", 20, "call"),
	gemFrame("rack-3.1.12/lib/rack/etag.rb", 29, "call"),
	gemFrame("rack-3.1.12/lib/rack/conditional_get.rb", 31, "call"),
	gemFrame("rack-3.1.12/lib/rack/head.rb", 15, "call"),
	gemFrame("puma-6.6.0/lib/puma/request.rb", 99, "handle_request"),
];
const NODE_FRAMES = [
	"at process.processTicksAndRejections (node:internal/process/task_queues:105:5)",
	"at async Worker.run (/srv/worker/node_modules/bullmq/dist/esm/classes/worker.js:512:24)",
];

interface IssueKind {
	times: number;
	platform: string;
	name: string;
	message(random: Random): string;
	backtrace: string[];
	request?: { method: string; path: string };
	extraContext(random: Random): object;
}

const ISSUE_KINDS: IssueKind[] = [
	{
		...{ times: 12, platform: "ruby", name: "Net::ReadTimeout" },
		message: () => "Net::ReadTimeout with #<TCPSocket:(closed)>",
		backtrace: [
			appFrame("app/services/payments/gateway.rb", 61, "Payments::Gateway#charge"),
			appFrame("app/services/checkout.rb", 34, "Checkout#pay"),
			appFrame("app/controllers/orders_controller.rb", 19, "OrdersController#create"),
			...RAILS_FRAMES,
		],
		request: { method: "POST", path: "/orders" },
		extraContext: (random) => ({ gateway: random.pick(["adyen", "stripe"]), attempt: 1 + random.below(3) }),
	},
	{
		...{ times: 8, platform: "ruby", name: "NoMethodError" },
		message: () => "undefined method 'price' for nil",
		backtrace: [
			appFrame("app/models/cart_line.rb", 22, "CartLine#total"),
			appFrame("app/models/cart.rb", 48, "block in Cart#total"),
			appFrame("app/controllers/carts_controller.rb", 11, "CartsController#show"),
			...RAILS_FRAMES,
		],
		request: { method: "GET", path: "/cart" },
		extraContext: (random) => ({ cart: { lines: 1 + random.below(5), currency: "EUR" } }),
	},
	{
		...{ times: 6, platform: "ruby", name: "ActiveRecord::RecordNotFound" },
		message: (random) => `Couldn't find Product with 'id'=${100 + random.below(900)}`,
		backtrace: [appFrame("app/controllers/products_controller.rb", 8, "ProductsController#show"), ...RAILS_FRAMES],
		request: { method: "GET", path: "/products" },
		extraContext: () => ({}),
	},
	{
		...{ times: 4, platform: "node", name: "TypeError" },
		message: () => "Cannot read properties of undefined (reading 'sku')",
		backtrace: [
			"at reserve (/srv/worker/src/inventory.ts:88:31)",
			"at async reserveOrder (/srv/worker/src/jobs/reserve-order.ts:24:3)",
			...NODE_FRAMES,
		],
		extraContext: (random) => ({ job: { queue: "inventory", attempt: 1 + random.below(4) } }),
	},
	{
		...{ times: 3, platform: "node", name: "MailError" },
		message: () => "450 4.7.1 mailbox busy, try again later",
		backtrace: ["at sendReceipt (/srv/worker/src/jobs/receipt.ts:41:9)", ...NODE_FRAMES],
		extraContext: () => ({ job: { queue: "mail", attempt: 1 } }),
	},
];

interface EventKind {
	name: string;
	level: "debug" | "info" | "warn" | "error";
	payload(random: Random): object;
}

const EVENT_KINDS: [share: number, event: EventKind][] = [
	[
		40,
		{
			...{ name: "order.paid", level: "info" },
			payload: (random) => ({ order: `A-${4000 + random.below(900)}`, total: 40 + random.below(400), currency: "EUR" }),
		},
	],
	[
		20,
		{
			...{ name: "mail.sent", level: "debug" },
			payload: (random) => ({ template: random.pick(["receipt", "shipped"]), took_ms: 80 + random.below(400) }),
		},
	],
	[
		15,
		{
			...{ name: "stock.low", level: "warn" },
			payload: (random) => ({ sku: random.pick(["TARN-2", "RIDGE-45", "ALDER-1"]), left: random.below(5) }),
		},
	],
	[
		15,
		{
			...{ name: "coupon.refused", level: "warn" },
			payload: (random) => ({ code: random.pick(["AUTUMN", "TRAIL10"]), reason: random.pick(["expired", "used"]) }),
		},
	],
	[
		10,
		{
			...{ name: "payment.declined", level: "error" },
			payload: (random) => ({
				...{ gateway: random.pick(["adyen", "stripe"]), reason: "insufficient_funds" },
				order: { total: 40 + random.below(400), lines: 1 + random.below(4) },
			}),
		},
	],
];

/** Posts the reports, unless the Worker has issues already. */
export async function seedReports({ worker, key, login }: Options): Promise<void> {
	const random = randomFrom(7);
	const api = async <T>(path: string, init?: RequestInit) => {
		const headers = { authorization: `Basic ${btoa(login)}`, "content-type": "application/json" };
		const response = await fetch(`${worker}/api${path}`, { ...init, headers });
		if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
		return (await response.json()) as T;
	};
	const post = async (endpoint: "errors" | "track", body: object) => {
		const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
		const response = await fetch(`${worker}/${endpoint}`, { method: "POST", headers, body: JSON.stringify(body) });
		if (!response.ok) throw new Error(`${endpoint}: ${response.status} ${await response.text()}`);
		return (await response.json()) as { fingerprint: string };
	};
	const { issues } = await api<{ issues: unknown[] }>("/issues?limit=1");
	if (issues.length) return;
	const now = Date.now();
	const since = new Date(now - (DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
	const { sessions } = await api<{ sessions: Session[] }>(`/sessions?since=${since}&limit=200`);
	/** Returns a time within a random session and the session's ID, or a time within the last `DAYS` days. */
	const moment = (inSession: boolean) => {
		const session = inSession && sessions.length ? random.pick(sessions) : null;
		const from = session?.startedAt ?? now - DAYS * DAY_MS;
		const at = from + Math.round((random.below(1_000) / 1_000) * ((session?.lastAt ?? now) - from));
		return { timestamp: at / 1_000, ...(session && { session_id: session.id }) };
	};
	const fingerprints: string[] = [];
	for (const kind of ISSUE_KINDS) {
		const { times, platform, name, message, backtrace, request, extraContext } = kind;
		const reportAt = (at: { timestamp: number; session_id?: string }) =>
			post("errors", {
				...{ exception_class: name, message: message(random), backtrace, platform, ...at },
				context: {
					environment: random.below(6) ? "production" : "staging",
					release: at.timestamp * 1_000 > now - 2 * DAY_MS ? "2026.31" : "2026.30",
					...(request && { request: { ...request, ip: "192.0.2.17" } }),
					...extraContext(random),
				},
			});
		for (let i = 0; i < times; i++) {
			const { fingerprint } = await reportAt(moment(request !== undefined && random.below(4) > 0));
			if (i === 0) fingerprints.push(fingerprint);
		}
		const set = (status: string) =>
			api(`/issues/${fingerprints.at(-1)}/status`, { method: "PUT", body: JSON.stringify({ status }) });
		if (name === "MailError") await set("ignored");
		if (name === "ActiveRecord::RecordNotFound") await set("resolved");
		if (name === "TypeError") {
			await set("resolved");
			await new Promise((resolve) => setTimeout(resolve, 20));
			await reportAt({ timestamp: Date.now() / 1_000 });
		}
	}
	for (let i = 0; i < EVENT_COUNT; i++) {
		const [, { name, level, payload }] = draw(random, EVENT_KINDS);
		await post("track", { name, level, payload: payload(random), ...moment(random.below(3) > 0) });
	}
}
