// Small things that the parts of this screen share.
import {follow, href} from "../../router";
import {isAtRest, screenOf, toneOf} from "./links";

// `past`: of an event, which is over whatever it says.
export function Status({of: status, past = false}: {of: string; past?: boolean}) {
  return (
    <span class={`badge stacks-${toneOf(status)}`}>
      {!past && !isAtRest(status) && <span class="stacks-busy-dot" aria-hidden="true" />}
      {status}
    </span>
  );
}

// The physical id, as a link where a screen shows it.
export function Physical({type, id, status = ""}: {type: string; id: string; status?: string}) {
  const to = screenOf(type, id, status);
  if (!to) return <bdi>{id || "–"}</bdi>;
  return (
    <a href={href(to.screen, to.query)} onClick={follow}>
      <bdi>{id}</bdi>
    </a>
  );
}

