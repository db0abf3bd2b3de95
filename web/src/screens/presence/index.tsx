// Presence: every client id that croft knows, live.
import {computed, signal, useComputed, useSignalEffect} from "@preact/signals";
import {useEffect} from "preact/hooks";
import type {Client, Order, SortField} from "./clients";
import {sortable} from "./clients";
import {Chart, type Line} from "../../components/chart";
import {Command, Empty} from "../../components/empty";
import {SearchField} from "../../components/search_field";
import {VirtualTable, type Column} from "../../components/virtual_table";
import {flash} from "../../flash";
import {ago, dateTime, texts as general} from "../../i18n";
import {follow, href, route, setQuery} from "../../router";
import {ClientPanel, Status} from "./client_panel";
import {failure, history, reading, revision, show, sortBy, table, watchPresence} from "./data";
import "./style.css";
import {texts} from "./texts";
import {TracePanel} from "./trace_panel";

const now = signal(Date.now());

function order(query: URLSearchParams): Order {
  const [field, direction] = (query.get("sort") ?? "since.down").split(".");
  return sortable.includes(field as SortField) ? {field: field as SortField, down: direction === "down"} : {field: "since", down: true};
}

// The figures in 10 s steps: an hour of seconds is more than a screen is wide.
const step_s = 10;
const chartData = computed(() => {
  const times: number[] = [], connected: number[] = [], connects: number[] = [], disconnects: number[] = [];
  for (const [time, open, , joined, left] of history.value) {
    const at = Math.floor(time / 1000 / step_s) * step_s;
    if (times.at(-1) !== at) {
      times.push(at);
      connected.push(open);
      connects.push(0);
      disconnects.push(0);
    }
    const last = times.length - 1;
    connected[last] = open;
    connects[last] = (connects[last] ?? 0) + joined;
    disconnects[last] = (disconnects[last] ?? 0) + left;
  }
  return {times, values: [connected, connects, disconnects]};
});

function sum(values: number[] | undefined): number {
  return (values ?? []).reduce((total, value) => total + value, 0);
}

