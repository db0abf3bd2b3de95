// Device certificates: what they are, what they may do and whose they are.
import {CopyButton} from "../../components/copy_button";
import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import type {Column} from "../../components/virtual_table";
import {dateTime} from "../../i18n";
import {follow, href, route, setQuery} from "../../router";
import {containing} from "../../words";
import * as iot from "./iot";
import {useAttempt, useList, useLoaded} from "./lists";
import {AddOne, closing, Details, Master, Members, Part, Search} from "./parts";
import {texts} from "./texts";

function Status({status}: {status: iot.CertificateStatus}) {
  const tone = status === "ACTIVE" ? "good" : status === "REVOKED" ? "bad" : "warm";
  return <span class={`badge ${tone}`}>{texts.value.certificate.statuses[status]}</span>;
}

const day = (seconds: number) => new Date(seconds * 1000).toISOString().slice(0, 10);

function columns(): Column<iot.Certificate>[] {
  const t = texts.value.certificate;
  return [
    {id: "id", title: t.id, needs: 170, width: "minmax(0, 2fr)", cell: (row) => <code title={row.certificateId}>{row.certificateId}</code>},
    {id: "status", title: t.status, needs: 120, width: "10rem", cell: (row) => <Status status={row.status} />},
    {id: "since", title: texts.value.since, needs: 180, width: "13rem", cell: (row) => dateTime(row.creationDate * 1000)},
  ];
}

interface Whole {
  certificate: iot.CertificateDetails;
  policies: string[];
  things: string[];
}

async function readCertificate(id: string): Promise<Whole> {
  const certificate = await iot.describeCertificate(id);
  const [policies, things] = await Promise.all([iot.attachedPolicies(certificate.certificateArn), iot.thingsOf(certificate.certificateArn)]);
  return {certificate, policies, things};
}

