// What a function is: its settings, who feeds it, who may invoke it.
import {useEffect, useState} from "preact/hooks";
import {Fact} from "../../components/fact";
import {dateTime} from "../../i18n";
import {follow, href} from "../../router";
import {policyOf, type Statement, type Whole} from "./data";
import {sourceOf} from "./report";
import {texts} from "./texts";

function Settings({whole}: {whole: Whole}) {
  const t = texts.value;
  const names = t.configuration;
  const c = whole.Configuration;
  return (
    <section class="panel" aria-label={t.tabs.configuration}>
      <dl class="functions-settings">
        {c.Description && <Fact name={names.description}><bdi>{c.Description}</bdi></Fact>}
        <Fact name={names.runtime}>{c.Runtime}</Fact>
        <Fact name={names.handler}><code>{c.Handler}</code></Fact>
        <Fact name={names.memory}>{t.megabytes(c.MemorySize)}</Fact>
        <Fact name={names.timeout}>{t.seconds(c.Timeout)}</Fact>
        <Fact name={names.storage}>{t.megabytes(c.EphemeralStorage?.Size ?? 512)}</Fact>
        <Fact name={names.concurrency}>{whole.Concurrency ? String(whole.Concurrency.ReservedConcurrentExecutions) : names.none}</Fact>
        <Fact name={names.architecture}>{(c.Architectures ?? []).join(", ")}</Fact>
        <Fact name={names.code}>{t.bytes(c.CodeSize)}</Fact>
        <Fact name={names.modified}>{dateTime(Date.parse(c.LastModified.replace("+0000", "Z")))}</Fact>
        <Fact name={names.arn}><code>{c.FunctionArn}</code></Fact>
        <Fact name={names.role}><code>{c.Role}</code></Fact>
      </dl>
    </section>
  );
}

function Environment({variables}: {variables: [string, string][]}) {
  const t = texts.value;
  const [shown, setShown] = useState(false);
  return (
    <section class="panel" aria-label={t.environment}>
      <div class="line">
        <h2 class="grow">{t.environment}</h2>
        {variables.length > 0 && (
          <button type="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? t.hide : t.show}
          </button>
        )}
      </div>
      {variables.length === 0 ? (
        <p class="quiet-text">{t.noEnvironment}</p>
      ) : (
        <dl class="functions-settings">
          {variables.map(([name, value]) => (
            <Fact key={name} name={name}>{shown ? <code><bdi>{value}</bdi></code> : <span class="quiet-text" aria-label={t.hidden}>••••••••</span>}</Fact>
          ))}
        </dl>
      )}
    </section>
  );
}

function Sources({whole}: {whole: Whole}) {
  const t = texts.value;
  return (
    <section class="panel" aria-label={t.sourcesTitle}>
      <h2>{t.sourcesTitle}</h2>
      {whole.mappings.length === 0 && <p class="quiet-text">{t.noSources}</p>}
      <ul class="functions-rows">
        {whole.mappings.map((mapping) => {
          const source = sourceOf(mapping.EventSourceArn);
          return (
            <li key={mapping.UUID}>
              <span class="badge">{t.sources[source.kind]}</span>
              {source.link ? <a href={href(source.link.screen, source.link.query)} onClick={follow}><bdi>{source.name}</bdi></a> : <bdi>{source.name}</bdi>}
              <span class={mapping.State === "Enabled" ? "good-text" : "quiet-text"}>{mapping.State}</span>
              <span class="quiet-text">{t.batch(mapping.BatchSize)}</span>
              <bdi class={/PROBLEM/.test(mapping.LastProcessingResult ?? "") ? "warm-text" : "quiet-text"}>{mapping.LastProcessingResult}</bdi>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Permissions({name}: {name: string}) {
  const t = texts.value;
  const [statements, setStatements] = useState<Statement[] | undefined>(undefined);
  useEffect(() => void policyOf(name).then(setStatements), [name]);
  const principalOf = ({Principal: principal}: Statement) => (typeof principal === "string" ? principal : Object.values(principal).join(", "));
  return (
    <section class="panel" aria-label={t.permissions}>
      <h2>{t.permissions}</h2>
      {statements?.length === 0 && <p class="quiet-text">{t.noPermissions}</p>}
      <ul class="functions-rows">
        {statements?.map((statement) => {
          const from = statement.Condition?.ArnLike?.["AWS:SourceArn"] ?? "";
          const rule = /:rule\/([A-Za-z0-9_]+)$/.exec(from)?.[1];
          return (
            <li key={statement.Sid}>
              <bdi>{principalOf(statement)}</bdi>
              {rule ? <a href={href("rules", {rule})} onClick={follow}><bdi>{rule}</bdi></a> : <bdi class="quiet-text">{from}</bdi>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function Configuration({whole}: {whole: Whole}) {
  return (
    <div class="pair uneven">
      <Settings whole={whole} />
      <div class="functions-stack">
        <Environment variables={Object.entries(whole.Configuration.Environment?.Variables ?? {})} />
        <Sources whole={whole} />
        <Permissions name={whole.Configuration.FunctionName} />
      </div>
    </div>
  );
}
