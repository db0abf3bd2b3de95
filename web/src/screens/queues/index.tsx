// Queues: how full they are, what is in them, and what can be done about it.
import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {ListBody} from "../../components/list_body";
import {SearchField} from "../../components/search_field";
import type {Column} from "../../components/virtual_table";
import {ago, dateTime, texts as general} from "../../i18n";
import {usePolled} from "../../polled";
import {follow, href, route, setQuery} from "../../router";
import {containing} from "../../words";
import {Create} from "./create";
import {QueueView} from "./queue";
import {listQueues, type Queue} from "./sqs";
import "./style.css";
import {texts} from "./texts";

const few = 1000; // more than one page of croft's are asked for less often

function columns(): Column<Queue>[] {
  const t = texts.value;
  return [
    {id: "id", title: t.name, needs: 150, width: "minmax(0, 1.6fr)", cell: ({name}) => <bdi title={name}>{name}</bdi>},
    {id: "visible", title: t.visible, needs: 90, width: "7.2rem", cell: ({visible}) => visible},
    {id: "flight", title: t.inFlight, needs: 85, width: "6.5rem", cell: ({inFlight}) => inFlight},
    {id: "delayed", title: t.delayed, needs: 85, width: "6.5rem", cell: ({delayed}) => delayed},
    {id: "oldest", title: t.oldest, needs: 90, width: "7.5rem",
      cell: ({oldestSent}) => (oldestSent === undefined ? "–" :
        <time title={dateTime(oldestSent)}>{ago(general.value, Math.max(0, Date.now() - oldestSent))}</time>)},
    {id: "type", title: t.type, needs: 90, width: "6rem", cell: ({fifo}) => (fifo ? t.fifo : t.standard)},
    {id: "dead", title: t.deadLetters, needs: 160, width: "minmax(0, 1.2fr)",
      cell: ({deadLetterTarget}) => <bdi>{deadLetterTarget ?? "–"}</bdi>},
  ];
}

function List({all, failure}: {all: Queue[] | undefined; failure: unknown}) {
  const t = texts.value;
  const passes = containing(route.value.query.get("q") ?? "");
  const shown = (all ?? []).filter(({name}) => passes(name));
  return (
    <section class="screen">
      <h1>{t.title}</h1>
      <div class="controls" role="search">
        <SearchField label={t.filter} hint={t.filterHint} />
        <span class="count" role="status">
          {t.count(shown.length, all?.length ?? 0)}
        </span>
        <a class="button main" href={href("queues", {new: "1"})} onClick={follow}>
          {t.create}
        </a>
      </div>
      <Failure of={failure} />
      <ListBody label={t.title} count={all?.length} rows={shown} columns={columns()} idOf={({name}) => name}
        onOpen={({name}) => setQuery({queue: name}, "push")} noMatch={t.noMatch}
        empty={
          <Empty title={t.emptyTitle}>
            <p>{t.emptyText}</p>
            <Command text={`aws sqs create-queue --queue-name presence --endpoint-url ${location.origin}`} />
          </Empty>
        } />
    </section>
  );
}

export default function Queues() {
  const {value: all, failure, again} = usePolled("queues", listQueues, (latest) => ((latest?.length ?? 0) > few ? 5000 : 1000));
  const query = route.value.query;
  const name = query.get("queue") ?? "";
  if (query.get("new") === "1") return <Create queues={all ?? []} />;
  if (name === "") return <List all={all} failure={failure} />;
  return <QueueView key={name} name={name} queues={all} failure={failure} again={again} />;
}
