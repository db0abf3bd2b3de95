// What is in a queue, without receiving it.
import {useMemo, useState} from "preact/hooks";
import {confirm} from "../../components/dialog";
import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {Payload} from "../../components/payload";
import {clock, dateTime} from "../../i18n";
import {usePolled} from "../../polled";
import {about, writes} from "../../session";
import {attributeBytes} from "./inputs";
import {peek, remove, type Message, type Peek, type Queue} from "./sqs";
import {texts} from "./texts";

const poll_ms = 1000;
const pages_max = 20; // of 100 messages each: what a person reads
const encoder = new TextEncoder();

// The first pages, as many as were asked for.
async function look(queue: string, pages: number): Promise<Peek> {
  const seen: Peek = await peek(queue);
  for (let page = 1; page < pages && seen.next !== undefined; ++page) {
    const more: Peek = await peek(queue, seen.next);
    seen.messages.push(...more.messages);
    if (more.next === undefined) delete seen.next;
    else seen.next = more.next;
  }
  return seen;
}

function sendCommand({name, fifo}: Queue): string {
  const ofFifo = fifo ? " --message-group-id g --message-deduplication-id 1" : "";
  const url = `${location.origin}/${about.value?.account ?? "000000000000"}/${name}`;
  return `aws sqs send-message --queue-url ${url} --message-body hello${ofFifo} --endpoint-url ${location.origin}`;
}

// Rows with a name and a value; what the message does not have is left out.
function facts(message: Message): [string, string][] {
  const t = texts.value;
  const system = message.Attributes ?? {};
  const moment = (name: string) => (Number(system[name]) > 0 ? dateTime(Number(system[name])) : undefined);
  const rows: [string, string | undefined][] = [
    [t.group, system["MessageGroupId"]],
    [t.deduplication, system["MessageDeduplicationId"]],
    [t.sequence, system["SequenceNumber"]],
    [t.source, system["DeadLetterQueueSourceArn"]?.split(":").at(-1)],
    [t.firstReceived, moment("ApproximateFirstReceiveTimestamp")],
    [t.sender, system["SenderId"]],
    [t.trace, system["AWSTraceHeader"]],
  ];
  return rows.filter((row): row is [string, string] => row[1] !== undefined);
}

function Attributes({message}: {message: Message}) {
  const entries = Object.entries(message.MessageAttributes ?? {});
  return (
    <>
      {entries.map(([name, attribute]) => (
        <div key={name}>
          <dt>
            <bdi>{name}</bdi> <span class="quiet-text"><bdi>{attribute.DataType}</bdi></span>
          </dt>
          <dd>
            {attribute.BinaryValue === undefined && <bdi>{attribute.StringValue ?? ""}</bdi>}
            {attribute.BinaryValue !== undefined && <Payload bytes={attributeBytes(attribute)} />}
          </dd>
        </div>
      ))}
    </>
  );
}

function One({message, onRemove}: {message: Message; onRemove: (message: Message) => void}) {
  const t = texts.value;
  const sent = Number(message.Attributes?.["SentTimestamp"] ?? 0);
  const body = useMemo(() => encoder.encode(message.Body), [message.Body]);
  return (
    <article class="queues-message" aria-label={message.MessageId}>
      <header>
        <code class="queues-id">{message.MessageId}</code>
        <span class={`badge queues-${message.State}`}>
          {t.state[message.State]}
          {message.State !== "visible" && ` ${t.until(clock(message.VisibleTimestamp).slice(0, 8))}`}
        </span>
        <span class="quiet-text">{t.received(Number(message.Attributes?.["ApproximateReceiveCount"] ?? 0))}</span>
        <time title={dateTime(sent)}>{clock(sent)}</time>
        <span class="grow" />
        <button type="button" class="quiet" {...writes()} aria-label={t.removeMessageLabel(message.MessageId)}
          onClick={() => onRemove(message)}>
          {t.removeMessage}
        </button>
      </header>
      <Payload bytes={body} />
      <dl class="properties">
        {facts(message).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd><bdi>{value}</bdi></dd>
          </div>
        ))}
        <Attributes message={message} />
      </dl>
    </article>
  );
}

export function Messages({queue, onRemoved}: {queue: Queue; onRemoved: () => void}) {
  const t = texts.value;
  const [pages, setPages] = useState(1);
  const [failed, setFailed] = useState<unknown>(undefined);
  const {value, failure, again} = usePolled(`${queue.name} ${pages}`, () => look(queue.name, pages), () => poll_ms * pages);
  const [kept, setKept] = useState<Peek | undefined>(undefined);
  if (value && value !== kept) setKept(value);
  const seen = value ?? kept; // more is asked for while what is there stays
  const onRemove = async (message: Message) => {
    const text = `${message.MessageId}\n${message.Body.slice(0, 200)}`;
    if (!(await confirm({title: t.removeMessageTitle, text, action: t.removeMessage}))) return;
    await remove(queue.name, message.ReceiptHandle).then(() => setFailed(undefined), setFailed);
    again();
    onRemoved();
  };
  return (
    <>
      <Failure of={failed ?? failure} />
      {seen && seen.messages.length === 0 && (
        <Empty title={t.noMessages}>
          <p>{t.noMessagesText}</p>
          <Command text={sendCommand(queue)} />
        </Empty>
      )}
      {seen && seen.messages.length > 0 && (
        <>
          <p class="quiet-text">{t.peekHint}</p>
          <div class="queues-list" role="region" aria-label={t.messages} tabIndex={0}>
            {seen.messages.map((message) => (
              <One key={message.MessageId} message={message} onRemove={(one) => void onRemove(one)} />
            ))}
            {seen.next !== undefined && pages < pages_max && (
              <button type="button" onClick={() => setPages(pages + 1)}>{t.more}</button>
            )}
          </div>
        </>
      )}
    </>
  );
}
