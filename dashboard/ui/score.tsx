/** Of struggle: 0 to 100, higher is worse. */
export function Score({ value }: { value: number }) {
	return <span class={`vital ${value >= 60 ? "poor" : value >= 30 ? "fair" : "good"}`}>{value}</span>;
}
