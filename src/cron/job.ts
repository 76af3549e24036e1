import type { Env } from "../env.ts";

/** Runs one step of a job. @returns cursor at which the next tick continues; null: the job is complete */
export type Job = (env: Env, now: number, cursor: string | null) => Promise<string | null>;
