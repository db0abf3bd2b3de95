// The device that the wizard made: where it connects to, its archive, commands for every way, and whether it has come.
import {useEffect, useState} from "preact/hooks";
import {get} from "../../api";
import {CopyButton} from "../../components/copy_button";
import {Tabs} from "../../components/tabs";
import {download} from "../../download";
import {listen} from "../../feed";
import {follow, href, route, setQuery} from "../../router";
import {archiveName, files, snippets, unpack, type Device, type Endpoint, type Snippet} from "./kit";
import {texts} from "./texts_connect";
import {zip} from "./zip";

// The beginning of a client's row: src/console/client_row.h.
type Row = [clientId: string, connected: -1 | 0 | 1];
type Presence = "waiting" | "connected" | "disconnected";

// By the list of clients and what the feed tells from there on. A visit that was short is one row, of the end.
function usePresence(clientId: string): Presence {
  const [state, setState] = useState<Presence>("waiting");
  useEffect(() => {
    let told = false; // by the feed, which is newer than any page of the list that is under way
    let round = 0;
    const see = (rows: Row[]) => {
      const row = rows.find(([id]) => id === clientId);
      if (row) setState(row[1] === 1 ? "connected" : row[1] === 0 ? "disconnected" : "waiting");
      return row !== undefined;
    };
    const read = async () => {
      const mine = ++round;
      const isOver = () => told || mine !== round;
      told = false;
      for (let at: string | undefined = ""; at !== undefined && !isOver(); ) {
        const page: {clients: Row[]; next?: string} = await get(`clients?at=${at}`);
        if (!isOver()) see(page.clients);
        at = page.next;
      }
    };
    const end = listen({
      topic: "clients",
      rows: (rows) => (told = see(rows as Row[]) || told),
      reload: () => void read().catch(() => undefined),
    });
    return () => {
      ++round;
      end();
    };
  }, [clientId]);
  return state;
}

function Lines({text, label}: {text: string; label: string}) {
  return (
    <div class="devices-code">
      <pre tabIndex={0} aria-label={label}>{text.trimEnd()}</pre>
      <CopyButton text={text} />
    </div>
  );
}

function Way({snippet, texts: contents, name}: {snippet: Snippet; texts: Map<string, string>; name: string}) {
  const t = texts.value;
  const hint = snippet.id === "croft" ? t.croftHint : snippet.id === "greengrass" ? t.greengrassHint : "";
  return (
    <>
      <h3>{t.unpack}</h3>
      <Lines text={unpack(name)} label={t.unpack} />
      {snippet.setup && (
        <>
          <h3>{t.setup}</h3>
          <Lines text={snippet.setup} label={t.setup} />
        </>
      )}
      <h3>{t.run}</h3>
      <Lines text={snippet.run} label={t.run} />
      {hint && <p class="quiet-text">{hint}</p>}
      {snippet.file && (
        <>
          <h3>{t.file(snippet.file)}</h3>
          <Lines text={contents.get(snippet.file) ?? ""} label={t.file(snippet.file)} />
        </>
      )}
    </>
  );
}

function Facts({endpoint, device}: {endpoint: Endpoint; device: Device}) {
  const t = texts.value;
  const isAlone = endpoint.host === "127.0.0.1" || endpoint.host === "::1" || endpoint.host === "localhost";
  return (
    <>
      <dl class="devices-facts">
        <dt>{t.endpoint}</dt>
        <dd><code>{`${endpoint.host}:${endpoint.port}`}</code></dd>
        <dt>{t.clientId}</dt>
        <dd><bdi>{device.name}</bdi></dd>
        <dt>{t.certificate}</dt>
        <dd>
          <a href={href("devices", {tab: "certificates", certificate: device.certificateId})} onClick={follow}>
            <code>{device.certificateId}</code>
          </a>
        </dd>
      </dl>
      {isAlone && <p class="quiet-text">{t.onlyHere(endpoint.host)}</p>}
      <details>
        <summary>{t.key}</summary>
        <Lines text={device.privateKey} label={t.key} />
      </details>
      <details>
        <summary>{t.ca}</summary>
        <Lines text={endpoint.ca} label={t.ca} />
      </details>
    </>
  );
}

export function Ready({endpoint, device, onSaved, onAnother}: {endpoint: Endpoint; device: Device; onSaved: () => void; onAnother: () => void}) {
  const t = texts.value;
  const presence = usePresence(device.name);
  const ways = snippets(endpoint, device.name);
  const way = ways.find((one) => one.id === route.value.query.get("way")) ?? (ways[0] as Snippet);
  const contents = new Map(files(endpoint, device).map(({path, text}) => [path.slice(path.indexOf("/") + 1), text]));
  const save = () => {
    download(archiveName(device.name), [zip(files(endpoint, device), new Date())], "application/zip");
    onSaved();
  };
  return (
    <div class="devices-ready">
      <section class="panel">
        <h2>{t.ready(device.name)}</h2>
        <p class={`status ${presence === "connected" ? "on" : "off"}`} role="status">
          <span class="dot" aria-hidden="true" />
          <bdi>{t[presence](device.name)}</bdi>
        </p>
        <p class="devices-links">
          <a href={href("presence", {q: device.name, client: device.name})} onClick={follow}>{t.see}</a>
          <a href={href("mqtt", {sub: `0 ${device.name}/#`})} onClick={follow}>{t.watch}</a>
        </p>
        <p class="warm-text">{t.once}</p>
        <div class="devices-actions devices-left">
          <button type="button" class="main" onClick={save}>{t.download(archiveName(device.name))}</button>
          <button type="button" onClick={onAnother}>{t.another}</button>
        </div>
        <Facts endpoint={endpoint} device={device} />
      </section>
      <section class="panel devices-ways">
        <Tabs label={t.waysLabel} tabs={ways.map(({id}) => ({id, title: t.ways[id]}))} chosen={way.id} onChoose={(id) => setQuery({way: id})}>
          <Way snippet={way} texts={contents} name={device.name} />
        </Tabs>
      </section>
    </div>
  );
}
