// Dead letters on their way back.
import {useState} from "preact/hooks";
import {FactTable} from "../../components/fact_table";
import {Failure} from "../../components/failure";
import {dateTime} from "../../i18n";
import {usePolled} from "../../polled";
import {writes} from "../../session";
import {attributesOf, cancelMove, moveTasks, startMove, type MoveTask, type Queue} from "./sqs";
import {texts} from "./texts";

const running_ms = 300;
const calm_ms = 2000;
const tones: Record<string, string> = {COMPLETED: "good", FAILED: "bad"};

async function load(name: string): Promise<{arn: string; tasks: MoveTask[]}> {
  const arn = (await attributesOf(name))["QueueArn"] ?? "";
  return {arn, tasks: await moveTasks(arn)};
}

function Tasks({tasks, onCancel}: {tasks: MoveTask[]; onCancel: (handle: string) => void}) {
  const t = texts.value;
  return (
    <FactTable label={t.tasks} titles={[t.started, t.status, t.moved, t.destination]}>
      {tasks.map((task) => (
        <tr key={task.StartedTimestamp}>
          <td>{dateTime(task.StartedTimestamp)}</td>
          <td>
            <span class={`badge ${tones[task.Status] ?? ""}`}>{task.Status}</span> {task.FailureReason}
            {task.TaskHandle && (
              <button type="button" class="quiet" {...writes()} onClick={() => onCancel(task.TaskHandle ?? "")}>
                {t.cancelTask}
              </button>
            )}
          </td>
          <td>
            <progress max={Math.max(1, task.ApproximateNumberOfMessagesToMove)} value={task.ApproximateNumberOfMessagesMoved}
              aria-label={t.moved} />{" "}
            {t.progress(task.ApproximateNumberOfMessagesMoved, task.ApproximateNumberOfMessagesToMove)}
          </td>
          <td class="fact-long"><bdi>{task.DestinationArn?.split(":").at(-1) ?? t.backToSource}</bdi></td>
        </tr>
      ))}
    </FactTable>
  );
}

export function Redrive({queue, sources, queues}: {queue: Queue; sources: string[]; queues: Queue[]}) {
  const t = texts.value;
  const [destination, setDestination] = useState("");
  const [rate, setRate] = useState("");
  const [failed, setFailed] = useState<unknown>(undefined);
  const {value, failure, again} = usePolled(queue.name, () => load(queue.name), (latest) =>
    (latest?.tasks[0]?.Status === "RUNNING" ? running_ms : calm_ms));
  const after = (what: Promise<unknown>) => void what.then(() => setFailed(undefined), setFailed).then(again);
  const submit = async (event: Event) => {
    event.preventDefault();
    const target = destination ? ((await attributesOf(destination))["QueueArn"] ?? "") : "";
    await startMove(value?.arn ?? "", target, rate);
  };
  if (sources.length === 0 && value?.tasks.length === 0) return <p class="quiet-text">{t.noSource}</p>;
  return (
    <div class="queues-form">
      {sources.length > 0 && <p class="quiet-text">{t.redriveHint(sources)}</p>}
      <form class="queues-row" onSubmit={(event) => after(submit(event))}>
        <label>
          {t.destination}
          <select value={destination} onChange={(event) => setDestination(event.currentTarget.value)}>
            <option value="">{t.backToSource}</option>
            {queues.filter(({name, fifo}) => name !== queue.name && fifo === queue.fifo).map(({name}) => (
              <option key={name} value={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          {t.perSecond}
          <input inputMode="numeric" pattern="[0-9]*" value={rate} onInput={(event) => setRate(event.currentTarget.value)} />
        </label>
        <button type="submit" class="main" {...writes(!value || sources.length === 0)}>{t.startRedrive}</button>
      </form>
      <Failure of={failed ?? failure} />
      {value && value.tasks.length > 0 && <Tasks tasks={value.tasks} onCancel={(handle) => after(cancelMove(handle))} />}
    </div>
  );
}
