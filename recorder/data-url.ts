/** Longest data: URL that is recorded, in characters. */
const MAX_DATA_URL_CHARS = 32 * 1024;
const RASTER = /^data:image\/(?:png|jpe?g|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)[;,]/i;
const DRAWING = /^data:image\/svg\+xml(;[^,]*)?,(.*)$/is;
/** SVG elements that may contain text or an image. */
const HAS_CONTENT = /<(?:\w+:)?(?:text|tspan|textpath|foreignobject|image|title|desc|metadata|script)\b/i;
/** Elements whose URL does not lead to an image, but to a document, to audio, to video or to a style sheet. */
const DOCUMENTS = /^(?:object|embed|iframe|frame|video|audio|track|link)$/;

let hasChosenFile = false;

/**
 * Returns a data: URL if it is a small image that belongs to the page: a raster image, or an SVG without text and
 * embedded content. Returns an empty string for all others, because they may show what the visitor chose or wrote.
 */
export function publicDataUrl(tag: string, url: string): string {
	if (url.length > MAX_DATA_URL_CHARS || hasChosenFile || DOCUMENTS.test(tag)) return "";
	if (RASTER.test(url)) return url;
	const [, kind, content] = DRAWING.exec(url.trim()) ?? [];
	if (content === undefined) return "";
	try {
		const markup = /;base64/i.test(kind ?? "") ? atob(content) : decodeURIComponent(content);
		return HAS_CONTENT.test(markup) ? "" : url;
	} catch {
		return "";
	}
}

/**
 * Notes when the visitor chooses, drops or pastes a file. From then on, no data: URL is recorded, because it may show
 * that file.
 */
export function noteChosenFile(event: Event): void {
	const { files } = (event.target ?? {}) as HTMLInputElement;
	const { dataTransfer, clipboardData } = event as DragEvent & ClipboardEvent;
	hasChosenFile ||= Boolean(files?.length || dataTransfer?.files.length || clipboardData?.files.length);
}
