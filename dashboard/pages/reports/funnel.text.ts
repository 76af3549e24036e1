export const timeWindow = "Time window";
export const anyTime = "Any time";
export const within10Minutes = "Within 10 minutes";
export const within1Hour = "Within 1 hour";
export const within1Day = "Within 1 day";
export const breakdown = "Breakdown";
export const noBreakdown = "No breakdown";

export const step = (n: number) => `Step ${n}`;
export const remove = "Remove";
export const removeStep = (n: number) => `Remove step ${n}`;
export const addStep = "Add step";
export const chooseSteps = "Choose at least two steps: pages, clicks or custom events.";

export const page = "page";
export const clickOn = "click on";
export const customEvent = "custom event";
export const afterPrevious = (time: string) => `${time} after the previous step (median)`;
export const reached = "Reached this step:";
export const droppedOff = "Dropped off here:";
export const completed = "Completed";