function Figure({label, value, tone}: {label: string; value: string; tone?: string}) {
  return (
    <div class={`figure ${tone ?? ""}`}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Figures() {
  const t = texts.value;
  void revision.value;
  const last = history.value.at(-1);
  const known = table.all.size;
  return (
    <dl class="figures">
      <Figure label={t.connected} value={table.connected.toLocaleString()} tone="good" />
      <Figure label={t.disconnected} value={(known - table.connected).toLocaleString()} />
      <Figure label={t.connects} value={t.perSecond(last?.[3] ?? 0)} />
      <Figure label={t.disconnects} value={t.perSecond(last?.[4] ?? 0)} />
    </dl>
  );
}

function HourChart() {
  const t = texts.value;
  const {times, values} = chartData.value;
  const lines: Line[] = [
    {label: t.connected, color: "--good", scale: "left", fill: true},
    {label: t.connects, color: "--blue", scale: "right"},
    {label: t.disconnects, color: "--warm", scale: "right"},
  ];
  return (
    <section class="panel" aria-label={t.chart}>
      <Chart summary={t.chartSummary(values[0]?.at(-1) ?? 0, sum(values[1]), sum(values[2]))} lines={lines} times={times} values={values} />
    </section>
  );
}

function columns(current: Order): Column<Client>[] {
  const t = texts.value;
  const names = t.columns;
  const sort = (field: SortField) => (current.field === field ? (current.down ? "descending" : "ascending") : "none");
  const text = (field: "reason" | "address" | "principal" | "thing" | "protocol", needs: number, width: string): Column<Client> => ({
    id: field, title: names[field], needs, width, sort: sort(field), cell: (client) => <bdi title={client[field]}>{client[field]}</bdi>,
  });
  return [
    {id: "id", title: names.id, needs: 130, width: "minmax(0, 2.2fr)", sort: sort("id"), cell: (client) => <bdi title={client.id}>{client.id}</bdi>},
    {id: "status", title: names.status, needs: 135, width: "9.6rem", sort: sort("status"), cell: (client) => <Status client={client} />},
    {id: "since", title: names.since, needs: 75, width: "5.5rem", sort: sort("since"),
     cell: (client) => <time title={dateTime(client.since)}>{ago(general.value, now.value - client.since)}</time>},
    text("reason", 220, "minmax(0, 2fr)"),
    {id: "version", title: names.version, needs: 90, width: "6rem", sort: sort("version"), cell: (client) => client.version},
    text("address", 110, "minmax(7.5rem, 0.8fr)"),
    text("principal", 130, "minmax(0, 1.2fr)"),
    text("thing", 110, "minmax(0, 1fr)"),
    text("protocol", 75, "5rem"),
  ];
}

function Controls() {
  const t = texts.value;
  const status = route.value.query.get("status") ?? "";
  void revision.value;
  return (
    <div class="controls" role="search">
      <SearchField label={t.filter} hint={t.filterHint} />
      <label>
        <span class="hidden">{t.show}</span>
        <select value={status} onChange={(event) => setQuery({status: event.currentTarget.value}, "push")}>
          <option value="">{t.all}</option>
          <option value="connected">{t.connected}</option>
          <option value="disconnected">{t.disconnected}</option>
        </select>
      </label>
      <span class="count" role="status">
        {reading.value >= 0 ? t.reading(reading.value) : t.shown(table.view.length, table.all.size)}
      </span>
    </div>
  );
}

function NoClients() {
  const t = texts.value;
  return (
    <Empty title={t.emptyTitle}>
      <p>{t.emptyText}</p>
      <Command text="mosquitto_sub -i hello -t '#' -v" />
      <p>
        <a href={href("mqtt")} onClick={follow}>
          {t.emptyOther}
        </a>
      </p>
    </Empty>
  );
}

function Clients() {
  const t = texts.value;
  const query = route.value.query;
  const current = order(query);
  const chosen = query.get("client") ?? "";
  void revision.value;
  const client = chosen ? table.all.get(chosen) : undefined;
  const trace = query.get("trace") ?? "";
  const onSort = (id: string) => {
    const down = current.field === id ? !current.down : id === "since";
    setQuery({sort: id === "since" && down ? "" : `${id}.${down ? "down" : "up"}`});
  };
  if (failure.value) return <p class="notice">{general.value.failed(failure.value)}</p>;
  if (table.all.size === 0 && !chosen) return reading.value >= 0 ? <p class="notice" /> : <NoClients />;
  if (chosen && trace) {
    return (
      <div class="split presence-way">
        <ClientPanel id={chosen} client={client} />
        <TracePanel id={trace} />
      </div>
    );
  }
  return (
    <div class={chosen ? "split" : "whole"}>
      <div class="grow">
        {table.view.length === 0 ? (
          <Empty title={t.noMatch}>
            <button type="button" onClick={() => setQuery({q: "", status: ""})}>
              {t.clear}
            </button>
          </Empty>
        ) : (
          <VirtualTable
            label={t.title}
            columns={columns(current)}
            rows={table.view}
            idOf={(row) => row.id}
            classOf={(row) => flash(row.changes, row.changedAt)}
            selected={chosen}
            onOpen={(row) => setQuery({client: row.id === chosen ? "" : row.id, trace: "", step: ""}, "push")}
            onSort={onSort}
            sortLabel={t.sortBy}
          />
        )}
      </div>
      {chosen && <ClientPanel id={chosen} client={client} />}
    </div>
  );
}

export default function Presence() {
  const t = texts.value;
  useEffect(watchPresence, []);
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  // The URL says what is shown and how.
  const sort = useComputed(() => route.value.query.get("sort") ?? "");
  const filter = useComputed(() => {
    const status = route.value.query.get("status");
    return `${route.value.query.get("q") ?? ""} ${status ? `status:${status}` : ""}`;
  });
  useSignalEffect(() => {
    void sort.value;
    sortBy(order(route.peek().query));
  });
  useSignalEffect(() => show(filter.value));
  const isTrace = route.value.query.has("client") && route.value.query.has("trace"); // which needs all the room
  return (
    <section class="screen screen-presence">
      <h1 class="hidden">{t.title}</h1>
      {!isTrace && (
        <>
          <div class="top">
            <Figures />
            <HourChart />
          </div>
          <Controls />
        </>
      )}
      <Clients />
    </section>
  );
}
