import { count } from "../../ui/table.tsx";

export const sortBy = "Sort by";
export const highestScore = "Highest score first";
export const longest = "Longest first";
export const empty = "Sessions appear here with their frustration score. Choose a longer period or remove a filter.";

export const byScore = "Sessions by frustration score:";
export const range = (from: number, to: number) => `${from}–${to}:`;
export const sessions = "Sessions by frustration score";
export const session = "Session";
export const score = "Frustration score";
export const started = "Started";
export const duration = "Duration";
export const reasons = "Reasons";

const counted = (one: string, many: string) => (n: number) => (n === 1 ? `1 ${one}` : `${count(n)} ${many}`);
export const rage = counted("rage click", "rage clicks");
export const dead = counted("dead click", "dead clicks");
export const churn = counted("return to a page", "returns to a page");
export const idle = () => "inactivity";
export const thrash = counted("scroll back and forth", "scrolls back and forth");
export const refills = counted("change to a filled field", "changes to filled fields");
export const bounce = () => "bounce";
export const abandon = () => "left after an error";

export const scoreNote = "The frustration score is a number from 0 to 100. Higher is worse.";
