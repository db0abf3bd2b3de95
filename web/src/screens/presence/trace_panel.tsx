// One trace as a waterfall: a row for each step, with its bar on the axis all share; a row opens to what the step was about.
import {useEffect} from "preact/hooks";
import {CopyButton} from "../../components/copy_button";
import {Failure} from "../../components/failure";
import {clock, dateTime} from "../../i18n";
import {route, setQuery} from "../../router";
import {OutcomeMark} from "./client_panel";
import {trace, traceFailure, watchTrace} from "./client_data";
import {StepDetail} from "./step_detail";
import {texts} from "./texts";
import "./trace.css";
import {duration, rowsOf, shortName, text, ticks, type Row, type Step, type Trace} from "./trace";

// What the step is, in one line: the names that people gave, not those of the machinery.
function title(step: Step): string {
  const t = texts.value.trace;
  if (step.kind === "wait") return t.waits[step.name] ?? step.name;
  if (step.kind === "event") return t.events[step.name] ?? step.name;
  if (step.kind === "action") return `${step.name} ${shortName(text(step.detail["resource"]))}`;
  if (step.kind === "write") return `${step.name} ${text(step.detail["table"])}`;
  if (step.kind === "call") return `${text(step.detail["service"])} ${step.name}`;
  return step.name;
}

function note(step: Step): string {
  const t = texts.value.trace;
  const detail = step.detail;
  if (step.outcome === "failed" && step.kind !== "invocation") return text((detail["error"] as Record<string, unknown> | undefined)?.["code"]) || t.outcomes.failed;
  if (step.kind === "rule") return step.outcome === "skipped" ? t.notMatched : t.matched;
  if (detail["cold"] === true && step.kind === "wait") return t.coldStart;
  if (step.kind === "wait" && Number(detail["ahead"] ?? 0) > 0) return t.ahead(Number(detail["ahead"]));
  if (step.kind === "wait" && detail["readBack"] === true) return t.readBack;
  if (step.kind === "action" && Number(detail["tries"] ?? 1) > 1) return t.tries(Number(detail["tries"]));
  return "";
}

function StepRow({row, wholeUs, isOpen}: {row: Row; wholeUs: number; isOpen: boolean}) {
  const t = texts.value.trace;
  const {step} = row;
  const percent = (part: number) => `${(part * 100).toFixed(3)}%`;
  const remark = note(step);
  return (
    <li class={`presence-step presence-${step.kind} presence-step-${step.outcome}`}>
      <button type="button" aria-expanded={isOpen} onClick={() => setQuery({step: isOpen ? "" : String(step.id)})}>
        <span class={`presence-name presence-depth-${Math.min(row.depth, 6)}`}>
          <span class="presence-kind">{t.kinds[step.kind]}</span>
          <bdi title={title(step)}>{title(step)}</bdi>
          {remark && <span class="presence-note">{remark}</span>}
        </span>
        <span class="presence-track">
          <span class="presence-bar" style={{left: percent(row.left), width: percent(row.width)}} />
        </span>
        <span class="presence-took">{step.endedUs === null ? t.outcomes.running : duration(row.tookUs)}</span>
      </button>
      {isOpen && <StepDetail step={step} wholeUs={wholeUs} />}
    </li>
  );
}

function Axis({wholeUs}: {wholeUs: number}) {
  return (
    <div class="presence-axis" aria-hidden="true">
      <span class="presence-ticks">
        {ticks(wholeUs).map((at) => (
          <span key={at} style={{left: `${((at / wholeUs) * 100).toFixed(3)}%`}}>
            {at === 0 ? "0" : duration(at)}
          </span>
        ))}
      </span>
    </div>
  );
}

function Head({told}: {told: Trace}) {
  const t = texts.value.trace;
  return (
    <header>
      <div class="presence-head">
        <h2>
          <bdi>{t.events[told.event] ?? told.event}</bdi>
        </h2>
        <time title={dateTime(told.at)}>{clock(told.at)}</time>
        <OutcomeMark summary={told} />
        {told.outcome !== "ok" && <span class="count">{duration(told.durationUs)}</span>}
        <span class="count">{t.summary(told.rules, told.writes)}</span>
      </div>
      <div class="line">
        <CopyButton text={`croft trace --event ${told.traceId}`} title={t.copyCommand} />
        <button type="button" class="quiet" onClick={() => setQuery({trace: "", step: ""}, "push")} aria-label={t.close}>
          ✕
        </button>
      </div>
    </header>
  );
}

export function TracePanel({id}: {id: string}) {
  const t = texts.value.trace;
  const open = route.value.query.get("step");
  useEffect(() => watchTrace(id).end, [id]);
  const told = trace.value?.traceId === id ? trace.value : undefined;
  return (
    <section class="panel presence-trace" aria-label={t.title} aria-busy={!told && !traceFailure.value}>
      {traceFailure.value !== undefined && (
        <>
          <Failure of={traceFailure.value} />
          <p>
            <button type="button" onClick={() => setQuery({trace: "", step: ""}, "push")}>
              {t.close}
            </button>
          </p>
        </>
      )}
      {told && (
        <>
          <Head told={told} />
          <Axis wholeUs={Math.max(told.durationUs, 1)} />
          <ol class="presence-steps">
            {rowsOf(told).map((row) => (
              <StepRow key={row.step.id} row={row} wholeUs={told.durationUs} isOpen={open === String(row.step.id)} />
            ))}
          </ol>
          {told.rules === 0 && told.outcome === "ok" && <p class="quiet-text">{t.noRule}</p>}
          {(told.stepsDropped ?? 0) > 0 && <p class="quiet-text">{t.dropped(told.stepsDropped ?? 0)}</p>}
        </>
      )}
    </section>
  );
}
