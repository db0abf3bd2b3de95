// All tables.
import {signal} from "@preact/signals";
import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {ListBody} from "../../components/list_body";
import {SearchField} from "../../components/search_field";
import type {Column} from "../../components/virtual_table";
import {dateTime} from "../../i18n";
import {usePolled} from "../../polled";
import {go, href, route} from "../../router";
import {containing} from "../../words";
import {CreateDialog} from "./create_dialog";
import {call, describe, isCode} from "./dynamo";
import {indexesOf, keysOf, keysText, type Table} from "./table";
import {texts} from "./texts";

interface Listed extends Table {
  ttl: string; // the attribute, "" = items do not expire
}

const creation =
  "aws dynamodb create-table --table-name status --billing-mode PAY_PER_REQUEST " +
  "--attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH";
const at_once = 6;
const pause_ms = 4000; // and as long again as the reading took, ten times

async function names(): Promise<string[]> {
  const all: string[] = [];
  let from: string | undefined;
  do {
    const page: {TableNames: string[]; LastEvaluatedTableName?: string} = await call("ListTables", from
      ? {ExclusiveStartTableName: from} : {});
    all.push(...page.TableNames);
    from = page.LastEvaluatedTableName;
  } while (from);
  return all;
}

async function listed(name: string): Promise<Listed | undefined> {
  try {
    const [table, ttl] = await Promise.all([
      describe(name), call<{TimeToLiveDescription: {TimeToLiveStatus: string; AttributeName?: string}}>("DescribeTimeToLive",
        {TableName: name})]);
    return {...table, ttl: ttl.TimeToLiveDescription.AttributeName ?? ""};
  } catch (error) {
    if (isCode(error, "ResourceNotFoundException")) return undefined; // it went meanwhile
    throw error;
  }
}

let took_ms = 0;

async function read(): Promise<Listed[]> {
  const began = performance.now();
  const all = await names();
  const out: (Listed | undefined)[] = new Array(all.length);
  let next = 0;
  await Promise.all(Array.from({length: at_once}, async () => {
    for (let n = next++; n < all.length; n = next++) out[n] = await listed(all[n] as string);
  }));
  took_ms = performance.now() - began;
  return out.filter((one) => one !== undefined);
}

export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return bytes < 1024 ** 3 ? `${(bytes / 1024 ** 2).toFixed(1)} MB` : `${(bytes / 1024 ** 3).toFixed(2)} GB`;
}

export function TableStatus({status}: {status: string}) {
  const t = texts.value.status;
  return (
    <span class={`status ${status === "ACTIVE" ? "on" : "off"}`}>
      <span class="dot" aria-hidden="true" />
      {t[status as keyof typeof t] ?? status}
    </span>
  );
}

function columns(): Column<Listed>[] {
  const t = texts.value.list;
  return [
    {id: "name", title: t.name, needs: 200, width: "minmax(0, 2.4fr)", cell: (table) => <bdi class="tables-name"
      title={table.TableName}>{table.TableName}</bdi>},
    {id: "items", align: "end", title: t.items, needs: 90, width: "6.5rem", cell: (table) => table.ItemCount.toLocaleString()},
    {id: "status", title: t.status, needs: 110, width: "7.5rem", cell: (table) => <TableStatus status={table.TableStatus} />},
    {id: "keys", title: t.keys, needs: 150, width: "minmax(0, 1.4fr)", cell: (table) => <bdi
      title={keysText(keysOf(table))}>{keysText(keysOf(table))}</bdi>},
    {id: "size", align: "end", title: t.size, needs: 90, width: "6.5rem", cell: (table) => sizeText(table.TableSizeBytes)},
    {id: "indexes", align: "end", title: t.indexes, needs: 90, width: "6.5rem", cell: (table) => indexesOf(table).length || "–"},
    {id: "stream", title: t.stream, needs: 130, width: "minmax(0, 1fr)",
      cell: (table) => (table.StreamSpecification?.StreamEnabled
      ? texts.value.views[table.StreamSpecification.StreamViewType as "KEYS_ONLY"] : "–")},
    {id: "ttl", title: t.ttl, needs: 100, width: "minmax(0, 0.8fr)", cell: (table) => <bdi>{table.ttl || "–"}</bdi>},
    {id: "created", title: t.created, needs: 160, width: "11rem", cell: (table) => dateTime(table.CreationDateTime * 1000)},
  ];
}

const creating = signal(false);

export function List() {
  const t = texts.value.list;
  const {value: tables, failure, again} = usePolled<Listed[]>("tables", read, () => pause_ms + took_ms * 10);
  const passes = containing(route.value.query.get("q") ?? "");
  const shown = (tables ?? []).filter((table) => passes(table.TableName));
  return (
    <section class="screen">
      <h1>{texts.value.title}</h1>
      <div class="controls" role="search">
        <SearchField label={t.filter} hint={t.filterHint} />
        <span class="count" role="status">{tables ? t.count(shown.length, tables.length) : ""}</span>
        <button type="button" class="main" onClick={() => (creating.value = true)}>{t.create}</button>
      </div>
      <Failure of={failure} />
      <ListBody label={texts.value.title} count={tables?.length} rows={shown} columns={columns()} idOf={(table) => table.TableName}
        onOpen={(table) => go(href("tables", {table: table.TableName}))} noMatch={t.noMatch}
        empty={
          <Empty title={t.emptyTitle}>
            <p>{t.emptyText}</p>
            <Command text={`${creation} --endpoint-url ${location.origin}`} />
            <p>{t.emptyDeploy}</p>
            <Command text="croft deploy sam.yml --stack-name status --capabilities CAPABILITY_IAM" />
          </Empty>
        } />
      {creating.value && <CreateDialog onClose={() => (creating.value = false)}
        onCreated={(name) => (creating.value = false, again(), go(href("tables", {table: name})))} />}
    </section>
  );
}
