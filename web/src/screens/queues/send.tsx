import {useState} from "preact/hooks";
import {Editor} from "../../components/editor";
import {Failure} from "../../components/failure";
import {writes} from "../../session";
import type {Sending} from "./inputs";
import {send, type Queue} from "./sqs";
import {texts} from "./texts";

const attributes_max = 10; // of a message
const firstBody = '{\n  "message": "hello from the console"\n}';
const types = ["String", "Number", "Binary"];

type Row = Sending["attributes"][number];

function AttributeRow({row, index, onChange, onRemove}:
  {row: Row; index: number; onChange: (row: Row) => void; onRemove: () => void}) {
  const t = texts.value;
  const label = (text: string) => `${text} ${index + 1}`;
  return (
    <div class="queues-attribute">
      <input aria-label={label(t.attributeName)} placeholder={t.attributeName} value={row.name}
        onInput={(event) => onChange({...row, name: event.currentTarget.value})} />
      <select aria-label={label(t.attributeType)} value={row.type}
        onChange={(event) => onChange({...row, type: event.currentTarget.value})}>
        {types.map((type) => <option key={type} value={type}>{type}</option>)}
      </select>
      <input aria-label={label(t.attributeValue)} placeholder={row.type === "Binary" ? t.binaryHint : t.attributeValue}
        value={row.value}
        onInput={(event) => onChange({...row, value: event.currentTarget.value})} />
      <button type="button" class="quiet" aria-label={t.removeAttribute(index + 1)} onClick={onRemove}>✕</button>
    </div>
  );
}

function AttributeRows({rows, onChange}: {rows: Row[]; onChange: (rows: Row[]) => void}) {
  const t = texts.value;
  return (
    <fieldset class="queues-fields">
      <legend>{t.attributes}</legend>
      {rows.map((row, index) => (
        <AttributeRow key={index} row={row} index={index}
          onChange={(changed) => onChange(rows.map((one, n) => (n === index ? changed : one)))}
          onRemove={() => onChange(rows.filter((_, n) => n !== index))} />
      ))}
      <button type="button" disabled={rows.length >= attributes_max}
        onClick={() => onChange([...rows, {name: "", type: "String", value: ""}])}>{t.addAttribute}</button>
    </fieldset>
  );
}

export function Send({queue, onSent}: {queue: Queue; onSent: () => void}) {
  const t = texts.value;
  const group = queue.fifo ? "console" : "";
  const [form, setForm] = useState<Sending>({body: firstBody, delay: "", group, deduplication: "", attributes: []});
  const [outcome, setOutcome] = useState("");
  const [failure, setFailure] = useState<unknown>(undefined);
  const set = (part: Partial<Sending>) => setForm((now) => ({...now, ...part})); // two may come before the next drawing
  const submit = (event: Event) => {
    event.preventDefault();
    setOutcome("");
    send(queue.name, form).then(
      ({MessageId: id}) => {
        setFailure(undefined);
        setOutcome(t.wasSent(id));
        onSent();
      },
      setFailure,
    );
  };
  return (
    <form class="queues-form" onSubmit={submit}>
      <Editor label={t.body} value={form.body} onChange={(body) => set({body})}
        language={/^\s*[{[]/.test(form.body) ? "json" : "text"} />
      <div class="queues-row">
        {!queue.fifo && (
          <label>
            {t.delay}
            <input inputMode="numeric" pattern="[0-9]*" value={form.delay}
              onInput={(event) => set({delay: event.currentTarget.value})} />
          </label>
        )}
        <label>
          {t.group}
          <input required={queue.fifo} value={form.group} onInput={(event) => set({group: event.currentTarget.value})} />
        </label>
        {queue.fifo && (
          <label>
            {t.deduplication}
            <input value={form.deduplication} onInput={(event) => set({deduplication: event.currentTarget.value})} />
          </label>
        )}
      </div>
      <AttributeRows rows={form.attributes} onChange={(attributes) => set({attributes})} />
      <Failure of={failure} />
      <div class="line">
        <span class="grow good-text" role="status">{outcome}</span>
        <button type="submit" class="main" {...writes()}>{t.sendMessage}</button>
      </div>
    </form>
  );
}
