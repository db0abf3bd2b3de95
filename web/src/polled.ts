// What is asked for again and again while it is on the screen. A page that nobody sees asks nothing.
import {useEffect, useRef, useState} from "preact/hooks";

export interface Polled<T> {
  value: T | undefined; // the latest; undefined until the first has come
  failure: unknown; // of the latest attempt
  again: () => void; // now
}

// `pause` says how long to wait after an answer, in milliseconds; `key` what is asked for: another key begins anew.
export function usePolled<T>(
  key: string, load: (before: T | undefined) => Promise<T>, pause: (latest: T | undefined) => number,
): Polled<T> {
  const nothing: {key: string; value: T | undefined; failure: unknown} = {key, value: undefined, failure: undefined};
  const [state, setState] = useState(nothing);
  const latest = useRef({load, pause});
  latest.current = {load, pause};
  const hurry = useRef<() => void>(() => undefined);
  useEffect(() => {
    let over = false;
    let value: T | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running = false;
    const later = () => {
      clearTimeout(timer);
      if (!over && !document.hidden) timer = setTimeout(() => void turn(), latest.current.pause(value));
    };
    const turn = async () => {
      if (running || over) return;
      running = true;
      clearTimeout(timer);
      let failure: unknown;
      try {
        value = await latest.current.load(value);
      } catch (error) {
        failure = error;
      }
      running = false;
      if (over) return;
      setState({key, value, failure});
      later();
    };
    const seen = () => {
      if (!document.hidden) void turn();
    };
    hurry.current = () => void turn();
    document.addEventListener("visibilitychange", seen);
    void turn();
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [key]);
  const {value, failure} = state.key === key ? state : nothing;
  return {value, failure, again: () => hurry.current()};
}
