import { useLayoutEffect } from "preact/hooks";

/**
 * Moves the focus to the element that `find` returns, or else to the main content, when a render removes the focused
 * element. Has no effect if the removed element was outside of elements that match `within`.
 */
export function useFocusFallback(within: string, find: () => HTMLElement | null | undefined): void {
	const active = document.activeElement;
	const focused = active?.closest(within) ? active : null;
	useLayoutEffect(() => {
		if (!focused || focused.isConnected || document.activeElement !== document.body) return;
		(find() ?? document.getElementById("main"))?.focus();
	});
}
