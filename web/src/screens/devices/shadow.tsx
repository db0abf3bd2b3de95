// The shadows of a thing: what it should be, what it says it is, and the difference. Read anew while it is on the screen.
import {useState} from "preact/hooks";
import {ApiError} from "../../api";
import {Editor} from "../../components/editor";
import {Failure} from "../../components/failure";
import {Payload} from "../../components/payload";
import {usePolled} from "../../polled";
import {route, setQuery} from "../../router";
import * as iot from "./iot";
import {useAttempt} from "./lists";
import {Part} from "./parts";
import {readState, showState, updateTo} from "./shadow_text";
import {texts} from "./texts";

const pause_ms = 2000;
const encoder = new TextEncoder();

async function readShadow(thing: string, name: string): Promise<iot.Shadow | undefined> {
  try {
    return await iot.getShadow(thing, name);
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 404) return undefined;
    throw failure;
  }
}

function State({title, state}: {title: string; state: unknown}) {
  if (state === undefined) return null;
  return (
    <>
      <h4>{title}</h4>
      <Payload bytes={encoder.encode(JSON.stringify(state))} />
    </>
  );
}

// What is edited is kept until it is saved, whatever comes meanwhile.
function Desired({thing, name, shadow, onSaved}: {thing: string; name: string; shadow: iot.Shadow | undefined; onSaved: () => void}) {
  const t = texts.value.shadow;
  const [draft, setDraft] = useState<{text: string; version: number; before: unknown} | undefined>(undefined);
  const [isInvalid, setInvalid] = useState(false);
  const attempt = useAttempt();
  const version = shadow?.version ?? 0;
  const shown = showState(shadow?.state.desired);
  const save = () => {
    const wanted = readState(draft?.text ?? shown);
    setInvalid(!wanted);
    if (!wanted) return;
    const based = draft ?? {version, before: shadow?.state.desired};
    const body = {state: {desired: updateTo(wanted, based.before)}, ...(based.version > 0 ? {version: based.version} : {})};
    attempt.run(() => iot.updateShadow(thing, name, body), () => {
      setDraft(undefined);
      onSaved();
    });
  };
  return (
    <>
      <h4>{t.desired}</h4>
      <Editor label={t.desired} language="json" value={draft?.text ?? shown} onRun={save}
        onChange={(text) => {
          if (text === (draft?.text ?? shown)) return;
          setInvalid(false);
          setDraft({version: draft?.version ?? version, before: draft ? draft.before : shadow?.state.desired, text});
        }} />
      {draft && draft.version !== version && (
        <p class="warm-text">
          {t.changed(version)}{" "}
          <button type="button" class="quiet" onClick={() => setDraft(undefined)}>{t.reload}</button>
        </p>
      )}
      {isInvalid && <Failure of={t.invalid} />}
      <Failure of={attempt.failure} />
      <div class="devices-actions">
        <button type="button" class="main" disabled={attempt.isBusy || !draft} onClick={save}>
          {t.save}
        </button>
      </div>
    </>
  );
}

function OneShadow({thing, name, onGone}: {thing: string; name: string; onGone: () => void}) {
  const t = texts.value.shadow;
  const polled = usePolled(`${thing} ${name}`, async () => ({shadow: await readShadow(thing, name)}), (latest) => (latest?.shadow ? pause_ms : 5 * pause_ms));
  const attempt = useAttempt();
  if (!polled.value) return polled.failure ? <Failure of={polled.failure} /> : <p class="quiet-text">{texts.value.reading}</p>;
  const {shadow} = polled.value;
  const question = {title: t.deleteTitle, text: t.deleteText(name || t.classic, thing), action: texts.value.delete};
  const remove = () => attempt.ask(question, () => iot.deleteShadow(thing, name), () => {
    polled.again();
    onGone();
  });
  return (
    <>
      {!shadow && <p class="quiet-text">{t.noShadow}</p>}
      <Desired key={`${thing} ${name}`} thing={thing} name={name} shadow={shadow} onSaved={polled.again} />
      {shadow && (
        <>
          <State title={t.reported} state={shadow.state.reported} />
          <State title={t.delta} state={shadow.state.delta} />
          <Failure of={attempt.failure} />
          <div class="devices-actions">
            <span class="quiet-text grow">{texts.value.version} {shadow.version}</span>
            <button type="button" class="danger" onClick={() => void remove()}>
              {texts.value.delete}
            </button>
          </div>
        </>
      )}
    </>
  );
}

const classic = "$classic"; // in the URL; AWS takes no "$" in names

export function Shadows({thing}: {thing: string}) {
  const t = texts.value.shadow;
  const names = usePolled(thing, () => iot.namedShadows(thing), () => 2 * pause_ms);
  const [wanted, setWanted] = useState("");
  const chosen = route.value.query.get("shadow") ?? "";
  const open = (shadow: string) => setQuery({shadow});
  const known = [...new Set([...(names.value ?? []), ...(chosen && chosen !== classic ? [chosen] : [])])].sort();
  const find = (event: Event) => {
    event.preventDefault();
    if (wanted.trim() !== "") open(wanted.trim());
    setWanted("");
  };
  return (
    <Part title={texts.value.thing.shadows}>
      <p class="devices-chips">
        <button type="button" aria-pressed={chosen === classic} onClick={() => open(chosen === classic ? "" : classic)}>
          {t.classic}
        </button>
        {known.map((name) => (
          <button key={name} type="button" aria-pressed={chosen === name} onClick={() => open(chosen === name ? "" : name)}>
            <bdi>{name}</bdi>
          </button>
        ))}
      </p>
      <Failure of={names.failure} />
      <form class="line" onSubmit={find}>
        <label class="grow">
          <span class="hidden">{t.name}</span>
          <input placeholder={t.other} value={wanted} onInput={(event) => setWanted(event.currentTarget.value)} />
        </label>
        <button type="submit">{t.open}</button>
      </form>
      {chosen !== "" && <OneShadow key={chosen} thing={thing} name={chosen === classic ? "" : chosen} onGone={names.again} />}
    </Part>
  );
}
