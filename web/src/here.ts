// Whether a component still shows what it showed: asked when an answer has come, which must not lead on who has gone elsewhere.
import {useEffect, useRef} from "preact/hooks";

// True while the component is on the page and shows `what`, which is what it shows in this drawing.
export function useHere(what = ""): () => boolean {
  const shown = useRef<string | undefined>(what);
  shown.current = what;
  useEffect(() => () => (shown.current = undefined), []);
  return () => shown.current === what;
}
