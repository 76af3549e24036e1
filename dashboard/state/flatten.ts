const MAX_DEPTH = 4;

/** Flattens nested values to rows, such as `request.path` and its value. Lists and deeper levels become JSON. */
export function flatten(value: unknown, path = "", depth = 0): [name: string, value: string][] {
	if (value === null || value === undefined) return path ? [[path, "null"]] : [];
	if (typeof value !== "object") return [[path, String(value)]];
	const isBranch = !Array.isArray(value) && depth < MAX_DEPTH && Object.keys(value).length > 0;
	if (!isBranch) return path ? [[path, JSON.stringify(value)]] : [];
	return Object.entries(value).flatMap(([key, it]) => flatten(it, path ? `${path}.${key}` : key, depth + 1));
}
