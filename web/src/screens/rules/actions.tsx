// What a rule does: AWS's documents, beginnings of each kind, and where they lead.
import {useEffect, useMemo, useState} from "preact/hooks";
import {awsRest} from "../../api";
import {Editor, type Mark} from "../../components/editor";
import {Failure} from "../../components/failure";
import {useHere} from "../../here";
import {follow, href} from "../../router";
import {writes} from "../../session";
import {place} from "./data";
import {drafts, write} from "./drafts";
import {actionsOf, DraftError, errorActionOf, letsIn, pretty, targetOf, type Action, type Draft, type Target} from "./rule";
import {kinds, skeleton} from "./skeletons";
import {texts} from "./texts";

function Chooser({label, onChoose}: {label: string; onChoose: (kind: string) => void}) {
  return (
    <label>
      <span class="hidden">{label}</span>
      <select value="" onChange={(event) => {
        if (event.currentTarget.value) onChoose(event.currentTarget.value);
        event.currentTarget.value = "";
      }}>
        <option value="">{label}</option>
        {kinds.map((kind) => (
          <option key={kind} value={kind}>
            {kind}
          </option>
        ))}
      </select>
    </label>
  );
}

// Whether a function's resource policy lets the rule in: as AWS's console does, the page offers to add what is missing.
function Permission({name, ruleArn}: {name: string; ruleArn: string}) {
  const t = texts.value;
  const [state, setState] = useState<"asked" | "allowed" | "refused" | "missing">("asked");
  const [failure, setFailure] = useState<unknown>(undefined);
  const isHere = useHere(`${name} ${ruleArn}`);
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}`;
  const found = async () => {
    try {
      await awsRest("lambda", "GET", `${path}/configuration`);
    } catch {
      return "missing";
    }
    try {
      const {Policy: policy} = await awsRest<{Policy: string}>("lambda", "GET", `${path}/policy`);
      return letsIn(policy, ruleArn) ? "allowed" : "refused";
    } catch {
      return "refused"; // it has none
    }
  };
  const look = async () => {
    const now = await found();
    if (isHere()) setState(now);
  };
  useEffect(() => {
    setState("asked");
    void look();
  }, [name, ruleArn]);
  const allow = async () => {
    try {
      await awsRest("lambda", "POST", `${path}/policy`, {
        StatementId: `iot-${ruleArn.replace(/.*\//, "")}`.slice(0, 100), Action: "lambda:InvokeFunction", Principal: "iot.amazonaws.com", SourceArn: ruleArn,
      });
      setFailure(undefined);
      await look();
    } catch (error) {
      setFailure(error);
    }
  };
  return (
    <>
      {state === "allowed" && <span class="quiet-text">{t.allowed}</span>}
      {state === "missing" && <span class="warm-text">{t.noFunction}</span>}
      {state === "refused" && (
        <>
          <span class="warm-text">{t.notAllowed}</span>
          <button type="button" class="quiet" {...writes()} onClick={() => void allow()}>
            {t.allow}
          </button>
        </>
      )}
      <Failure of={failure} />
    </>
  );
}

function TargetRow({target, ruleArn, isError}: {target: Target; ruleArn: string; isError: boolean}) {
  const t = texts.value;
  return (
    <li class="rules-target">
      <span class="badge">{target.kind}</span>
      {target.link ? (
        <a href={href(target.link.screen, target.link.query)} onClick={follow}>
          <bdi>{target.name}</bdi>
        </a>
      ) : (
        <bdi>{target.name}</bdi>
      )}
      {isError && <span class="quiet-text">{t.isErrorAction}</span>}
      {target.kind === "lambda" && target.link && ruleArn && <Permission name={target.name} ruleArn={ruleArn} />}
    </li>
  );
}

// The last that could be read stays while something is half written.
function parsedOr<T>(read: () => T, otherwise: T): {value: T; error: DraftError | undefined} {
  try {
    return {value: read(), error: undefined};
  } catch (error) {
    return {value: otherwise, error: error instanceof DraftError ? error : undefined};
  }
}

function Targets({draft, ruleArn}: {draft: Draft; ruleArn: string}) {
  const t = texts.value;
  const actions = parsedOr(() => actionsOf(draft), []).value;
  const onError = parsedOr(() => errorActionOf(draft), undefined).value;
  const row = (action: Action, isError: boolean, key: string) => {
    const target = targetOf(action);
    return target && <TargetRow key={key} target={target} ruleArn={ruleArn} isError={isError} />;
  };
  return (
    <section class="panel" aria-label={t.targets}>
      <h2>{t.targets}</h2>
      {actions.length === 0 && !onError ? (
        <p class="quiet-text">{t.noTargets}</p>
      ) : (
        <ul class="rules-targets">
          {actions.map((action, index) => row(action, false, `${index}`))}
          {onError && row(onError, true, "error")}
        </ul>
      )}
    </section>
  );
}

const marksOf = (text: string, error: DraftError | undefined): Mark[] =>
  error ? [{from: Math.max(0, Math.min(error.at, text.length - 1)), to: Math.min(error.at + 1, text.length), message: error.message}] : [];

export function Actions({name, ruleArn}: {name: string; ruleArn: string}) {
  const t = texts.value;
  const draft = drafts.value.get(name)?.draft;
  const [failure, setFailure] = useState<unknown>(undefined);
  const marks = useMemo(() => (draft ? marksOf(draft.actions, parsedOr(() => actionsOf(draft), []).error) : []), [draft?.actions]);
  const errorMarks = useMemo(() => (draft ? marksOf(draft.errorAction, parsedOr(() => errorActionOf(draft), undefined).error) : []), [draft?.errorAction]);
  if (!draft) return null;
  const add = async (kind: string) => {
    try {
      const made = skeleton(kind, await place());
      const now = drafts.peek().get(name)?.draft; // what was written meanwhile is in it
      if (now) write(name, {actions: pretty([...actionsOf(now), made])});
      setFailure(undefined);
    } catch (error) {
      setFailure(error);
    }
  };
  const setErrorAction = async (kind: string) => write(name, {errorAction: pretty(skeleton(kind, await place()))});
  return (
    <div class="rules-actions">
      <div class="pair">
        <section class="panel pile" aria-label={t.actionsTitle}>
          <div class="line">
            <h2 class="grow">{t.actionsTitle}</h2>
            <Chooser label={t.add} onChoose={(kind) => void add(kind)} />
          </div>
          <p class="quiet-text">{t.actionsHint}</p>
          <Editor label={t.actionsTitle} value={draft.actions} language="json" size="large" marks={marks} onChange={(actions) => write(name, {actions})} />
          <Failure of={failure} />
        </section>
        <section class="panel pile" aria-label={t.errorActionTitle}>
          <div class="line">
            <h2 class="grow">{t.errorActionTitle}</h2>
            <Chooser label={t.setErrorAction} onChoose={(kind) => void setErrorAction(kind)} />
          </div>
          <p class="quiet-text">{t.errorActionHint}</p>
          <Editor label={t.errorActionTitle} value={draft.errorAction} language="json" size="large" marks={errorMarks} onChange={(errorAction) => write(name, {errorAction})} />
        </section>
      </div>
      <Targets draft={draft} ruleArn={ruleArn} />
    </div>
  );
}
