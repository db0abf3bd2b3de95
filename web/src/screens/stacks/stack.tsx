// One stack: what it has, what happened, what it gives.
import {signal} from "@preact/signals";
import {useEffect} from "preact/hooks";
import {CopyButton} from "../../components/copy_button";
import {confirm} from "../../components/dialog";
import {Editor} from "../../components/editor";
import {FactTable} from "../../components/fact_table";
import {Failure} from "../../components/failure";
import {Heading} from "../../components/heading";
import {Tabs} from "../../components/tabs";
import {dateTime} from "../../i18n";
import {usePolled} from "../../polled";
import {follow, go, href, route, setQuery} from "../../router";
import {writes} from "../../session";
import {deleteStack, describeStack, listChangeSets, stackEvents, stackResources, templateText, type Stack, type StackEvent,
  type StackResource} from "./cloudformation";
import {Events} from "./events";
import {isAtRest} from "./links";
import {Status} from "./marks";
import {readTemplate} from "./references";
import {Resources} from "./resources";
import {texts} from "./texts";

const soon_ms = 500;
const calm_ms = 2500;
const eager_ms = 4000; // what was begun here shows at once

const begun = signal(0); // when this page last began a deployment
export const refused = signal<{stack: string; failure: unknown} | undefined>(undefined); // what came of it, if it was not taken

export function begin(): void {
  begun.value = Date.now();
  refused.value = undefined;
}

interface Known {
  stack: Stack;
  resources: StackResource[];
  events: StackEvent[];
  processed: string;
  templateOf: string; // which state of the stack the template is of
}

async function load(name: string, before: Known | undefined): Promise<Known> {
  const stack = await describeStack(name);
  const [resources, fresh] = await Promise.all([stackResources(stack.id), stackEvents(stack.id, before?.events[0]?.id)]);
  const templateOf = `${stack.changeSet} ${stack.updated} ${stack.status}`;
  const isKnown = before && (before.templateOf === templateOf || !isAtRest(stack.status));
  const processed = isKnown ? before.processed : await templateText(stack.id, "Processed").catch(() => "");
  const events = [...fresh, ...(before?.events ?? [])];
  return {stack, resources, events, processed, templateOf: isKnown ? before.templateOf : templateOf};
}

function pause(known: Known | undefined): number {
  const isMoving = (known && !isAtRest(known.stack.status)) || Date.now() - begun.peek() < eager_ms;
  return isMoving ? soon_ms : calm_ms;
}

// The names of what a deletion takes, and of what its template lets stay.
async function remove(stack: Stack, resources: StackResource[], processed: string): Promise<void> {
  const t = texts.peek();
  const declared = readTemplate(processed)?.Resources ?? {};
  const lines = resources
    .filter(({status}) => status !== "DELETE_COMPLETE")
    .map(({logicalId, physicalId}) => {
      const stays = declared[logicalId]?.DeletionPolicy === "Retain";
      return `${logicalId}  ${physicalId}${stays ? `  (${t.kept})` : ""}`;
    });
  const text = lines.length > 0 ? t.removeText(lines.join("\n")) : t.removeNothing;
  if (!(await confirm({title: t.removeTitle(stack.name), text, action: t.remove}))) return;
  begin();
  deleteStack(stack.id).catch((failure: unknown) => (refused.value = {stack: stack.id, failure}));
  go(href("stacks", {stack: stack.id, tab: "events"}));
}

function Outputs({stack}: {stack: Stack}) {
  const t = texts.value;
  if (stack.outputs.length === 0) return <p class="quiet-text">{t.noOutputs}</p>;
  return (
    <FactTable label={t.outputs} titles={[t.name, t.value, t.description, t.exportName]} fills>
      {stack.outputs.map((output) => (
        <tr key={output.key}>
          <th scope="row"><bdi>{output.key}</bdi></th>
          <td class="fact-long">
            <span class="line"><code><bdi>{output.value}</bdi></code> <CopyButton text={output.value} /></span>
          </td>
          <td><bdi>{output.description}</bdi></td>
          <td><bdi>{output.exportName}</bdi></td>
        </tr>
      ))}
    </FactTable>
  );
}

function Parameters({stack}: {stack: Stack}) {
  const t = texts.value;
  if (stack.parameters.length === 0) return <p class="quiet-text">{t.noParameters}</p>;
  return (
    <FactTable label={t.parameters} titles={[t.name, t.value]} fills>
      {stack.parameters.map(({key, value}) => (
        <tr key={key}>
          <th scope="row"><bdi>{key}</bdi></th>
          <td class="fact-long"><bdi>{value}</bdi></td>
        </tr>
      ))}
    </FactTable>
  );
}

