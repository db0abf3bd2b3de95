// A new table: keys, billing, indexes, stream.
import {useState} from "preact/hooks";
import {Dialog} from "../../components/dialog";
import {Failure} from "../../components/failure";
import {CodeDialog} from "./code_dialog";
import {createInput, newIndex, newTable, type Wanted, type WantedIndex, type WantedKey} from "./definition";
import {call} from "./dynamo";
import type {KeyType} from "./table";
import {texts} from "./texts";

function KeyFields({label, value, optional, onChange}: {
  label: string; value: WantedKey; optional?: boolean; onChange: (value: WantedKey) => void;
}) {
  const t = texts.value.create;
  return (
    <div class="tables-field">
      <label class="grow">
        {label}
        <input required={!optional} placeholder={optional ? t.optional : ""} value={value.name}
          onInput={(event) => onChange({...value, name: event.currentTarget.value})} />
      </label>
      <label>
        <span class="hidden">{t.typeOf(label)}</span>
        <select value={value.type} onChange={(event) => onChange({...value, type: event.currentTarget.value as KeyType})}>
          {(["S", "N", "B"] as const).map((type) => <option key={type} value={type}>{texts.value.search.types[type]}</option>)}
        </select>
      </label>
    </div>
  );
}

function IndexFields({index, onChange, onRemove}: {
  index: WantedIndex; onChange: (index: WantedIndex) => void; onRemove: () => void;
}) {
  const t = texts.value.create;
  const set = (part: Partial<WantedIndex>) => onChange({...index, ...part});
  return (
    <fieldset class="tables-new-index">
      <legend>{index.local ? t.local : t.global}</legend>
      <label>
        {t.indexName}
        <input required value={index.name} onInput={(event) => set({name: event.currentTarget.value})} />
      </label>
      {!index.local && <KeyFields label={t.partition} value={index.partition} onChange={(partition) => set({partition})} />}
      <KeyFields label={t.sort} value={index.sort} optional={!index.local} onChange={(sort) => set({sort})} />
      <div class="tables-field">
        <label>
          {t.projection}
          <select value={index.projection}
            onChange={(event) => set({projection: event.currentTarget.value as WantedIndex["projection"]})}>
            {(["ALL", "KEYS_ONLY", "INCLUDE"] as const).map((one) => (
              <option key={one} value={one}>{texts.value.projections[one]}</option>
            ))}
          </select>
        </label>
        {index.projection === "INCLUDE" && (
          <label class="grow">
            {t.attributes}
            <input required placeholder="a, b, c" value={index.attributes}
              onInput={(event) => set({attributes: event.currentTarget.value})} />
          </label>
        )}
        <button type="button" onClick={onRemove}>{t.removeIndex}</button>
      </div>
    </fieldset>
  );
}

export function CreateDialog({onClose, onCreated}: {onClose: () => void; onCreated: (name: string) => void}) {
  const t = texts.value.create;
  const [wanted, setWanted] = useState<Wanted>(newTable);
  const [failure, setFailure] = useState<unknown>(undefined);
  const [busy, setBusy] = useState(false);
  const [isCode, setIsCode] = useState(false);
  const set = (part: Partial<Wanted>) => setWanted((now) => ({...now, ...part}));
  const number = (text: string) => Math.max(1, Math.floor(Number(text) || 1));
  const create = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await call("CreateTable", createInput(wanted));
      onCreated(wanted.name);
    } catch (error) {
      setFailure(error);
    }
    setBusy(false);
  };
  return (
    <Dialog title={t.title} onClose={onClose}>
      <form class="stack tables-form" onSubmit={(event) => void create(event)}>
        <label>
          {t.name}
          <input required minLength={3} maxLength={255} pattern="[A-Za-z0-9_.\-]+" title={t.nameHint} value={wanted.name}
            onInput={(event) => set({name: event.currentTarget.value})} />
        </label>
        <div class="tables-pair">
          <KeyFields label={t.partition} value={wanted.partition} onChange={(partition) => set({partition})} />
          <KeyFields label={t.sort} value={wanted.sort} optional onChange={(sort) => set({sort})} />
        </div>
        <div class="tables-field">
          <label>
            {t.billing}
            <select value={wanted.provisioned ? "1" : ""}
              onChange={(event) => set({provisioned: event.currentTarget.value === "1"})}>
              <option value="">{t.onDemand}</option>
              <option value="1">{t.provisioned}</option>
            </select>
          </label>
          {wanted.provisioned && <label>{t.read}<input class="tables-number" inputMode="numeric" value={wanted.read}
            onInput={(event) => set({read: number(event.currentTarget.value)})} /></label>}
          {wanted.provisioned && <label>{t.write}<input class="tables-number" inputMode="numeric" value={wanted.write}
            onInput={(event) => set({write: number(event.currentTarget.value)})} /></label>}
          <label>
            {t.stream}
            <select value={wanted.stream} onChange={(event) => set({stream: event.currentTarget.value as Wanted["stream"]})}>
              <option value="">{t.noStream}</option>
              {(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"] as const).map((view) => (
                <option key={view} value={view}>{texts.value.views[view]}</option>
              ))}
            </select>
          </label>
          <label class="check">
            <input type="checkbox" checked={wanted.isProtected}
              onChange={(event) => set({isProtected: event.currentTarget.checked})} />
            {t.isProtected}
          </label>
        </div>
        {wanted.indexes.map((index, at) => (
          <IndexFields key={at} index={index}
            onChange={(next) => set({indexes: wanted.indexes.map((one, n) => (n === at ? next : one))})}
            onRemove={() => set({indexes: wanted.indexes.filter((_, n) => n !== at)})} />
        ))}
        <p class="line">
          <button type="button" onClick={() => set({indexes: [...wanted.indexes, newIndex]})}>{t.addGlobal}</button>
          <button type="button" disabled={wanted.sort.name === ""} title={wanted.sort.name === "" ? t.localNeeds : undefined}
            onClick={() => set({indexes: [...wanted.indexes, {...newIndex, local: true}]})}>{t.addLocal}</button>
        </p>
        <Failure of={failure} />
        <div class="dialog-actions">
          <button type="button" onClick={() => setIsCode(true)}>{texts.value.items.copyAs}</button>
          <button type="submit" class="main" disabled={busy}>{t.action}</button>
        </div>
      </form>
      {isCode && <CodeDialog operation="CreateTable" input={createInput(wanted)} onClose={() => setIsCode(false)} />}
    </Dialog>
  );
}
