import assert from "node:assert/strict";
import {test} from "node:test";
import {devicePolicy, files, snippets, type Device, type Endpoint} from "./kit";

const endpoint: Endpoint = {host: "127.0.0.1", port: 8883, region: "us-east-1", account: "000000000000", ca: "CA"};
const device: Device = {name: "pump:7", certificateArn: "arn", certificateId: "id", certificate: "CERT", privateKey: "KEY\n", publicKey: "PUB"};

test("the policy lets the device use its own topics and nothing else", () => {
  assert.deepEqual(devicePolicy(endpoint, "p"), {
    Version: "2012-10-17",
    Statement: [
      {Effect: "Allow", Action: ["iot:Connect"], Resource: ["arn:aws:iot:us-east-1:000000000000:client/p", "arn:aws:iot:us-east-1:000000000000:client/p-*"]},
      {Effect: "Allow", Action: ["iot:Publish", "iot:Receive"], Resource: ["$aws/things/p/*", "$aws/things/p-*", "p/*"].map((rest) => `arn:aws:iot:us-east-1:000000000000:topic/${rest}`)},
      {Effect: "Allow", Action: ["iot:Subscribe"], Resource: ["$aws/things/p/*", "$aws/things/p-*", "p/*"].map((rest) => `arn:aws:iot:us-east-1:000000000000:topicfilter/${rest}`)},
    ],
  });
});

test("files have names that every system takes, and only the key is its owner's alone", () => {
  const made = files(endpoint, device);
  assert.deepEqual(made.map(({path, mode}) => `${path} ${mode.toString(8)}`), [
    "pump_7/README.md 644", "pump_7/certs/root.ca.pem 644", "pump_7/certs/pump_7.cert.pem 644", "pump_7/certs/pump_7.private.key 600",
    "pump_7/certs/pump_7.public.key 644", "pump_7/pubsub.py 644", "pump_7/pubsub.mjs 644", "pump_7/config/config.json 644", "pump_7/greengrass/config.yaml 644",
  ]);
  assert.equal(made.find(({path}) => path.endsWith(".private.key"))?.text, "KEY\n");
  assert.equal(made.filter(({text}) => text.includes("KEY\n")).length, 1);
  const config = JSON.parse(made.find(({path}) => path.endsWith("config.json"))?.text ?? "") as {coreThing: Record<string, unknown>};
  assert.equal(config.coreThing["certPath"], "pump_7.cert.pem");
  assert.equal(config.coreThing["thingArn"], "arn:aws:iot:us-east-1:000000000000:thing/pump:7");
});

test("commands name what the archive has", () => {
  const paths = new Set(files(endpoint, device).map(({path}) => path.replace("pump_7/", "")));
  for (const {run, file} of snippets(endpoint, "pump:7")) {
    for (const [path] of run.matchAll(/\b(?:certs|greengrass)\/[\w.]+\.(?:pem|key|yaml)\b/g)) assert.ok(paths.has(path), path);
    assert.ok(file === "" || paths.has(file), file);
  }
});
