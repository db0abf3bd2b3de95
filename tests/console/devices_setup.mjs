// Things, a certificate with its policy, and a client that was refused, for pictures of the Devices screen.
import {execFileSync} from "node:child_process";
import {mkdtempSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {aws} from "./aws.mjs";
import {gateway} from "./browser.mjs";

let made;

// Once.
export function makeDevices() {
  made ??= make();
  return made;
}

async function make() {
  await aws("iot", "POST", "/thing-types/pump", {});
  await aws("iot", "POST", "/thing-groups/plant-7", {});
  for (const [name, site] of [["pump-1", "north"], ["pump-2", "north"], ["pump-3", "south"]])
    await aws("iot", "POST", `/things/${name}`, {thingTypeName: "pump", attributePayload: {attributes: {site, serial: `A-1${name.at(-1)}`}}});
  await aws("iot", "POST", "/things/gateway-7", {});
  await aws("iot", "PUT", "/thing-groups/addThingToThingGroup", {thingName: "pump-2", thingGroupName: "plant-7"});
  await aws("iotdata", "POST", "/things/pump-2/shadow", {state: {desired: {speed: 3, valve: "open"}, reported: {speed: 2, valve: "open"}}});
  const certificate = await aws("iot", "POST", "/keys-and-certificate?setAsActive=true");
  await aws("iot", "POST", "/policies/pumps", {policyDocument: JSON.stringify({Version: "2012-10-17", Statement: [
    {Effect: "Allow", Action: ["iot:Connect", "iot:Publish"], Resource: ["arn:aws:iot:us-east-1:000000000000:client/*", "arn:aws:iot:us-east-1:000000000000:topic/pumps/*"]},
    {Sid: "NoCommands", Effect: "Deny", Action: "iot:Publish", Resource: "arn:aws:iot:us-east-1:000000000000:topic/pumps/*/command"}]})});
  await aws("iot", "PUT", "/target-policies/pumps", {target: certificate.certificateArn});
  await aws("iot", "PUT", "/things/pump-2/principals", undefined, {"x-amzn-principal": certificate.certificateArn});
  await refuse(certificate, ["plant/temperature", "plant/temperature", "pumps/2/command"]);
  return certificate;
}

async function refuse(certificate, topics) {
  const {endpoints, caCertificatePem} = await (await fetch(`${gateway}/_croft/instance`)).json();
  const folder = mkdtempSync(join(tmpdir(), "croft-refused-"));
  const file = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const options = ["--cafile", file("ca.pem", caCertificatePem), "--cert", file("c.pem", certificate.certificatePem), "--key", file("k.pem", certificate.keyPair.PrivateKey)];
  const [host, port] = endpoints.mqtts.split(":");
  for (const topic of topics) execFileSync("mosquitto_pub", ["-h", host, "-p", port, ...options, "-i", "pump-2", "-t", topic, "-m", "21"]);
  rmSync(folder, {recursive: true});
}
