import { count } from "../../ui/table.tsx";

export const empty = "People appear here by the week of their first session. Identify them with";
export const cohorts = "People by the week of their first session";
export const caption = "People by the week of their first session, and how many returned in later weeks";
export const firstSession = "First session";
export const people = "People";
export const later = (weeks: number) => (weeks === 1 ? "After 1 week" : `After ${weeks} weeks`);
export const returned = (n: number, people: number) => `${count(n)} of ${count(people)} people`;
export const weeks = "ISO weeks in UTC, counted from the first session of a person in the period.";
