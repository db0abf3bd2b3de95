// A template on its way to a stack: written, pasted or dropped here, checked as it changes, its parameters as a form.
import {signal} from "@preact/signals";
import {useEffect, useState} from "preact/hooks";
import {Command} from "../../components/empty";
import {Editor} from "../../components/editor";
import {Failure, failureText} from "../../components/failure";
import {Heading} from "../../components/heading";
import {useHere} from "../../here";
import {go, href} from "../../router";
import {writes} from "../../session";
import {asInput, createChangeSet, describeStack, templateSummary, templateText, type Declared, type ParameterValue, type Summary}
  from "./cloudformation";
import {example} from "./example";
import {placeIn, wantsLocalCode} from "./links";
import {texts} from "./texts";

const check_after_ms = 350;

// What is being written, which stays when a plan is looked at and left again.
interface Draft {
  stack: string; // "" for a new one
  name: string;
  template: string;
  values: Record<string, string>;
  acknowledged: boolean;
}
const fresh = (stack: string): Draft => ({stack, name: stack, template: "", values: {}, acknowledged: false});
const draft = signal<Draft>(fresh(""));
const set = (part: Partial<Draft>) => (draft.value = {...draft.peek(), ...part});

interface Checked {
  template: string;
  summary?: Summary;
  failure?: unknown;
}

// Checks what was written when nothing more was typed for a moment.
function useCheck(template: string): {checked: Checked | undefined; isCurrent: boolean} {
  const [checked, setChecked] = useState<Checked | undefined>(undefined);
  useEffect(() => {
    if (template.trim() === "") return setChecked(undefined);
    let over = false;
    const tell = (result: Checked) => over || setChecked(result);
    const timer = setTimeout(() => {
      asInput(template).then(templateSummary).then(
        (summary) => tell({template, summary}),
        (failure: unknown) => tell({template, failure}),
      );
    }, check_after_ms);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [template]);
  return {checked, isCurrent: checked?.template === template};
}

function TemplateField({template, failure}: {template: string; failure: unknown}) {
  const t = texts.value;
  const [over, setOver] = useState(false);
  const take = (file: File | undefined) => void file?.text().then((text) => set({template: text}));
  const at = failure === undefined ? undefined : placeIn(template, failureText(failure));
  const end = (from: number) => Math.max(from + 1, template.indexOf("\n", from));
  const marks = at === undefined ? [] : [{from: at, to: end(at), message: failureText(failure)}];
  return (
    <div class={over ? "stacks-drop stacks-over" : "stacks-drop"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files[0]);
      }}>
      <div class="controls">
        <label class="button">
          {t.openFile}
          <input class="hidden" type="file" accept=".yml,.yaml,.json,.template,.txt"
            onChange={(event) => take(event.currentTarget.files?.[0])} />
        </label>
        {template === "" && <button type="button" onClick={() => set({template: example})}>{t.example}</button>}
        <span class="quiet-text">{t.dropHint}</span>
      </div>
      <Editor label={t.template} value={template} onChange={(text) => set({template: text})} marks={marks} hint={t.dropHint}
        language={template.trimStart().startsWith("{") ? "json" : "yaml"} size="large" />
    </div>
  );
}

function Parameter({of: one, value, before}: {of: Declared; value: string; before: ParameterValue | undefined}) {
  const t = texts.value;
  const change = (text: string) => set({values: {...draft.peek().values, [one.key]: text}});
  const keeps = one.noEcho && before !== undefined;
  return (
    <label>
      <span>
        <bdi>{one.key}</bdi> <span class="quiet-text">{one.type}</span>
      </span>
      {one.allowed.length > 0 ? (
        <select value={value} onChange={(event) => change(event.currentTarget.value)}>
          {!one.allowed.includes(value) && <option value={value}>{value}</option>}
          {one.allowed.map((allowed) => <option key={allowed} value={allowed}>{allowed}</option>)}
        </select>
      ) : (
        <input type={one.noEcho ? "password" : "text"} autocomplete="off" value={value} placeholder={keeps ? t.noEchoHint : ""}
          onInput={(event) => change(event.currentTarget.value)} />
      )}
      {one.description && <span class="quiet-text"><bdi>{one.description}</bdi></span>}
    </label>
  );
}

