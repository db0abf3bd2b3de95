// A table of what is known, with a frame; a wide one scrolls sideways inside it.
import type {ComponentChildren} from "preact";
import "./fact_table.css";

interface Props {
  label: string;
  titles: readonly string[];
  children: ComponentChildren; // rows
  below?: ComponentChildren;
  fills?: boolean; // as high as there is room, and scrolls then; else as high as it is
}

export function FactTable({label, titles, children, below, fills = false}: Props) {
  return (
    <div class={fills ? "fact-table fact-table-fills" : "fact-table"} role="region" aria-label={label} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {titles.map((title) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {below}
    </div>
  );
}
