import type { RecorderConfig } from "./config.ts";
import type { MaskingOptions } from "./masking.ts";
import type { PrivacyOptions } from "./privacy.ts";

/** Options that are passed to rrweb unchanged. */
const PASSED = new Set(
	"checkoutEveryNth checkoutEveryNms ignoreClass ignoreCSSAttributes inlineStylesheet mousemoveWait sampling userTriggeredOnInput".split(
		" ",
	),
);
/** Options of rrweb that are not passed: the recorder implements them itself, or they have no effect here. */
const HANDLED =
	/^(?:blockClass|maskTextClass|slimDOMOptions|recordCanvas|recordCrossOriginIframes|recordAfter|collectFonts|inlineImages|dataURLOptions)$/;
const FIELD_TYPES =
	/^(?:color|date|datetime-local|email|month|number|range|search|tel|text|time|url|week|textarea|select|password)$/;

export interface CheckedOptions {
	privacy: PrivacyOptions;
	masking: MaskingOptions;
	/** Passed to rrweb's `record`. */
	rrweb: Record<string, unknown>;
}

/**
 * Returns the options for the privacy rules, for masking and for rrweb. An unknown option may be a misspelled privacy
 * option, so it is reported on the console and all fields are masked.
 */
export function checkOptions(config: RecorderConfig): CheckedOptions {
	const { recorderOptions, maskInputOptions } = config;
	const own = new Set(Object.keys(config));
	const unknown = [
		...Object.keys(recorderOptions).filter((key) => !PASSED.has(key) && !HANDLED.test(key) && !own.has(key)),
		...Object.keys(maskInputOptions).filter((key) => !FIELD_TYPES.test(key)),
	];
	if (unknown.length) console.warn("Sentiero: unknown options, all fields are masked:", unknown.join(", "));
	const classSelector = (name: unknown) => (typeof name === "string" && name ? `,.${CSS.escape(name)}` : "");
	return {
		privacy: {
			blockSelector: config.blockSelector + classSelector(recorderOptions.blockClass),
			maskTextSelector: config.maskTextSelector + classSelector(recorderOptions.maskTextClass),
			maskAllText: config.maskAllText,
		},
		masking: {
			maskLength: config.maskLength,
			maskAllInputs: config.maskAllInputs || unknown.length > 0,
			maskInputOptions,
		},
		rrweb: Object.fromEntries(Object.entries(recorderOptions).filter(([key]) => PASSED.has(key))),
	};
}
