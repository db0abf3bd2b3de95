// What went wrong, lately and since the start, and one line that says whether to look further.
import {lately, toneOf, type Reading} from "./figures";
import {isTrouble, queues} from "./lists";
import type {Labels} from "./prometheus";
import {texts} from "./texts";

type FaultName = keyof typeof texts.value.faultNames;

const faults: {id: FaultName; name: string; labels?: Labels; by?: string}[] = [
  {id: "refused", name: "croft_mqtt_connects_refused_total", by: "reason"},
  {id: "dropped", name: "croft_mqtt_messages_dropped_total", by: "cause"},
  {id: "dropped", name: "croft_rule_messages_dropped_total"},
  {id: "throttled", name: "croft_mqtt_publishes_throttled_total"},
  {id: "publishes", name: "croft_mqtt_publishes_refused_total"},
  {id: "subscriptions", name: "croft_mqtt_subscriptions_refused_total"},
  {id: "rules", name: "croft_rule_evaluation_failures_total"},
  {id: "actions", name: "croft_rule_actions_total", labels: {outcome: "failure"}, by: "action"},
  {id: "functions", name: "croft_function_invocations_total", labels: {outcome: "function_error"}},
  {id: "throttledFunctions", name: "croft_function_invocations_total", labels: {outcome: "throttled"}},
  {id: "serverErrors", name: "croft_gateway_requests_total", labels: {status: "5xx"}, by: "service"},
  {id: "handshakes", name: "croft_tls_handshakes_total", labels: {result: "failed"}, by: "listener"},
];

interface Fault {
  key: string;
  title: string;
  total: number;
  lately: number;
}

// One row for each reason that was counted.
function found(all: readonly Reading[]): Fault[] {
  const t = texts.value;
  const rows: Fault[] = [];
  for (const {id, name, labels = {}, by} of faults) {
    const samples = all.at(-1)?.metrics.all(name) ?? [];
    const reasons = by ? [...new Set(samples.map((sample) => sample.labels[by] ?? ""))] : [""];
    for (const reason of reasons) {
      const wanted = by ? {...labels, [by]: reason} : labels;
      const total = all.at(-1)?.metrics.sum(name, wanted) ?? 0;
      if (total > 0) rows.push({key: `${name} ${reason}`, title: reason ? `${t.faultNames[id]}: ${reason}` : t.faultNames[id], total, lately: lately(all, name, wanted)});
    }
  }
  return rows;
}

export function Wrong({all}: {all: readonly Reading[]}) {
  const t = texts.value;
  const rows = found(all);
  return (
    <section class="panel">
      <h2>{t.faults}</h2>
      {rows.length === 0 ? (
        <p class="quiet-text">{t.noFaults}</p>
      ) : (
        <table class="health-table">
          <thead>
            <tr>
              <th scope="col">{t.faults}</th>
              <th scope="col">{t.lastMinute}</th>
              <th scope="col">{t.total}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row"><bdi>{row.title}</bdi></th>
                <td class={row.lately > 0 ? "health-bad" : ""}>{row.lately.toLocaleString()}</td>
                <td>{row.total.toLocaleString()}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function Troubles({all}: {all: readonly Reading[]}) {
  const t = texts.value;
  const waiting = queues.filter(({id, of}) => isTrouble(id) && toneOf(all, of) !== "good").map(({id}) => t.queueNames[id]);
  const failed = found(all).filter((row) => row.lately > 0).map((row) => `${row.title} (${row.lately.toLocaleString()})`);
  const troubles = [...waiting, ...failed];
  return (
    <p class={`status health-status ${troubles.length === 0 ? "on" : "health-bad"}`} role="status">
      <span class="dot" aria-hidden="true" />
      <bdi>{troubles.length === 0 ? t.well : `${t.trouble} ${troubles.join(", ")}`}</bdi>
    </p>
  );
}
