// Asks again and again, one question at a time, however slow the answers are. A page that nobody sees asks nothing.
export interface Poll {
  soon: () => void; // something changed: an answer that is under way is older than that
  end: () => void;
}

// `ask` never fails, and returns what takes its answer, which is left alone when the poll has ended, or when the answer is older
// than soon() and another stands already. `pause` says how long to wait then, in milliseconds.
export function poll(ask: (stop: AbortSignal) => Promise<() => void>, pause: () => number): Poll {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsking = false, isOld = false, canLeave = false;
  const turn = async () => {
    if (isAsking || stop.signal.aborted) return;
    clearTimeout(timer);
    isAsking = true;
    isOld = false;
    const take = await ask(stop.signal);
    isAsking = false;
    if (stop.signal.aborted) return;
    const isLeft = isOld && canLeave;
    canLeave = !isLeft; // not two in a row: what changes all the time is shown, too
    if (!isLeft) take();
    if (isOld) return void turn();
    const wait = pause();
    if (!document.hidden && Number.isFinite(wait)) timer = setTimeout(() => void turn(), wait);
  };
  const seen = () => {
    if (!document.hidden) void turn();
  };
  document.addEventListener("visibilitychange", seen);
  void turn();
  return {
    soon: () => {
      isOld = true;
      void turn();
    },
    end: () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
