import type { Env } from "../env.ts";

/** Runs one step of a job. @returns cursor where the next tick continues; null: the run is complete */
export type Job = (env: Env, now: number, cursor: string | null) => Promise<string | null>;
