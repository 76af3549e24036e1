import { useEffect } from "preact/hooks";
import { documentTitle } from "./ui.text.ts";

/** Sets the document title. @param name the page, or the object that it shows */
export function useTitle(name: string): void {
	useEffect(() => {
		document.title = documentTitle(name);
	}, [name]);
}
