// AWS IoT Device SDK v2 by mutual TLS, MQTT 3.1.1 and MQTT 5: connects, subscribes, publishes, receives, disconnects.
// Arguments: host port ca certificate key client-id
import assert from "node:assert/strict";
import {once} from "node:events";
import {io, iot, mqtt, mqtt5} from "aws-iot-device-sdk-v2";

const [host, port, ca, certificate, key, clientId] = process.argv.slice(2);

async function mqtt311() {
  const config = iot.AwsIotMqttConnectionConfigBuilder.new_mtls_builder_from_path(certificate, key)
    .with_certificate_authority_from_path(undefined, ca)
    .with_endpoint(host).with_port(Number(port)).with_client_id(clientId).with_clean_session(true).build();
  const connection = new mqtt.MqttClient(new io.ClientBootstrap()).new_connection(config);
  const topic = `${clientId}/hello`;
  await connection.connect();
  const received = new Promise((resolve) =>
    connection.subscribe(topic, mqtt.QoS.AtLeastOnce, (_topic, payload) => resolve(Buffer.from(payload).toString()))
      .then(() => connection.publish(topic, "hello", mqtt.QoS.AtLeastOnce)));
  assert.equal(await received, "hello");
  await connection.disconnect();
}

async function mqttFive() {
  const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromPath(host, certificate, key);
  builder.withCertificateAuthorityFromPath(undefined, ca);
  builder.withPort(Number(port));
  builder.withConnectProperties({clientId, keepAliveIntervalSeconds: 60});
  const client = new mqtt5.Mqtt5Client(builder.build());
  const connected = once(client, "connectionSuccess");
  client.start();
  const [{connack}] = await connected;
  assert.equal(connack.reasonCode, 0);
  const topic = `${clientId}/five`;
  const message = once(client, "messageReceived");
  const suback = await client.subscribe({subscriptions: [{topicFilter: topic, qos: mqtt5.QoS.AtLeastOnce}]});
  assert.deepEqual(suback.reasonCodes, [1]);
  await client.publish({topicName: topic, qos: mqtt5.QoS.AtLeastOnce, payload: "five",
                        userProperties: [{name: "k", value: "v"}], contentType: "text/plain"});
  const [{message: got}] = await message;
  assert.equal(Buffer.from(got.payload).toString(), "five");
  assert.equal(got.contentType, "text/plain");
  const stopped = once(client, "stopped");
  client.stop();
  await stopped;
  client.close();
}

await mqtt311();
await mqttFive();
console.log("device ok");
process.exit(0);
