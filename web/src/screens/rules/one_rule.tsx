// One rule, or one that is being written.
import {useEffect, useState} from "preact/hooks";
import {ApiError} from "../../api";
import {confirm} from "../../components/dialog";
import {Failure} from "../../components/failure";
import {FigureRow, type Figure} from "../../components/figure_row";
import {Back} from "../../components/heading";
import {StackLink} from "../../components/stack_link";
import {Tabs} from "../../components/tabs";
import {useHere} from "../../here";
import {usePolled} from "../../polled";
import {go, href, route, setQuery} from "../../router";
import {writes} from "../../session";
import {Actions} from "./actions";
import {begin, oneRule, remove, save, setEnabled, type RulePage} from "./data";
import {drafts, drop, forget, settled} from "./drafts";
import {Failures} from "./failures";
import {DraftError, sameDraft, type RuleRow} from "./rule";
import {Statement} from "./statement";
import {texts} from "./texts";

const looked_every_ms = 1000;

export function State({row}: {row: RuleRow}) {
  const t = texts.value;
  if (row.problem) return <span class="badge bad" title={row.problem}>{t.broken}</span>;
  return (
    <span class={`status ${row.ruleDisabled ? "off" : "on"}`}>
      <span class="dot" aria-hidden="true" />
      {row.ruleDisabled ? t.disabled : t.enabled}
    </span>
  );
}

function figuresOf({metrics}: RuleRow): Figure[] {
  const t = texts.value;
  const {topicMatch, parseError, executed, evaluationFailure, actions, errorActions} = metrics;
  const n = (value: number) => value.toLocaleString();
  const wrong = (label: string, value: number) => (value > 0 ? [{label, value: n(value), isBad: true}] : []);
  const outcome = (label: string, {success, failure}: {success: number; failure: number}) =>
    ({label, value: `${n(success)} / ${n(failure)}`, isBad: failure > 0});
  return [
    {label: t.figures.matched, value: n(topicMatch)},
    {label: t.figures.executed, value: n(executed)},
    {label: t.figures.notTrue, value: n(Math.max(0, topicMatch - executed - evaluationFailure))},
    ...wrong(t.figures.parseError, parseError),
    ...wrong(t.figures.failure, evaluationFailure),
    ...actions.map((one) => outcome(t.action(one.action), one)),
    ...errorActions.map((one) => outcome(t.errorAction(one.action), one)),
  ];
}

// What a failed save says; a document that is no JSON leads to where it is written.
function saveFailure(error: unknown): unknown {
  if (error instanceof DraftError) {
    setQuery({tab: "actions"});
    return `JSON: ${error.message}`;
  }
  return error;
}

function SaveBar({name, wanted, page, onSaved}: {name: string; wanted: string; page: RulePage | undefined; onSaved: () => void}) {
  const t = texts.value;
  const kept = drafts.value.get(name);
  const [state, setState] = useState<{failure: unknown; saved: boolean}>({failure: undefined, saved: false});
  const isHere = useHere();
  const isNew = name === "";
  const isWritten = kept !== undefined && !sameDraft(kept.saved, kept.draft);
  const submit = async () => {
    if (!kept) return;
    try {
      await save(isNew ? wanted : name, kept.draft, page?.ruleDisabled ?? false, isNew);
    } catch (error) {
      return setState({failure: saveFailure(error), saved: false});
    }
    setState({failure: undefined, saved: true});
    if (isNew) {
      forget("");
      if (isHere()) go(href("rules", {rule: wanted}));
    } else {
      settled(name, kept.draft);
      onSaved();
    }
  };
  const revert = async () => {
    if (await confirm({title: t.revertTitle, text: t.revertText(name || t.newRule), action: t.revert})) drop(name);
  };
  return (
    <>
      <div class="line rules-save">
        <span class={isWritten ? "warm-text" : "good-text"} role="status">
          {isWritten && !isNew ? t.unsaved : state.saved ? t.saved : ""}
        </span>
        {isWritten && !isNew && (
          <button type="button" onClick={() => void revert()}>
            {t.revert}
          </button>
        )}
        <button type="button" class="main" {...writes(isNew ? wanted === "" : !isWritten)} onClick={() => void submit()}>
          {isNew ? t.saveNew : t.save}
        </button>
      </div>
      {state.failure !== undefined && (
        <div class="rules-save-failure">
          <Failure of={state.failure} />
        </div>
      )}
    </>
  );
}

