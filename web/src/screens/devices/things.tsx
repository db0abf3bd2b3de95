// The things of the registry.
import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import type {Column} from "../../components/virtual_table";
import {follow, href, route, setQuery} from "../../router";
import * as iot from "./iot";
import {useAttempt, useList, useLoaded} from "./lists";
import {AddOne, closing, Master, Part, Search} from "./parts";
import {ThingDetails} from "./thing";
import {matches, readSearch} from "./thing_query";
import {texts} from "./texts";

function columns(): Column<iot.Thing>[] {
  const t = texts.value.thing;
  return [
    {id: "id", title: t.name, needs: 140, width: "minmax(0, 1.3fr)", cell: (row) => <bdi title={row.thingName}>{row.thingName}</bdi>},
    {id: "type", title: t.type, needs: 110, width: "minmax(0, 0.8fr)", cell: (row) => <bdi title={row.thingTypeName}>{row.thingTypeName ?? ""}</bdi>},
    {id: "attributes", title: t.attributes, needs: 160, width: "minmax(0, 2fr)",
     cell: (row) => Object.entries(row.attributes).map(([name, value]) => <span key={name} class="devices-attribute"><bdi>{name}</bdi>=<bdi>{value}</bdi></span>)},
  ];
}

// Types and groups that things can have, and a way to make more.
function Kinds() {
  const t = texts.value;
  const types = useLoaded("types", iot.thingTypes);
  const groups = useLoaded("groups", iot.thingGroups);
  const attempt = useAttempt();
  const chips = (names: readonly string[] | undefined, word: string) =>
    names && names.length > 0 ? (
      <p class="devices-chips">
        {names.map((name) => (
          <a key={name} href={href("devices", {q: `${word}:${name}`})} onClick={follow}>
            <bdi>{name}</bdi>
          </a>
        ))}
      </p>
    ) : null;
  return (
    <details class="panel devices-kinds">
      <summary>{t.thing.typesAndGroups}</summary>
      <div class="devices-pair">
        <Part title={t.thing.type}>
          {chips(types.value, "type")}
          <AddOne label={t.thing.newType} action={t.add} onAdd={(name, done) => attempt.run(() => iot.createThingType(name), () => { done(); types.again(); })} />
        </Part>
        <Part title={t.thing.groups}>
          {chips(groups.value, "group")}
          <AddOne label={t.thing.newGroup} action={t.add} onAdd={(name, done) => attempt.run(() => iot.createThingGroup(name), () => { done(); groups.again(); })} />
        </Part>
      </div>
      <Failure of={attempt.failure ?? types.failure ?? groups.failure} />
    </details>
  );
}

export function Things() {
  const t = texts.value;
  const query = route.value.query;
  const text = query.get("q") ?? "";
  const chosen = query.get("thing") ?? "";
  const {asked, words} = readSearch(text);
  const list = useList(JSON.stringify(asked), (token) => iot.listThings(asked, token));
  const attempt = useAttempt();
  const rows = list.items.filter((thing) => matches(thing, words));
  const open = (thing: string) => setQuery({thing, shadow: ""}, "push");
  const isBare = Object.values(asked).every((value) => value === "");
  return (
    <>
      <Search value={text} label={t.filter} hint={t.filterHint} onFind={(name) => name !== "" && isBare && !/\s/.test(name) && open(name)}
        count={t.shown(rows.length, list.items.length, list.more !== undefined)}>
        <a class="devices-button" href={href("devices", {tab: "connect"})} onClick={follow}>
          {t.tabs.connect}
        </a>
      </Search>
      <Kinds />
      <Failure of={attempt.failure} />
      <Master label={t.tabs.things} list={list} rows={rows} columns={columns()} idOf={(row) => row.thingName} chosen={chosen} onOpen={open}
        details={chosen !== "" && <ThingDetails key={chosen} name={chosen} onChange={list.again} onClose={closing("thing", chosen)} />}
        empty={
          isBare ? (
            <Empty title={t.thing.emptyTitle}>
              <p>{t.thing.emptyText}</p>
              <Command text={`aws iot create-thing --thing-name pump-7 --endpoint-url ${location.origin}`} />
              <p>
                <a href={href("devices", {tab: "connect"})} onClick={follow}>
                  {t.tabs.connect}
                </a>
              </p>
            </Empty>
          ) : (
            <Empty title={t.noMatch} />
          )
        } />
    </>
  );
}
