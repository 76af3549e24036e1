/** A frustration score from 0 to 100, colored by its rating. Higher is worse. */
export function Score({ value }: { value: number }) {
	return <span class={`vital ${value >= 60 ? "poor" : value >= 30 ? "fair" : "good"}`}>{value}</span>;
}
