// A name and its value in a <dl>.
import type {ComponentChildren} from "preact";

export function Fact({name, children}: {name: string; children: ComponentChildren}) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}
