// What a statement makes of a message, and how.
import {useMemo} from "preact/hooks";
import {Payload} from "../../components/payload";
import type {Outcome, Step} from "./data";
import {texts} from "./texts";

const tones: Record<Outcome["outcome"], string> = {RESULT: "good", NOT_TRUE: "quiet", OTHER_TOPIC: "quiet", REFUSED: "bad", FAILED: "bad"};

// Each item of SELECT says its clause; it is told once.
const clauseBefore = (steps: Step[] | undefined, index: number): string | undefined => steps?.slice(0, index).findLast((step) => step.clause)?.clause;

function Steps({outcome}: {outcome: Outcome}) {
  const t = texts.value;
  if (!outcome.steps || outcome.steps.length === 0) return null;
  return (
    <details class="rules-steps" open={outcome.outcome !== "RESULT"}>
      <summary>{t.steps}</summary>
      <div class="rules-step-list" tabIndex={0} role="group" aria-label={t.steps}>
        {outcome.steps.map((step, index) => (
          <div key={index} class="rules-step">
            {step.clause && step.clause !== clauseBefore(outcome.steps, index) && <h4>{step.clause}</h4>}
            <code class={`rules-depth-${Math.min(step.depth, 8)}`}>
              <bdi>{step.expression}</bdi>
              <span class="rules-arrow" aria-hidden="true">
                {" → "}
              </span>
              <bdi class="rules-value">{step.value}</bdi>
            </code>
          </div>
        ))}
        {outcome.stepsAreCut && <p class="quiet-text">{t.stepsAreCut}</p>}
      </div>
    </details>
  );
}

function bytesOf(outcome: Outcome): Uint8Array {
  if (outcome.payloadBase64 !== undefined) return Uint8Array.from(atob(outcome.payloadBase64), (character) => character.charCodeAt(0));
  return new TextEncoder().encode(outcome.payloadText ?? "");
}

export function OutcomeView({outcome}: {outcome: Outcome}) {
  const t = texts.value;
  const bytes = useMemo(() => bytesOf(outcome), [outcome.payloadText, outcome.payloadBase64]);
  const {code, message, line, column} = outcome;
  return (
    <div class={`rules-outcome rules-outcome-${tones[outcome.outcome]}`} role="status" data-outcome={outcome.outcome}>
      <h3>{t.outcome[outcome.outcome]}</h3>
      {outcome.outcome === "OTHER_TOPIC" && (
        <p>
          {t.pickTopic} <code>{outcome.topicFilter}</code>
        </p>
      )}
      {message && (
        <p class="rules-error">
          <bdi>{code ? `${code}: ${message}` : message}</bdi>
          {line !== undefined && column !== undefined && !message.includes(`line ${line}`) && ` (${t.at(line, column)})`}
        </p>
      )}
      {outcome.outcome === "RESULT" && <Payload bytes={bytes} />}
      <Steps outcome={outcome} />
    </div>
  );
}
