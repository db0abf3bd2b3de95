// MQTT over WebSocket by signed URLs: MQTT.js and the AWS IoT Device SDK v2, each with MQTT 3.1.1 and MQTT 5. Endpoint and key
// come from the environment, as AWS's tools read them.
import assert from "node:assert/strict";
import {createHash, createHmac} from "node:crypto";
import {once} from "node:events";
import mqttjs from "mqtt";
import {auth, io, iot, mqtt, mqtt5} from "aws-iot-device-sdk-v2";

const {host, hostname, port} = new URL(process.env.AWS_ENDPOINT_URL);
const {AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret, AWS_DEFAULT_REGION: region} = process.env;

// As in the AWS IoT developer guide, "Connecting to AWS IoT over WebSocket".
function signedUrl() {
  const hmac = (with_key, text) => createHmac("sha256", with_key).update(text).digest();
  const hash = (text) => createHash("sha256").update(text).digest("hex");
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${time.slice(0, 8)}/${region}/iotdevicegateway/aws4_request`;
  const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(`${key}/${scope}`)}` +
    `&X-Amz-Date=${time}&X-Amz-Expires=86400&X-Amz-SignedHeaders=host`;
  const request = `GET\n/mqtt\n${query}\nhost:${host}\n\nhost\n${hash("")}`;
  const signingKey = scope.split("/").reduce(hmac, `AWS4${secret}`);
  const signature = hmac(signingKey, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash(request)}`).toString("hex");
  return `ws://${host}/mqtt?${query}&X-Amz-Signature=${signature}`;
}

async function mqttJs(protocolVersion) {
  const options = {protocolVersion, reconnectPeriod: 0};
  const [one, two] = await Promise.all(["one", "two"].map((name) =>
    mqttjs.connectAsync(signedUrl(), {...options, clientId: `mqttjs-${protocolVersion}-${name}`})));
  for (const [from, to] of [[one, two], [two, one]]) {
    const topic = `to/${to.options.clientId}`;
    await to.subscribeAsync(topic, {qos: 1});
    const message = once(to, "message");
    const payload = Buffer.alloc(100_000, topic);
    await from.publishAsync(topic, payload, {qos: 1});
    const [gotTopic, gotPayload] = await message;
    assert.equal(gotTopic, topic);
    assert.ok(payload.equals(gotPayload));
  }
  await Promise.all([one.endAsync(), two.endAsync()]);
}

async function mqttJsIsRefused() {
  const client = mqttjs.connect(signedUrl().slice(0, -1) + "x", {reconnectPeriod: 0, clientId: "refused"});
  client.on("connect", () => assert.fail("a wrong signature was accepted"));
  await once(client, "close");
  await client.endAsync(true);
}

// The device SDK's builders always ask for TLS; without its context the same client speaks to a plain endpoint.
async function deviceSdk311() {
  const config = iot.AwsIotMqttConnectionConfigBuilder
    .new_with_websockets({region, credentials_provider: auth.AwsCredentialsProvider.newStatic(key, secret)})
    .with_endpoint(hostname).with_port(Number(port)).with_client_id("device-sdk-311").with_clean_session(true).build();
  config.tls_ctx = undefined;
  const connection = new mqtt.MqttClient(new io.ClientBootstrap()).new_connection(config);
  await connection.connect();
  const received = new Promise((resolve) =>
    connection.subscribe("device/311", mqtt.QoS.AtLeastOnce, (_topic, payload) => resolve(Buffer.from(payload).toString()))
      .then(() => connection.publish("device/311", "hello", mqtt.QoS.AtLeastOnce)));
  assert.equal(await received, "hello");
  await connection.disconnect();
}

async function deviceSdk5() {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newWebsocketMqttBuilderWithSigv4Auth(hostname,
    {region, credentialsProvider: auth.AwsCredentialsProvider.newStatic(key, secret)});
  builder.withPort(Number(port));
  builder.withConnectProperties({clientId: "device-sdk-5", keepAliveIntervalSeconds: 60});
  const config = builder.build();
  config.tlsCtx = undefined;
  const client = new mqtt5.Mqtt5Client(config);
  client.on("connectionFailure", ({error}) => { console.error(error); process.exit(1); });
  const connected = once(client, "connectionSuccess");
  client.start();
  await connected;
  const message = once(client, "messageReceived");
  await client.subscribe({subscriptions: [{topicFilter: "device/5", qos: mqtt5.QoS.AtLeastOnce}]});
  await client.publish({topicName: "device/5", qos: mqtt5.QoS.AtLeastOnce, payload: "five"});
  const [{message: got}] = await message;
  assert.equal(Buffer.from(got.payload).toString(), "five");
  const stopped = once(client, "stopped");
  client.stop();
  await stopped;
  client.close();
}

await mqttJs(4);
await mqttJs(5);
await mqttJsIsRefused();
console.log("mqtt.js ok");
await deviceSdk311();
await deviceSdk5();
console.log("device sdk ok");
process.exit(0);
