// All clients that croft knows, as the page shows them. src/console/client_row.h says what a row is.
export type ClientRow = [
  id: string, status: number, since: number, reason: string, version: number, address: string, principal: string, thing: string,
  keepAlive: number, protocol: string, expiry: number, subscriptions: number,
];

export interface Client {
  id: string;
  connected: boolean;
  since: number;
  reason: string;
  version: number;
  address: string;
  principal: string;
  thing: string;
  keepAlive: number;
  protocol: string;
  expiry: number;
  subscriptions: number;
  changes: number; // so often it changed while the page looked
  changedAt: number; // 0: not while the page looked
  text: string; // what a filter without a field looks in
}

export const sortable = ["id", "status", "since", "reason", "version", "address", "principal", "thing", "protocol"] as const;
export type SortField = (typeof sortable)[number];
export interface Order {
  field: SortField;
  down: boolean;
}

export function readRow(row: ClientRow): Client {
  const [id, status, since, reason, version, address, principal, thing, keepAlive, protocol, expiry, subscriptions] = row;
  return {
    id, connected: status === 1, since, reason, version, address, principal, thing, keepAlive, protocol, expiry, subscriptions,
    changes: 0, changedAt: 0, text: `${id}\n${reason}\n${address}\n${principal}\n${thing}`.toLowerCase(),
  };
}

function key(client: Client, field: SortField): string | number {
  return field === "status" ? (client.connected ? 0 : 1) : client[field];
}

// The client id decides between equals, so that the order is one.
export function comparison({field, down}: Order): (a: Client, b: Client) => number {
  const sign = down ? -1 : 1;
  return (a, b) => {
    const x = key(a, field), y = key(b, field);
    if (x < y) return -sign;
    if (x > y) return sign;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  };
}

// Words that must all be found: "pump" anywhere, "reason:LOST" in a field, "-reason:LOST" not there.
export function filter(text: string): (client: Client) => boolean {
  const tests = text.trim().toLowerCase().split(/\s+/).filter(Boolean).map(wordTest);
  return (client) => tests.every((test) => test(client));
}

function wordTest(word: string): (client: Client) => boolean {
  const not = word.length > 1 && word.startsWith("-");
  const wanted = not ? word.slice(1) : word;
  const found = /^([a-z]+):(.+)$/.exec(wanted);
  const field = found?.[1], value = found?.[2] ?? "";
  let test = (client: Client) => client.text.includes(wanted);
  if (field === "status") test = (client) => (client.connected ? "connected" : "disconnected").startsWith(value);
  else if (sortable.includes(field as SortField)) test = (client) => String(client[field as Exclude<SortField, "status">]).toLowerCase().includes(value);
  return not ? (client) => !test(client) : test;
}

// The clients in order, filtered. Changes are merged in: with so many clients sorting them all for each is too slow.
export class ClientTable {
  readonly all = new Map<string, Client>();
  view: Client[] = [];
  connected = 0;
  private order: Order;
  private passes: (client: Client) => boolean = () => true;
  private gone: Set<string> | undefined; // while the list is read: clients that went meanwhile
  private began = 0; // of the reading

  constructor(order: Order) {
    this.order = order;
  }

  // The whole list is read again; what is shown stays until it is replaced.
  beginReading(now: number): void {
    this.gone = new Set();
    this.began = now;
  }

  // What the feed told since the reading began may be newer than the page. What was known before is older, whatever its
  // version: croft may have been started anew, with nothing kept.
  addPage(rows: ClientRow[]): void {
    const added: Client[] = [], replaced = new Set<Client>();
    for (const row of rows) {
      const known = this.all.get(row[0]);
      if (this.gone?.has(row[0]) || (known && known.changedAt >= this.began && isNewer(known, row))) continue;
      const client = readRow(row);
      if (known) replaced.add(known);
      this.put(client, known);
      added.push(client);
    }
    this.merge(replaced, added.filter(this.passes));
  }

  // `seen` are the ids of all pages; others are no more.
  endReading(seen: Set<string>): void {
    for (const client of [...this.all.values()])
      if (!seen.has(client.id) && client.changedAt < this.began) this.remove(client);
    this.gone = undefined;
    this.arrange();
  }

  // What the feed told: the newest row of each client. Returns how many were applied.
  apply(rows: Iterable<ClientRow>, now: number): number {
    const changed = new Set<Client>();
    const removed = new Set<Client>();
    for (const row of rows) {
      const known = this.all.get(row[0]);
      if (known) removed.add(known);
      if (row[1] === -1) {
        if (known) this.remove(known);
        this.gone?.add(row[0]);
        continue;
      }
      this.gone?.delete(row[0]);
      const client = readRow(row);
      client.changes = (known?.changes ?? 0) + 1;
      client.changedAt = now;
      this.put(client, known);
      changed.add(client);
    }
    this.merge(removed, [...changed].filter(this.passes));
    return changed.size + removed.size;
  }

  sortBy(order: Order): void {
    this.order = order;
    this.view.sort(comparison(order));
  }

  show(text: string): void {
    this.passes = filter(text);
    this.arrange();
  }

  private put(client: Client, known: Client | undefined): void {
    this.connected += Number(client.connected) - Number(known?.connected ?? false);
    this.all.set(client.id, client);
  }

  private remove(client: Client): void {
    this.connected -= Number(client.connected);
    this.all.delete(client.id);
  }

  private arrange(): void {
    this.view = [...this.all.values()].filter(this.passes).sort(comparison(this.order));
  }

  // Few changes are found by halving, many by going through all once.
  private merge(removed: Set<Client>, added: Client[]): void {
    const compare = comparison(this.order);
    if (removed.size + added.length <= spliced_max) {
      for (const client of removed) {
        const at = place(this.view, client, compare);
        if (this.view[at] === client) this.view.splice(at, 1);
      }
      for (const client of added) this.view.splice(place(this.view, client, compare), 0, client);
      return;
    }
    added.sort(compare);
    const merged: Client[] = [];
    let next = 0;
    for (const client of this.view) {
      if (removed.has(client)) continue;
      for (let one = added[next]; one && compare(one, client) < 0; one = added[++next]) merged.push(one);
      merged.push(client);
    }
    for (; next < added.length; ++next) merged.push(added[next] as Client);
    this.view = merged;
  }
}

const spliced_max = 100;

// Where `client` is in the ordered list, or would be.
function place(list: readonly Client[], client: Client, compare: (a: Client, b: Client) => number): number {
  let from = 0, to = list.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compare(list[middle] as Client, client) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function isNewer(known: Client, row: ClientRow): boolean {
  return known.version > row[4] || (known.version === row[4] && !known.connected && row[1] === 1);
}
