import type { Env } from "../env.ts";

/** One step of a job. @returns where it goes on at the next tick; null when it is done for this time */
export type Job = (env: Env, now: number, cursor: string | null) => Promise<string | null>;
