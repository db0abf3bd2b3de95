// Lines over time by uPlot, which is loaded with the first chart. Screen readers get a sentence.
import {useEffect, useRef} from "preact/hooks";
import type uPlot from "uplot";
import {isDark} from "../settings";

export interface Line {
  label: string;
  color: string; // a custom property of the style sheet: "--good"
  scale: "left" | "right";
  fill?: boolean;
}

interface Props {
  summary: string;
  lines: Line[];
  times: number[]; // seconds
  values: number[][]; // of each line
  span?: number; // seconds up to now; an hour
}

const height = 150;
const hour_s = 3600;

function hourAndMinute(second: number): string {
  const time = new Date(second * 1000);
  return `${String(time.getHours()).padStart(2, "0")}:${String(time.getMinutes()).padStart(2, "0")}`;
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function options(lines: Line[], width: number, span: number): uPlot.Options {
  const grid = {stroke: color("--line"), width: 1};
  const axis = {stroke: color("--quiet"), grid, ticks: {show: false}, font: "11px system-ui"};
  return {
    width,
    height,
    legend: {show: false},
    cursor: {show: false},
    padding: [8, 4, 0, 4],
    scales: {
      x: {range: () => [Date.now() / 1000 - span, Date.now() / 1000]},
      left: {range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)]}, right: {range: (_plot, _min, max) => [0, Math.max(4, max * 1.1)]},
    },
    axes: [{...axis, size: 28, values: (_plot, seconds) => seconds.map(hourAndMinute)}, {...axis, scale: "left", size: 46}, {...axis, scale: "right", side: 1, size: 46, grid: {show: false}}],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        scale: line.scale,
        stroke: color(line.color),
        width: 1.5,
        points: {show: false},
        ...(line.fill ? {fill: `${color(line.color)}22`} : {}),
      })),
    ],
  };
}

export function Chart({summary, lines, times, values, span = hour_s}: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const data = useRef<uPlot.AlignedData>([times, ...values]);
  data.current = [times, ...values];
  const dark = isDark.value;

  useEffect(() => {
    let gone = false;
    let watch: ResizeObserver | undefined;
    const element = place.current;
    void import("uplot").then(({default: Plot}) => {
      if (gone || !element) return;
      plot.current = new Plot(options(lines, element.clientWidth, span), data.current, element);
      watch = new ResizeObserver(() => plot.current?.setSize({width: element.clientWidth, height}));
      watch.observe(element);
    });
    return () => {
      gone = true;
      watch?.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [dark, lines.map((line) => line.label).join()]);

  useEffect(() => plot.current?.setData([times, ...values]));

  return (
    <figure class="chart">
      <figcaption>
        {lines.map((line) => (
          <span key={line.label} class="key">
            <span class={`swatch swatch${line.color}`} aria-hidden="true" />
            {line.label}
          </span>
        ))}
      </figcaption>
      <div class="plot" ref={place} role="img" aria-label={summary} style={{height: `${height}px`}} />
    </figure>
  );
}
