// The items that a search has found so far, page by page, and kept as they are now: changes of the table go into them.
import {signal} from "@preact/signals";
import {call} from "./dynamo";
import {finds, placeOf, requestOf, shownOf, type Request, type Search} from "./search";
import {keyNames, type Table} from "./table";
import {attribute, idOf, same, sameItem, typeOf, type Item} from "./values";

export interface Row {
  id: string;
  item: Item;
  changes: number;
  changedAt: number; // 0: as it was read
}

interface Page {
  Items: Item[];
  ScannedCount: number;
  LastEvaluatedKey?: Item;
  ConsumedCapacity?: {CapacityUnits: number};
}

// What the feed tells: src/console/item_changes.h. true is an item that is too large to be told.
export interface Change {
  t: number;
  k: Item;
  o: Item | true | null;
  n: Item | true | null;
  ttl?: boolean;
}

export class Reader {
  readonly rows = signal<readonly Row[]>([]);
  readonly reading = signal(false);
  readonly done = signal(false);
  readonly failure = signal<unknown>(undefined);
  readonly units = signal(0);
  readonly scanned = signal(0);
  readonly took = signal(0);
  readonly types = new Map<string, Set<string>>(); // of each attribute seen
  readonly request: Request | undefined;
  private readonly keys: string[];
  private readonly byId = new Map<string, Row>();
  private from: Item | undefined;
  private changedMeanwhile: Change[] = [];
  private over = false;

  constructor(readonly table: Table, readonly search: Search) {
    this.keys = keyNames(table);
    try {
      this.request = requestOf(table, search);
    } catch (error) {
      this.failure.value = error;
    }
  }

  end(): void {
    this.over = true;
  }

  // The next page; of a filter that finds little as many as it takes to find something, up to a limit.
  async more(): Promise<void> {
    if (this.reading.peek() || this.done.peek() || this.over || !this.request) return;
    this.reading.value = true;
    this.failure.value = undefined;
    try {
      const before = this.rows.peek().length;
      for (let pages = 0; pages < 20 && !this.done.peek() && !this.over
        && this.rows.peek().length === before; ++pages) await this.page(this.request);
    } catch (error) {
      this.failure.value = error;
    }
    this.reading.value = false;
  }

  private async page({operation, input}: Request): Promise<void> {
    this.changedMeanwhile = [];
    const began = performance.now();
    const page = await call<Page>(operation, this.from ? {...input, ExclusiveStartKey: this.from} : input);
    if (this.over) return;
    this.took.value += performance.now() - began;
    this.units.value += page.ConsumedCapacity?.CapacityUnits ?? 0;
    this.scanned.value += page.ScannedCount;
    this.from = page.LastEvaluatedKey;
    this.done.value = !page.LastEvaluatedKey;
    const fresh = page.Items.map((item) => this.rowOf(item)).filter((row) => !this.byId.has(row.id));
    for (const row of fresh) this.byId.set(row.id, row);
    this.rows.value = [...this.rows.peek(), ...fresh];
    // What changed while the page was on its way may be newer than it.
    this.apply(this.changedMeanwhile);
  }

  private rowOf(item: Item, changes = 0): Row {
    this.see(item);
    return {id: idOf(this.keys, item), item, changes, changedAt: changes > 0 ? Date.now() : 0};
  }

  private see(item: Item): void {
    for (const [name, value] of Object.entries(item)) {
      const known = this.types.get(name);
      if (known) known.add(typeOf(value));
      else this.types.set(name, new Set([typeOf(value)]));
    }
  }

  // Items as they are now. Of items that are too large the caller has asked.
  apply(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    if (this.reading.peek()) this.changedMeanwhile = [...this.changedMeanwhile, ...changes];
    let rows: Row[] | undefined;
    for (const change of changes) {
      const id = idOf(this.keys, change.k);
      const now = change.n === null || change.n === true ? undefined : change.n;
      const wanted = now && finds(this.table, this.search, now) ? shownOf(this.table, this.search, now) : undefined;
      const old = this.byId.get(id);
      if (old && wanted && sameItem(old.item, wanted)) continue;
      rows ??= [...this.rows.peek()];
      if (old && wanted) this.replace(rows, old, wanted);
      else if (old && change.n !== true) this.remove(rows, old);
      else if (wanted) this.insert(rows, wanted);
    }
    if (rows) this.rows.value = rows;
  }

  private replace(rows: Row[], old: Row, item: Item): void {
    const row = this.rowOf(item, old.changes + 1);
    this.byId.set(row.id, row);
    rows[rows.indexOf(old)] = row;
  }

  private remove(rows: Row[], old: Row): void {
    this.byId.delete(old.id);
    rows.splice(rows.indexOf(old), 1);
  }

  // A new item is shown where it belongs among what was read; what comes after that is read later.
  private insert(rows: Row[], item: Item): void {
    const at = placeOf(this.table, this.search, rows.map((row) => row.item), item);
    if (at === rows.length && !this.done.peek()) return;
    const row = this.rowOf(item, 1);
    this.byId.set(row.id, row);
    rows.splice(at, 0, row);
  }
}

export interface Difference {
  name: string;
  before: Item[string] | undefined;
  after: Item[string] | undefined;
}

// What a change did, attribute by attribute.
export function differences(before: Item | true | null, after: Item | true | null): Difference[] {
  const old = before === true || before === null ? {} : before, now = after === true || after === null ? {} : after;
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort();
  return names.flatMap((name) => {
    const was = attribute(old, name), is = attribute(now, name);
    return was && is && same(was, is) ? [] : [{name, before: was, after: is}];
  });
}
