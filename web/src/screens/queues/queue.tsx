// One queue.
import {useState} from "preact/hooks";
import {confirm} from "../../components/dialog";
import {FactTable} from "../../components/fact_table";
import {Failure} from "../../components/failure";
import {Heading} from "../../components/heading";
import {Tabs} from "../../components/tabs";
import {useHere} from "../../here";
import {usePolled} from "../../polled";
import {follow, go, href, route, setQuery} from "../../router";
import {writes} from "../../session";
import {Messages} from "./messages";
import {Redrive} from "./redrive";
import {Send} from "./send";
import {attributesOf, deleteQueue, purge, type Queue} from "./sqs";
import {texts} from "./texts";

const total = ({visible, inFlight, delayed}: Queue) => visible + inFlight + delayed;

function Figures({queue}: {queue: Queue}) {
  const t = texts.value;
  const figures = [[t.visible, queue.visible], [t.inFlight, queue.inFlight], [t.delayed, queue.delayed]] as const;
  return (
    <dl class="queues-figures">
      {figures.map(([name, count]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  );
}

function Settings({name}: {name: string}) {
  const t = texts.value;
  const {value, failure} = usePolled(name, () => attributesOf(name), () => 3000);
  return (
    <>
      <Failure of={failure} />
      {value && (
        <FactTable label={t.settings} titles={[t.setting, t.value]} fills>
          {Object.entries(value).sort(([a], [b]) => a.localeCompare(b)).map(([key, text]) => (
            <tr key={key}>
              <th scope="row">{key}</th>
              <td class="fact-long"><bdi>{text}</bdi></td>
            </tr>
          ))}
        </FactTable>
      )}
    </>
  );
}

function Actions({queue, sources, again, fail}:
  {queue: Queue; sources: string[]; again: () => void; fail: (failure: unknown) => void}) {
  const t = texts.value;
  const isHere = useHere();
  const onPurge = async () => {
    if (!(await confirm({title: t.purgeTitle(queue.name), text: t.purgeText(total(queue)), action: t.purge}))) return;
    await purge(queue.name).then(() => fail(undefined), fail);
    again();
  };
  const onRemove = async () => {
    const text = t.removeText(queue.name, total(queue), sources);
    if (!(await confirm({title: t.removeTitle(queue.name), text, action: t.remove}))) return;
    await deleteQueue(queue.name).then(() => isHere() && go(href("queues")), fail);
    again();
  };
  return (
    <div class="line">
      <button type="button" class="danger" {...writes()} onClick={() => void onPurge()}>{t.purge}</button>
      <button type="button" class="danger" {...writes()} onClick={() => void onRemove()}>{t.remove}</button>
    </div>
  );
}

function Body({queue, sources, tab, queues, again}:
  {queue: Queue; sources: string[]; tab: string; queues: Queue[]; again: () => void}) {
  switch (tab) {
    case "send":
      return <Send queue={queue} onSent={again} />;
    case "redrive":
      return <Redrive queue={queue} sources={sources} queues={queues} />;
    case "settings":
      return <Settings name={queue.name} />;
    default:
      return <Messages queue={queue} onRemoved={again} />;
  }
}

export function QueueView({name, queues, failure, again}:
  {name: string; queues: Queue[] | undefined; failure: unknown; again: () => void}) {
  const t = texts.value;
  const [own, setOwn] = useState<unknown>(undefined);
  const queue = queues?.find((one) => one.name === name);
  const sources = (queues ?? []).filter(({deadLetterTarget}) => deadLetterTarget === name).map((one) => one.name);
  const tab = route.value.query.get("tab") ?? "messages";
  const tabs = (["messages", "send", "redrive", "settings"] as const).map((id) => ({id, title: t[id]}));
  return (
    <section class="screen queues">
      <Heading screen="queues" all={t.title} name={name}>
        {queue?.fifo && <span class="badge">{t.fifo}</span>}
        {queue && <Figures queue={queue} />}
        <span class="grow" />
        {queue && <Actions queue={queue} sources={sources} again={again} fail={setOwn} />}
      </Heading>
      {queue?.deadLetterTarget && (
        <p class="quiet-text">
          {t.deadLetters}:{" "}
          <a href={href("queues", {queue: queue.deadLetterTarget})} onClick={follow}>
            <bdi>{queue.deadLetterTarget}</bdi>
          </a>{" "}
          ({t.maxReceives}: {queue.maxReceiveCount})
        </p>
      )}
      <Failure of={own ?? failure} />
      {queues && !queue && <p class="notice">{t.noMatch}</p>}
      {queue && (
        <Tabs label={t.parts} tabs={tabs} chosen={tab} onChoose={(id) => setQuery({tab: id === "messages" ? "" : id})}>
          <Body queue={queue} sources={sources} tab={tab} queues={queues ?? []} again={again} />
        </Tabs>
      )}
    </section>
  );
}
