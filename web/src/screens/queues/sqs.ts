// SQS as this screen uses it, and croft's own page that looks at messages without receiving them.
import {awsJson, croftPage} from "../../api";
import {createInput, sendInput, type Attribute, type NewQueue, type Sending} from "./inputs";

export interface Queue {
  name: string;
  fifo: boolean;
  visible: number;
  inFlight: number;
  delayed: number;
  oldestSent?: number;
  deadLetterTarget?: string;
  maxReceiveCount?: number;
}

const call = <T>(operation: string, input: unknown) => awsJson<T>("sqs", `AmazonSQS.${operation}`, input);

export async function listQueues(): Promise<Queue[]> {
  const all: Queue[] = [];
  for (let after: string | undefined = ""; after !== undefined; ) {
    const page: {queues: Queue[]; next?: string} = await croftPage(`queues${after ? `?after=${encodeURIComponent(after)}` : ""}`);
    all.push(...page.queues);
    after = page.next;
  }
  return all;
}

export interface Message {
  MessageId: string;
  ReceiptHandle: string; // deletes it as long as nobody has received it since
  Body: string;
  Attributes?: Record<string, string>; // what ReceiveMessage calls the system's
  MessageAttributes?: Record<string, Attribute>;
  State: "visible" | "inFlight" | "delayed";
  VisibleTimestamp: number;
}
export interface Peek {
  messages: Message[];
  next?: string;
}

// What is in the queue now, from a place on; no message is received by it.
export function peek(queue: string, after = ""): Promise<Peek> {
  return croftPage(`queues/${encodeURIComponent(queue)}/messages${after ? `?after=${encodeURIComponent(after)}` : ""}`);
}

const urls = new Map<string, string>();
async function urlOf(queue: string): Promise<string> {
  const known = urls.get(queue);
  if (known) return known;
  const {QueueUrl: url} = await call<{QueueUrl: string}>("GetQueueUrl", {QueueName: queue});
  urls.set(queue, url);
  return url;
}

const ofQueue = async <T>(operation: string, queue: string, input: object = {}): Promise<T> =>
  call<T>(operation, {QueueUrl: await urlOf(queue), ...input});

export async function attributesOf(queue: string): Promise<Record<string, string>> {
  const input = {AttributeNames: ["All"]};
  return (await ofQueue<{Attributes?: Record<string, string>}>("GetQueueAttributes", queue, input)).Attributes ?? {};
}

export const send = (queue: string, sending: Sending) => ofQueue<{MessageId: string}>("SendMessage", queue, sendInput(sending));
export const remove = (queue: string, handle: string) => ofQueue("DeleteMessage", queue, {ReceiptHandle: handle});
export const purge = (queue: string) => ofQueue("PurgeQueue", queue);

export async function deleteQueue(queue: string): Promise<void> {
  await ofQueue("DeleteQueue", queue);
  urls.delete(queue);
}

export async function createQueue(queue: NewQueue): Promise<void> {
  const arn = queue.deadLetters ? (await attributesOf(queue.deadLetters))["QueueArn"] ?? "" : "";
  await call("CreateQueue", createInput(queue, () => arn));
}

export interface MoveTask {
  Status: string;
  TaskHandle?: string;
  DestinationArn?: string;
  ApproximateNumberOfMessagesMoved: number;
  ApproximateNumberOfMessagesToMove: number;
  StartedTimestamp: number;
  FailureReason?: string;
}

export async function moveTasks(sourceArn: string): Promise<MoveTask[]> {
  return (await call<{Results?: MoveTask[]}>("ListMessageMoveTasks", {SourceArn: sourceArn, MaxResults: 10})).Results ?? [];
}

export const startMove = (sourceArn: string, destinationArn: string, perSecond: string) =>
  call("StartMessageMoveTask", {
    SourceArn: sourceArn,
    ...(destinationArn ? {DestinationArn: destinationArn} : {}),
    ...(perSecond ? {MaxNumberOfMessagesPerSecond: Number(perSecond)} : {}),
  });

export const cancelMove = (handle: string) => call("CancelMessageMoveTask", {TaskHandle: handle});