function Parts({name, ruleArn}: {name: string; ruleArn: string}) {
  const t = texts.value;
  const tab = route.value.query.get("tab") ?? "statement";
  const isNew = name === "";
  const tabs = [
    {id: "statement", title: t.tabs.statement},
    {id: "actions", title: t.tabs.actions},
    ...(isNew ? [] : [{id: "failures", title: t.tabs.failures}]),
  ];
  const chosen = tabs.some((one) => one.id === tab) ? tab : "statement";
  return (
    <Tabs label={t.tabs.label} tabs={tabs} chosen={chosen} onChoose={(id) => setQuery({tab: id === "statement" ? "" : id})}>
      {chosen === "statement" && <Statement key={name} name={name} isNew={isNew} />}
      {chosen === "actions" && <Actions key={name} name={name} ruleArn={ruleArn} />}
      {chosen === "failures" && <Failures key={name} name={name} />}
    </Tabs>
  );
}

export function NewRule() {
  const t = texts.value;
  const [wanted, setWanted] = useState("");
  return (
    <section class="screen screen-rules">
      <header class="heading">
        <Back screen="rules" text={t.back} />
        <h1>{t.newRule}</h1>
        <label class="line">
          <span class="quiet-text">{t.name}</span>
          <input value={wanted} placeholder={t.nameHint} maxLength={128} spellcheck={false} onInput={(event) => setWanted(event.currentTarget.value.trim())} />
        </label>
        <SaveBar name="" wanted={wanted} page={undefined} onSaved={() => undefined} />
      </header>
      <Parts name="" ruleArn="" />
    </section>
  );
}

export function OneRule({name}: {name: string}) {
  const t = texts.value;
  const {value: page, failure, again} = usePolled(`rule ${name}`, () => oneRule(name), () => looked_every_ms);
  const [refused, setRefused] = useState<unknown>(undefined);
  const isHere = useHere();
  useEffect(() => {
    if (page) void begin(name, page.rule);
  }, [name, page]);
  const turn = async (run: () => Promise<unknown>) => {
    try {
      await run();
      setRefused(undefined);
      again();
    } catch (error) {
      setRefused(error);
    }
  };
  const erase = async () => {
    if (!(await confirm({title: t.removeTitle, text: t.removeText(name), action: t.remove}))) return;
    await turn(async () => {
      await remove(name);
      forget(name);
      if (isHere()) go(href("rules"));
    });
  };
  const isGone = failure instanceof ApiError && failure.status === 404;
  if (isGone) return <section class="screen screen-rules"><Back screen="rules" text={t.back} /><p class="notice">{t.gone(name)}</p></section>;
  return (
    <section class="screen screen-rules">
      <header class="heading">
        <Back screen="rules" text={t.back} />
        <h1>
          <bdi>{name}</bdi>
        </h1>
        {page && <State row={page} />}
        <StackLink physicalId={name} />
        {page && (
          <button type="button" {...writes()} onClick={() => void turn(() => setEnabled(name, page.ruleDisabled))}>
            {page.ruleDisabled ? t.enable : t.disable}
          </button>
        )}
        <button type="button" class="danger" {...writes()} onClick={() => void erase()}>
          {t.remove}
        </button>
        <SaveBar name={name} wanted={name} page={page} onSaved={again} />
      </header>
      <Failure of={refused ?? failure} />
      {page?.problem && <p class="failure"><bdi>{page.problem}</bdi></p>}
      {page && <FigureRow figures={figuresOf(page)} />}
      {page && <Parts name={name} ruleArn={page.ruleArn} />}
    </section>
  );
}
