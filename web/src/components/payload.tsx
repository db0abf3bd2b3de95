// A payload as what it is: JSON with colours, text, or bytes. All of it is text for the browser, whatever it says.
import {useMemo, useState} from "preact/hooks";
import {texts} from "../i18n";
import {hexDump, prettyJson} from "../json_tokens";

type Form = "json" | "text" | "hex";
const shown_max = 16 * 1024;

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", {fatal: true}).decode(bytes);
  } catch {
    return undefined;
  }
}

export function Payload({bytes}: {bytes: Uint8Array}) {
  const t = texts.value.payload;
  const [wanted, setWanted] = useState<Form | undefined>(undefined);
  const cut = bytes.length > shown_max;
  const {text, tokens} = useMemo(() => {
    const text = decode(bytes);
    return {text, tokens: text !== undefined && !cut ? prettyJson(text) : undefined};
  }, [bytes]);
  const forms: Form[] = [...(tokens ? (["json"] as const) : []), ...(text !== undefined ? (["text"] as const) : []), "hex"];
  const form = wanted && forms.includes(wanted) ? wanted : (forms[0] as Form);
  return (
    <div class="payload">
      <div class="forms">
        {forms.map((one) => (
          <button key={one} type="button" class="quiet" aria-pressed={one === form} onClick={() => setWanted(one)}>
            {t[one]}
          </button>
        ))}
        <span class="bytes">{t.bytes(bytes.length)}</span>
      </div>
      <pre>
        {form === "json" && tokens?.map((token, index) => (token.kind === "space" ? token.text : <span key={index} class={`json-${token.kind}`}>{token.text}</span>))}
        {form === "text" && (text ?? "").slice(0, shown_max)}
        {form === "hex" && hexDump(bytes.subarray(0, shown_max / 4))}
        {cut && "\n…"}
      </pre>
    </div>
  );
}
