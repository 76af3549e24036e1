import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props<T> {
	items: readonly T[];
	/** Height of every row in pixels. */
	rowPx: number;
	/** Index of the current row, which is scrolled into view when the index changes; −1 if there is none. */
	current?: number;
	/** Returns a row's key, for lists in which rows may be inserted above others. By default, the index is the key. */
	keyOf?(item: T): string;
	children(item: T, index: number): ComponentChildren;
}

/** Number of rows rendered above and below the visible ones, for fast scrolling and for the Tab key. */
const OVERSCAN = 10;
/** Time without automatic scrolling after the user has scrolled. */
const USER_SCROLL_MS = 5_000;
/** Time without automatic scrolling after a click, so that a click on a partly visible row does not move the list. */
const CLICK_MS = 500;

/** A list of thousands of rows, of which only the visible ones are in the document. */
export function VirtualList<T>({ items, rowPx, current = -1, keyOf, children }: Props<T>) {
	const box = useRef<HTMLDivElement>(null);
	const stillUntil = useRef(0);
	const [range, setRange] = useState<[number, number]>([0, 40]);
	const updateRange = () => {
		// The list may have been removed before an effect calls this.
		if (!box.current) return;
		const { scrollTop, clientHeight } = box.current;
		const first = Math.max(0, Math.floor(scrollTop / rowPx) - OVERSCAN);
		const last = Math.ceil((scrollTop + clientHeight) / rowPx) + OVERSCAN;
		setRange((known) => (known[0] === first && known[1] === last ? known : [first, last]));
	};
	useEffect(() => {
		const resizeObserver = new ResizeObserver(updateRange);
		if (box.current) resizeObserver.observe(box.current);
		return () => resizeObserver.disconnect();
	}, []);
	const previous = useRef({ count: 0, current: -1 });
	// Keeps the current row at its position on screen when rows are inserted above it.
	useLayoutEffect(() => {
		const before = previous.current;
		previous.current = { count: items.length, current };
		if (!box.current || before.count === items.length || before.current < 0 || current < 0) return;
		const { scrollTop, clientHeight } = box.current;
		const y = before.current * rowPx - scrollTop;
		if (y > -rowPx && y < clientHeight) box.current.scrollTop += (current - before.current) * rowPx;
	}, [items.length, current]);
	useEffect(updateRange, [items.length]);
	useEffect(() => {
		if (!box.current) return;
		const top = current * rowPx;
		const { scrollTop, clientHeight } = box.current;
		if (performance.now() < stillUntil.current) return;
		if (current < 0 || (top >= scrollTop && top + rowPx <= scrollTop + clientHeight)) return;
		box.current.scrollTop = top - clientHeight / 3;
	}, [current]);

	const keepStill = (ms: number) => {
		stillUntil.current = Math.max(stillUntil.current, performance.now() + ms);
	};
	const onUserScroll = () => keepStill(USER_SCROLL_MS);
	const [first, last] = [Math.min(range[0], items.length), Math.min(range[1], items.length)];
	return (
		<div
			ref={box}
			class="virtual"
			onScroll={updateRange}
			onWheel={onUserScroll}
			onTouchMove={onUserScroll}
			onPointerDown={() => keepStill(CLICK_MS)}
		>
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
