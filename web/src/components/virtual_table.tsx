// A table of any length: only the rows in sight are in the document. Keyboard: arrows, Page Up and Down, Home and End move,
// Enter opens. For screen readers it is a grid that tells its whole size.
import type {ComponentChildren} from "preact";
import {useEffect, useLayoutEffect, useRef, useState} from "preact/hooks";

export interface Column<Row> {
  id: string;
  title: string;
  width: string; // of CSS grid: "minmax(8rem, 2fr)"
  cell: (row: Row) => ComponentChildren;
  sort?: "ascending" | "descending" | "none"; // undefined: cannot be sorted by
  needs: number; // pixels; where there is no room for all columns, the last of them go
  note?: string; // small, behind the title
  align?: "end";
}

interface Props<Row> {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  idOf: (row: Row) => string;
  classOf?: (row: Row) => string;
  selected: string; // an id, "" for none
  onOpen?: (row: Row) => void;
  onSort?: (column: string) => void;
  sortLabel?: (title: string) => string;
  wide?: boolean; // all columns are there, and the table scrolls sideways
  onEnd?: () => void; // the last rows are near
  onSpace?: (row: Row) => void; // the space bar on a row
}

const rowHeight = 34;
const overscan = 8;

// Those that fit, from the first on.
function fitting<Row>(columns: Column<Row>[], width: number): Column<Row>[] {
  let left = width;
  const end = columns.findIndex((column, index) => (left -= column.needs) < 0 && index > 0);
  return end < 0 ? columns : columns.slice(0, end);
}

export function VirtualTable<Row>(props: Props<Row>) {
  const {rows, idOf} = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({top: 0, height: 600, width: 0});
  const [active, setActive] = useState(0);
  const columns = props.wide ? props.columns : fitting(props.columns, place.width);
  const width = props.wide ? {minWidth: `${columns.reduce((sum, column) => sum + column.needs, 0)}px`} : {};
  const template = columns.map((column) => column.width).join(" ");

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => setPlace({top: element.scrollTop, height: element.clientHeight, width: element.clientWidth});
    look();
    const watch = new ResizeObserver(look);
    watch.observe(element);
    element.addEventListener("scroll", look, {passive: true});
    return () => {
      watch.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);

  const first = Math.max(0, Math.floor(place.top / rowHeight) - overscan);
  const last = Math.min(rows.length, Math.ceil((place.top + place.height) / rowHeight) + overscan);
  const activeIndex = Math.min(active, rows.length - 1);
  const nearEnd = place.width > 0 && last + overscan >= rows.length;
  useEffect(() => {
    if (nearEnd) props.onEnd?.();
  }, [nearEnd, rows.length]);

  const moveTo = (index: number) => {
    const element = scroller.current;
    const to = Math.max(0, Math.min(rows.length - 1, index));
    setActive(to);
    if (!element) return;
    const head = rowHeight; // the column titles lie above the rows
    const top = to * rowHeight;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowHeight + head > element.scrollTop + element.clientHeight) element.scrollTop = top + rowHeight + head - element.clientHeight;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== scroller.current) return;
    const page = Math.max(1, Math.floor(place.height / rowHeight) - 2);
    const steps: Record<string, number> = {
      ArrowDown: activeIndex + 1, ArrowUp: activeIndex - 1, PageDown: activeIndex + page, PageUp: activeIndex - page, Home: 0, End: rows.length - 1,
    };
    const to = steps[event.key];
    const row = rows[activeIndex];
    if (to !== undefined) moveTo(to);
    else if (event.key === "Enter" && row !== undefined) props.onOpen?.(row);
    else if (event.key === " " && row !== undefined && props.onSpace) props.onSpace(row);
    else return;
    event.preventDefault();
  };

  const visible = [];
  for (let index = first; index < last; ++index) {
    const row = rows[index] as Row;
    const id = idOf(row);
    const classes = ["row", index === activeIndex ? "active" : "", id === props.selected ? "selected" : "", props.classOf?.(row) ?? ""];
    visible.push(
      <div
        key={id}
        id={`row-${index}`}
        class={classes.filter(Boolean).join(" ")}
        role="row"
        aria-rowindex={index + 2}
        aria-selected={id === props.selected}
        style={{transform: `translateY(${index * rowHeight}px)`, gridTemplateColumns: template}}
        onClick={() => {
          setActive(index);
          props.onOpen?.(row);
        }}
      >
        {columns.map((column) => (
          <div key={column.id} role="gridcell" class={`cell cell-${column.id} ${column.align ?? ""}`}>
            {column.cell(row)}
          </div>
        ))}
      </div>,
    );
  }

  return (
    <div
      class="table"
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={activeIndex >= first && activeIndex < last ? `row-${activeIndex}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div class="head" role="row" aria-rowindex={1} style={{gridTemplateColumns: template, ...width}}>
        {columns.map((column) => (
          <div key={column.id} role="columnheader" class={`cell ${column.align ?? ""}`} aria-sort={column.sort}>
            {column.sort === undefined ? (
              <>
                {column.title}
                {column.note && <span class="note">{column.note}</span>}
              </>
            ) : (
              <button type="button" onClick={() => props.onSort?.(column.id)} title={props.sortLabel?.(column.title)}>
                {column.title}
                <span class="arrow" aria-hidden="true">
                  {column.sort === "ascending" ? "▲" : column.sort === "descending" ? "▼" : ""}
                </span>
              </button>
            )}
          </div>
        ))}
      </div>
      <div class="rows" role="rowgroup" style={{height: `${rows.length * rowHeight}px`, ...width}}>
        {visible}
      </div>
    </div>
  );
}
