// One item: read, edited as plain or DynamoDB JSON, made, duplicated, deleted. What somebody else writes meanwhile is seen.
import {signal} from "@preact/signals";
import {useEffect, useState} from "preact/hooks";
import {Command} from "../../components/empty";
import {confirm} from "../../components/dialog";
import {Editor, type Mark} from "../../components/editor";
import {Failure} from "../../components/failure";
import {useHere} from "../../here";
import {texts as general} from "../../i18n";
import {setQuery} from "../../router";
import {asCli} from "./copy_as";
import {call, isCode, place} from "./dynamo";
import {notPlain, printItem, readItem, type Form} from "./item_text";
import {TextError} from "./json_tree";
import {noticed} from "./open_table";
import {hasMoved, writeOf} from "./save";
import {keysOf, namesOf, type Table} from "./table";
import {texts} from "./texts";
import {idOf, itemOf, pick, sameItem, type Item, type Value} from "./values";

const copied = signal<Item | undefined>(undefined); // what a new item begins with
const preferred = signal<Form>("plain");
const formOf = (item: Item): Form => (notPlain(item) ? "dynamo" : preferred.peek());

interface State {
  original: Item | undefined; // as it was read; nothing: it is new
  form: Form;
  text: string;
  printed: string; // the text of what was read
  marks: Mark[];
  failure: unknown;
  theirs: Item | null | undefined; // what somebody else has made of it meanwhile; null: it is gone
  note: "" | "saved" | "followed";
  busy: boolean;
}

function stateOf(original: Item | undefined, shown: Item, keys: readonly string[], note: State["note"] = ""): State {
  const form = formOf(shown);
  const text = printItem(shown, form, keys);
  return {original, form, text, printed: original ? text : "", marks: [], failure: undefined, theirs: undefined, note,
    busy: false};
}

// What is put in front of who makes an item: its key.
function blank(table: Table): Item {
  const {partition, sort} = keysOf(table);
  const start = (type: string): Value => (type === "N" ? {N: "0"} : type === "B" ? {B: "AA=="} : {S: ""});
  return itemOf([partition, ...(sort ? [sort] : [])].map((part) => [part.name, start(part.type)]));
}

const latest = async (table: Table, key: Item): Promise<Item | undefined> =>
  (await call<{Item?: Item}>("GetItem", {TableName: table.TableName, Key: key, ConsistentRead: true})).Item;

