import { useLayoutEffect, useRef } from "preact/hooks";
import { linkToReturnTo, route } from "../state/route.ts";

/** How long the focus waits for a heading or link of a page that is still loading. */
const LOADING_MS = 5_000;

/**
 * When another page or object is shown, moves the focus to the page's heading or, after Back, to the link that the user
 * had followed from the page. The focus does not move when only the query or the shown tab of a session changes.
 */
export function useNavigationFocus(): void {
	const page = JSON.stringify({ ...route.value, wid: undefined });
	const shown = useRef(page);
	useLayoutEffect(() => {
		if (shown.current === page) return;
		shown.current = page;
		return focusPage(linkToReturnTo());
	}, [page]);
}

/** Focuses the heading or link as soon as it exists. Returns a function that stops waiting for it. */
function focusPage(returnTo: string | null): () => void {
	const main = document.getElementById("main")!;
	let focused: HTMLElement | null = null;
	const stop = () => {
		observer.disconnect();
		clearTimeout(timer);
	};
	const attempt = () => {
		const active = document.activeElement;
		if (focused && active !== focused && active !== document.body) return stop();
		const link = returnTo === null ? null : (linkTo(main, returnTo) ?? linkTo(document, returnTo));
		const target = link ?? main.querySelector("h1") ?? main;
		if (target === focused && active === focused) return;
		if (!link) target.tabIndex = -1;
		target.focus({ preventScroll: true });
		focused = target;
		if (link) stop();
	};
	const observer = new MutationObserver(attempt);
	const timer = setTimeout(stop, LOADING_MS);
	observer.observe(main, { childList: true, subtree: true });
	attempt();
	return stop;
}

function linkTo(within: ParentNode, path: string): HTMLElement | null {
	const links = [...within.querySelectorAll<HTMLAnchorElement>("a[href]")];
	return links.find(({ pathname, search }) => pathname + search === path) ?? null;
}
