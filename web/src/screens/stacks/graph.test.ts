import assert from "node:assert/strict";
import {test} from "node:test";
import {heights, lane, layout, type Edge} from "./graph";

const at = (ids: string[], edges: Edge[]) => new Map(layout(ids, edges).places.map((place) => [place.id, place]));
const edge = (text: string): Edge => ({from: text[0] as string, to: text[1] as string});

test("a node stands left of all that it uses", () => {
  const edges = ["ab", "bc", "ac", "dc"].map(edge);
  const places = at(["a", "b", "c", "d"], edges);
  for (const {from, to} of edges) assert.ok((places.get(from)?.column ?? 9) < (places.get(to)?.column ?? 0), from + to);
  assert.equal(places.get("c")?.column, 2);
});

test("no two nodes have one place", () => {
  const ids = Array.from({length: 60}, (_, n) => `n${n}`);
  const edges = ids.flatMap((from, n) => [7, 13].map((by) => ({from, to: ids[n + by] ?? "outside"})));
  const {places, columns, rows} = layout(ids, edges);
  assert.equal(new Set(places.map(({column, row}) => `${column} ${row}`)).size, 60);
  assert.ok(places.every(({column, row}) => column >= 0 && column < columns && row >= 0 && row <= rows - 1));
});

test("nodes are ordered so that lines need not cross", () => {
  const places = at(["a", "b", "x", "y"], ["ay", "bx"].map(edge));
  const row = (id: string) => places.get(id)?.row ?? NaN;
  assert.equal(Math.sign(row("a") - row("b")), Math.sign(row("y") - row("x")));
});

test("what is tied to nothing stands below the rest", () => {
  const places = at(["l", "a", "b", "m"], [edge("ab")]);
  assert.deepEqual([places.get("l")?.row, places.get("m")?.row], [1, 1]);
  assert.equal(places.get("a")?.row, 0);
});

test("a ring ends, and an empty graph is one", () => {
  assert.deepEqual([...heights(["a", "b"], [edge("ab"), edge("ba")]).keys()].sort(), ["a", "b"]);
  assert.equal(layout(["a", "b", "c"], ["ab", "bc", "ca"].map(edge)).places.length, 3);
  assert.deepEqual(layout([], []), {places: [], columns: 0, rows: 0});
});

test("a line over other columns goes where no node is", () => {
  const place = (column: number, row: number) => ({id: `${column} ${row}`, column, row});
  const row = [place(0, 0), place(1, 0), place(2, 0)];
  assert.equal(lane(place(0, 0), place(1, 0), row), undefined);
  assert.equal(Math.abs(lane(place(0, 0), place(2, 0), row) ?? 0), 0.5);
  assert.equal(lane(place(0, 0), place(2, 0), [place(0, 0), place(1, 1), place(2, 0)]), 0);
  const full = [0, 1, 2, 3].map((n) => place(1, n));
  assert.equal(lane(place(0, 1), place(2, 2), full), 1.5);
});
