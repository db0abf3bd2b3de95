// A request as code to be copied.
import {useState} from "preact/hooks";
import {CopyButton} from "../../components/copy_button";
import {Dialog} from "../../components/dialog";
import {asCli, asJavaScript, asPython} from "./copy_as";
import {place} from "./dynamo";
import type {Input} from "./search";
import {texts} from "./texts";

const writers = {cli: asCli, python: asPython, javascript: asJavaScript};
type Tongue = keyof typeof writers;

export function CodeDialog({operation, input, onClose}: {operation: string; input: Input; onClose: () => void}) {
  const t = texts.value.code;
  const [tongue, setTongue] = useState<Tongue>("cli");
  const text = writers[tongue](operation, input, place());
  return (
    <Dialog title={t.title(operation)} onClose={onClose}>
      <div class="forms" role="group" aria-label={t.language}>
        {(Object.keys(writers) as Tongue[]).map((one) => (
          <button key={one} type="button" class="quiet" aria-pressed={one === tongue}
            onClick={() => setTongue(one)}>{t.tongues[one]}</button>
        ))}
        <span class="grow" />
        <CopyButton text={text} />
      </div>
      <pre class="tables-code" tabIndex={0}>{text}</pre>
      <p class="quiet-text">{t.hint}</p>
    </Dialog>
  );
}
