// What is asked for again and again while it is on the screen.
import {useEffect, useRef, useState} from "preact/hooks";
import {poll} from "./poll";

export interface Polled<T> {
  value: T | undefined; // the latest; undefined until the first has come
  failure: unknown; // of the latest attempt
  again: () => void; // now, because something was changed
}

// `pause` says how long to wait after an answer, in milliseconds; `key` what is asked for: another key begins anew. What `load`
// is given is undefined after a failure, too: the next answer may come from a croft that was started meanwhile.
export function usePolled<T>(
  key: string, load: (before: T | undefined) => Promise<T>, pause: (latest: T | undefined) => number,
): Polled<T> {
  const nothing: {key: string; value: T | undefined; failure: unknown} = {key, value: undefined, failure: undefined};
  const [state, setState] = useState(nothing);
  const latest = useRef({load, pause});
  latest.current = {load, pause};
  const hurry = useRef<() => void>(() => undefined);
  useEffect(() => {
    let known = nothing;
    const take = (part: Partial<typeof nothing>) => () => setState((known = {...known, failure: undefined, ...part}));
    const {soon, end} = poll(
      () => latest.current.load(known.failure === undefined ? known.value : undefined)
        .then((value) => take({value}), (failure: unknown) => take({failure})),
      () => latest.current.pause(known.value),
    );
    hurry.current = soon;
    return end;
  }, [key]);
  const {value, failure} = state.key === key ? state : nothing;
  return {value, failure, again: () => hurry.current()};
}
