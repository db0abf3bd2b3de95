// A file's items into the table, 25 at a time; what is wrong is told with its line, and the rest is written.
import {useState} from "preact/hooks";
import {Dialog} from "../../components/dialog";
import {Failure} from "../../components/failure";
import {CsvError} from "./csv";
import {call} from "./dynamo";
import {fileForms, guessForm, readFile, type FileForm, type Read} from "./files";
import {keysOf, namesOf, type Table} from "./table";
import {texts} from "./texts";
import {idOf} from "./values";
import {BatchWriter, type Refused} from "./write";

const file_bytes_max = 256 * 1024 * 1024;
const told_max = 200;

interface Chosen {
  name: string;
  text: string;
  form: FileForm;
}
interface State {
  line: number;
  lines: number;
  written: number;
  refused: Refused[];
  stop: AbortController;
  ended: "" | "done" | "stopped";
}

// Long work, in turns: the page goes on drawing.
const breath = () => new Promise((go) => setTimeout(go, 0));

export function ImportDialog({table, onClose}: {table: Table; onClose: () => void}) {
  const t = texts.value.import;
  const keys = keysOf(table);
  const parts = [keys.partition, ...(keys.sort ? [keys.sort] : [])];
  const [chosen, setChosen] = useState<Chosen | undefined>(undefined);
  const [typed, setTyped] = useState(true);
  const [state, setState] = useState<State | undefined>(undefined);
  const [failure, setFailure] = useState<unknown>(undefined);

  const choose = async (file: File | undefined) => {
    if (!file) return;
    setState(undefined);
    setFailure(file.size > file_bytes_max ? t.tooLarge(file_bytes_max / 1024 / 1024) : undefined);
    if (file.size > file_bytes_max) return setChosen(undefined);
    const text = await file.text();
    setChosen({name: file.name, text, form: guessForm(file.name, text)});
  };

  const why = ({error}: Read): string => (error instanceof CsvError ? t.badCsv : error
    ? texts.value.item.reasons[error.reason](error.detail) : "");

  const run = async ({text, form}: Chosen) => {
    const stop = new AbortController();
    const writer = new BatchWriter(call, table.TableName, stop.signal);
    const {refused} = writer.progress;
    const lines = text.split("\n").length;
    const show = (line: number, ended: State["ended"] = "") =>
      setState({line, lines, written: writer.progress.written, refused: [...refused].sort((a, b) => a.line - b.line), stop,
        ended});
    setFailure(undefined);
    show(0);
    let shownAt = performance.now();
    try {
      for (const read of readFile(text, form, parts, typed)) {
        if (stop.signal.aborted) break;
        if (read.item) await writer.add({line: read.line, id: idOf(namesOf(keys), read.item), write: {put: read.item}});
        else refused.push({line: read.line, why: why(read)});
        if (performance.now() - shownAt < 50) continue;
        show(read.line);
        await breath();
        shownAt = performance.now();
      }
      await writer.flush();
    } catch (error) {
      setFailure(error);
      stop.abort();
    }
    show(lines, stop.signal.aborted ? "stopped" : "done");
  };
  const running = state !== undefined && state.ended === "";
  const close = () => {
    state?.stop.abort();
    onClose();
  };
  return (
    <Dialog title={t.title(table.TableName)} onClose={close}>
      <p class="quiet-text">{t.about}</p>
      <label class="tables-file">
        <span class="hidden">{t.file}</span>
        <input type="file" accept=".json,.jsonl,.ndjson,.csv,.txt" disabled={running}
          onChange={(event) => void choose(event.currentTarget.files?.[0])} />
      </label>
      {chosen && (
        <div class="line tables-wrap">
          <label class="line">
            {t.form}
            <select value={chosen.form} disabled={running}
              onChange={(event) => setChosen({...chosen, form: event.currentTarget.value as FileForm})}>
              {fileForms.map((one) => <option key={one} value={one}>{texts.value.export.forms[one]}</option>)}
            </select>
          </label>
          {chosen.form === "csv" && (
            <label class="check">
              <input type="checkbox" checked={typed} disabled={running}
                onChange={(event) => setTyped(event.currentTarget.checked)} />
              {t.typed}
            </label>
          )}
        </div>
      )}
      <Failure of={failure} />
      {state && (
        <div class="stack tables-progress" role="status">
          {running && <progress aria-label={t.progress} max={state.lines} value={state.line} />}
          <p>{state.ended === "stopped" ? t.stopped(state.written) : state.ended ? t.done(state.written)
            : t.written(state.written)}{state.refused.length > 0 && ` ${t.refused(state.refused.length)}`}</p>
          {state.refused.length > 0 && (
            <ol class="tables-refused">
              {state.refused.slice(0, told_max).map(({line, why}, n) => <li key={n}>{t.line(line)} <bdi>{why}</bdi></li>)}
            </ol>
          )}
        </div>
      )}
      <div class="dialog-actions">
        {running ? <button type="button" onClick={() => state.stop.abort()}>{t.stop}</button>
          : <button type="button" class="main" disabled={!chosen} onClick={() => chosen && void run(chosen)}>{t.action}</button>}
      </div>
    </Dialog>
  );
}
