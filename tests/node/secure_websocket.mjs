// MQTT over WebSocket and TLS: MQTT.js with a client certificate, the AWS IoT Device SDK v2 with signatures, each with MQTT
// 3.1.1 and MQTT 5. Arguments: port, CA, certificate and key files; region and key come from the environment, as AWS's tools
// read them.
import assert from "node:assert/strict";
import {once} from "node:events";
import {readFileSync} from "node:fs";
import mqttjs from "mqtt";
import {auth, io, iot, mqtt, mqtt5} from "aws-iot-device-sdk-v2";

const [port, ca, cert, key] = process.argv.slice(2);
const {AWS_ACCESS_KEY_ID: keyId, AWS_SECRET_ACCESS_KEY: secret, AWS_DEFAULT_REGION: region} = process.env;
const credentials = auth.AwsCredentialsProvider.newStatic(keyId, secret);

async function mqttJs(protocolVersion) {
  const wsOptions = {ca: readFileSync(ca), cert: readFileSync(cert), key: readFileSync(key)};
  const client = await mqttjs.connectAsync(`wss://localhost:${port}/mqtt`,
    {protocolVersion, reconnectPeriod: 0, clientId: `mqttjs-certificate-${protocolVersion}`, wsOptions});
  await client.subscribeAsync("to/mqttjs", {qos: 1});
  const message = once(client, "message");
  const payload = Buffer.alloc(100_000, "x");
  await client.publishAsync("to/mqttjs", payload, {qos: 1});
  const [topic, got] = await message;
  assert.equal(topic, "to/mqttjs");
  assert.ok(payload.equals(got));
  await client.endAsync();
}

async function deviceSdk311() {
  const config = iot.AwsIotMqttConnectionConfigBuilder.new_with_websockets({region, credentials_provider: credentials})
    .with_certificate_authority_from_path(undefined, ca).with_endpoint("localhost").with_port(Number(port))
    .with_client_id("secure-sdk-311").with_clean_session(true).build();
  const connection = new mqtt.MqttClient(new io.ClientBootstrap()).new_connection(config);
  await connection.connect();
  const received = new Promise((resolve) =>
    connection.subscribe("secure/311", mqtt.QoS.AtLeastOnce, (_topic, payload) => resolve(Buffer.from(payload).toString()))
      .then(() => connection.publish("secure/311", "hello", mqtt.QoS.AtLeastOnce)));
  assert.equal(await received, "hello");
  await connection.disconnect();
}

async function deviceSdk5() {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newWebsocketMqttBuilderWithSigv4Auth("localhost",
    {region, credentialsProvider: credentials});
  builder.withPort(Number(port)).withCertificateAuthorityFromPath(undefined, ca);
  builder.withConnectProperties({clientId: "secure-sdk-5", keepAliveIntervalSeconds: 60});
  const client = new mqtt5.Mqtt5Client(builder.build());
  client.on("connectionFailure", ({error}) => { console.error(error); process.exit(1); });
  const connected = once(client, "connectionSuccess");
  client.start();
  await connected;
  const message = once(client, "messageReceived");
  await client.subscribe({subscriptions: [{topicFilter: "secure/5", qos: mqtt5.QoS.AtLeastOnce}]});
  await client.publish({topicName: "secure/5", qos: mqtt5.QoS.AtLeastOnce, payload: "five"});
  const [{message: got}] = await message;
  assert.equal(Buffer.from(got.payload).toString(), "five");
  const stopped = once(client, "stopped");
  client.stop();
  await stopped;
  client.close();
}

await mqttJs(4);
await mqttJs(5);
console.log("mqtt.js ok");
await deviceSdk311();
await deviceSdk5();
console.log("device sdk ok");
process.exit(0);
