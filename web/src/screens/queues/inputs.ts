// What SQS is told, made from what the forms hold.
export interface Attribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: string; // base64
}

export interface Sending {
  body: string;
  delay: string; // seconds, "": as the queue says
  group: string;
  deduplication: string;
  attributes: {name: string; type: string; value: string}[];
}

// The form as SendMessage takes it; what is empty is not sent.
export function sendInput(sending: Sending): Record<string, unknown> {
  const named = sending.attributes.filter(({name}) => name !== "");
  const attributes = named.map(({name, type, value}) =>
    [name, {DataType: type, [type.startsWith("Binary") ? "BinaryValue" : "StringValue"]: value}]);
  return {
    MessageBody: sending.body,
    ...(sending.delay === "" ? {} : {DelaySeconds: Number(sending.delay)}),
    ...(sending.group ? {MessageGroupId: sending.group} : {}),
    ...(sending.deduplication ? {MessageDeduplicationId: sending.deduplication} : {}),
    ...(named.length > 0 ? {MessageAttributes: Object.fromEntries(attributes)} : {}),
  };
}

export interface NewQueue {
  name: string;
  fifo: boolean;
  contentDeduplication: boolean;
  visibility: string;
  delay: string;
  retention: string;
  deadLetters: string; // a queue's name, "" for none
  maxReceives: string;
}

// A FIFO queue's name ends so: what is typed without it is completed.
export const fullName = ({name, fifo}: {name: string; fifo: boolean}): string =>
  (fifo && !name.endsWith(".fifo") ? `${name}.fifo` : name);

export function createInput(queue: NewQueue, arnOf: (name: string) => string):
  {QueueName: string; Attributes: Record<string, string>} {
  return {
    QueueName: fullName(queue),
    Attributes: {
      ...(queue.fifo ? {FifoQueue: "true"} : {}),
      ...(queue.fifo && queue.contentDeduplication ? {ContentBasedDeduplication: "true"} : {}),
      ...(queue.visibility ? {VisibilityTimeout: queue.visibility} : {}),
      ...(queue.delay ? {DelaySeconds: queue.delay} : {}),
      ...(queue.retention ? {MessageRetentionPeriod: queue.retention} : {}),
      ...(queue.deadLetters ? {RedrivePolicy: JSON.stringify({deadLetterTargetArn: arnOf(queue.deadLetters),
        maxReceiveCount: Number(queue.maxReceives) || 0})} : {}),
    },
  };
}

// The bytes of an attribute's value, as a payload shows them.
export function attributeBytes(attribute: Attribute): Uint8Array {
  if (attribute.BinaryValue === undefined) return new TextEncoder().encode(attribute.StringValue ?? "");
  return Uint8Array.from(atob(attribute.BinaryValue), (one) => one.charCodeAt(0));
}
