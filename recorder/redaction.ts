import { createRedactor, DEFAULT_REDACTION, type Redactor, type UrlMode } from "../src/contract/redact.ts";
import type { RecorderConfig } from "./config.ts";

/**
 * The engine as the page configures it. Sentiero's own spelling of modes (`keepFiltered`) is understood; a custom pattern
 * is a source, or `/source/flags`, and one that is none is left out, the others kept.
 */
export function redactorOf({ redaction }: RecorderConfig): Redactor {
	const urlMode = (redaction.urlMode ?? "strip").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) as UrlMode;
	const customPatterns = (redaction.customPatterns ?? []).flatMap((pattern) => {
		try {
			const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(pattern) ?? [null, pattern, ""];
			return new RegExp(source!, [...new Set(`g${flags}`)].join(""));
		} catch {
			console.warn("Sentiero: not a regular expression:", pattern);
			return [];
		}
	});
	return createRedactor({ ...DEFAULT_REDACTION, ...redaction, urlMode, customPatterns });
}
