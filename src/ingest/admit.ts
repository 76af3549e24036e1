import { agentOf } from "../analytics/agent.ts";
import { cookieValue, isOptedOut } from "../contract/consent.ts";
import type { Config, Project } from "../env.ts";
import { fail } from "../http/errors.ts";

/** Result of checking the headers. The body of a rejected request is never read. */
export interface Admission {
	/** null: no Origin header. Browsers always send one. */
	origin: string | null;
	/** Browser, OS and device from the User-Agent. */
	agent: ReturnType<typeof agentOf>;
	/** Projects that accept the origin; never empty. */
	projects: readonly Project[];
}

/**
 * Rejects requests by method, consent signals, bot detection and origin.
 * @throws method_not_allowed, opted_out, global_privacy_control, bot, origin_required, origin_refused
 */
export function admit(request: Request, config: Config): Admission {
	if (request.method !== "POST") fail("method_not_allowed");
	const cookie = config.optOutCookie && cookieValue(request.headers.get("cookie") ?? "", config.optOutCookie);
	if (isOptedOut(cookie)) fail("opted_out");
	if (config.respectGpc && request.headers.get("sec-gpc") === "1") fail("global_privacy_control");
	const agent = agentOf(request.headers.get("user-agent"));
	if (agent.bot && !config.storeBots) fail("bot");
	const origin = request.headers.get("origin");
	if (origin === null) {
		if (config.requireOrigin) fail("origin_required");
		return { origin, agent, projects: config.projects };
	}
	const projects = projectsFor(origin, request, config);
	if (!projects.length) fail("origin_refused", { origin: origin.slice(0, 200) });
	return { origin, agent, projects };
}

/**
 * Returns the projects that accept an origin. Origins must match exactly. Every project accepts the Worker's own
 * origin.
 */
export function projectsFor(origin: string, request: Request, config: Config): readonly Project[] {
	if (origin === new URL(request.url).origin) return config.projects;
	return config.projects.filter((project) => project.origins.includes(origin));
}

/** Returns the named project if it accepts the origin; otherwise the first project that accepts the origin. */
export function chooseProject({ projects }: Admission, projectId: string | undefined): Project {
	return projects.find((project) => project.id === projectId) ?? projects[0]!;
}
