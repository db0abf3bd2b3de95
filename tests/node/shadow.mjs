// AWS's shadow client (IoT Device SDK v2, over MQTT 5 and mutual TLS): a named shadow is made, heard, read, refused, deleted.
// Arguments: host port ca certificate key client-id
import assert from "node:assert/strict";
import {once} from "node:events";
import {iot, iotshadow, mqtt5} from "aws-iot-device-sdk-v2";

const [host, port, ca, certificate, key, thingName] = process.argv.slice(2);
const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromPath(host, certificate, key);
builder.withCertificateAuthorityFromPath(undefined, ca);
builder.withPort(Number(port));
builder.withConnectProperties({clientId: thingName, keepAliveIntervalSeconds: 60});
const client = new mqtt5.Mqtt5Client(builder.build());
const connected = once(client, "connectionSuccess");
client.start();
await connected;

const shadows = iotshadow.IotShadowClientv2.newFromMqtt5(client, {
  maxRequestResponseSubscriptions: 4, maxStreamingSubscriptions: 2, operationTimeoutInSeconds: 10});
const shadowName = "config";

async function refusal(request) {
  try {
    await request;
  } catch (error) {
    return [error.modeledError.code, error.modeledError.message];
  }
  assert.fail("was not refused");
}

const missing = [404, `No shadow exists with name: '${thingName}~${shadowName}'`];
assert.deepEqual(await refusal(shadows.getNamedShadow({thingName, shadowName})), missing);

const deltas = shadows.createNamedShadowDeltaUpdatedStream({thingName, shadowName});
const streaming = once(deltas, "subscriptionStatus");
const delta = once(deltas, "incomingPublish");
deltas.open();
await streaming;
const made = await shadows.updateNamedShadow({thingName, shadowName, state: {desired: {on: true}, reported: {on: false, n: 1}}});
assert.deepEqual([made.version, made.state], [1, {desired: {on: true}, reported: {on: false, n: 1}}]);
assert.ok(Math.abs(made.timestamp * 1000 - Date.now()) < 60_000);  // seconds, as they come
const [{message}] = await delta;
assert.deepEqual([message.version, message.state], [1, {on: true}]);

const read = await shadows.getNamedShadow({thingName, shadowName});
assert.deepEqual([read.version, read.state.delta, read.state.reported], [1, {on: true}, {on: false, n: 1}]);
const late = shadows.updateNamedShadow({thingName, shadowName, version: 7, state: {desired: {on: false}}});
assert.deepEqual(await refusal(late), [409, "Version conflict"]);
const deleted = await shadows.deleteNamedShadow({thingName, shadowName});
assert.equal(deleted.version, 1);
assert.deepEqual(await refusal(shadows.getNamedShadow({thingName, shadowName})), missing);

deltas.close();
shadows.close();
const stopped = once(client, "stopped");
client.stop();
await stopped;
client.close();
console.log("shadow ok");
process.exit(0);