function CertificateDetails({id, onChange, onClose}: {id: string; onChange: () => void; onClose: () => void}) {
  const t = texts.value;
  const c = t.certificate;
  const loaded = useLoaded(id, () => readCertificate(id));
  const known = useLoaded("policies", iot.allPolicyNames);
  const attempt = useAttempt();
  const whole = loaded.value;
  const changed = () => {
    loaded.again();
    onChange();
  };
  const set = (status: "ACTIVE" | "INACTIVE" | "REVOKED") => iot.setCertificateStatus(id, status);
  const question = {title: c.deleteTitle, text: c.deleteText(id), action: t.delete};
  const remove = () => attempt.ask(question, () => iot.deleteCertificate(id), () => {
    onChange();
    onClose();
  });
  const detachPolicy = (policy: string, target: string) => attempt.ask(
    {title: c.detachPolicyTitle, text: c.detachPolicyText(policy, id), action: t.detach},
    () => iot.detachPolicy(policy, target), loaded.again);
  const detachThing = (thing: string, principal: string) => attempt.ask(
    {title: c.detachThingTitle, text: t.thing.detachText(id, thing), action: t.detach},
    () => iot.detachPrincipal(thing, principal), loaded.again);
  const body = ({certificate, policies, things}: Whole) => {
    const arn = certificate.certificateArn;
    return (
      <>
        <dl>
          <dt>{c.status}</dt>
          <dd><Status status={certificate.status} /></dd>
          <dt>{t.since}</dt>
          <dd>{dateTime(certificate.creationDate * 1000)}</dd>
          <dt>{c.valid}</dt>
          <dd>{c.until(day(certificate.validity.notBefore), day(certificate.validity.notAfter))}</dd>
          <dt>{c.issuer}</dt>
          <dd>{certificate.caCertificateId ? <code>{certificate.caCertificateId}</code> : c.own}</dd>
          <dt>{c.mode}</dt>
          <dd>{certificate.certificateMode}</dd>
          <dt>{t.thing.arn}</dt>
          <dd><bdi>{arn}</bdi></dd>
        </dl>
        <div class="devices-actions devices-left">
          {certificate.status !== "ACTIVE" && <button type="button" disabled={attempt.isBusy} onClick={() => attempt.run(() => set("ACTIVE"), changed)}>{c.activate}</button>}
          {certificate.status === "ACTIVE" && (
            <button type="button" disabled={attempt.isBusy} 
              onClick={() => void attempt.ask({title: c.deactivateTitle, text: c.deactivateText(id), action: c.deactivate},
                () => set("INACTIVE"), changed)}>
              {c.deactivate}
            </button>
          )}
          {certificate.status !== "REVOKED" && (
            <button type="button" disabled={attempt.isBusy} 
              onClick={() => void attempt.ask({title: c.revokeTitle, text: c.revokeText(id), action: c.revoke},
                () => set("REVOKED"), changed)}>
              {c.revoke}
            </button>
          )}
          <a href={href("devices", {tab: "refused", client: id})} onClick={follow}>{t.thing.why}</a>
        </div>
        <Part title={c.policies}>
          <Members names={policies} to="policy" action={(policy) => `${t.detach} ${policy}`} onRemove={(policy) => void detachPolicy(policy, arn)} />
          <AddOne label={c.policy} action={t.attach} known={known.value}
            onAdd={(policy, done) => attempt.run(() => iot.attachPolicy(policy, arn), () => { done(); loaded.again(); })} />
        </Part>
        <Part title={c.things}>
          <Members names={things} to="thing" action={(thing) => `${t.detach} ${thing}`} onRemove={(thing) => void detachThing(thing, arn)} />
          <AddOne label={t.thing.name} action={t.attach}
            onAdd={(thing, done) => attempt.run(() => iot.attachPrincipal(thing, arn), () => { done(); loaded.again(); })} />
        </Part>
        <Part title={c.pem}>
          <pre class="devices-pem" tabIndex={0} aria-label={c.pem}>{certificate.certificatePem}</pre>
          <CopyButton text={certificate.certificatePem} />
        </Part>
        <div class="devices-actions">
          <button type="button" class="danger" disabled={attempt.isBusy} onClick={() => void remove()}>
            {t.delete}
          </button>
        </div>
      </>
    );
  };
  return (
    <Details title={id} label={`${c.id} ${id}`} onClose={onClose}>
      <Failure of={attempt.failure ?? loaded.failure} />
      {!whole && !loaded.failure && <p class="quiet-text">{t.reading}</p>}
      {whole && body(whole)}
    </Details>
  );
}

export function Certificates() {
  const t = texts.value;
  const query = route.value.query;
  const text = query.get("q") ?? "";
  const chosen = query.get("certificate") ?? "";
  const list = useList("certificates", iot.listCertificates);
  const passes = containing(text);
  const rows = list.items.filter((one) => passes(`${one.certificateId} ${one.status} ${t.certificate.statuses[one.status]}`));
  const open = (certificate: string) => setQuery({certificate}, "push");
  return (
    <>
      <Search value={text} label={t.filter} hint={t.filterIds} onFind={(id) => /^[0-9a-f]{64}$/.test(id) && open(id)}
        count={t.shown(rows.length, list.items.length, list.more !== undefined)} />
      <Master label={t.tabs.certificates} list={list} rows={rows} columns={columns()} idOf={(row) => row.certificateId} chosen={chosen} onOpen={open}
        details={chosen !== "" && <CertificateDetails key={chosen} id={chosen} onChange={list.again} onClose={closing("certificate", chosen)} />}
        empty={
          <Empty title={t.certificate.emptyTitle}>
            <p>{t.certificate.emptyText}</p>
            <Command text={`aws iot create-keys-and-certificate --set-as-active --endpoint-url ${location.origin}`} />
            <p>
              <a href={href("devices", {tab: "connect"})} onClick={follow}>
                {t.tabs.connect}
              </a>
            </p>
          </Empty>
        } />
    </>
  );
}
