// What an empty screen says: what would be here, and what to do for it.
import type {ComponentChildren} from "preact";
import {CopyButton} from "./copy_button";

export function Empty({title, children}: {title: string; children?: ComponentChildren}) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Command({text}: {text: string}) {
  return (
    <div class="command">
      <code tabIndex={0}>{text}</code>
      <CopyButton text={text} />
    </div>
  );
}
