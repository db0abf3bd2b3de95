// Where the nodes of a graph are drawn: in columns, each node left of all that it uses, ordered so that few lines cross.

export interface Edge {
  from: string;
  to: string;
}
export interface Place {
  id: string;
  column: number;
  row: number; // may lie between rows, so that short columns stand in the middle
}
export interface Layout {
  places: Place[];
  columns: number;
  rows: number;
}

const sweeps = 6;

// The longest way from a node to one that uses nothing. A ring, which CloudFormation would refuse, is cut where it closes.
export function heights(ids: readonly string[], edges: readonly Edge[]): Map<string, number> {
  const targets = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const {from, to} of edges) if (targets.has(to)) targets.get(from)?.push(to);
  const done = new Map<string, number>();
  const open = new Set<string>();
  const height = (id: string): number => {
    const known = done.get(id);
    if (known !== undefined) return known;
    if (open.has(id)) return -1;
    open.add(id);
    const found = 1 + Math.max(-1, ...(targets.get(id) ?? []).map(height));
    open.delete(id);
    done.set(id, found);
    return found;
  };
  for (const id of ids) height(id);
  return done;
}

// Each node goes to the mean place of its neighbours in the other columns, again and again, from the right and from the left.
function order(columns: string[][], edges: readonly Edge[]): void {
  const neighbours = new Map<string, string[]>();
  const add = (a: string, b: string) => neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
  for (const {from, to} of edges) {
    add(from, to);
    add(to, from);
  }
  const place = new Map<string, number>();
  const note = (column: string[]) => column.forEach((id, row) => place.set(id, row - (column.length - 1) / 2));
  columns.forEach(note);
  for (let sweep = 0; sweep < sweeps; ++sweep) {
    for (const column of sweep % 2 === 0 ? [...columns].reverse() : columns) {
      const wanted = new Map(column.map((id) => {
        const near = (neighbours.get(id) ?? []).map((other) => place.get(other)).filter((one) => one !== undefined);
        return [id, near.length > 0 ? near.reduce((sum, one) => sum + one, 0) / near.length : (place.get(id) ?? 0)];
      }));
      column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      note(column);
    }
  }
}

// Nodes that are tied to no other stand together in a block of their own, below.
export function layout(ids: readonly string[], edges: readonly Edge[]): Layout {
  const known = new Set(ids);
  const inside = edges.filter(({from, to}) => known.has(from) && known.has(to) && from !== to);
  const tied = new Set(inside.flatMap(({from, to}) => [from, to]));
  const height = heights(ids.filter((id) => tied.has(id)), inside);
  const count = Math.max(0, ...[...height.values()].map((one) => one + 1));
  const columns: string[][] = Array.from({length: count}, () => []);
  for (const [id, one] of height) columns[count - 1 - one]?.push(id);
  order(columns, inside);
  const tiedRows = Math.max(0, ...columns.map((column) => column.length));
  const places = columns.flatMap((column, index) =>
    column.map((id, row) => ({id, column: index, row: row + (tiedRows - column.length) / 2})));
  const loose = ids.filter((id) => !tied.has(id));
  const width = Math.max(count, Math.min(loose.length, 4));
  loose.forEach((id, index) => places.push({id, column: index % width, row: tiedRows + Math.floor(index / width)}));
  return {places, columns: width, rows: tiedRows + Math.ceil(loose.length / Math.max(1, width))};
}

const clearance = 0.45; // of the middle of a node, in rows: beyond it there is room for a line

// The row, or the gap between rows, in which a line over other columns meets no node; undefined for neighbours.
export function lane(from: Place, to: Place, places: readonly Place[]): number | undefined {
  const between = places.filter(({column}) => column > from.column && column < to.column).map(({row}) => row);
  if (between.length === 0) return undefined;
  const straight = (from.row + to.row) / 2;
  const last = Math.max(...places.map(({row}) => row));
  const gaps = Array.from({length: 2 * Math.ceil(last) + 3}, (_, n) => (n - 1) / 2);
  const free = [straight, ...gaps].filter((at) => between.every((row) => Math.abs(row - at) >= clearance));
  return free.sort((a, b) => Math.abs(a - straight) - Math.abs(b - straight))[0];
}
