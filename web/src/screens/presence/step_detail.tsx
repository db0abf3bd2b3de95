// What one step of a trace was about: payloads, log lines, why a rule did not match, an item before and after.
import type {ComponentChildren} from "preact";
import {Payload} from "../../components/payload";
import {clock} from "../../i18n";
import {follow, href} from "../../router";
import {texts} from "./texts";
import {difference, duration, list, object, plain, text, type Detail, type Step} from "./trace";

const bytesOf = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

function Part({title, children}: {title: string; children: ComponentChildren}) {
  return (
    <div class="presence-part">
      <h4>{title}</h4>
      {children}
    </div>
  );
}

function Facts({facts}: {facts: [string, string][]}) {
  return (
    <dl>
      {facts.filter(([, value]) => value !== "").map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function factsOf(step: Step): [string, string][] {
  const t = texts.value.trace.facts;
  const detail = step.detail;
  const told = (name: string) => text(detail[name]);
  const unit = (name: string, unit: string) => (detail[name] === undefined ? "" : `${told(name)} ${unit}`);
  return [
    [t.began, `+${duration(step.beganUs)}`],
    [t.topic, told("topic")],
    [t.sql, told("sql")],
    [t.resource, told("resource")],
    [t.service, told("service")],
    [t.requestId, told("requestId")],
    [t.start, detail["cold"] === undefined ? "" : detail["cold"] ? t.cold : t.warm],
    [t.init, unit("initMs", "ms")],
    [t.ran, detail["durationUs"] === undefined ? "" : duration(Number(detail["durationUs"]))],
    [t.memory, detail["maxMemoryUsedMb"] === undefined ? "" : t.memoryOf(Number(detail["maxMemoryUsedMb"]), Number(detail["memoryMb"] ?? 0))],
    [t.queue, told("queue")],
    [t.receives, told("receives")],
    [t.batch, Number(detail["batch"] ?? 1) > 1 ? told("batch") : ""],
    [t.inTrace, told("inTrace")],
  ];
}

function Items({items}: {items: unknown[]}) {
  const t = texts.value.trace;
  return (
    <>
      {items.map((one, index) => {
        const item = object(one) ?? {};
        const table = text(item["table"]);
        const isText = typeof item["before"] === "string" || typeof item["after"] === "string"; // it was cut
        return (
          <Part key={index} title={t.item(table)}>
            {isText ? (
              <>
                <pre>{`${t.before}: ${text(item["before"])}\n${t.after}: ${text(item["after"])}`}</pre>
              </>
            ) : (
              <div class="presence-wide">
                <table class="presence-item">
                  <thead>
                    <tr>
                      <th scope="col">{t.attribute}</th>
                      <th scope="col">{t.before}</th>
                      <th scope="col">{t.after}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {difference(item["before"], item["after"], item["key"]).map((row) => (
                      <tr key={row.name} class={`presence-${row.change}`}>
                        <th scope="row">
                          <bdi>{row.name}</bdi>
                        </th>
                        <td>{row.before === undefined ? <span class="quiet-text">–</span> : <bdi>{row.before}</bdi>}</td>
                        <td>{row.after === undefined ? <span class="quiet-text">–</span> : <bdi>{row.after}</bdi>}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
            {table && (
              <a href={href("tables", {table})} onClick={follow}>
                {t.openTable}
              </a>
            )}
          </Part>
        );
      })}
    </>
  );
}

function Log({lines}: {lines: unknown[]}) {
  return (
    <pre class="presence-log">
      {lines.map((one, index) => {
        const line = object(one) ?? {};
        const isFrame = /^(START|END|REPORT|INIT_START) /.test(text(line["text"]));
        return (
          <div key={index} class={isFrame ? "quiet-text" : ""}>
            <span class="quiet-text">{clock(Number(line["time"] ?? 0))} </span>
            <bdi>{text(line["text"])}</bdi>
          </div>
        );
      })}
    </pre>
  );
}

function Explanation({lines}: {lines: unknown[]}) {
  return (
    <pre class="presence-log">
      {lines.map((one, index) => {
        const line = object(one) ?? {};
        return (
          <div key={index}>
            {"  ".repeat(Math.min(Number(line["depth"] ?? 0), 20))}
            <bdi>{text(line["expression"])}</bdi>
            {"  →  "}
            <bdi class={line["value"] === "false" ? "presence-false" : ""}>{text(line["value"])}</bdi>
          </div>
        );
      })}
    </pre>
  );
}

function Fault({detail}: {detail: Detail}) {
  const error = object(detail["error"]);
  if (!error) return null;
  return (
    <p class="failure">
      <bdi>
        {text(error["code"])}: {text(error["message"])}
      </bdi>
    </p>
  );
}

export function StepDetail({step, wholeUs}: {step: Step; wholeUs: number}) {
  const t = texts.value.trace;
  const detail = step.detail;
  void wholeUs;
  const payloads: [string, unknown][] = [
    [t.payload, step.kind === "event" ? detail["payload"] : undefined],
    [t.input, detail["input"]],
    [t.output, detail["output"]],
    [t.errorDocument, detail["errorDocument"]],
    [t.returned, detail["returned"]],
  ];
  const link = step.kind === "rule" ? href("rules", {rule: step.name}) : step.kind === "invocation" ? href("functions", {function: step.name}) : "";
  return (
    <div class="presence-step-detail">
      <Fault detail={detail} />
      <Facts facts={factsOf(step)} />
      {list(detail["explanation"]).length > 0 && (
        <Part title={t.why}>
          <Explanation lines={list(detail["explanation"])} />
        </Part>
      )}
      {list(detail["items"]).length > 0 && <Items items={list(detail["items"])} />}
      {detail["items"] === undefined && object(detail["key"]) && <p>{plain({M: detail["key"]})}</p>}
      {list(detail["log"]).length > 0 && (
        <Part title={t.log}>
          <Log lines={list(detail["log"])} />
        </Part>
      )}
      {payloads.filter(([, value]) => value !== undefined && value !== null).map(([title, value]) => (
        <Part key={title} title={title}>
          <Payload bytes={bytesOf(value)} />
        </Part>
      ))}
      {link && (
        <a href={link} onClick={follow}>
          {step.kind === "rule" ? t.openRule : t.openFunction}
        </a>
      )}
    </div>
  );
}
