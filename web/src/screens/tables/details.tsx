// What a table is: keys, capacity, indexes, stream, expiry, recovery, tags; and its end.
import {useState} from "preact/hooks";
import {confirm} from "../../components/dialog";
import {CopyButton} from "../../components/copy_button";
import {Fact} from "../../components/fact";
import {Failure} from "../../components/failure";
import {useHere} from "../../here";
import {dateTime} from "../../i18n";
import {usePolled} from "../../polled";
import {follow, go, href} from "../../router";
import {call} from "./dynamo";
import {sizeText, TableStatus} from "./list";
import {refresh} from "./open_table";
import {indexesOf, isGlobal, keysOf, keysText, type Table} from "./table";
import {texts} from "./texts";

interface More {
  ttl: {TimeToLiveStatus: string; AttributeName?: string};
  backups: {
    PointInTimeRecoveryDescription?: {
      PointInTimeRecoveryStatus: string; EarliestRestorableDateTime?: number; LatestRestorableDateTime?: number;
    };
  };
  tags: {Key: string; Value: string}[];
}

async function readMore({TableName, TableArn}: Table): Promise<More> {
  const [ttl, backups, tags] = await Promise.all([
    call<{TimeToLiveDescription: More["ttl"]}>("DescribeTimeToLive", {TableName}),
    call<{ContinuousBackupsDescription: More["backups"]}>("DescribeContinuousBackups", {TableName}),
    call<{Tags?: More["tags"]}>("ListTagsOfResource", {ResourceArn: TableArn}),
  ]);
  return {ttl: ttl.TimeToLiveDescription, backups: backups.ContinuousBackupsDescription, tags: tags.Tags ?? []};
}

function capacity(table: Table): string {
  const t = texts.value.details;
  if (table.BillingModeSummary?.BillingMode === "PAY_PER_REQUEST") return t.onDemand;
  return t.provisioned(table.ProvisionedThroughput?.ReadCapacityUnits ?? 0, table.ProvisionedThroughput?.WriteCapacityUnits ?? 0);
}

