import assert from "node:assert/strict";
import {test} from "node:test";
import {ClientTable, comparison, filter, readRow, type ClientRow} from "./clients";

function row(id: string, more: {status?: number; since?: number; version?: number; reason?: string; thing?: string} = {}): ClientRow {
  const {status = 1, since = 0, version = 1, reason = "", thing = ""} = more;
  return [id, status, since, reason, version, "127.0.0.1", "anonymous", thing, 30, "5.0", 0, 0];
}

function ids(table: ClientTable): string {
  return table.view.map((client) => client.id).join("");
}

function tableOf(...rows: ClientRow[]): ClientTable {
  const table = new ClientTable({field: "id", down: false});
  table.beginReading(1);
  table.addPage(rows);
  table.endReading(new Set(rows.map(([id]) => id)));
  return table;
}

test("changes are merged into the order", () => {
  const table = tableOf(row("b"), row("d"), row("f"));
  table.apply([row("a"), row("e"), row("g"), row("d", {status: 0, version: 1})], 5);
  assert.equal(ids(table), "abdefg");
  assert.equal(table.connected, 5);
  assert.equal(table.all.get("d")?.changes, 1);
});

test("merging and sorting anew agree", () => {
  let seed = 7;
  const random = (below: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (const field of ["id", "since", "status", "version"] as const) {
    const table = tableOf(...Array.from({length: 300}, (_, n) => row(`c${n}`, {since: random(9)})));
    const order = {field, down: random(2) === 1};
    table.sortBy(order);
    table.show("-c1");
    for (let round = 0; round < 40; ++round) {
      const rows = Array.from({length: round % 2 ? 5 : 300}, () => row(`c${random(400)}`, {status: random(3) - 1, since: random(9), version: random(3)}));
      table.apply(new Map(rows.map((one) => [one[0], one])).values(), round);
      assert.deepEqual(table.view, [...table.all.values()].filter(filter("-c1")).sort(comparison(order)));
      assert.equal(table.connected, [...table.all.values()].filter((client) => client.connected).length);
    }
  }
});

test("a page that was read earlier does not undo what the feed told", () => {
  const table = new ClientTable({field: "id", down: false});
  table.beginReading(4);
  table.apply([row("a", {status: 0, version: 3}), ["gone", -1] as unknown as ClientRow, row("b", {version: 8})], 5);
  table.addPage([row("a", {status: 1, version: 3}), row("gone"), row("b", {status: 0, version: 7})]);
  table.endReading(new Set(["a", "gone", "b"]));
  assert.equal(ids(table), "ab");
  assert.equal(table.all.get("a")?.connected, false);
  assert.equal(table.all.get("b")?.connected, true);
});

test("who is not in the list that was read again is no more", () => {
  const table = tableOf(row("a"), row("b"));
  table.beginReading(10);
  table.apply([row("new")], 20);
  table.addPage([row("b")]);
  table.endReading(new Set(["b"]));
  assert.equal(ids(table), "bnew");
});

test("a client that changes while the list is read anew is there once", () => {
  const table = tableOf(row("a"), row("b"), row("c"));
  table.sortBy({field: "since", down: true});
  table.beginReading(10);
  table.addPage([row("a", {since: 1}), row("b", {since: 2}), row("c", {since: 3})]);
  table.apply([row("a", {since: 9, status: 0})], 20);
  assert.equal(ids(table), "acb");
});

test("a croft that was started anew begins its versions anew", () => {
  const table = tableOf(row("a", {version: 7}));
  table.apply([row("a", {version: 8})], 5);
  table.beginReading(10);
  table.addPage([row("a", {version: 0, status: 0})]);
  table.endReading(new Set(["a"]));
  assert.deepEqual([table.all.get("a")?.version, table.all.get("a")?.connected, table.connected], [0, false, 0]);
});

test("words of a filter must all be found, in their field when they name one", () => {
  const client = readRow(row("Pump-7", {status: 0, reason: "CONNECTION_LOST", thing: "pump"}));
  for (const yes of ["", "pump", "PUMP-7", "reason:lost", "status:disc", "thing:pump reason:connection", "-status:connected", "-tank"])
    assert.equal(filter(yes)(client), true, yes);
  for (const no of ["tank", "reason:pump", "status:connected", "-pump", "pump tank", "unknown:pump"])
    assert.equal(filter(no)(client), false, no);
});
