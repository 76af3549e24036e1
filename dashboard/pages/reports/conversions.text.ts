import { count } from "../../ui/table.tsx";

export const goal = "Goal";
export const chooseGoal = "Choose a goal: a page, a click or a custom event.";
export const result = (sessions: number, rate: string) => ` of ${count(sessions)} sessions reached the goal${rate}.`;
export const conversions = "Conversions";
export const rate = "Conversion rate";
export const examples = "Examples";
export const converted = "converted";
export const notConverted = "not converted";
