// The wizard: a name, and a device with its certificate and the commands that connect it.
import {signal} from "@preact/signals";
import {useEffect, useState} from "preact/hooks";
import {croftPage} from "../../api";
import {confirm} from "../../components/dialog";
import {Failure} from "../../components/failure";
import {texts as general} from "../../i18n";
import * as iot from "./iot";
import {thingNamePattern, type Device, type Endpoint} from "./kit";
import {useLoaded} from "./lists";
import {provision, steps, type Step} from "./provision";
import {Ready} from "./ready";
import {texts} from "./texts_connect";

// GET /_croft/instance
interface Instance {
  region: string;
  account: string;
  endpoints: {mqtts?: string};
  deviceHost: string;
  caCertificatePem: string;
}

// What was made, with its key: as long as the page lives, or until the person is done with it.
interface Made {
  endpoint: Endpoint;
  device: Device;
  isSaved: boolean;
}
const made = signal<Made | undefined>(undefined);

type Progress = {step: Step; failure: unknown} | undefined;

function endpointOf(instance: Instance): Endpoint | undefined {
  const {mqtts} = instance.endpoints;
  if (!mqtts) return undefined;
  return {
    host: instance.deviceHost,
    port: Number(mqtts.slice(mqtts.lastIndexOf(":") + 1)),
    region: instance.region,
    account: instance.account,
    ca: instance.caCertificatePem,
  };
}

function Steps({progress}: {progress: Progress}) {
  const t = texts.value;
  const at = progress ? steps.indexOf(progress.step) : -1;
  const stateOf = (index: number) => (index < at ? "done" : index > at ? "waiting" : progress?.failure === undefined ? "running" : "failed");
  return (
    <ol class="devices-steps">
      {steps.map((step, index) => (
        <li key={step} class={`devices-step-${stateOf(index)}`}>
          <span class="dot" aria-hidden="true" />
          {t.steps[step]}
          <span class="hidden">{t.step[stateOf(index)]}</span>
        </li>
      ))}
    </ol>
  );
}

function Form({endpoint}: {endpoint: Endpoint}) {
  const t = texts.value;
  const [name, setName] = useState("");
  const [policy, setPolicy] = useState("");
  const [progress, setProgress] = useState<Progress>(undefined);
  const policies = useLoaded("policies", iot.allPolicyNames);
  const isBusy = progress !== undefined && progress.failure === undefined;
  const submit = (event: Event) => {
    event.preventDefault();
    let at: Step = "policy";
    const began = (step: Step) => setProgress({step: (at = step), failure: undefined});
    provision(endpoint, name, policy, began).then(
      (device) => (made.value = {endpoint, device, isSaved: false}),
      (failure: unknown) => setProgress({step: at, failure}),
    );
  };
  return (
    <section class="panel devices-wizard">
      <p>{t.intro}</p>
      <form class="stack" onSubmit={submit}>
        <label>
          {t.name}
          <input required maxLength={128} pattern={thingNamePattern} title={t.nameRule} placeholder={t.nameHint} value={name} disabled={isBusy} spellcheck={false}
            autocomplete="off" onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          {t.policy}
          <select value={policy} disabled={isBusy} onChange={(event) => setPolicy(event.currentTarget.value)}>
            <option value="">{t.ownPolicy(name)}</option>
            {policies.value?.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
        </label>
        <div class="line">
          {progress ? <Steps progress={progress} /> : <span class="quiet-text grow">{t.nameRule}</span>}
          <button type="submit" class="main" disabled={isBusy}>
            {t.make}
          </button>
        </div>
        {progress?.failure !== undefined && (
          <>
            <Failure of={progress.failure} />
            {steps.indexOf(progress.step) > steps.indexOf("certificate") && <p class="quiet-text">{t.takenBack}</p>}
          </>
        )}
      </form>
    </section>
  );
}

// Closing the page loses a key that nobody saved.
function useWarning(isNeeded: boolean): void {
  useEffect(() => {
    if (!isNeeded) return;
    const warn = (event: Event) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isNeeded]);
}

export function Connect() {
  const t = texts.value;
  const instance = useLoaded("instance", () => croftPage<Instance>("instance"));
  const current = made.value;
  useWarning(current !== undefined && !current.isSaved);
  const another = async () => {
    if (current && !current.isSaved && !(await confirm({title: t.forget, text: t.forgetText(current.device.name), action: t.leave}))) return;
    made.value = undefined;
  };
  if (current)
    return <Ready endpoint={current.endpoint} device={current.device} onSaved={() => (made.value = {...current, isSaved: true})} onAnother={() => void another()} />;
  if (!instance.value) return instance.failure ? <Failure of={general.value.failed(String(instance.failure))} /> : null;
  const endpoint = endpointOf(instance.value);
  return endpoint ? <Form endpoint={endpoint} /> : <Failure of={t.noPort} />;
}
