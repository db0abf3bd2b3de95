// Statements in PartiQL. They run when somebody says so, never because of a link: they may write.
import {signal} from "@preact/signals";
import {useEffect} from "preact/hooks";
import {Editor, type Mark} from "../../components/editor";
import {Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {VirtualTable, type Column} from "../../components/virtual_table";
import {route, setQuery} from "../../router";
import {Cell} from "./cells";
import {CodeDialog} from "./code_dialog";
import {columns_max, ordered, widthOf} from "./columns";
import {call} from "./dynamo";
import {parseParameters} from "./parameters";
import {TextError} from "./json_tree";
import {keyNames, type Table} from "./table";
import {texts} from "./texts";
import {attribute, typeOf, type Item, type Value} from "./values";

interface Answer {
  Items?: Item[];
  NextToken?: string;
  ConsumedCapacity?: {CapacityUnits: number};
}
interface Input {
  Statement: string;
  Parameters?: Value[];
  ReturnConsumedCapacity: "TOTAL";
  [name: string]: unknown;
}
interface Result {
  input: Input;
  items: Item[];
  next: string | undefined;
  units: number;
  took: number;
}

const statement = signal("");
const parameters = signal("");
const result = signal<Result | undefined>(undefined);
const failure = signal<unknown>(undefined);
const marks = signal<Mark[]>([]);
const running = signal(false);
const isCode = signal(false);
let round = 0; // moves with what is shown: an answer for another table is not shown

function input(): Input | undefined {
  marks.value = [];
  try {
    const values = parseParameters(parameters.peek());
    return {Statement: statement.peek(), ...(values.length > 0 ? {Parameters: values} : {}), ReturnConsumedCapacity: "TOTAL"};
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    const message = texts.value.item.reasons[error.reason](error.detail);
    marks.value = [{from: error.at, to: error.end, message}];
    failure.value = `${texts.value.partiql.parameters}: ${message}`;
    return undefined;
  }
}

async function ask(input: Input, before: Result | undefined): Promise<void> {
  const mine = ++round;
  running.value = true;
  failure.value = undefined;
  const began = performance.now();
  try {
    const answer = await call<Answer>("ExecuteStatement", before?.next ? {...input, NextToken: before.next} : input);
    if (mine !== round) return;
    result.value = {
      input,
      items: [...(before?.items ?? []), ...(answer.Items ?? [])],
      next: answer.NextToken,
      units: (before?.units ?? 0) + (answer.ConsumedCapacity?.CapacityUnits ?? 0),
      took: (before?.took ?? 0) + performance.now() - began,
    };
  } catch (error) {
    if (mine !== round) return;
    failure.value = error;
    if (!before) result.value = undefined;
  }
  running.value = false;
}

function run(): void {
  if (running.peek()) return;
  const wanted = input();
  if (wanted) void ask(wanted, undefined);
}

function more(): void {
  const before = result.peek();
  if (before?.next && !running.peek()) void ask(before.input, before);
}

function columnsOf(items: readonly Item[], keys: readonly string[]): Column<[Item, number]>[] {
  const types = new Map<string, Set<string>>();
  for (const item of items) {
    for (const [name, value] of Object.entries(item)) {
      const known = types.get(name) ?? new Set<string>();
      types.set(name, known.add(typeOf(value)));
    }
  }
  const names = ordered(keys.filter((name) => types.has(name)), types.keys()).slice(0, columns_max);
  return names.map((name, n) => {
    const needs = widthOf(name, items);
    const own = [...(types.get(name) ?? [])];
    const numeric = own.length === 1 && own[0] === "N";
    return {id: `attribute-${n}`, ...(numeric ? {align: "end" as const} : {}), title: name, note: own.join(" "), needs,
            width: n === names.length - 1 ? `minmax(${needs}px, 1fr)` : `${needs}px`, cell: ([item]) => <Cell
              value={attribute(item, name)} />};
  });
}

export function PartiQl({table}: {table: Table}) {
  const t = texts.value.partiql;
  const example = `SELECT * FROM "${table.TableName}"`;
  useEffect(() => {
    statement.value = route.peek().query.get("statement") ?? example;
    parameters.value = route.peek().query.get("parameters") ?? "";
    result.value = failure.value = undefined;
    marks.value = [];
    running.value = false;
    ++round;
  }, [table.TableName]);
  const found = result.value;
  return (
    <>
      <div class="tables-statement">
        <Editor label={t.statement} language="sql" value={statement.value} onRun={run}
          onChange={(value) => (statement.value = value, setQuery({statement: value === example ? "" : value}))} />
        <Editor label={t.parameters} language="json" value={parameters.value} marks={marks.value} hint={t.parametersHint}
          onRun={run}
          onChange={(value) => (parameters.value = value, (marks.value = []), setQuery({parameters: value}))} />
      </div>
      <div class="controls">
        <button type="button" class="main" disabled={running.value} onClick={run}>{t.run}</button>
        <span class="quiet-text">{t.runHint}</span>
        <span class="grow" />
        <span class="count" role="status">{found ? t.found(found.items.length, found.next === undefined, found.units, found.took)
          : ""}</span>
        <button type="button" onClick={() => (isCode.value = true)}>{texts.value.items.copyAs}</button>
      </div>
      <Failure of={failure.value} />
      {found && found.items.length === 0 && <Empty
        title={found.next ? t.lookOn : t.nothing}>{found.next && <button type="button"
        onClick={more}>{texts.value.items.lookOn}</button>}</Empty>}
      {found && found.items.length > 0 && (
        <VirtualTable wide label={t.result} columns={columnsOf(found.items, keyNames(table))}
          rows={found.items.map((item, n): [Item, number] => [item, n])}
          idOf={([, n]) => String(n)} selected="" onEnd={more} />
      )}
      {!found && failure.value === undefined && (
        <Empty title={t.emptyTitle}>
          <p class="tables-examples">
            {[`SELECT * FROM "${table.TableName}" WHERE "${keyNames(table)[0] ?? "id"}" = ?`,
              `INSERT INTO "${table.TableName}" VALUE {'${keyNames(table)[0] ?? "id"}': ?}`].map((one) => (
              <button key={one} type="button" onClick={() => (statement.value = one)}><code>{one}</code></button>
            ))}
          </p>
        </Empty>
      )}
      {isCode.value && <CodeDialog operation="ExecuteStatement" input={input() ?? {Statement: statement.value}}
        onClose={() => (isCode.value = false)} />}
    </>
  );
}
