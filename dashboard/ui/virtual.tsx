import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props<T> {
	items: readonly T[];
	/** Height of every row, which the style sheet gives it too. */
	rowPx: number;
	/** Kept in sight when it changes; −1: none. */
	current?: number;
	/** What a row is of, where others may join above it; unset: its place. */
	keyOf?(item: T): string;
	children(item: T, index: number): ComponentChildren;
}

/** Rows beyond what is seen, so that a fast hand and a focus that moves on find some. */
const SPARE = 10;
/** Who scrolls by hand is left alone for so long. */
const HANDS_OFF_MS = 5_000;

/** A list of thousands of which only what is seen is in the document. */
export function VirtualList<T>({ items, rowPx, current = -1, keyOf, children }: Props<T>) {
	const box = useRef<HTMLDivElement>(null);
	const handsAt = useRef(0);
	const [range, setRange] = useState<[number, number]>([0, 40]);
	const look = () => {
		// An effect may run once more when the list is gone.
		if (!box.current) return;
		const { scrollTop, clientHeight } = box.current;
		const first = Math.max(0, Math.floor(scrollTop / rowPx) - SPARE);
		const last = Math.ceil((scrollTop + clientHeight) / rowPx) + SPARE;
		setRange((known) => (known[0] === first && known[1] === last ? known : [first, last]));
	};
	useEffect(() => {
		const resized = new ResizeObserver(look);
		if (box.current) resized.observe(box.current);
		return () => resized.disconnect();
	}, []);
	const was = useRef({ count: 0, current: -1 });
	// Rows that join above do not move the one that we are at.
	useLayoutEffect(() => {
		const before = was.current;
		was.current = { count: items.length, current };
		if (!box.current || before.count === items.length || before.current < 0 || current < 0) return;
		const { scrollTop, clientHeight } = box.current;
		const y = before.current * rowPx - scrollTop;
		if (y > -rowPx && y < clientHeight) box.current.scrollTop += (current - before.current) * rowPx;
	}, [items.length, current]);
	useEffect(look, [items.length]);
	useEffect(() => {
		if (!box.current) return;
		const at = current * rowPx;
		const { scrollTop, clientHeight } = box.current;
		if (handsAt.current && performance.now() - handsAt.current < HANDS_OFF_MS) return;
		if (current < 0 || (at >= scrollTop && at + rowPx <= scrollTop + clientHeight)) return;
		box.current.scrollTop = at - clientHeight / 3;
	}, [current]);

	const onHands = () => {
		handsAt.current = performance.now();
	};
	const [first, last] = [Math.min(range[0], items.length), Math.min(range[1], items.length)];
	return (
		<div ref={box} class="virtual" onScroll={look} onWheel={onHands} onTouchMove={onHands}>
			<ol style={{ paddingTop: `${first * rowPx}px`, paddingBottom: `${(items.length - last) * rowPx}px` }}>
				{items.slice(first, last).map((item, i) => (
					<li
						key={keyOf?.(item) ?? first + i}
						style={{ height: `${rowPx}px` }}
						aria-setsize={items.length}
						aria-posinset={first + i + 1}
					>
						{children(item, first + i)}
					</li>
				))}
			</ol>
		</div>
	);
}
