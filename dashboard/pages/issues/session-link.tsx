import { type Reference, watchPath } from "../../state/paths.ts";
import { icons } from "../../ui/icons.tsx";
import * as text from "../issues.text.ts";

interface Props {
	/** An occurrence or a server event. */
	of: Reference & { sessionId: string | null; isRecorded: boolean };
	/** Project to name in the link; undefined if there is only one project. */
	project: string | undefined;
}

/** A link to the moment of an occurrence or server event in its session. */
export function SessionLink({ of, project }: Props) {
	const { sessionId, isRecorded } = of;
	if (sessionId === null) return null;
	return isRecorded ? (
		<a class="button" href={watchPath(sessionId, project, of)}>
			{icons.play} {text.watchMoment}
		</a>
	) : (
		<p class="sub">
			{text.itsSession} <code title={sessionId}>{sessionId.slice(0, 8)}</code> {text.isNotRecorded}
		</p>
	);
}
