import { createRedactor, DEFAULT_REDACTION, type Redactor, type UrlMode } from "../src/contract/redact.ts";
import type { RecorderConfig } from "./config.ts";

/**
 * Creates the redactor for the page's options. URL modes may be written as in the Sentiero gem, such as `keepFiltered`.
 * A custom pattern is written as `source` or `/source/flags`; an invalid pattern is skipped with a console warning.
 */
export function redactorOf({ redaction }: RecorderConfig): Redactor {
	const urlMode = (redaction.urlMode ?? "strip").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as UrlMode;
	const customPatterns = (redaction.customPatterns ?? []).flatMap((pattern) => {
		try {
			const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [null, pattern, ""];
			return new RegExp(source!, [...new Set(`g${flags}`)].join(""));
		} catch {
			console.warn("Sentiero: invalid pattern:", pattern);
			return [];
		}
	});
	return createRedactor({ ...DEFAULT_REDACTION, ...redaction, urlMode, customPatterns });
}
