import {useState} from "preact/hooks";
import {texts} from "../i18n";

// Puts a text on the clipboard; `text` may be made when it is wanted.
export function CopyButton({text, title}: {text: string | (() => string); title?: string}) {
  const t = texts.value;
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(typeof text === "string" ? text : text()).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1500);
      },
      () => undefined, // the browser does not let the page
    );
  };
  return (
    <button type="button" onClick={copy}>
      {copied ? t.copied : (title ?? t.copy)}
    </button>
  );
}
