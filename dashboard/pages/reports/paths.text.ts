import { count } from "../../ui/table.tsx";

export const empty = "The pages before and after a page appear here. Choose a longer period or remove a filter.";
export const pageViews = (n: number) => (n === 1 ? "1 page view" : `${count(n)} page views`);
export const entered = "Entered the site here";
export const left = "Left the site here";