function Side({summary, before, usesFolders}: {summary: Summary; before: ParameterValue[]; usesFolders: boolean}) {
  const t = texts.value;
  const {name, values, acknowledged} = draft.value;
  return (
    <>
      <p class="good-text" role="status">{t.checked(summary.types)}</p>
      {summary.description && <p class="quiet-text"><bdi>{summary.description}</bdi></p>}
      {summary.parameters.length > 0 && (
        <fieldset class="stacks-fields">
          <legend>{t.parameters}</legend>
          {summary.parameters.map((one) => (
            <Parameter key={one.key} of={one} value={values[one.key] ?? initial(one, before)}
              before={before.find(({key}) => key === one.key)} />
          ))}
        </fieldset>
      )}
      {summary.capabilities.length > 0 && (
        <fieldset class="stacks-fields">
          <legend>{t.capabilities}</legend>
          {summary.capabilitiesReason && <p class="quiet-text">{summary.capabilitiesReason}</p>}
          <label class="stacks-check">
            <input type="checkbox" checked={acknowledged}
              onChange={(event) => set({acknowledged: event.currentTarget.checked})} />
            <span>{t.acknowledge(summary.capabilities.join(", "))}</span>
          </label>
        </fieldset>
      )}
      {usesFolders && (
        <>
          <p class="quiet-text">{t.localCode}</p>
          <Command text={`croft deploy template.yml --stack-name ${name || "NAME"} --capabilities CAPABILITY_IAM`} />
        </>
      )}
    </>
  );
}

// As the stack has it, else as the template says. A value that is not shown stays empty: as before.
function initial(one: Declared, before: ParameterValue[]): string {
  const known = before.find(({key}) => key === one.key);
  return known && !one.noEcho ? known.value : (one.noEcho && known ? "" : (one.defaultValue ?? ""));
}

function parametersOf(summary: Summary, before: ParameterValue[], values: Record<string, string>) {
  return summary.parameters.map((one) => {
    const value = values[one.key] ?? initial(one, before);
    const stays = one.noEcho && value === "" && before.some(({key}) => key === one.key);
    return stays ? {key: one.key} : {key: one.key, value};
  });
}

// The stack's own template and values, once.
function useStack(stack: string): {before: ParameterValue[]; failure: unknown} {
  const [before, setBefore] = useState<ParameterValue[]>([]);
  const [failure, setFailure] = useState<unknown>(undefined);
  useEffect(() => {
    const isKept = draft.peek().stack === stack && draft.peek().template !== "";
    if (!isKept) draft.value = fresh(stack);
    if (stack === "") return;
    let over = false;
    Promise.all([describeStack(stack), isKept ? "" : templateText(stack, "Original")]).then(
      ([known, template]) => {
        if (over) return;
        setBefore(known.parameters);
        const written = draft.peek().template; // meanwhile
        set({template: written || template, acknowledged: known.capabilities.length > 0});
      },
      (failure: unknown) => over || setFailure(failure),
    );
    return () => {
      over = true;
    };
  }, [stack]);
  return {before, failure};
}

export function Deploy({stack}: {stack: string}) {
  const t = texts.value;
  const {before, failure: unread} = useStack(stack);
  const {name, template, values, acknowledged} = draft.value;
  const {checked, isCurrent} = useCheck(template);
  const [planning, setPlanning] = useState(false);
  const isHere = useHere();
  const [failure, setFailure] = useState<unknown>(undefined);
  const summary = checked?.summary;
  const ready = isCurrent && summary !== undefined && (summary.capabilities.length === 0 || acknowledged) && !planning;
  const plan = async (event: Event) => {
    event.preventDefault();
    if (!ready) return;
    setPlanning(true);
    setFailure(undefined);
    try {
      const input = {stack: name, isCreation: stack === "", template: await asInput(template),
        parameters: parametersOf(summary, before, values), capabilities: summary.capabilities};
      const made = await createChangeSet(input);
      if (isHere()) go(href("stacks", {stack: name, plan: made}));
    } catch (error) {
      setFailure(error);
      setPlanning(false);
    }
  };
  const refusal = isCurrent ? checked?.failure : undefined;
  const usesFolders = summary?.types.includes("AWS::Serverless::Function") === true && !/InlineCode|s3:\/\//.test(template);
  return (
    <form class="screen stacks" onSubmit={(event) => void plan(event)}>
      <Heading screen="stacks" all={t.title} name={stack ? t.changeTitle(stack) : t.newTitle} />
      <Failure of={unread} />
      <div class="columns stacks-columns">
        <div class="side">
          <label>
            {t.stackName}
            <input required pattern="[A-Za-z][A-Za-z0-9\-]{0,127}" title={t.stackNameRule} disabled={stack !== ""}
              value={stack || name}
              onInput={(event) => set({name: event.currentTarget.value})} />
          </label>
          {template.trim() !== "" && !isCurrent && <p class="quiet-text" role="status">{t.checking}</p>}
          <Failure of={refusal} />
          {refusal !== undefined && wantsLocalCode(failureText(refusal)) && <p>{t.localCode}</p>}
          {summary && <Side summary={summary} before={before} usesFolders={usesFolders} />}
          <Failure of={failure} />
          <div class="stacks-buttons">
            <button type="submit" class="main" {...writes(!ready)}>{planning ? t.planning : t.plan}</button>
          </div>
        </div>
        <TemplateField template={template} failure={refusal} />
      </div>
    </form>
  );
}