export function ItemPanel({table, id, onWritten}: {table: Table; id: string; onWritten: () => void}) {
  const t = texts.value.item;
  const keys = namesOf(keysOf(table));
  const isNew = id === "new";
  const [state, setState] = useState<State | undefined>(undefined);
  const isHere = useHere(`${table.TableName} ${id}`); // what answers after another item was opened is not shown in its place
  const change = (part: Partial<State>) => isHere() && setState((now) => now && {...now, ...part});
  const read = async () => {
    let next: State;
    try {
      const found = await latest(table, JSON.parse(id) as Item);
      next = found ? stateOf(found, found, keys) : {...stateOf(undefined, JSON.parse(id) as Item, keys), theirs: null};
    } catch (failure) {
      next = {...stateOf(undefined, {}, keys), failure};
    }
    if (isHere()) setState(next);
  };
  useEffect(() => {
    if (state?.original && idOf(keys, state.original) === id) return; // it has just been saved
    setState(undefined);
    if (!isNew) void read();
    else setState(stateOf(undefined, copied.peek() ?? blank(table), keys));
    copied.value = undefined;
  }, [id]);

  // Somebody changed it: who has not begun to edit sees the new one at once, who has is told.
  useEffect(() => {
    const mine = noticed.value.find((one) => !isNew && idOf(keys, one.k) === id);
    if (!mine || !state || mine.n === true || state.busy) return;
    const isSame = state.original && mine.n ? sameItem(mine.n, state.original) : false;
    if (isSame) return;
    if (mine.n && state.text === state.printed) setState(stateOf(mine.n, mine.n, keys, "followed"));
    else change({theirs: mine.n});
  }, [noticed.value]);

  if (!state) return <aside class="tables-panel" aria-busy="true" aria-label={t.label} />;
  const {original, form, text} = state;
  const close = () => setQuery({item: ""}, "push");

  const parse = (): Item | undefined => {
    try {
      return readItem(text, form);
    } catch (error) {
      if (!(error instanceof TextError)) throw error;
      const message = t.reasons[error.reason](error.detail);
      change({marks: [{from: error.at, to: error.end, message}], failure: message, note: ""});
      return undefined;
    }
  };
  const choose = (wanted: Form) => {
    const item = parse();
    if (!item || wanted === form) return;
    const not = wanted === "plain" ? notPlain(item) : undefined;
    if (not) return change({failure: t.notPlain(not.path, not.type), marks: []});
    preferred.value = wanted;
    const clean = text === state.printed;
    const next = printItem(item, wanted, keys);
    change({form: wanted, text: next, printed: original ? (clean ? next : printItem(original, wanted, keys)) : "", marks: [],
      failure: undefined});
  };
  const save = async (base: Item | undefined = original) => {
    const item = parse();
    if (!item || state.busy) return;
    if (base && hasMoved(keys, base, item)) {
      const yes = await confirm({title: t.moveTitle,
        text: t.move(printItem(pick(base, keys), "plain"), printItem(pick(item, keys), "plain")), action: t.moveAction});
      if (!yes) return;
    }
    change({busy: true, failure: undefined, marks: [], note: ""});
    try {
      if (base) {
        const now = await latest(table, pick(base, keys));
        if (!now || !sameItem(now, base)) return change({busy: false, theirs: now ?? null});
      }
      const {operation, input} = writeOf(table.TableName, keys, base, item);
      await call(operation, input);
      onWritten();
      if (!isHere()) return;
      setState(stateOf(item, item, keys, "saved"));
      setQuery({item: idOf(keys, item)});
    } catch (failure) {
      if (isCode(failure, "ConditionalCheckFailedException") && !base) return change({busy: false, failure: t.isThere});
      if (isCode(failure, "ConditionalCheckFailedException")) return change({busy: false,
        theirs: (await latest(table, pick(base as Item, keys))) ?? null});
      change({busy: false, failure});
    }
  };
  const remove = async () => {
    if (!original || !(await confirm({title: t.deleteTitle, text: printItem(pick(original, keys), "dynamo"),
      action: t.delete}))) return;
    try {
      await call("DeleteItem", {TableName: table.TableName, Key: pick(original, keys)});
      onWritten();
      if (isHere()) close();
    } catch (failure) {
      change({failure});
    }
  };
  const duplicate = () => {
    const item = parse();
    if (!item) return;
    copied.value = item;
    setQuery({item: "new"}, "push");
  };
  const takeTheirs = () => (state.theirs ? setState(stateOf(state.theirs, state.theirs, keys)) : close());
  const keepMine = () => {
    const theirs = state.theirs;
    change({original: theirs ?? undefined, theirs: undefined});
    void save(theirs ?? undefined);
  };
  const dirty = text !== state.printed;
  return (
    <aside class="tables-panel" aria-label={t.label}>
      <header>
        <h2>{isNew && !original ? t.newTitle
          : <bdi>{keys.map((name) => (original?.[name] ? Object.values(original[name] as object)[0]
          : "")).join(" · ")}</bdi>}</h2>
        <button type="button" class="quiet" aria-label={general.value.close} onClick={close}>✕</button>
      </header>
      <div class="forms" role="group" aria-label={t.form}>
        {(["plain", "dynamo"] as const).map((one) => (
          <button key={one} type="button" class="quiet" aria-pressed={form === one}
            onClick={() => choose(one)}>{t.forms[one]}</button>
        ))}
        <span class="grow" />
        <span class="quiet-text" role="status">{state.note ? t.notes[state.note] : ""}</span>
      </div>
      {state.theirs !== undefined && (
        <div class="tables-conflict" role="alert">
          <p>{state.theirs ? t.conflict : t.goneMeanwhile}</p>
          {state.theirs && <pre tabIndex={0}>{printItem(state.theirs, formOf(state.theirs), keys)}</pre>}
          <p class="line">
            <button type="button" onClick={takeTheirs}>{state.theirs ? t.takeTheirs : general.value.close}</button>
            <button type="button" onClick={keepMine}>{state.theirs ? t.writeOver : t.writeAgain}</button>
          </p>
        </div>
      )}
      <Failure of={state.failure} />
      <Editor label={t.text} language="json" size="large" value={text} marks={state.marks} onRun={() => void save()}
        onChange={(value) => setState((now) => (now && now.text !== value ? {...now, text: value, marks: [], note: ""} : now))} />
      <div class="tables-actions">
        <button type="button" class="main" disabled={state.busy || (original !== undefined && !dirty)}
          onClick={() => void save()}>{original ? t.save : t.create}</button>
        {original && <button type="button" onClick={duplicate}>{t.duplicate}</button>}
        {original && <button type="button" class="danger" onClick={() => void remove()}>{t.delete}</button>}
      </div>
      {original && (
        <details>
          <summary>{t.asCommand}</summary>
          <Command text={asCli("GetItem", {TableName: table.TableName, Key: pick(original, keys)}, place()).replaceAll(" \\\n ",
            "")} />
        </details>
      )}
    </aside>
  );
}
