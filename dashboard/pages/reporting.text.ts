/** Texts of the setup page of server issues and server events. */

export const makeKey = "Create a key";
export const addKey = "Add the key to the Worker";
export const secretIs = "Set the secret";
export const secretFormat = "to the project ID, a colon and the key:";
export const severalKeys = "Several keys are comma-separated.";
