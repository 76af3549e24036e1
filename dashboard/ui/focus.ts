import { useLayoutEffect } from "preact/hooks";

/** When what has the focus, in what matches, goes away as the component is rendered, what `find` finds has it. */
export function useFocusFallback(within: string, find: () => HTMLElement | null | undefined): void {
	const active = document.activeElement;
	const had = active?.closest(within) ? active : null;
	useLayoutEffect(() => {
		if (!had || had.isConnected || document.activeElement !== document.body) return;
		(find() ?? document.getElementById("main"))?.focus();
	});
}
