// Tables: all of them, or one with its items, statements, changes and details.
import {useEffect} from "preact/hooks";
import {Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {Heading} from "../../components/heading";
import {Tabs} from "../../components/tabs";
import {follow, href, route, setQuery} from "../../router";
import {Changes} from "./changes";
import {Details} from "./details";
import {watching} from "./dynamo";
import {Items} from "./items";
import {List, TableStatus} from "./list";
import {failure, gone, open, table} from "./open_table";
import {PartiQl} from "./partiql";
import "./parts.css";
import "./style.css";
import {texts} from "./texts";

function Open({name}: {name: string}) {
  const t = texts.value;
  useEffect(() => open(name), [name]);
  const shown = table.value?.TableName === name ? table.value : undefined;
  const tab = route.value.query.get("tab") ?? "items";
  const tabs = [{id: "items", title: t.tabs.items}, {id: "partiql", title: t.tabs.partiql},
    {id: "changes", title: t.tabs.changes}, {id: "details", title: t.tabs.details}];
  return (
    <section class="screen screen-tables">
      <Heading screen="tables" all={t.title} name={name}>
        {shown && <TableStatus status={shown.TableStatus} />}
        {shown && <span class="quiet-text">{t.summary(shown.ItemCount)}</span>}
        {watching.value && !watching.value.live && <span class="warm-text">{t.elsewhere(watching.value.at)}</span>}
      </Heading>
      {gone.value && (
        <Empty title={t.gone(name)}>
          <a href={href("tables")} onClick={follow}>{t.back}</a>
        </Empty>
      )}
      {!gone.value && <Failure of={failure.value} />}
      {shown && !gone.value && (
        <Tabs label={t.parts} tabs={tabs} chosen={tab} onChoose={(id) => setQuery({tab: id === "items" ? "" : id}, "push")}>
          {tab === "partiql" ? <PartiQl table={shown} /> : tab === "changes" ? <Changes
            table={shown} /> : tab === "details" ? <Details table={shown} /> : <Items table={shown} />}
        </Tabs>
      )}
    </section>
  );
}

export default function Tables() {
  const name = route.value.query.get("table") ?? "";
  return name ? <Open name={name} /> : <List />;
}
