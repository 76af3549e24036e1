/**
 * Streams text as a file download without buffering the parts.
 * @param type value of the Content-Type header
 */
export function downloadResponse(
	name: string,
	type: string,
	parts: AsyncGenerator<string>,
	headers: Record<string, string> = {},
): Response {
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
			"content-type": type,
			"content-disposition": `attachment; filename="${name}"`,
			"cache-control": "no-store",
			"x-content-type-options": "nosniff",
			...headers,
		},
	});
}
