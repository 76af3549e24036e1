import { createServer } from "node:net";

/** Returns the port if it is free, or null if it is in use. For 0, returns any free port. */
export function freePort(port = 0): Promise<number | null> {
	return new Promise((resolve) => {
		const probe = createServer();
		probe.once("error", () => resolve(null));
		probe.listen(port, "localhost", () => {
			const address = probe.address();
			probe.close(() => resolve(typeof address === "object" && address ? address.port : null));
		});
	});
}
