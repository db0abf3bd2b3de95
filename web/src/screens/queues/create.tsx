import {useState} from "preact/hooks";
import {Failure} from "../../components/failure";
import {Heading} from "../../components/heading";
import {useHere} from "../../here";
import {go, href} from "../../router";
import {writes} from "../../session";
import {fullName, type NewQueue} from "./inputs";
import {createQueue, type Queue} from "./sqs";
import {texts} from "./texts";

const fresh: NewQueue = {name: "", fifo: false, contentDeduplication: true, visibility: "30", delay: "", retention: "",
  deadLetters: "", maxReceives: "3"};

function Numeric({label, value, onChange}: {label: string; value: string; onChange: (value: string) => void}) {
  return (
    <label>
      {label}
      <input inputMode="numeric" pattern="[0-9]*" value={value} onInput={(event) => onChange(event.currentTarget.value)} />
    </label>
  );
}

export function Create({queues}: {queues: Queue[]}) {
  const t = texts.value;
  const [form, setForm] = useState(fresh);
  const [failure, setFailure] = useState<unknown>(undefined);
  const isHere = useHere();
  const set = (part: Partial<NewQueue>) => setForm((now) => ({...now, ...part}));
  const submit = (event: Event) => {
    event.preventDefault();
    createQueue(form).then(() => isHere() && go(href("queues", {queue: fullName(form)})), setFailure);
  };
  return (
    <section class="screen queues">
      <Heading screen="queues" all={t.title} name={t.create} />
      <form class="queues-form queues-narrow panel" onSubmit={submit}>
        <label>
          {t.name}
          <input required pattern="[A-Za-z0-9_\-]{1,80}(\.fifo)?" value={form.name}
            onInput={(event) => set({name: event.currentTarget.value})} />
        </label>
        <label>
          {t.type}
          <select value={form.fifo ? "fifo" : "standard"}
            onChange={(event) => set({fifo: event.currentTarget.value === "fifo", deadLetters: ""})}>
            <option value="standard">{t.standard}</option>
            <option value="fifo">{t.fifo}</option>
          </select>
        </label>
        {form.fifo && (
          <>
            <p class="quiet-text">{t.fifoHint}</p>
            <label class="check">
              <input type="checkbox" checked={form.contentDeduplication}
                onChange={(event) => set({contentDeduplication: event.currentTarget.checked})} />
              {t.contentDeduplication}
            </label>
          </>
        )}
        <div class="queues-row">
          <Numeric label={t.visibility} value={form.visibility} onChange={(visibility) => set({visibility})} />
          <Numeric label={t.deliveryDelay} value={form.delay} onChange={(delay) => set({delay})} />
          <Numeric label={t.retention} value={form.retention} onChange={(retention) => set({retention})} />
        </div>
        <div class="queues-row">
          <label>
            {t.deadLetters}
            <select value={form.deadLetters} onChange={(event) => set({deadLetters: event.currentTarget.value})}>
              <option value="">{t.none}</option>
              {queues.filter(({fifo}) => fifo === form.fifo).map(({name}) => <option key={name} value={name}>{name}</option>)}
            </select>
          </label>
          {form.deadLetters && <Numeric label={t.maxReceives} value={form.maxReceives}
            onChange={(maxReceives) => set({maxReceives})} />}
        </div>
        <Failure of={failure} />
        <div class="line">
          <span class="grow" />
          <button type="submit" class="main" {...writes()}>{t.createQueue}</button>
        </div>
      </form>
    </section>
  );
}
