import { createServer } from "node:net";

/** Checks that a port is free; 0 chooses any free port. @returns the port, or null when it is in use */
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
