/** A text as a file, written as it comes: nothing of it is held in memory. */
export function downloadResponse(name: string, type: string, parts: AsyncGenerator<string>): Response {
	const encoder = new TextEncoder();
	const body = new ReadableStream<Uint8Array>({
		async pull(controller) {
			const { done, value } = await parts.next();
			if (done) controller.close();
			else controller.enqueue(encoder.encode(value));
		},
		async cancel() {
			await parts.return(undefined);
		},
	});
	return new Response(body, {
		headers: {
			"content-type": `${type}; charset=utf-8`,
			"content-disposition": `attachment; filename="${name}"`,
			"cache-control": "no-store",
			"x-content-type-options": "nosniff",
			// Opened in the dashboard's own place, it would still be nobody.
			"content-security-policy": "sandbox",
		},
	});
}
