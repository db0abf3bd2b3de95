// What a function answered: its value, or its error with the stack.
import {useMemo} from "preact/hooks";
import {Payload} from "../../components/payload";
import {errorOf} from "./report";
import {texts} from "./texts";

export function Answer({text, isFailure}: {text: string; isFailure: boolean}) {
  const t = texts.value;
  const bytes = useMemo(() => new TextEncoder().encode(text), [text]);
  const error = isFailure ? errorOf(text) : undefined;
  if (!error) return <Payload bytes={bytes} />;
  return (
    <div class="functions-error">
      <p>
        <bdi class="functions-error-type">{error.errorType}</bdi>
        {": "}
        <bdi>{error.errorMessage}</bdi>
      </p>
      {error.stack.length > 0 && (
        <pre tabIndex={0} aria-label={t.stack}>
          {error.stack.join("\n")}
        </pre>
      )}
    </div>
  );
}

export function Outcome({failure}: {failure: string}) {
  const t = texts.value;
  return <span class={`badge ${failure ? "bad" : "good"}`}>{failure ? t.failedResult : t.succeeded}</span>;
}
