// What a stack has, as a graph of who uses whom and as a table with the same facts.
import {useMemo} from "preact/hooks";
import {FactTable} from "../../components/fact_table";
import {follow, href, route} from "../../router";
import type {StackResource} from "./cloudformation";
import {lane, layout, type Layout, type Place} from "./graph";
import {colourOf, screenOf, toneOf, typeParts} from "./links";
import {Physical, Status} from "./marks";
import {readTemplate, usesIn, type Use} from "./references";
import {texts} from "./texts";

const node = {width: 212, height: 52};
const gap = {x: 56, y: 20};
const margin = 16;
const name_max = 21;

const left = (place: Place) => margin + place.column * (node.width + gap.x);
const top = (place: Place) => margin + place.row * (node.height + gap.y);
const cut = (text: string, max: number) => (text.length > max ? `${text.slice(0, max - 1)}…` : text);

const middle = (row: number) => margin + row * (node.height + gap.y) + node.height / 2;

// From the right side of one to the left side of the other; over other columns in a lane that is free.
function way(from: Place, to: Place, places: Place[]): string {
  const x1 = left(from) + node.width;
  const y1 = middle(from.row);
  const x2 = left(to) - 7; // the arrow's
  const y2 = middle(to.row);
  const free = lane(from, to, places);
  const curve = (x: number, y: number, toX: number, toY: number) =>
    `C${(x + toX) / 2} ${y} ${(x + toX) / 2} ${toY} ${toX} ${toY}`;
  if (free === undefined) return `M${x1} ${y1}${curve(x1, y1, x2, y2)}`;
  const y = middle(free);
  const inX = x1 + gap.x;
  const outX = x2 - gap.x;
  return `M${x1} ${y1}${curve(x1, y1, inX, y)}L${outX} ${y}${curve(outX, y, x2, y2)}`;
}

function Line({from, to, use, places}: {from: Place; to: Place; use: Use; places: Place[]}) {
  return (
    <path class="stacks-edge" data-edge={`${use.from} ${use.to}`} d={way(from, to, places)} marker-end="url(#stacks-arrow)">
      <title>{`${use.from} → ${use.to}: ${use.how.join(", ")}`}</title>
    </path>
  );
}

// Where a node leads: to the screen that shows it, or else to its row below.
function target(resource: StackResource): string {
  const to = screenOf(resource.type, resource.physicalId, resource.status);
  if (to) return href(to.screen, to.query);
  const query = new URLSearchParams(route.peek().query);
  query.set("resource", resource.logicalId);
  return href("stacks", query);
}

function Node({resource, place, uses}: {resource: StackResource; place: Place; uses: Use[]}) {
  const {service, kind} = typeParts(resource.type);
  const label = texts.value.node(resource.logicalId, resource.type, resource.status, uses.map(({to}) => to).join(", "));
  return (
    <a class="stacks-node" href={target(resource)} onClick={follow}>
      <title>{label}</title>
      <g transform={`translate(${left(place)} ${top(place)})`}>
        <rect class="stacks-box" width={node.width} height={node.height} rx="7" />
        <rect class={`stacks-stripe stacks-c${colourOf(resource.type)}`} x="0" y="9" width="4" height={node.height - 18} rx="2" />
        <text class="stacks-name" x="16" y="22">
          {cut(resource.logicalId, name_max)}
        </text>
        <text class="stacks-kind" x="16" y="40">
          {cut(`${service} · ${kind}`, name_max + 4)}
        </text>
        <circle class={`stacks-dot stacks-${toneOf(resource.status)}`} cx={node.width - 15} cy="36" r="4" />
      </g>
    </a>
  );
}

function Graph({resources, uses, drawn}: {resources: StackResource[]; uses: Use[]; drawn: Layout}) {
  const t = texts.value;
  const places = new Map(drawn.places.map((place) => [place.id, place]));
  const width = 2 * margin + drawn.columns * (node.width + gap.x) - gap.x;
  const height = 2 * margin + drawn.rows * (node.height + gap.y) - gap.y;
  return (
    <div class="stacks-graph" role="group" aria-label={t.graph} tabIndex={0}>
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        <defs>
          <marker id="stacks-arrow" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path class="stacks-arrow" d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        {uses.map((use) => {
          const from = places.get(use.from);
          const to = places.get(use.to);
          return from && to ? <Line key={`${use.from} ${use.to}`} from={from} to={to} use={use} places={drawn.places} /> : null;
        })}
        {resources.map((resource) => {
          const place = places.get(resource.logicalId);
          return place ? <Node key={resource.logicalId} resource={resource} place={place}
            uses={uses.filter(({from}) => from === resource.logicalId)} /> : null;
        })}
      </svg>
    </div>
  );
}

function Table({resources, uses}: {resources: StackResource[]; uses: Use[]}) {
  const t = texts.value;
  const chosen = route.value.query.get("resource");
  return (
    <FactTable label={t.resources} titles={[t.logicalId, t.type, t.physicalId, t.status, t.uses]}>
      {resources.map((one) => (
        <tr key={one.logicalId} class={one.logicalId === chosen ? "stacks-chosen" : ""}>
          <th scope="row">
            <bdi>{one.logicalId}</bdi>
          </th>
          <td>{one.type}</td>
          <td class="fact-long">
            <Physical type={one.type} id={one.physicalId} status={one.status} />
          </td>
          <td>
            <Status of={one.status} />
            {one.reason && <p class="warm-text"><bdi>{one.reason}</bdi></p>}
          </td>
          <td>
            {uses.filter(({from}) => from === one.logicalId).map(({to, how}) => (
              <div key={to} class="stacks-use">
                <bdi>{to}</bdi> <span class="quiet-text">{how.join(", ")}</span>
              </div>
            ))}
          </td>
        </tr>
      ))}
    </FactTable>
  );
}

// `template` is the processed form, "" when it is not known.
export function Resources({resources, template}: {resources: StackResource[]; template: string}) {
  const t = texts.value;
  const uses = useMemo(() => usesIn(readTemplate(template) ?? {}), [template]);
  const ids = resources.map(({logicalId}) => logicalId);
  const drawn = useMemo(() => layout(ids, uses), [ids.join("\n"), uses]);
  if (resources.length === 0) return <p class="quiet-text">{t.noResources}</p>;
  return (
    <div class="stacks-scroll">
      <Graph resources={resources} uses={uses} drawn={drawn} />
      <p class="quiet-text">{t.graphHint}</p>
      <Table resources={resources} uses={uses} />
    </div>
  );
}