const pretty = (text: string) => {
  const template = readTemplate(text);
  return template ? JSON.stringify(template, null, 2) : text;
};

function Template({stack, processed}: {stack: Stack; processed: string}) {
  const t = texts.value;
  const stage = route.value.query.get("stage") === "processed" ? "processed" : "original";
  const {value, failure} = usePolled(`${stack.id} ${stack.updated} ${stack.status}`, () => templateText(stack.id, "Original"),
    () => 60_000);
  const text = stage === "processed" ? pretty(processed) : (value ?? "");
  return (
    <>
      <div class="controls">
        <label>
          <span class="hidden">{t.stage}</span>
          <select value={stage} onChange={(event) =>
            setQuery({stage: event.currentTarget.value === "processed" ? "processed" : ""})}>
            <option value="original">{t.original}</option>
            <option value="processed">{t.processed}</option>
          </select>
        </label>
        <CopyButton text={text} />
      </div>
      <Failure of={failure} />
      <Editor label={t.template} value={text} language={text.trimStart().startsWith("{") ? "json" : "yaml"} readOnly
        size="large" />
    </>
  );
}

// A stack that was only planned.
function Plans({stack}: {stack: Stack}) {
  const t = texts.value;
  const {value} = usePolled(stack.id, () => listChangeSets(stack.name), () => calm_ms);
  return (
    <section class="panel">
      <p>{t.review}</p>
      <ul>
        {value?.map(({name, status}) => (
          <li key={name}>
            <a href={href("stacks", {stack: stack.name, plan: name})} onClick={follow}><bdi>{name}</bdi></a>{" "}
            <Status of={status} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Actions({known}: {known: Known}) {
  const t = texts.value;
  const {stack, resources, processed} = known;
  const isGone = stack.status === "DELETE_COMPLETE";
  if (isGone) return null;
  const busy = !isAtRest(stack.status);
  return (
    <div class="line">
      {stack.status !== "REVIEW_IN_PROGRESS" && (
        <button type="button" {...writes(busy)} onClick={() => setQuery({edit: "1"}, "push")}>
          {t.change}
        </button>
      )}
      <button type="button" class="danger" {...writes(busy)} onClick={() => void remove(stack, resources, processed)}>
        {t.remove}
      </button>
    </div>
  );
}

function Body({known, tab}: {known: Known; tab: string}) {
  const {stack, resources, events, processed} = known;
  switch (tab) {
    case "events":
      return <Events events={events} />;
    case "outputs":
      return <Outputs stack={stack} />;
    case "parameters":
      return <Parameters stack={stack} />;
    case "template":
      return <Template stack={stack} processed={processed} />;
    default:
      return <Resources resources={resources} template={processed} />;
  }
}

export function StackView({name}: {name: string}) {
  const t = texts.value;
  const {value: known, failure, again} = usePolled<Known>(name, (before) => load(name, before), pause);
  useEffect(() => {
    if (Date.now() - begun.value < eager_ms) again();
  }, [begun.value]);
  const tab = route.value.query.get("tab") ?? "resources";
  const tabs = (["resources", "events", "outputs", "parameters", "template"] as const).map((id) => ({id, title: t[id]}));
  const stack = known?.stack;
  const own = refused.value !== undefined && [name, stack?.id, stack?.name].includes(refused.value.stack);
  return (
    <section class="screen stacks">
      <Heading screen="stacks" all={t.title} name={stack?.name ?? name}>
        {stack && <Status of={stack.status} />}
        {stack && <time class="quiet-text">{dateTime(Math.max(stack.created, stack.updated, stack.deleted))}</time>}
        <span class="grow" />
        {known && <Actions known={known} />}
      </Heading>
      {stack?.description && <p class="quiet-text"><bdi>{stack.description}</bdi></p>}
      <Failure of={failure} />
      {own && <Failure of={refused.value?.failure} />}
      {stack?.status === "REVIEW_IN_PROGRESS" && <Plans stack={stack} />}
      {known && (
        <Tabs label={t.parts} tabs={tabs} chosen={tab}
          onChoose={(id) => setQuery({tab: id === "resources" ? "" : id, resource: ""})}>
          <Body known={known} tab={tab} />
        </Tabs>
      )}
    </section>
  );
}
