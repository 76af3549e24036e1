/** The logo: a path and a dot. With `walking`, the dot moves along the path to indicate loading. */
export function Logo({ size = 28, walking = false }: { size?: number; walking?: boolean }) {
	return (
		<svg class={walking ? "mark walking" : "mark"} width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
			<path class="mark-path" d="M6 27c9 0 4-8 10-10s10-2 9-12" />
			<circle class="mark-dot" r="3.4" cx="25" cy="5" />
		</svg>
	);
}
