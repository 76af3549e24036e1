interface TrustedTypes {
	createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string };
}

/**
 * Creates the recorder's Trusted Types policy. A page that restricts policies must allow it: `trusted-types sentiero`.
 */
function createPolicy(): { createScriptURL(url: string): string } {
	const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
	const rules = { createScriptURL: (url: string) => url };
	try {
		return trustedTypes?.createPolicy("sentiero", rules) ?? rules;
	} catch {
		return rules;
	}
}

export type LoadScript = (url: string, onError?: () => void) => HTMLScriptElement;

/**
 * Returns a function that loads the recorder's scripts as the page's security policy requires: with the nonce of the
 * loader's own tag, and with Trusted Types.
 *
 * Scripts are loaded with CORS. Otherwise browsers do not report unhandled rejections of promises that the recorder
 * returns to the page, such as those of the wrapped `fetch`. If loading with CORS fails, they are loaded without.
 */
export function createLoadScript(nonce: string | undefined): LoadScript {
	const policy = createPolicy();
	const add = (url: string, onError: () => void, isCors: boolean): HTMLScriptElement => {
		const script = document.createElement("script");
		if (isCors) script.crossOrigin = "anonymous";
		if (nonce) script.nonce = nonce;
		script.async = true;
		script.onerror = () => {
			if (isCors) add(url, onError, false);
			else onError();
		};
		script.src = policy.createScriptURL(url);
		(document.head ?? document.documentElement).append(script);
		return script;
	};
	return (url, onError = () => {}) => add(url, onError, true);
}
