// What a new device gets: its policy, its files, and the commands that use them. Paths are relative to the unpacked folder.
import type {ZipEntry} from "./zip";

export interface Endpoint {
  host: string;
  port: number;
  region: string;
  account: string;
  ca: string; // PEM
}

export interface Device {
  name: string; // of the thing; the client id as well
  certificateArn: string;
  certificateId: string;
  certificate: string; // PEM, as the keys
  privateKey: string;
  publicKey: string;
}

export interface Snippet {
  id: "mosquitto" | "python" | "node" | "croft" | "greengrass";
  language: "text" | "python" | "javascript" | "yaml";
  setup: string; // commands for once; "" for none
  run: string; // commands
  file: string; // a path in the archive that is shown; "" for none
}

// Least rights: to connect as NAME or NAME-anything, and to use topics below NAME/ and the thing's own reserved ones. The same
// document as `croft device create` makes (src/cli/provisioning.cpp).
export function devicePolicy({region, account}: Pick<Endpoint, "region" | "account">, name: string): object {
  const arn = (kind: string, rest: string) => `arn:aws:iot:${region}:${account}:${kind}/${rest}`;
  const topics = (kind: string) => [arn(kind, `$aws/things/${name}/*`), arn(kind, `$aws/things/${name}-*`), arn(kind, `${name}/*`)];
  const allow = (Action: string[], Resource: string[]) => ({Effect: "Allow", Action, Resource});
  return {
    Version: "2012-10-17",
    Statement: [
      allow(["iot:Connect"], [arn("client", name), arn("client", `${name}-*`)]),
      allow(["iot:Publish", "iot:Receive"], topics("topic")),
      allow(["iot:Subscribe"], topics("topicfilter")),
    ],
  };
}

export const policyNameFor = (thing: string) => `${thing}-device`;

// AWS's pattern of thing names; Windows knows no ':' in files.
export const thingNamePattern = "[a-zA-Z0-9:_\\-]{1,128}";
export const fileName = (thing: string) => thing.replaceAll(":", "_");

const paths = (name: string) => ({
  ca: "certs/root.ca.pem",
  certificate: `certs/${fileName(name)}.cert.pem`,
  key: `certs/${fileName(name)}.private.key`,
});

function mosquitto({host, port}: Endpoint, name: string): string {
  const {ca, certificate, key} = paths(name);
  const connection = `-h ${host} -p ${port} --cafile ${ca} \\
    --cert ${certificate} --key ${key} \\
   `;
  return `mosquitto_sub ${connection} -i ${name}-watch -t '${name}/#' -v &
sleep 1
mosquitto_pub ${connection} -i ${name} -t ${name}/hello -q 1 -m '{"message": "hello"}'
`;
}

function python({host, port}: Endpoint, name: string): string {
  const {ca, certificate, key} = paths(name);
  return `# AWS IoT Device SDK v2 for Python: connects, listens to ${name}/#, says hello, and stays.
from concurrent.futures import Future

from awscrt import mqtt5
from awsiot import mqtt5_client_builder

connected = Future()


def on_publish_received(data):
    packet = data.publish_packet
    print(packet.topic, packet.payload.decode(), flush=True)


def on_connected(data):
    if not connected.done():
        connected.set_result(data.connack_packet)


client = mqtt5_client_builder.mtls_from_path(
    endpoint="${host}", port=${port},
    cert_filepath="${certificate}",
    pri_key_filepath="${key}",
    ca_filepath="${ca}",
    client_id="${name}", keep_alive_interval_sec=60,
    on_publish_received=on_publish_received,
    on_lifecycle_connection_success=on_connected,
    on_lifecycle_connection_failure=lambda data: print("not connected:", data.exception))
client.start()
connected.result(30)
print("connected", flush=True)

everything = mqtt5.Subscription(topic_filter="${name}/#", qos=mqtt5.QoS.AT_LEAST_ONCE)
client.subscribe(mqtt5.SubscribePacket(subscriptions=[everything])).result(30)
hello = mqtt5.PublishPacket(
    topic="${name}/hello", payload='{"message": "hello"}', qos=mqtt5.QoS.AT_LEAST_ONCE)
client.publish(hello).result(30)
input("Enter ends\\n")
client.stop()
`;
}

function node({host, port}: Endpoint, name: string): string {
  const {ca, certificate, key} = paths(name);
  return `// AWS IoT Device SDK v2 for JavaScript: connects, listens to ${name}/#, says hello, and stays until Ctrl-C.
import {once} from "node:events";
import {iot, mqtt5} from "aws-iot-device-sdk-v2";

const builder = iot.AwsIotMqtt5ClientConfigBuilder.newDirectMqttBuilderWithMtlsFromPath(
  "${host}", "${certificate}", "${key}");
builder.withCertificateAuthorityFromPath(undefined, "${ca}");
builder.withPort(${port});
builder.withConnectProperties({clientId: "${name}", keepAliveIntervalSeconds: 60});

const client = new mqtt5.Mqtt5Client(builder.build());
client.on("messageReceived", ({message}) => console.log(message.topicName, Buffer.from(message.payload).toString()));
client.on("connectionFailure", ({error}) => console.error("not connected:", error.toString()));
const connected = once(client, "connectionSuccess");
client.start();
await connected;
console.log("connected");

await client.subscribe({subscriptions: [{topicFilter: "${name}/#", qos: mqtt5.QoS.AtLeastOnce}]});
await client.publish({topicName: "${name}/hello", payload: '{"message": "hello"}', qos: mqtt5.QoS.AtLeastOnce});
`;
}

