import { useLayoutEffect } from "preact/hooks";

/**
 * When a render removes the focused element, moves the focus to the element that `find` returns, or else to the main
 * content.
 * @param within selector; the focus moves only if the removed element was inside an element that matches it
 */
export function useFocusFallback(within: string, find: () => HTMLElement | null | undefined): void {
	const active = document.activeElement;
	const focused = active?.closest(within) ? active : null;
	useLayoutEffect(() => {
		if (!focused || focused.isConnected || document.activeElement !== document.body) return;
		(find() ?? document.getElementById("main"))?.focus();
	});
}