function Indexes({table, onFailure}: {table: Table; onFailure: (error: unknown) => void}) {
  const t = texts.value.details;
  const remove = async (name: string) => {
    if (!(await confirm({title: t.deleteIndexTitle, text: name, action: t.deleteIndex}))) return;
    await call("UpdateTable",
      {TableName: table.TableName, GlobalSecondaryIndexUpdates: [{Delete: {IndexName: name}}]}).catch(onFailure);
    refresh(table.TableName);
  };
  const all = indexesOf(table);
  return (
    <section class="panel">
      <h2>{t.indexes}</h2>
      {all.length === 0 && <p class="quiet-text">{t.noIndexes}</p>}
      {all.length > 0 && (
        <div class="tables-scroll" tabIndex={0} role="region" aria-label={t.indexes}>
          <table class="tables-grid">
            <thead>
              <tr>
                {[t.index, t.kind, t.keys, t.projection].map((title) => <th key={title} scope="col">{title}</th>)}
                {[t.items, t.size].map((title) => <th key={title} scope="col" class="tables-right">{title}</th>)}
                <th scope="col">{t.status}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {all.map((index) => (
                <tr key={index.IndexName}>
                  <th scope="row">
                    <a href={href("tables", {table: table.TableName, index: index.IndexName})} onClick={follow}><bdi>{index.IndexName}</bdi></a>
                  </th>
                  <td>{isGlobal(table, index.IndexName) ? t.global : t.local}</td>
                  <td><bdi>{keysText(keysOf(table, index.KeySchema))}</bdi></td>
                  <td><bdi>{index.Projection.ProjectionType === "INCLUDE" ? (index.Projection.NonKeyAttributes ?? []).join(", ")
                    : texts.value.projections[index.Projection.ProjectionType ?? "ALL"]}</bdi></td>
                  <td class="tables-right">{(index.ItemCount ?? 0).toLocaleString()}</td>
                  <td class="tables-right">{sizeText(index.IndexSizeBytes ?? 0)}</td>
                  <td>{index.IndexStatus ? <TableStatus status={index.IndexStatus} /> : "–"}</td>
                  <td>{isGlobal(table, index.IndexName) && <button type="button" class="quiet"
                    aria-label={`${t.deleteIndex} ${index.IndexName}`} onClick={() => void remove(index.IndexName)}>✕</button>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Expiry({more}: {more: More | undefined}) {
  const t = texts.value.details;
  const point = more?.backups.PointInTimeRecoveryDescription;
  const isOn = point?.PointInTimeRecoveryStatus === "ENABLED";
  return (
    <>
      <Fact name={t.ttl}>{more?.ttl.AttributeName ? <bdi>{`${more.ttl.AttributeName} (${more.ttl.TimeToLiveStatus})`}</bdi>
        : t.off}</Fact>
      <Fact name={t.recovery}>
        {isOn ? t.recoverable(dateTime((point.EarliestRestorableDateTime ?? 0) * 1000),
          dateTime((point.LatestRestorableDateTime ?? 0) * 1000)) : t.off}
      </Fact>
      <Fact name={t.tags}>
        {more && more.tags.length > 0 ? (
          <ul class="tables-tags">{more.tags.map(({Key, Value}) => <li key={Key}><bdi>{Key}</bdi> = <bdi>{Value}</bdi></li>)}</ul>
        ) : "–"}
      </Fact>
    </>
  );
}

export function Details({table}: {table: Table}) {
  const t = texts.value.details;
  const {value: more, failure: unread} = usePolled<More>(table.TableName, () => readMore(table), () => 10_000);
  const [failure, setFailure] = useState<unknown>(undefined);
  const isHere = useHere(table.TableName);
  const remove = async () => {
    if (!(await confirm({title: t.deleteTitle, text: t.deleteText(table.TableName, table.ItemCount), action: t.delete}))) return;
    setFailure(undefined);
    try {
      await call("DeleteTable", {TableName: table.TableName});
      if (isHere()) go(href("tables"));
    } catch (error) {
      setFailure(error);
    }
  };
  const {sort} = keysOf(table);
  const stream = table.StreamSpecification?.StreamEnabled;
  return (
    <div class="tables-details">
      <Failure of={failure ?? unread} />
      <section class="panel">
        <h2>{t.title}</h2>
        <dl class="tables-facts">
          <Fact name={t.status}><TableStatus status={table.TableStatus} /></Fact>
          <Fact name={t.partition}><bdi>{keysText({partition: keysOf(table).partition, sort: undefined})}</bdi></Fact>
          <Fact name={t.sort}><bdi>{sort ? keysText({partition: sort, sort: undefined}) : "–"}</bdi></Fact>
          <Fact name={t.items}>{table.ItemCount.toLocaleString()}</Fact>
          <Fact name={t.size}>{sizeText(table.TableSizeBytes)}</Fact>
          <Fact name={t.capacity}>{capacity(table)}</Fact>
          <Fact name={t.stream}>{stream ? texts.value.views[table.StreamSpecification?.StreamViewType as "KEYS_ONLY"]
            : t.off}</Fact>
          <Expiry more={more} />
          <Fact name={t.isProtected}>{table.DeletionProtectionEnabled ? t.on : t.off}</Fact>
          <Fact name={t.created}>{dateTime(table.CreationDateTime * 1000)}</Fact>
          <Fact name={t.arn}><span class="tables-arn"><code>{table.TableArn}</code> <CopyButton
            text={table.TableArn} /></span></Fact>
          {stream && <Fact name={t.streamArn}><span class="tables-arn"><code>{table.LatestStreamArn ?? ""}</code> <CopyButton
            text={table.LatestStreamArn ?? ""} /></span></Fact>}
        </dl>
        <button type="button" class="danger" onClick={() => void remove()}>{t.delete}</button>
      </section>
      <Indexes table={table} onFailure={setFailure} />
    </div>
  );
}
