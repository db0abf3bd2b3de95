// Policies of AWS IoT: their documents in versions, and to what they are attached.
import {useState} from "preact/hooks";
import {Editor} from "../../components/editor";
import {Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import type {Column} from "../../components/virtual_table";
import {useHere} from "../../here";
import {dateTime} from "../../i18n";
import {route, setQuery} from "../../router";
import {containing} from "../../words";
import * as iot from "./iot";
import {useAttempt, useList, useLoaded} from "./lists";
import {AddOne, closing, Details, Master, Part, Search, shortId, To} from "./parts";
import {texts} from "./texts";

type Named = {policyName: string; policyArn: string};

const template = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "iot:Connect",
      "Resource": "*"
    }
  ]
}
`;

// As it is edited: indented when it is JSON, as it is otherwise.
function pretty(document: string): string {
  try {
    return `${JSON.stringify(JSON.parse(document), null, 2)}\n`;
  } catch {
    return document;
  }
}

function columns(): Column<Named>[] {
  const t = texts.value;
  return [
    {id: "id", title: t.policy.name, needs: 150, width: "minmax(0, 1fr)", cell: (row) => <bdi title={row.policyName}>{row.policyName}</bdi>},
    {id: "arn", title: t.thing.arn, needs: 260, width: "minmax(0, 2fr)", cell: (row) => <bdi title={row.policyArn}>{row.policyArn}</bdi>},
  ];
}

function Create({onMade, onClose}: {onMade: (name: string) => void; onClose: () => void}) {
  const t = texts.value;
  const [name, setName] = useState("");
  const [document, setDocument] = useState(template);
  const attempt = useAttempt();
  const make = () => attempt.run(() => iot.createPolicy(name.trim(), document), () => onMade(name.trim()));
  return (
    <Details title={t.policy.create} label={t.policy.create} onClose={onClose}>
      <form class="stack" onSubmit={(event) => { event.preventDefault(); make(); }}>
        <label>
          <span class="hidden">{t.policy.name}</span>
          <input required placeholder={t.policy.name} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <Editor label={t.policy.document} language="json" size="large" value={document} onChange={setDocument} onRun={make} />
        <Failure of={attempt.failure} />
        <div class="devices-actions">
          <button type="submit" class="main" disabled={attempt.isBusy}>
            {t.policy.create}
          </button>
        </div>
      </form>
    </Details>
  );
}

// One version's document; saving makes a version.
function Document({name, version, onSaved}: {name: string; version: string; onSaved: (version: string) => void}) {
  const t = texts.value.policy;
  const read = useLoaded(`${name} ${version}`, () => iot.getPolicyVersion(name, version));
  const [draft, setDraft] = useState<string | undefined>(undefined);
  const attempt = useAttempt();
  if (!read.value) return read.failure ? <Failure of={read.failure} /> : <p class="quiet-text">{texts.value.reading}</p>;
  const shown = pretty(read.value.policyDocument);
  const save = () =>
    attempt.run(async () => {
      const made = await iot.createPolicyVersion(name, draft ?? shown);
      onSaved(made.policyVersionId);
    });
  return (
    <>
      <Editor label={t.document} language="json" size="large" value={draft ?? shown} onChange={(text) => setDraft(text === shown ? undefined : text)} onRun={save} />
      <Failure of={attempt.failure} />
      <div class="devices-actions">
        <button type="button" class="main" disabled={attempt.isBusy || draft === undefined} onClick={save}>
          {t.saveVersion}
        </button>
      </div>
    </>
  );
}

function Targets({name}: {name: string}) {
  const t = texts.value;
  const targets = useLoaded(name, () => iot.targetsOf(name));
  const certificates = useLoaded("certificates", () => iot.listCertificates(""));
  const attempt = useAttempt();
  const detach = (target: string) => attempt.ask(
    {title: t.certificate.detachPolicyTitle, text: t.certificate.detachPolicyText(name, target), action: t.detach},
    () => iot.detachPolicy(name, target), targets.again);
  return (
    <Part title={t.policy.targets}>
      <Failure of={attempt.failure ?? targets.failure} />
      {targets.value?.length === 0 && <p class="quiet-text">{t.none}</p>}
      <ul class="devices-members">
        {targets.value?.map((target) => (
          <li key={target}>
            <span title={target}>{target.includes(":cert/") ? <To kind="certificate" name={iot.nameOf(target)}>{shortId(iot.nameOf(target))}</To> : <bdi>{target}</bdi>}</span>
            <button type="button" class="quiet" aria-label={`${t.detach} ${target}`} title={t.detach} onClick={() => void detach(target)}>
              ✕
            </button>
          </li>
        ))}
      </ul>
      <AddOne label={t.policy.target} action={t.attach} known={certificates.value?.items.map((one) => one.certificateArn)}
        onAdd={(target, done) => attempt.run(() => iot.attachPolicy(name, target), () => { done(); targets.again(); })} />
    </Part>
  );
}

function PolicyDetails({name, onChange, onClose}: {name: string; onChange: () => void; onClose: () => void}) {
  const t = texts.value;
  const versions = useLoaded(name, () => iot.policyVersions(name));
  const attempt = useAttempt();
  const standing = versions.value?.find((one) => one.isDefaultVersion)?.versionId ?? "";
  const wanted = route.value.query.get("version") ?? "";
  const version = versions.value?.some((one) => one.versionId === wanted) ? wanted : standing;
  const open = (id: string) => setQuery({version: id});
  const isHere = useHere();
  const changed = () => {
    versions.again();
    if (isHere()) open("");
  };
  const removeVersion = () => attempt.ask(
    {title: t.policy.deleteVersionTitle, text: t.policy.deleteVersionText(version, name), action: t.policy.deleteVersion},
    () => iot.deletePolicyVersion(name, version), changed);
  const question = {title: t.policy.deleteTitle, text: t.policy.deleteText(name), action: t.delete};
  const remove = () => attempt.ask(question, () => iot.deletePolicy(name), () => {
    onChange();
    onClose();
  });
  return (
    <Details title={name} label={`${t.policy.name} ${name}`} onClose={onClose}>
      <Failure of={attempt.failure ?? versions.failure} />
      {versions.value && (
        <>
          <div class="line devices-versions">
            <label class="grow">
              <span class="hidden">{t.version}</span>
              <select value={version} onChange={(event) => open(event.currentTarget.value)}>
                {versions.value.map((one) => (
                  <option key={one.versionId} value={one.versionId}>
                    {t.policy.versionOf(one.versionId)}
                    {one.isDefaultVersion ? ` (${t.policy.isDefault})` : ""} · {dateTime(one.createDate * 1000)}
                  </option>
                ))}
              </select>
            </label>
            {version !== standing && (
              <>
                <button type="button" disabled={attempt.isBusy} onClick={() => attempt.run(() => iot.setDefaultVersion(name, version), changed)}>{t.policy.setDefault}</button>
                <button type="button" class="danger" disabled={attempt.isBusy} onClick={() => void removeVersion()}>{t.policy.deleteVersion}</button>
              </>
            )}
          </div>
          <Document key={`${name} ${version}`} name={name} version={version} onSaved={changed} />
          <Targets name={name} />
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

export function Policies() {
  const t = texts.value;
  const query = route.value.query;
  const text = query.get("q") ?? "";
  const chosen = query.get("policy") ?? "";
  const isNew = query.get("new") === "1";
  const list = useList("policies", iot.listPolicies);
  const passes = containing(text);
  const rows = list.items.filter((one) => passes(one.policyName));
  const open = (policy: string) => setQuery({policy, version: "", new: ""}, "push");
  const made = (name: string) => {
    list.again();
    if (route.peek().query.get("new") === "1") open(name);
  };
  const create = (
    <button type="button" onClick={() => setQuery({policy: "", version: "", new: "1"}, "push")}>
      {t.policy.create}
    </button>
  );
  const details = isNew ? (
    <Create onMade={made} onClose={() => open("")} />
  ) : (
    chosen !== "" && <PolicyDetails key={chosen} name={chosen} onChange={list.again} onClose={closing("policy", chosen)} />
  );
  return (
    <>
      <Search value={text} label={t.filter} hint={t.filterNames} onFind={(name) => name !== "" && open(name)} count={t.shown(rows.length, list.items.length, list.more !== undefined)}>
        {create}
      </Search>
      <Master label={t.tabs.policies} list={list} rows={rows} columns={columns()} idOf={(row) => row.policyName} chosen={chosen} onOpen={open} details={details}
        empty={
          <Empty title={t.policy.emptyTitle}>
            <p>{t.policy.emptyText}</p>
          </Empty>
        } />
    </>
  );
}
