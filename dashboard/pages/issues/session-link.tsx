import { type Reference, watchPath } from "../../state/paths.ts";
import { icons } from "../../ui/icons.tsx";

interface Props {
	/** What a server reported. */
	of: Reference & { sessionId: string | null; isRecorded: boolean };
	/** Named where there are several. */
	project: string | undefined;
}

/** To the visit it happened in, at that moment. */
export function SessionLink({ of, project }: Props) {
	const { sessionId, isRecorded } = of;
	if (sessionId === null) return null;
	return isRecorded ? (
		<a class="button" href={watchPath(sessionId, project, of)}>
			{icons.play} Watch this moment
		</a>
	) : (
		<p class="sub">
			Its session <code title={sessionId}>{sessionId.slice(0, 8)}</code> is no longer recorded.
		</p>
	);
}
