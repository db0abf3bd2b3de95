// One function.
import {useState} from "preact/hooks";
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
import {Code} from "./code";
import {Configuration} from "./configuration";
import {removeFunction, wholeFunction, type Activity, type Whole} from "./data";
import {Invocations} from "./invocations";
import {Logs} from "./logs";
import {TestEvent} from "./test_event";
import {texts} from "./texts";

const looked_every_ms = 2000;

function figuresOf({invocations, errors, throttles, workers, idle, waiting}: Activity): Figure[] {
  const t = texts.value.figures;
  const figure = (label: string, value: number, isBad = false) => ({label, value: value.toLocaleString(), isBad});
  return [
    figure(t.invocations, invocations), figure(t.errors, errors, errors > 0), figure(t.throttles, throttles, throttles > 0),
    figure(t.workers, workers), figure(t.idle, idle), figure(t.waiting, waiting),
  ];
}

function Parts({whole}: {whole: Whole}) {
  const t = texts.value;
  const name = whole.Configuration.FunctionName;
  const tabs = (["test", "invocations", "logs", "code", "configuration"] as const).map((id) => ({id, title: t.tabs[id]}));
  const wanted = route.value.query.get("tab") ?? "";
  const chosen = tabs.find(({id}) => id === wanted)?.id ?? "test";
  return (
    <Tabs label={t.tabs.label} tabs={tabs} chosen={chosen} onChoose={(id) => setQuery({tab: id === "test" ? "" : id})}>
      {chosen === "test" && <TestEvent name={name} />}
      {chosen === "invocations" && <Invocations name={name} />}
      {chosen === "logs" && <Logs name={name} />}
      {chosen === "code" && <Code name={name} handler={whole.Configuration.Handler ?? ""} sha={whole.Configuration.CodeSha256} />}
      {chosen === "configuration" && <Configuration whole={whole} />}
    </Tabs>
  );
}

export function OneFunction({name}: {name: string}) {
  const t = texts.value;
  const {value: whole, failure} = usePolled(`function ${name}`, () => wholeFunction(name), () => looked_every_ms);
  const [refused, setRefused] = useState<unknown>(undefined);
  const isHere = useHere();
  const erase = async () => {
    if (!(await confirm({title: t.removeTitle, text: t.removeText(name), action: t.remove}))) return;
    try {
      await removeFunction(name);
      if (isHere()) go(href("functions"));
    } catch (error) {
      setRefused(error);
    }
  };
  const back = <Back screen="functions" text={t.back} />;
  if (failure instanceof ApiError && failure.status === 404) return <section class="screen screen-functions">{back}<p class="notice">{t.gone(name)}</p></section>;
  return (
    <section class="screen screen-functions">
      <header class="heading">
        {back}
        <h1>
          <bdi>{name}</bdi>
        </h1>
        <span class="badge">{whole?.Configuration.Runtime}</span>
        <StackLink physicalId={name} />
        <span class="grow" />
        <button type="button" class="danger" {...writes()} onClick={() => void erase()}>
          {t.remove}
        </button>
      </header>
      <Failure of={refused ?? failure} />
      {whole?.activity && <FigureRow figures={figuresOf(whole.activity)} />}
      {whole && <Parts whole={whole} />}
    </section>
  );
}
