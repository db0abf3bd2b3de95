// One thing: its type, attributes, groups, certificates and shadows.
import {useState} from "preact/hooks";
import {Failure} from "../../components/failure";
import {follow, href} from "../../router";
import * as iot from "./iot";
import {useAttempt, useLoaded, type Attempt, type Loaded} from "./lists";
import {AddOne, Details, Members, Part} from "./parts";
import {Shadows} from "./shadow";
import {texts} from "./texts";

interface Whole {
  thing: iot.ThingDetails;
  groups: string[];
  principals: string[];
}

async function readThing(name: string): Promise<Whole> {
  const thing = await iot.describeThing(name);
  const [groups, principals] = await Promise.all([iot.groupsOf(name), iot.principalsOf(name)]);
  return {thing, groups, principals};
}

type Changing = {loaded: Loaded<Whole>; attempt: Attempt; onChange: () => void};

function Type({thing, loaded, attempt, onChange}: Changing & {thing: iot.ThingDetails}) {
  const t = texts.value;
  const types = useLoaded("types", iot.thingTypes);
  const current = thing.thingTypeName ?? "";
  const known = [...new Set([...(types.value ?? []), ...(current ? [current] : [])])];
  const set = (type: string) => attempt.run(() => iot.updateThing(thing.thingName, {type, version: thing.version}), () => { loaded.again(); onChange(); });
  return (
    <Part title={t.thing.type}>
      <select aria-label={t.thing.type} value={current} onChange={(event) => set(event.currentTarget.value)}>
        <option value="">{t.thing.noType}</option>
        {known.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </Part>
  );
}

function Attributes({thing, loaded, attempt, onChange}: Changing & {thing: iot.ThingDetails}) {
  const t = texts.value;
  const [drafts, setDrafts] = useState<Record<string, string>>({});
  const [fresh, setFresh] = useState({name: "", value: ""});
  const save = (attributes: Record<string, string>, then: () => void = () => undefined) =>
    attempt.run(() => iot.updateThing(thing.thingName, {attributes, version: thing.version}), () => {
      setDrafts({});
      then();
      loaded.again();
      onChange();
    });
  const isChanged = Object.entries(drafts).some(([name, value]) => thing.attributes[name] !== value);
  const submit = (event: Event) => {
    event.preventDefault();
    const added = fresh.name.trim() === "" ? {} : {[fresh.name.trim()]: fresh.value};
    save({...thing.attributes, ...drafts, ...added}, () => setFresh({name: "", value: ""}));
  };
  return (
    <Part title={t.thing.attributes}>
      <form class="devices-attributes" onSubmit={submit}>
        {Object.entries(thing.attributes).map(([name, value]) => (
          <div key={name} class="line">
            <bdi class="devices-name" title={name}>{name}</bdi>
            <input aria-label={t.thing.valueOf(name)} value={drafts[name] ?? value} onInput={(event) => setDrafts({...drafts, [name]: event.currentTarget.value})} />
            <button type="button" class="quiet" aria-label={t.remove(name)} title={t.remove(name)}
              onClick={() => save(Object.fromEntries(Object.entries(thing.attributes).filter(([other]) => other !== name)))}>
              ✕
            </button>
          </div>
        ))}
        <div class="line">
          <input class="devices-name" aria-label={`${t.thing.newAttribute}: ${t.thing.attribute}`} placeholder={t.thing.attribute} value={fresh.name}
            onInput={(event) => setFresh({...fresh, name: event.currentTarget.value})} />
          <input aria-label={`${t.thing.newAttribute}: ${t.thing.value}`} placeholder={t.thing.value} value={fresh.value}
            onInput={(event) => setFresh({...fresh, value: event.currentTarget.value})} />
          <button type="submit" disabled={attempt.isBusy || (!isChanged && fresh.name.trim() === "")}>
            {t.save}
          </button>
        </div>
      </form>
    </Part>
  );
}

function Groups({name, groups, loaded, attempt}: Omit<Changing, "onChange"> & {name: string; groups: string[]}) {
  const t = texts.value;
  const known = useLoaded("groups", iot.thingGroups);
  return (
    <Part title={t.thing.groups}>
      <Members names={groups} action={t.remove} onRemove={(group) => attempt.run(() => iot.removeFromGroup(name, group), loaded.again)} />
      <AddOne label={t.thing.group} action={t.add} known={known.value}
        onAdd={(group, done) => attempt.run(() => iot.addToGroup(name, group), () => { done(); loaded.again(); })} />
    </Part>
  );
}

function Certificates({name, principals, loaded, attempt, arn}: Omit<Changing, "onChange"> & {name: string; principals: string[]; arn: string}) {
  const t = texts.value;
  const known = useLoaded("certificates", () => iot.listCertificates(""));
  const arnOf = (id: string) => (id.startsWith("arn:") ? id : arn.replace(/:thing\/.*$/, `:cert/${id}`));
  const detach = (id: string) => {
    const principal = principals.find((one) => iot.nameOf(one) === id);
    if (principal) void attempt.ask({title: t.thing.detachTitle, text: t.thing.detachText(id, name), action: t.detach},
      () => iot.detachPrincipal(name, principal), loaded.again);
  };
  return (
    <Part title={t.thing.certificates}>
      <Members names={principals.map(iot.nameOf)} to="certificate" short action={(id) => `${t.detach} ${id}`} onRemove={detach} />
      <AddOne label={t.thing.certificate} action={t.attach} known={known.value?.items.map((one) => one.certificateId)}
        onAdd={(id, done) => attempt.run(() => iot.attachPrincipal(name, arnOf(id)), () => { done(); loaded.again(); })} />
    </Part>
  );
}

export function ThingDetails({name, onChange, onClose}: {name: string; onChange: () => void; onClose: () => void}) {
  const t = texts.value;
  const loaded = useLoaded(name, () => readThing(name));
  const attempt = useAttempt();
  const question = {title: t.thing.deleteTitle, text: t.thing.deleteText(name), action: t.delete};
  const remove = () => attempt.ask(question, () => iot.deleteThing(name), () => {
    onChange();
    onClose();
  });
  const whole = loaded.value;
  const changing = {loaded, attempt, onChange};
  return (
    <Details title={name} label={t.thing.created(name)} onClose={onClose}>
      <Failure of={attempt.failure ?? loaded.failure} />
      {!whole && !loaded.failure && <p class="quiet-text">{t.reading}</p>}
      {whole && (
        <>
          <p class="devices-links">
            <a href={href("presence", {q: name, client: name})} onClick={follow}>{t.thing.presence}</a>
            <a href={href("devices", {tab: "refused", client: name})} onClick={follow}>{t.thing.why}</a>
          </p>
          <Type thing={whole.thing} {...changing} />
          <Attributes thing={whole.thing} {...changing} />
          <Groups name={name} groups={whole.groups} loaded={loaded} attempt={attempt} />
          <Certificates name={name} principals={whole.principals} loaded={loaded} attempt={attempt} arn={whole.thing.thingArn} />
          <Shadows thing={name} />
          <dl>
            <dt>{t.thing.arn}</dt>
            <dd><bdi>{whole.thing.thingArn}</bdi></dd>
            <dt>{t.thing.id}</dt>
            <dd>{whole.thing.thingId}</dd>
            <dt>{t.version}</dt>
            <dd>{whole.thing.version}</dd>
          </dl>
          <div class="devices-actions">
            <button type="button" class="danger" disabled={attempt.isBusy} onClick={() => void remove()}>
              {t.delete}
            </button>
          </div>
        </>
      )}
    </Details>
  );
}
