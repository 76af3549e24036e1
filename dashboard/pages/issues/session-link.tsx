import { type Reference, watchPath } from "../../state/paths.ts";
import { icons } from "../../ui/icons.tsx";
import * as text from "../issues.text.ts";

interface Props {
	/** An occurrence or a server event. */
	of: Reference & { sessionId: string | null; isRecorded: boolean };
	/** Named in the link if there are several projects. */
	project: string | undefined;
}

/** A link to the moment in the session. */
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
