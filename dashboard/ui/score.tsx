/** A frustration score from 0 to 100, higher is worse, with its rating as colour. */
export function Score({ value }: { value: number }) {
	return <span class={`vital ${value >= 60 ? "poor" : value >= 30 ? "fair" : "good"}`}>{value}</span>;
}