// As `croft device create` writes it; its files are relative to certs/. Source: AWS IoT Greengrass V1 developer guide, "AWS IoT
// Greengrass Core configuration file".
function coreConfig(endpoint: Endpoint, name: string): string {
  const {host, port, region, account} = endpoint;
  const {ca, certificate, key} = paths(name);
  const inCerts = (path: string) => path.replace(/^certs\//, "");
  const coreThing = {
    caPath: inCerts(ca), certPath: inCerts(certificate), keyPath: inCerts(key),
    thingArn: `arn:aws:iot:${region}:${account}:thing/${name}`, iotHost: host, ggHost: host, iotMqttPort: port, keepAlive: 600,
  };
  return `${JSON.stringify({coreThing, runtime: {cgroup: {useSystemd: "yes"}}, managedRespawn: false}, null, 2)}\n`;
}

// Source: AWS IoT Greengrass V2 developer guide, "Install AWS IoT Greengrass Core software with manual resource provisioning".
function nucleusConfig({host, port, region}: Endpoint, name: string): string {
  const text = JSON.stringify; // a JSON string is one of YAML
  return `---
system:
  certificateFilePath: "/greengrass/v2/device.pem.crt"
  privateKeyPath: "/greengrass/v2/private.pem.key"
  rootCaPath: "/greengrass/v2/AmazonRootCA1.pem"
  rootpath: "/greengrass/v2"
  thingName: ${text(name)}
services:
  aws.greengrass.Nucleus:
    componentType: "NUCLEUS"
    configuration:
      awsRegion: ${text(region)}
      iotRoleAlias: ""
      iotDataEndpoint: ${text(host)}
      iotCredEndpoint: ${text(host)}
      mqtt:
        port: ${port}
`;
}

function greengrass(name: string): string {
  const {ca, certificate, key} = paths(name);
  return `sudo install -D -m 644 ${certificate} /greengrass/v2/device.pem.crt
sudo install -D -m 600 ${key} /greengrass/v2/private.pem.key
sudo install -D -m 644 ${ca} /greengrass/v2/AmazonRootCA1.pem
sudo -E java -Droot=/greengrass/v2 -Dlog.store=FILE -jar ./GreengrassInstaller/lib/Greengrass.jar \\
  --init-config greengrass/config.yaml --component-default-user ggc_user:ggc_group --setup-system-service true
`;
}

export const archiveName = (name: string) => `${fileName(name)}.zip`;

export function unpack(name: string): string {
  const here = name.startsWith("-") ? "./" : ""; // no option
  return `unzip ${here}${archiveName(name)} && cd ${here}${fileName(name)}`;
}

export function snippets(endpoint: Endpoint, name: string): Snippet[] {
  return [
    {id: "mosquitto", language: "text", setup: "", run: mosquitto(endpoint, name), file: ""},
    {id: "python", language: "python", setup: "python3 -m pip install awsiotsdk", run: "python3 pubsub.py", file: "pubsub.py"},
    {id: "node", language: "javascript", setup: "npm install aws-iot-device-sdk-v2", run: "node pubsub.mjs", file: "pubsub.mjs"},
    {id: "croft", language: "text", setup: "", run: 'croft device run --dir "$PWD"', file: "config/config.json"},
    {id: "greengrass", language: "yaml", setup: "", run: greengrass(name), file: "greengrass/config.yaml"},
  ];
}

const titles = {
  mosquitto: "mosquitto",
  python: "AWS IoT Device SDK v2 for Python",
  node: "AWS IoT Device SDK v2 for JavaScript",
  croft: "croft's own device, which stands in for a Greengrass core",
  greengrass: "AWS IoT Greengrass V2: the nucleus (its roles and deployments are not in croft)",
};

function readme(endpoint: Endpoint, device: Device): string {
  const parts = snippets(endpoint, device.name).map(({id, setup, run}) => {
    const lines = `${setup ? `${setup}\n` : ""}${run}`.trimEnd();
    return `## ${titles[id]}\n\n\`\`\`sh\n${lines}\n\`\`\`\n`;
  });
  return `# ${device.name}

Client ID ${device.name}, at ${endpoint.host} port ${endpoint.port} (MQTT with TLS).
Certificate ${device.certificateId}.
The private key is in this archive and nowhere else. Run the commands in this folder.

${parts.join("\n")}`;
}

// The files of the archive, in a folder of the thing's name.
export function files(endpoint: Endpoint, device: Device): ZipEntry[] {
  const {name} = device;
  const {ca, certificate, key} = paths(name);
  const line = (pem: string) => (pem.endsWith("\n") ? pem : `${pem}\n`);
  const entries: ZipEntry[] = [
    {path: "README.md", text: readme(endpoint, device), mode: 0o644},
    {path: ca, text: line(endpoint.ca), mode: 0o644},
    {path: certificate, text: line(device.certificate), mode: 0o644},
    {path: key, text: line(device.privateKey), mode: 0o600},
    {path: `certs/${fileName(name)}.public.key`, text: line(device.publicKey), mode: 0o644},
    {path: "pubsub.py", text: python(endpoint, name), mode: 0o644},
    {path: "pubsub.mjs", text: node(endpoint, name), mode: 0o644},
    {path: "config/config.json", text: coreConfig(endpoint, name), mode: 0o644},
    {path: "greengrass/config.yaml", text: nucleusConfig(endpoint, name), mode: 0o644},
  ];
  return entries.map((entry) => ({...entry, path: `${fileName(name)}/${entry.path}`}));
}
