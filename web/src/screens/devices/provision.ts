// Makes a device as AWS's installer and `croft device create` do: policy, certificate, thing, attached to each other.
import * as iot from "./iot";
import {devicePolicy, policyNameFor, type Device, type Endpoint} from "./kit";

export const steps = ["policy", "certificate", "thing", "attach"] as const;
export type Step = (typeof steps)[number];

async function ensurePolicy(endpoint: Endpoint, name: string, thing: string): Promise<void> {
  const names = await iot.allPolicyNames();
  if (!names.includes(name)) await iot.createPolicy(name, JSON.stringify(devicePolicy(endpoint, thing)));
}

// Best effort: the first failure is the one that counts.
async function takeBack(thing: string, policy: string, made: iot.NewCertificate): Promise<void> {
  const ignore = () => undefined;
  await iot.detachPrincipal(thing, made.certificateArn).catch(ignore);
  await iot.detachPolicy(policy, made.certificateArn).catch(ignore);
  await iot.setCertificateStatus(made.certificateId, "INACTIVE").catch(ignore);
  await iot.deleteCertificate(made.certificateId).catch(ignore);
}

// `policy` "": one of the thing's own. `began` is told each step. What was made is taken back when a later step fails.
export async function provision(endpoint: Endpoint, thing: string, policy: string, began: (step: Step) => void): Promise<Device> {
  const policyName = policy || policyNameFor(thing);
  began("policy");
  await ensurePolicy(endpoint, policyName, thing);
  began("certificate");
  const made = await iot.createKeysAndCertificate();
  try {
    began("thing");
    await iot.createThing(thing);
    began("attach");
    await iot.attachPolicy(policyName, made.certificateArn);
    await iot.attachPrincipal(thing, made.certificateArn);
  } catch (failure) {
    await takeBack(thing, policyName, made);
    throw failure;
  }
  return {
    name: thing, certificateArn: made.certificateArn, certificateId: made.certificateId,
    certificate: made.certificatePem, privateKey: made.keyPair.PrivateKey, publicKey: made.keyPair.PublicKey,
  };
}
