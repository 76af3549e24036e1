import { createServer } from "node:net";

/** Whether a port of this machine can be listened on; 0 asks for any. @returns the port, or null when it is taken */
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
