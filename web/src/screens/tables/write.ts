// Many items into a table: by BatchWriteItem, and what DynamoDB did not get to again; one by one where it refuses a batch, so
// that each refusal has its line.
import type {Item} from "./values";

export type Call = <T>(operation: string, input: unknown) => Promise<T>;
export type Write = {put: Item} | {erase: Item};
export interface Entry {
  line: number;
  id: string; // of the item: a batch may not have one twice
  write: Write;
}
export interface Refused {
  line: number;
  why: string;
}
export interface Progress {
  written: number;
  refused: Refused[];
}

export const batch_max = 25; // Source: DynamoDB API Reference, BatchWriteItem
const batch_bytes_max = 4 * 1024 * 1024;
const patience_ms = [50, 100, 200, 400, 800, 1600, 3200];

type Request = {PutRequest: {Item: Item}} | {DeleteRequest: {Key: Item}};
const requestOf = ({write}: Entry): Request => ("put" in write ? {PutRequest: {Item: write.put}}
  : {DeleteRequest: {Key: write.erase}});
const text = (error: unknown) => (error instanceof Error ? error.message : String(error));

export class BatchWriter {
  readonly progress: Progress = {written: 0, refused: []};
  private waiting: Entry[] = [];
  private ids = new Set<string>();
  private bytes = 0;

  constructor(
    private readonly call: Call,
    private readonly table: string,
    private readonly stop: AbortSignal,
    private readonly pause: (ms: number) => Promise<void> = (ms) => new Promise((go) => setTimeout(go, ms)),
  ) {}

  // In their order: a later entry of the same item is written after the earlier one.
  async add(entry: Entry): Promise<void> {
    const size = JSON.stringify(entry.write).length;
    if (this.ids.has(entry.id) || this.waiting.length === batch_max || this.bytes + size > batch_bytes_max) await this.flush();
    this.waiting.push(entry);
    this.ids.add(entry.id);
    this.bytes += size;
  }

  async flush(): Promise<void> {
    const entries = this.waiting;
    this.waiting = [];
    this.ids = new Set();
    this.bytes = 0;
    if (entries.length === 0 || this.stop.aborted) return;
    try {
      await this.writeAll(entries);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      for (const entry of entries) await this.writeOne(entry);
    }
  }

  private async writeAll(entries: Entry[]): Promise<void> {
    let requests = entries.map(requestOf);
    for (let tries = 0; requests.length > 0 && !this.stop.aborted; ++tries) {
      const before = requests.length;
      const answer: {UnprocessedItems?: Record<string, Request[]>} = await this.call("BatchWriteItem",
        {RequestItems: {[this.table]: requests}});
      requests = answer.UnprocessedItems?.[this.table] ?? [];
      this.progress.written += before - requests.length;
      if (requests.length > 0) await this.pause(patience_ms[Math.min(tries, patience_ms.length - 1)] as number);
    }
  }

  private async writeOne(entry: Entry): Promise<void> {
    if (this.stop.aborted) return;
    const [operation, input] = "put" in entry.write ? ["PutItem", {Item: entry.write.put}]
      : ["DeleteItem", {Key: entry.write.erase}];
    try {
      await this.call(operation as string, {TableName: this.table, ...(input as object)}); // which says more than a batch does
      ++this.progress.written;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.progress.refused.push({line: entry.line, why: text(error)});
    }
  }
}

// What DynamoDB says of an item, not of the connection or of the table.
function isRefusal(error: unknown): boolean {
  return error instanceof Error && "code" in error
    && (error.code === "ValidationException" || error.code === "SerializationException");
}
