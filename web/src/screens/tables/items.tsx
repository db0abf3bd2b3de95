// The items of a table: what was looked for, in columns, live.
import {signal} from "@preact/signals";
import {useEffect, useState} from "preact/hooks";
import {confirm} from "../../components/dialog";
import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {VirtualTable, type Column} from "../../components/virtual_table";
import {flash} from "../../flash";
import {route, setQuery} from "../../router";
import {Cell} from "./cells";
import {CodeDialog} from "./code_dialog";
import {columns_max, ordered, widthOf} from "./columns";
import {call, place, watching} from "./dynamo";
import {ExportDialog} from "./export_dialog";
import {ImportDialog} from "./import_dialog";
import {ItemPanel} from "./item_panel";
import {missed} from "./live";
import {look, reader, refresh} from "./open_table";
import type {Reader, Row} from "./reader";
import {SearchForm} from "./search_form";
import {readSearch, SearchError, type Input} from "./search";
import {keyNames, type Table} from "./table";
import {texts} from "./texts";
import {attribute, pick, type Item} from "./values";
import {BatchWriter} from "./write";

const chosen = signal<ReadonlySet<string>>(new Set());
const dialog = signal<"" | "code" | "export" | "import" | "columns">("");
const failure = signal<unknown>(undefined);

function toggle(row: Row): void {
  const next = new Set(chosen.peek());
  if (!next.delete(row.id)) next.add(row.id);
  chosen.value = next;
}

const onlyKeys = "\u0000"; // in the URL: none is chosen, which is not the same as no choice

function shownColumns(keys: readonly string[], found: Reader, query: URLSearchParams): string[] {
  const wanted = query.getAll("col");
  const all = ordered(keys, found.types.keys());
  return wanted.length > 0 ? all.filter((name) => keys.includes(name) || wanted.includes(name)) : all.slice(0, columns_max);
}

function columnsOf(found: Reader, names: readonly string[], widths: Map<string, number>): Column<Row>[] {
  const t = texts.value.items;
  const items = found.rows.value.slice(0, 100).map((row) => row.item);
  const box: Column<Row> = {
    id: "chosen", title: "✓", needs: 40, width: "40px",
    cell: (row) => (
      <input type="checkbox" aria-label={t.choose} checked={chosen.value.has(row.id)} onClick={(event) => event.stopPropagation()}
        onChange={() => toggle(row)} />
    ),
  };
  const rest = names.map((name, n): Column<Row> => {
    // A column that was drawn keeps its width while values change.
    const needs = widths.get(name) ?? widthOf(name, items);
    if (items.length > 0) widths.set(name, needs);
    const types = [...(found.types.get(name) ?? [])];
    const numeric = types.length === 1 && types[0] === "N";
    return {
      id: `attribute-${n}`, ...(numeric ? {align: "end" as const} : {}), title: name, note: types.join(" "), needs,
      width: n === names.length - 1 ? `minmax(${needs}px, 1fr)` : `${needs}px`,
      cell: (row) => <Cell value={attribute(row.item, name)} />,
    };
  });
  return [box, ...rest];
}

async function removeChosen(table: Table): Promise<void> {
  const t = texts.value.items;
  const found = reader.peek();
  const rows = (found?.rows.peek() ?? []).filter((row) => chosen.peek().has(row.id));
  const names = rows.slice(0, 10).map((row) => row.id).join("\n") + (rows.length > 10 ? `\n${t.andMore(rows.length - 10)}` : "");
  if (rows.length === 0
    || !(await confirm({title: t.deleteTitle(rows.length), text: names, action: t.deleteAction(rows.length)}))) return;
  failure.value = undefined;
  let refusal: unknown;
  const writer = new BatchWriter(call, table.TableName, new AbortController().signal);
  try {
    for (const [n, row] of rows.entries()) await writer.add({line: n + 1, id: row.id,
      write: {erase: pick(row.item, keyNames(table))}});
    await writer.flush();
    refusal = writer.progress.refused[0]?.why;
  } catch (error) {
    refusal = error;
  }
  if (reader.peek()?.table.TableName !== table.TableName) return; // another is open by now
  failure.value = refusal;
  chosen.value = new Set();
  written();
}

// Where changes are not told, what was written is read again.
function written(): void {
  const found = reader.peek();
  if (found && !watching.peek()?.live) look(found.search);
  if (found) refresh(found.table.TableName);
}

function ColumnChoice({keys, found}: {keys: readonly string[]; found: Reader}) {
  const t = texts.value.items;
  const shown = shownColumns(keys, found, route.value.query);
  const all = ordered(keys, found.types.keys()).filter((name) => !keys.includes(name));
  const change = (name: string, on: boolean) => {
    const next = all.filter((one) => (one === name ? on : shown.includes(one)));
    setQuery({col: next.length === all.length ? [] : next.length === 0 ? [onlyKeys] : next});
  };
  return (
    <fieldset class="tables-columns">
      <legend>{t.columns}</legend>
      {all.map((name) => (
        <label key={name} class="check">
          <input type="checkbox" checked={shown.includes(name)} onChange={(event) => change(name, event.currentTarget.checked)} />
          <bdi>{name}</bdi>
        </label>
      ))}
      {all.length === 0 && <span class="quiet-text">{t.noColumns}</span>}
    </fieldset>
  );
}

