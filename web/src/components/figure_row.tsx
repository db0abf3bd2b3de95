// Numbers with their names, side by side.
import "./figure_row.css";

export interface Figure {
  label: string;
  value: string;
  isBad?: boolean;
}

export function FigureRow({figures}: {figures: readonly Figure[]}) {
  return (
    <dl class="figure-row">
      {figures.map(({label, value, isBad}) => (
        <div key={label} class={isBad ? "figure-bad" : ""}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
