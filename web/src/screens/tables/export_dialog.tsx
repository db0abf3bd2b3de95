// What was looked for as a file, made in the page.
import {useState} from "preact/hooks";
import {Dialog} from "../../components/dialog";
import {Failure} from "../../components/failure";
import {download} from "../../download";
import {ordered} from "./columns";
import {call} from "./dynamo";
import {canBePlain, endings, fileForms, FileWriter, type FileForm} from "./files";
import type {Reader} from "./reader";
import {keyNames} from "./table";
import {texts} from "./texts";
import type {Item} from "./values";

interface Progress {
  items: number;
  stop: AbortController;
}
interface Page {
  Items: Item[];
  LastEvaluatedKey?: Item;
}

class NotPlain extends Error {}

async function* pages(reader: Reader, stop: AbortSignal): AsyncGenerator<Item[]> {
  if (!reader.request) return;
  let from: Item | undefined;
  do {
    const page: Page = await call<Page>(reader.request.operation,
      {...reader.request.input, ...(from ? {ExclusiveStartKey: from} : {})});
    yield page.Items;
    from = page.LastEvaluatedKey;
  } while (from && !stop.aborted);
}

const mediaTypes: Record<FileForm, string> = {dynamo: "application/x-ndjson", plain: "application/json", csv: "text/csv"};

export function ExportDialog({reader, chosen, onClose}: {reader: Reader; chosen: Item[]; onClose: () => void}) {
  const t = texts.value.export;
  const [form, setForm] = useState<FileForm>("dynamo");
  const [progress, setProgress] = useState<Progress | undefined>(undefined);
  const [failure, setFailure] = useState<unknown>(undefined);
  const [done, setDone] = useState("");

  const make = async () => {
    const stop = new AbortController();
    setProgress({items: 0, stop});
    setFailure(undefined);
    setDone("");
    const all: Item[] = [];
    try {
      if (chosen.length > 0) all.push(...chosen);
      else for await (const items of pages(reader, stop.signal)) {
        all.push(...items);
        setProgress({items: all.length, stop});
      }
      if (stop.signal.aborted) return setProgress(undefined);
      if (form === "plain" && !all.every(canBePlain)) throw new NotPlain();
      const writer = new FileWriter(form, ordered(keyNames(reader.table), new Set(all.flatMap((item) => Object.keys(item)))));
      const name = `${reader.table.TableName}.${endings[form]}`;
      download(name, [writer.begin(), writer.add(all), writer.end()], mediaTypes[form]);
      setDone(t.done(all.length, name));
    } catch (error) {
      setFailure(error instanceof NotPlain ? t.notPlain : error);
    }
    setProgress(undefined);
  };
  const close = () => {
    progress?.stop.abort();
    onClose();
  };
  return (
    <Dialog title={t.title} onClose={close}>
      <p>{chosen.length > 0 ? t.chosen(chosen.length) : t.all}</p>
      <fieldset class="tables-choices">
        <legend>{t.form}</legend>
        {fileForms.map((one) => (
          <label key={one} class="check">
            <input type="radio" name="form" checked={form === one} onChange={() => setForm(one)} />
            <span>{t.forms[one]} <span class="quiet-text">{t.about[one]}</span></span>
          </label>
        ))}
      </fieldset>
      <Failure of={failure} />
      <p role="status" class="quiet-text">{progress ? t.reading(progress.items) : done}</p>
      <div class="dialog-actions">
        {progress ? <button type="button" onClick={() => progress.stop.abort()}>{t.stop}</button>
          : <button type="button" class="main" onClick={() => void make()}>{t.action}</button>}
      </div>
    </Dialog>
  );
}
