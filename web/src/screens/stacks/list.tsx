import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {VirtualTable, type Column} from "../../components/virtual_table";
import {ago, dateTime, texts as general} from "../../i18n";
import {usePolled} from "../../polled";
import {follow, href, route, setQuery} from "../../router";
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

function shownOf(all: StackSummary[], words: string[], deleted: boolean): StackSummary[] {
  return all
    .filter((stack) => deleted || stack.status !== "DELETE_COMPLETE")
    .filter((stack) => words.every((word) => `${stack.name} ${stack.status} ${stack.description}`.toLowerCase().includes(word)))
    .sort((a, b) => changed(b) - changed(a));
}

export function List() {
  const t = texts.value;
  const {value: all, failure} = usePolled("stacks", listStacks, (latest) =>
    (latest?.every(({status}) => isAtRest(status)) === false ? 500 : 2500));
  const filter = route.value.query.get("q") ?? "";
  const deleted = route.value.query.get("deleted") === "1";
  const shown = shownOf(all ?? [], filter.toLowerCase().split(/\s+/).filter(Boolean), deleted);
  const countable = shownOf(all ?? [], [], deleted).length;
  return (
    <section class="screen">
      <h1>{t.title}</h1>
      <div class="controls" role="search">
        <label class="grow">
          <span class="hidden">{t.filter}</span>
          <input type="search" value={filter} placeholder={t.filterHint}
            onInput={(event) => setQuery({q: event.currentTarget.value})} />
        </label>
        <label class="check">
          <input type="checkbox" checked={deleted}
            onChange={(event) => setQuery({deleted: event.currentTarget.checked ? "1" : ""})} />
          {t.deleted}
        </label>
        <span class="count" role="status">
          {t.count(shown.length, countable)}
        </span>
        <a class="button main" href={href("stacks", {new: "1"})} onClick={follow}>
          {t.create}
        </a>
      </div>
      <Failure of={failure} />
      {!all ? null : countable === 0 ? (
        <Empty title={t.emptyTitle}>
          <p>{t.emptyText}</p>
          <Command text="croft deploy template.yml --stack-name NAME --capabilities CAPABILITY_IAM" />
        </Empty>
      ) : shown.length === 0 ? (
        <Empty title={t.noMatch} />
      ) : (
        <VirtualTable label={t.title} columns={columns()} rows={shown} idOf={({id}) => id} selected=""
          onOpen={(stack) => setQuery({stack: stack.status === "DELETE_COMPLETE" ? stack.id : stack.name}, "push")} />
      )}
    </section>
  );
}
