import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {ListBody} from "../../components/list_body";
import {SearchField} from "../../components/search_field";
import type {Column} from "../../components/virtual_table";
import {ago, dateTime, texts as general} from "../../i18n";
import {usePolled} from "../../polled";
import {follow, href, route, setQuery} from "../../router";
import {containing} from "../../words";
import {listStacks, type StackSummary} from "./cloudformation";
import {isAtRest} from "./links";
import {Status} from "./marks";
import {texts} from "./texts";

const changed = (stack: StackSummary) => Math.max(stack.created, stack.updated, stack.deleted);

function Moment({ms}: {ms: number}) {
  return <time title={dateTime(ms)}>{ago(general.value, Date.now() - ms)}</time>;
}

function columns(): Column<StackSummary>[] {
  const t = texts.value;
  return [
    {id: "id", title: t.name, needs: 140, width: "minmax(0, 1.2fr)", cell: ({name}) => <bdi title={name}>{name}</bdi>},
    {id: "status", title: t.status, needs: 190, width: "minmax(0, 1.1fr)", cell: ({status}) => <Status of={status} />},
    {id: "updated", title: t.updated, needs: 90, width: "7rem", cell: (stack) => <Moment ms={changed(stack)} />},
    {id: "description", title: t.description, needs: 200, width: "minmax(0, 2fr)", cell: (stack) =>
      <bdi title={stack.description}>{stack.description}</bdi>},
    {id: "drift", title: t.drift, needs: 110, width: "7.5rem", cell: ({drift}) =>
      (drift === "NOT_CHECKED" ? t.notChecked : drift)},
  ];
}

export function List() {
  const t = texts.value;
  const {value: all, failure} = usePolled("stacks", listStacks, (latest) =>
    (latest?.every(({status}) => isAtRest(status)) === false ? 500 : 2500));
  const deleted = route.value.query.get("deleted") === "1";
  const passes = containing(route.value.query.get("q") ?? "");
  const countable = (all ?? []).filter((stack) => deleted || stack.status !== "DELETE_COMPLETE");
  const shown = countable.filter((stack) => passes(`${stack.name} ${stack.status} ${stack.description}`))
    .sort((a, b) => changed(b) - changed(a));
  return (
    <section class="screen">
      <h1>{t.title}</h1>
      <div class="controls" role="search">
        <SearchField label={t.filter} hint={t.filterHint} />
        <label class="check">
          <input type="checkbox" checked={deleted}
            onChange={(event) => setQuery({deleted: event.currentTarget.checked ? "1" : ""})} />
          {t.deleted}
        </label>
        <span class="count" role="status">
          {t.count(shown.length, countable.length)}
        </span>
        <a class="button main" href={href("stacks", {new: "1"})} onClick={follow}>
          {t.create}
        </a>
      </div>
      <Failure of={failure} />
      <ListBody label={t.title} count={all && countable.length} rows={shown} columns={columns()} idOf={({id}) => id}
        onOpen={(stack) => setQuery({stack: stack.status === "DELETE_COMPLETE" ? stack.id : stack.name}, "push")} noMatch={t.noMatch}
        empty={
          <Empty title={t.emptyTitle}>
            <p>{t.emptyText}</p>
            <Command text="croft deploy template.yml --stack-name NAME --capabilities CAPABILITY_IAM" />
          </Empty>
        } />
    </section>
  );
}
