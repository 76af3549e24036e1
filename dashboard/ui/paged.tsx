import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Blank } from "./shell.tsx";
import * as text from "./ui.text.ts";

/** Components that the paged lists share: the error page, buttons and placeholder rows. */

interface FailedProps {
	/** Subject of the error's title, such as "The sessions". */
	what: string;
	error: string;
	onRetry(): unknown;
	children?: ComponentChildren;
}

export function LoadFailed({ what, error, onRetry, children }: FailedProps) {
	return (
		<Blank title={text.couldNotLoad(what)}>
			<p>{error}</p>
			<button type="button" class="button" onClick={() => void onRetry()}>
				{text.tryAgain}
			</button>
			{children}
		</Blank>
	);
}

interface MoreProps {
	list: {
		next: { value: string | null };
		error: { value: string };
		isLoadingMore: { value: boolean };
		more(): Promise<void>;
	};
	/** Verb and object, such as "Show older events". */
	label: string;
}

export function MoreButton({ list: { next, error, isLoadingMore, more }, label }: MoreProps) {
	if (!next.value) return null;
	return (
		<div class="more">
			{error.value && (
				<p class="notice bad" role="alert">
					{error.value}
				</p>
			)}
			<button type="button" class="button" disabled={isLoadingMore.value} onClick={() => void more()}>
				{isLoadingMore.value ? text.loading : label}
			</button>
		</div>
	);
}

interface FreshProps {
	list: { fresh: { value: number }; load(): Promise<void> };
}

/** A button that shows newer items. They are shown only on request, so that the list does not move while it is read. */
export function FreshButton({ list: { fresh, load } }: FreshProps) {
	if (!fresh.value) return null;
	return (
		<button type="button" class="button accent" onClick={() => void load()}>
			{text.showNew(fresh.value)}
		</button>
	);
}

/** Returns the latest value that was not null, so that old data stays on screen while new data loads. */
export function useLast<T>(value: T | null): T | null {
	const last = useRef(value);
	last.current = value ?? last.current;
	return last.current;
}

const ROWS = 8;

/** Placeholder rows. @param widths CSS width of the placeholder in each column; the first column has a second line */
export function SkeletonRows({ widths }: { widths: readonly string[] }) {
	return (
		<>
			{Array.from({ length: ROWS }, (_, row) => (
				<tr key={row} class="skeleton">
					{widths.map((width, i) => {
						const Cell = i === 0 ? "th" : "td";
						return (
							<Cell key={i}>
								<i style={{ width }} />
								{i === 0 && <i class="sub" style={{ width: "min(20em, 100%)" }} />}
							</Cell>
						);
					})}
				</tr>
			))}
		</>
	);
}
