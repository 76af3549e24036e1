import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { Blank } from "./shell.tsx";

/** What lists that are read page by page have around their rows. */

interface FailedProps {
	/** Such as "The sessions". */
	what: string;
	error: string;
	onRetry(): Promise<unknown>;
	children?: ComponentChildren;
}

export function LoadFailed({ what, error, onRetry, children }: FailedProps) {
	return (
		<Blank title={`${what} could not be loaded`}>
			<p>{error}</p>
			<button type="button" class="button" onClick={() => void onRetry()}>
				Try again
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
	/** The verb and what, such as "Show older events". */
	words: string;
}

export function MoreButton({ list: { next, error, isLoadingMore, more }, words }: MoreProps) {
	if (!next.value) return null;
	return (
		<div class="more">
			{error.value && (
				<p class="notice bad" role="alert">
					{error.value}
				</p>
			)}
			<button type="button" class="button" disabled={isLoadingMore.value} onClick={() => void more()}>
				{isLoadingMore.value ? "Loading…" : words}
			</button>
		</div>
	);
}

interface FreshProps {
	list: { fresh: { value: number }; load(): Promise<void> };
}

/** Newer ones come when they are asked for, so that nothing jumps under the reader. */
export function FreshButton({ list: { fresh, load } }: FreshProps) {
	if (!fresh.value) return null;
	return (
		<button type="button" class="button accent" onClick={() => void load()}>
			Show {fresh.value} new
		</button>
	);
}

/** What was there last, while what comes next is not there yet. */
export function useLast<T>(value: T | null): T | null {
	const last = useRef(value);
	last.current = value ?? last.current;
	return last.current;
}

const ROWS = 8;

/** @param widths of what stands in each column; the first has a second line */
export function SkeletonRows({ widths }: { widths: readonly string[] }) {
	return (
		<>
			{Array.from({ length: ROWS }, (_, row) => (
				<tr key={row} class="skeleton">
					{widths.map((width, i) => (
						<td key={i}>
							<i style={{ width }} />
							{i === 0 && <i class="sub" style={{ width: "20em" }} />}
						</td>
					))}
				</tr>
			))}
		</>
	);
}
