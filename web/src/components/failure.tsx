// What AWS or croft refused, in place, with its code.
import {ApiError} from "../api";
import {texts} from "../i18n";

export function failureText(failure: unknown): string {
  if (failure instanceof ApiError) return failure.code ? `${failure.code}: ${failure.message}` : failure.message;
  return failure instanceof Error ? failure.message : String(failure);
}

export function Failure({of: failure}: {of: unknown}) {
  if (failure === undefined || failure === "") return null;
  return (
    <p class="failure" role="alert">
      <bdi>{typeof failure === "string" ? failure : texts.value.failed(failureText(failure))}</bdi>
    </p>
  );
}
