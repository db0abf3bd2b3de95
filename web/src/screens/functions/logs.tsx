// What a function prints, as it prints it.
import {useEffect, useRef, useState} from "preact/hooks";
import {Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {clock, dateTime} from "../../i18n";
import {route, setQuery} from "../../router";
import {logsAfter, type LogLine} from "./data";
import {kindOf} from "./report";
import {texts} from "./texts";

const lines_max = 5000;
const drawn_max = 1000;
const wait_ms = 20_000;
const retry_ms = 2000;

// Asks again as soon as it is answered: croft answers when there are lines.
function useLines(name: string): {lines: LogLine[] | undefined; failure: unknown; clear: () => void} {
  const [state, setState] = useState<{lines: LogLine[] | undefined; failure: unknown}>({lines: undefined, failure: undefined});
  useEffect(() => {
    const stop = new AbortController();
    const follow = async () => {
      let after = 0, wait = 0;
      while (!stop.signal.aborted) {
        try {
          const {lines, next} = await logsAfter(name, after, wait, stop.signal);
          wait = next > after ? 0 : wait_ms;
          after = next;
          setState(({lines: before}) => ({lines: [...(before ?? []), ...lines].slice(-lines_max), failure: undefined}));
        } catch (failure) {
          if (stop.signal.aborted) return;
          setState(({lines}) => ({lines, failure}));
          await new Promise((go) => setTimeout(go, retry_ms));
        }
      }
    };
    void follow();
    return () => stop.abort();
  }, [name]);
  return {...state, clear: () => setState({lines: [], failure: undefined})};
}

export function Logs({name}: {name: string}) {
  const t = texts.value;
  const {lines, failure, clear} = useLines(name);
  const [following, setFollowing] = useState(true);
  const list = useRef<HTMLDivElement>(null);
  const filter = route.value.query.get("log") ?? "";
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = (lines ?? []).filter(({text}) => words.every((word) => text.toLowerCase().includes(word))).slice(-drawn_max);
  useEffect(() => {
    if (following && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [shown.at(-1)?.seq, following]);
  return (
    <>
      <div class="controls" role="search">
        <label class="grow">
          <span class="hidden">{t.logFilter}</span>
          <input type="search" value={filter} placeholder={t.logFilter} onInput={(event) => setQuery({log: event.currentTarget.value})} />
        </label>
        <label class="check">
          <input type="checkbox" checked={following} onChange={(event) => setFollowing(event.currentTarget.checked)} />
          {t.follow}
        </label>
        <button type="button" onClick={clear}>
          {t.clear}
        </button>
      </div>
      <Failure of={failure} />
      {lines?.length === 0 ? (
        <Empty title={t.logsEmpty}>
          <p>{t.logsEmptyText}</p>
        </Empty>
      ) : (
        <div class="functions-log" ref={list} tabIndex={0} role="log" aria-label={t.tabs.logs}>
          {(lines?.[0]?.seq ?? 1) > 1 && <p class="quiet-text">{t.linesGone}</p>}
          {shown.map(({seq, time, text}) => (
            <div key={seq} class={`functions-line functions-line-${kindOf(text)}`}>
              <time title={dateTime(time)}>{clock(time)}</time>
              <bdi>{text}</bdi>
            </div>
          ))}
        </div>
      )}
    </>
  );
}