function Status({found}: {found: Reader}) {
  const t = texts.value.items;
  const live = watching.value;
  return (
    <span class="count" role="status">
      {found.reading.value && found.rows.value.length === 0 ? t.reading : t.found(found.rows.value.length, found.done.value)}
      {found.scanned.value > found.rows.value.length && ` · ${t.scanned(found.scanned.value)}`}
      {found.scanned.value > 0 && ` · ${t.units(found.units.value)} · ${t.took(found.took.value)}`}
      {live && !live.live && ` · ${t.notLive}`}
      {missed.value && ` · ${t.readAgain}`}
    </span>
  );
}

function Bar({table, found, keys}: {table: Table; found: Reader; keys: readonly string[]}) {
  const t = texts.value.items;
  const count = chosen.value.size;
  return (
    <>
      <div class="controls tables-bar">
        <Status found={found} />
        <div class="tables-buttons">
          {count > 0 && <button type="button" class="danger"
            onClick={() => void removeChosen(table)}>{t.deleteAction(count)}</button>}
          {count > 0 && <button type="button" onClick={() => (chosen.value = new Set())}>{t.chooseNone}</button>}
          {count > 0 && <button type="button"
            onClick={() => (chosen.value = new Set(found.rows.peek().map((row) => row.id)))}>{t.chooseAll}</button>}
          <button type="button" aria-expanded={dialog.value === "columns"}
            onClick={() => (dialog.value = dialog.value === "columns" ? "" : "columns")}>{t.columns}</button>
          <button type="button" disabled={!found.request} onClick={() => (dialog.value = "code")}>{t.copyAs}</button>
          <button type="button" disabled={!found.request} onClick={() => (dialog.value = "export")}>{t.export}</button>
          <button type="button" onClick={() => (dialog.value = "import")}>{t.import}</button>
          <button type="button" class="main" onClick={() => setQuery({item: "new"}, "push")}>{t.create}</button>
        </div>
      </div>
      {dialog.value === "columns" && <ColumnChoice keys={keys} found={found} />}
    </>
  );
}

function Nothing({table, found}: {table: Table; found: Reader}) {
  const t = texts.value.items;
  const isAll = !found.search.partition && found.search.filters.length === 0 && !found.search.index;
  if (!isAll) return <Empty
    title={t.noMatch}>{!found.done.value && <button type="button" onClick={() => void found.more()}>{t.lookOn}</button>}</Empty>;
  const key = JSON.stringify(Object.fromEntries(keyNames(table).map((name) => [name,
    {[table.AttributeDefinitions.find((one) => one.AttributeName === name)?.AttributeType ?? "S"]: "1"}])));
  return (
    <Empty title={t.emptyTitle}>
      <p>{t.emptyText}</p>
      <Command text={`aws dynamodb put-item --table-name ${table.TableName} --item '${key}' --endpoint-url ${place().endpoint}`} />
    </Empty>
  );
}

function Found({table, found, keys}: {table: Table; found: Reader; keys: readonly string[]}) {
  const t = texts.value.items;
  const [widths] = useState(() => new Map<string, number>());
  const rows = found.rows.value;
  const open = route.value.query.get("item") ?? "";
  const wrong = found.failure.value;
  if (wrong instanceof SearchError) return <Failure of={texts.value.search.wrong[wrong.reason](wrong.what)} />;
  return (
    <>
      <Failure of={wrong} />
      {rows.length === 0 && !found.reading.value && wrong === undefined && <Nothing table={table} found={found} />}
      {rows.length > 0 && (
        <VirtualTable wide label={t.label(table.TableName)}
          columns={columnsOf(found, shownColumns(keys, found, route.value.query), widths)} rows={rows}
          idOf={(row) => row.id} classOf={(row) => `${flash(row.changes, row.changedAt)}${chosen.value.has(row.id) ? " tables-chosen" : ""}`} selected={open}
          onOpen={(row) => setQuery({item: row.id === open ? "" : row.id},
            "push")} onSpace={toggle} onEnd={() => void found.more()} />
      )}
    </>
  );
}

export function Items({table}: {table: Table}) {
  const query = route.value.query;
  const wanted = JSON.stringify(readSearch(query));
  useEffect(() => {
    chosen.value = new Set();
    failure.value = undefined;
    dialog.value = "";
    look(readSearch(route.peek().query));
  }, [wanted, table.TableName]);
  const found = reader.value;
  const keys = keyNames(table);
  const id = query.get("item") ?? "";
  const closeDialog = () => (dialog.value = "");
  const rows: Item[] = found?.rows.value.map((row) => row.item) ?? [];
  return (
    <>
      <SearchForm table={table} seen={found ? ordered(keys, found.types.keys()) : keys}
        onRun={(search) => JSON.stringify(search) === wanted && look(search)} />
      <div class={id ? "split" : "whole"}>
        <div class="grow tables-found">
          {found && <Bar table={table} found={found} keys={keys} />}
          <Failure of={failure.value} />
          {found && <Found table={table} found={found} keys={keys} />}
        </div>
        {id && <ItemPanel table={table} id={id} onWritten={written} />}
      </div>
      {dialog.value === "code" && found?.request && <CodeDialog operation={found.request.operation}
        input={found.request.input as Input} onClose={closeDialog} />}
      {dialog.value === "export" && found && <ExportDialog reader={found}
        chosen={rows.filter((_, n) => chosen.value.has(found.rows.value[n]?.id ?? ""))} onClose={closeDialog} />}
      {dialog.value === "import" && <ImportDialog table={table} onClose={() => (closeDialog(), written())} />}
    </>
  );
}
