import { agentOf } from "../analytics/agent.ts";
import { cookieValue, isOptedOut } from "../contract/consent.ts";
import type { Config, Project } from "../env.ts";
import { fail } from "../http/errors.ts";

/** Who may post at all, told from the headers: nothing of the body is read for those who may not. */
export interface Admission {
	/** null: the request names none, as programs do. */
	origin: string | null;
	/** What the visitor runs, by the User-Agent. */
	agent: ReturnType<typeof agentOf>;
	/** The projects that this origin may post to; never empty. */
	projects: readonly Project[];
}

/** @throws method_not_allowed, opted_out, global_privacy_control, bot, origin_required, origin_refused */
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

/** Exact matches only; the Worker's own origin is nobody else's and always welcome. */
export function projectsFor(origin: string, request: Request, config: Config): readonly Project[] {
	if (origin === new URL(request.url).origin) return config.projects;
	return config.projects.filter((project) => project.origins.includes(origin));
}

/** The project the page names if its origins allow, else the first that they do. */
export function chooseProject({ projects }: Admission, named: string | undefined): Project {
	return projects.find((project) => project.id === named) ?? projects[0]!;
}
