// Values in cells, by their type.
import {brief, typeOf, type Value} from "./values";

export function Cell({value}: {value: Value | undefined}) {
  if (!value) return null;
  const type = typeOf(value);
  const text = brief(value);
  return <bdi class={`tables-value tables-${type}${"BOOL" in value ? `-${String(value.BOOL)}` : ""}`} title={text}>{text}</bdi>;
}
