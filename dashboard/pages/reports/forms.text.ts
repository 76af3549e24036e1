import { count, sessionsOf } from "../../ui/table.tsx";

export const empty = "Forms appear here when visitors fill them in: the names of the fields, never what was typed.";
export const completion = (started: number, completed: number, rate: string) =>
	`${sessionsOf(started)} started this form, ${count(completed)} completed it (${rate}).`;
export const fields = (url: string) => `Fields of the form on ${url}`;
export const field = "Field";
export const filledIn = "Filled in";
export const timeToFill = "Time to fill";
export const refilled = "Refilled";
export const droppedOff = "Dropped off";
