// A list, or what to do when it is empty, or that nothing matches its filter.
import type {ComponentChildren} from "preact";
import {Empty} from "./empty";
import {VirtualTable, type Column} from "./virtual_table";

interface Props<Row> {
  label: string;
  count: number | undefined; // without the filter; undefined: not read yet
  rows: readonly Row[];
  columns: Column<Row>[];
  idOf: (row: Row) => string;
  classOf?: (row: Row) => string;
  onOpen: (row: Row) => void;
  empty: ComponentChildren;
  noMatch: string;
}

export function ListBody<Row>({count, empty, noMatch, ...table}: Props<Row>) {
  if (count === undefined) return null;
  if (count === 0) return <>{empty}</>;
  return table.rows.length === 0 ? <Empty title={noMatch} /> : <VirtualTable {...table} selected="" />;
}
