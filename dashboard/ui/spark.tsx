const WIDTH = 72;
const HEIGHT = 18;

/** A sparkline. Hidden from assistive technology, because the total is shown beside it as text. */
export function Spark({ values }: { values: readonly number[] }) {
	if (values.length < 2) return null;
	const max = Math.max(1, ...values);
	const points = values.map((n, i) => {
		const [x, y] = [(i / (values.length - 1)) * WIDTH, HEIGHT - 1 - (n / max) * (HEIGHT - 2)];
		return `${x.toFixed(1)},${y.toFixed(1)}`;
	});
	return (
		<svg class="spark" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
			<polyline points={points.join(" ")} />
		</svg>
	);
}
