// What the parts of this screen share: a searched list beside what is chosen in it, links between them, small editors.
import type {ComponentChildren} from "preact";
import {useState} from "preact/hooks";
import {Failure} from "../../components/failure";
import {Empty} from "../../components/empty";
import {SearchField} from "../../components/search_field";
import {VirtualTable, type Column} from "../../components/virtual_table";
import {texts as general} from "../../i18n";
import {follow, href, route, setQuery} from "../../router";
import type {Listed} from "./lists";
import {texts} from "./texts";

// A link to a thing, certificate or policy.
export function To({kind, name, children}: {kind: "thing" | "certificate" | "policy"; name: string; children?: ComponentChildren}) {
  const tab = {thing: "things", certificate: "certificates", policy: "policies"}[kind];
  return (
    <a href={href("devices", {...(tab === "things" ? {} : {tab}), [kind]: name})} onClick={follow}>
      <bdi>{children ?? name}</bdi>
    </a>
  );
}

export const shortId = (id: string) => (id.length > 16 ? `${id.slice(0, 10)}…${id.slice(-4)}` : id);

interface SearchProps {
  value: string;
  label: string;
  hint: string;
  count: string;
  onFind: (text: string) => void; // Enter
  children?: ComponentChildren; // buttons
}

export function Search({value, label, hint, count, onFind, children}: SearchProps) {
  const submit = (event: Event) => {
    event.preventDefault();
    onFind(value.trim());
  };
  return (
    <form class="controls" role="search" onSubmit={submit}>
      <SearchField label={label} hint={hint} />
      <span class="count" role="status">
        {count}
      </span>
      {children}
    </form>
  );
}

interface MasterProps<T> {
  label: string;
  list: Listed<T>;
  rows: readonly T[];
  columns: Column<T>[];
  idOf: (row: T) => string;
  chosen: string;
  onOpen: (id: string) => void;
  empty: ComponentChildren;
  details: ComponentChildren; // of what is chosen; nothing when nothing is
}

// The list, with what to do when it is empty, and the details beside it.
export function Master<T>({label, list, rows, columns, idOf, chosen, onOpen, empty, details}: MasterProps<T>) {
  const t = texts.value;
  const body = () => {
    if (list.items.length === 0) return list.failure ? null : list.isReading ? <p class="notice">{t.reading}</p> : empty;
    if (rows.length === 0) return <Empty title={t.noMatch} />;
    return (
      <VirtualTable label={label} columns={columns} rows={rows} idOf={idOf} selected={chosen}
        onOpen={(row) => onOpen(idOf(row) === chosen ? "" : idOf(row))} />
    );
  };
  return (
    <div class={details ? "split" : "whole"}>
      <div class="grow">
        <Failure of={list.failure} />
        {body()}
        {list.more && (
          <button type="button" class="devices-more" onClick={list.more}>
            {t.more}
          </button>
        )}
      </div>
      {details}
    </div>
  );
}

// What closes the details of `id`, as long as no others are open.
export const closing = (kind: "thing" | "certificate" | "policy", id: string) => () => {
  if (route.peek().query.get(kind) === id) setQuery({[kind]: "", shadow: "", version: "", new: ""}, "push");
};

export function Details({title, label, onClose, children}: {title: string; label: string; onClose: () => void; children: ComponentChildren}) {
  return (
    <aside class="details devices-details" aria-label={label}>
      <header>
        <h2>
          <bdi>{title}</bdi>
        </h2>
        <button type="button" class="quiet" onClick={onClose} aria-label={general.value.close}>
          ✕
        </button>
      </header>
      {children}
    </aside>
  );
}

export function Part({title, children}: {title: string; children: ComponentChildren}) {
  return (
    <section class="devices-part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

// Names with a way to take each away.
export function Members({names, to, short, action, onRemove}: {
  names: readonly string[] | undefined; to?: "thing" | "certificate" | "policy"; short?: boolean; action: (name: string) => string; onRemove: (name: string) => void;
}) {
  const t = texts.value;
  if (!names) return <p class="quiet-text">{t.reading}</p>;
  if (names.length === 0) return <p class="quiet-text">{t.none}</p>;
  return (
    <ul class="devices-members">
      {names.map((name) => (
        <li key={name}>
          <span title={name}>{to ? <To kind={to} name={name}>{short ? shortId(name) : name}</To> : <bdi>{name}</bdi>}</span>
          <button type="button" class="quiet" aria-label={action(name)} title={action(name)} onClick={() => onRemove(name)}>
            ✕
          </button>
        </li>
      ))}
    </ul>
  );
}

// One text and a button; suggestions are names that are known.
export function AddOne({label, action, known, onAdd}: {label: string; action: string; known?: readonly string[] | undefined; onAdd: (text: string, done: () => void) => void}) {
  const [text, setText] = useState("");
  const id = `devices-${label.replaceAll(/\W/g, "-")}`;
  const submit = (event: Event) => {
    event.preventDefault();
    if (text.trim() !== "") onAdd(text.trim(), () => setText(""));
  };
  return (
    <form class="line" onSubmit={submit}>
      <label class="grow">
        <span class="hidden">{label}</span>
        <input placeholder={label} value={text} list={known ? id : undefined} autocomplete="off" onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {known && (
        <datalist id={id}>
          {known.slice(0, 500).map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      )}
      <button type="submit">{action}</button>
    </form>
  );
}
