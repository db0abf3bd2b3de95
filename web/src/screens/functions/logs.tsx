// What a function prints, as it prints it.
import {useEffect, useRef, useState} from "preact/hooks";
import {Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {SearchField} from "../../components/search_field";
import {clock, dateTime} from "../../i18n";
import {route} from "../../router";
import {containing} from "../../words";
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
      let after = 0, wait = 0; // from the first line on; after a failure again, as croft may have been started anew
      while (!stop.signal.aborted) {
        try {
          const {lines, next} = await logsAfter(name, after, wait, stop.signal);
          if (stop.signal.aborted) return;
          const isFirst = after === 0;
          const known = (before: LogLine[] | undefined) => (isFirst ? [] : (before ?? []));
          wait = next > after ? 0 : wait_ms;
          after = next;
          setState(({lines: before}) => ({lines: [...known(before), ...lines].slice(-lines_max), failure: undefined}));
        } catch (failure) {
          if (stop.signal.aborted) return;
          after = wait = 0;
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
  const passes = containing(route.value.query.get("log") ?? "");
  const shown = (lines ?? []).filter(({text}) => passes(text)).slice(-drawn_max);
  useEffect(() => {
    if (following && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [shown.at(-1)?.seq, following]);
  return (
    <>
      <div class="controls" role="search">
        <SearchField label={t.logFilter} name="log" />
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
