import { TAG_NAVIGATION } from "../../src/contract/events.ts";
import type { VisibleText } from "../visible-text.ts";
import { type Instrument, listen } from "./instrument.ts";

const MAX_TEXT_CHARS = 100;

/** Records followed links, except jumps inside the page. */
export const links =
	(visibleText: VisibleText): Instrument =>
	(emit) =>
		listen<MouseEvent>(document, "click", ({ target }) => {
			const link = target instanceof Element ? target.closest<HTMLAnchorElement>("a[href]") : null;
			if (!link || visibleText.isBlocked(link) || !/^https?:$/.test(link.protocol)) return;
			const isJump = link.origin === location.origin && link.pathname === location.pathname && link.href.includes("#");
			if (isJump) return;
			const text = visibleText.textOf(link).trim().slice(0, MAX_TEXT_CHARS);
			const isExternal = link.origin !== location.origin;
			emit(
				TAG_NAVIGATION,
				{ url: link.href, ...(text && { text }), ...(isExternal && { external: true }) },
				isExternal,
			);
		});
