"""The kafka action against a broker on loopback: what a consumer reads of what a rule wrote."""

import base64
import json
import pathlib
import socket
import struct
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from http_endpoint import Endpoint, signed
from mqtt_wire import V5, Client
from own_authority import Signed
from slow_function import deploy_slow

from kafka_cluster import Cluster, Door

ROLE = "arn:aws:iam::000000000000:role/r"
NETWORK = {"vpcConfiguration": {"subnetIds": ["subnet-0123456789abcdef0"], "vpcId": "vpc-0123456789abcdef0", "roleArn": ROLE}}


def destination_of(croft):
    """The ARN of a VPC destination."""
    made = croft.client("iot").create_topic_rule_destination(destinationConfiguration=NETWORK)
    return made["topicRuleDestination"]["arn"]


@pytest.fixture(scope="module")
def cluster():
    return Cluster()


@pytest.fixture(scope="module")
def destination(croft):
    return destination_of(croft)


@pytest.fixture(scope="module")
def errors(croft):
    """Where error actions post."""
    endpoint = Endpoint()
    arn = croft.client("iot").create_topic_rule_destination(
        destinationConfiguration={"httpUrlConfiguration": {"confirmationUrl": endpoint.url}})["topicRuleDestination"]["arn"]
    while croft.client("iot").get_topic_rule_destination(arn=arn)["topicRuleDestination"]["status"] != "ENABLED":
        time.sleep(0.01)
    yield endpoint
    endpoint.stop()


def plain(cluster, **more):
    return {"bootstrap.servers": cluster.servers, "security.protocol": "PLAINTEXT", **more}


@pytest.fixture
def make(croft, cluster, destination, errors):
    """make(source, properties, **parameters): a rule from that topic of MQTT; answers as signed()."""
    made = []
    errors.requests.clear()

    def perform(source, properties, sql=None, **parameters):
        name = f"k{time.monotonic_ns()}"
        if "topic" in parameters and str(parameters["topic"]).isidentifier():
            cluster.is_there(parameters["topic"])  # makes it: a producer waits a second for a topic that is made on its behalf
        made.append(name)
        action = {"destinationArn": destination, "topic": "t", "clientProperties": properties, **parameters}
        return signed(croft, "POST", f"/rules/{name}", {
            "sql": sql or f"SELECT * FROM '{source}'", "awsIotSqlVersion": "2016-03-23",
            "actions": [{"kafka": {key: value for key, value in action.items() if value is not None}}],
            "errorAction": {"http": {"url": errors.url}}})

    yield perform
    for name in made:
        signed(croft, "DELETE", f"/rules/{name}")


@pytest.fixture
def publish(croft):
    data = croft.client("iot-data")
    return lambda topic, payload: data.publish(topic=topic, qos=1, payload=payload if isinstance(payload, (bytes, str))
                                               else json.dumps(payload))


# --- records ---

def test_a_payload_becomes_a_record(cluster, make, publish):
    assert make("k/one", plain(cluster), "SELECT a FROM 'k/one'", topic="one") == ("", 200, {})
    publish("k/one", {"a": 1, "b": 2})

    record = cluster.read("one", 1)[0]
    assert (json.loads(record.value()), record.key(), record.headers()) == ({"a": 1}, None, None)


def test_key_partition_and_headers_are_rendered(cluster, make, publish):
    made = make("k/+/all", plain(cluster), topic="all-${topic(2)}", key="${id}", partition="${p}",
                headers=[{"key": "kind", "value": "${kind}"}, {"key": "h-${topic(2)}", "value": "x"}])
    assert made == ("", 200, {})
    publish("k/x/all", {"id": "d-1", "p": 2, "kind": "warm"})

    record = cluster.read("all-x", 1)[0]
    assert (record.key(), record.partition(), record.headers()) == (b"d-1", 2, [("kind", b"warm"), ("h-x", b"x")])
    assert json.loads(record.value())["id"] == "d-1"


def test_bytes_are_kept(cluster, make, publish):
    make("k/bytes", plain(cluster), topic="bytes")
    publish("k/bytes", b"\x00\xff\x01")

    assert cluster.read("bytes", 1)[0].value() == b"\x00\xff\x01"


def test_the_order_of_a_topic_is_kept(cluster, make, publish):
    make("k/order", plain(cluster), topic="order", key="same")
    for n in range(40):
        publish("k/order", {"n": n})

    records = cluster.read("order", 40)
    assert [json.loads(record.value())["n"] for record in records] == list(range(40))
    assert len({record.partition() for record in records}) == 1


@pytest.mark.parametrize("more", [{"acks": "0"}, {"acks": "-1"}, {"acks": "all"}, {"compression.type": "gzip"},
                                  {"compression.type": "zstd"}, {"compression.type": "lz4"}, {"compression.type": "snappy"},
                                  {"key.serializer": "StringSerializer", "value.serializer": "ByteBufferSerializer"}])
def test_client_properties(cluster, make, publish, more):
    topic = "p" + "".join(c for c in str(more) if c.isalnum())
    assert make("k/" + topic, plain(cluster, **more), topic=topic) == ("", 200, {})
    publish("k/" + topic, {"text": "x" * 1000})

    assert json.loads(cluster.read(topic, 1)[0].value()) == {"text": "x" * 1000}


def test_idle_croft_has_not_loaded_the_library(fresh_croft, cluster):
    croft = fresh_croft()
    maps = pathlib.Path(f"/proc/{croft.process.pid}/maps")
    threads = len(list(pathlib.Path(f"/proc/{croft.process.pid}/task").iterdir()))
    assert "librdkafka" not in maps.read_text()
    arn = destination_of(croft)
    signed(croft, "POST", "/rules/k", {"sql": "SELECT * FROM 'lazy'", "actions": [{"kafka": {
        "destinationArn": arn, "topic": "lazy", "clientProperties": plain(cluster)}}]})
    assert "librdkafka" not in maps.read_text()
    croft.client("iot-data").publish(topic="lazy", qos=1, payload="{}")

    assert cluster.read("lazy", 1)[0].value() == b"{}"
    assert "librdkafka" in maps.read_text()
    assert len(list(pathlib.Path(f"/proc/{croft.process.pid}/task").iterdir())) > threads
    assert croft.stop() == 0


# --- failures ---

def failure(errors):
    document = errors.wait_for(1, timeout=15)[0].json()
    assert document["failures"][0]["failedAction"] == "KafkaAction"
    return document["failures"][0]["failedResource"], document["failures"][0]["errorMessage"]


@pytest.mark.parametrize("parameters, payload, message", [
    ({"partition": "${p}"}, {"p": "x"}, "'x' is not the number of a partition."),
    ({"partition": "${p}"}, {"p": -1}, "'-1' is not the number of a partition."),
    ({"partition": "900"}, {}, "Failed to send the record to Kafka. Local: Unknown partition"),
    ({"topic": "${t}"}, {"t": "a b"}, "'a b' is not the name of a Kafka topic."),
    ({"key": "${nope}"}, {}, "the substitution template ${nope} is undefined"),
])
def test_what_cannot_be_sent_is_a_failure(cluster, make, publish, errors, parameters, payload, message):
    assert make("k/bad", plain(cluster), **{"topic": "bad", **parameters}) == ("", 200, {})
    publish("k/bad", payload)

    assert failure(errors)[1] == message


def test_a_disabled_destination_gets_nothing(croft, cluster, make, publish, errors, destination):
    make("k/off", plain(cluster), topic="off")
    iot = croft.client("iot")
    iot.update_topic_rule_destination(arn=destination, status="DISABLED")
    publish("k/off", "{}")
    told = failure(errors)
    iot.update_topic_rule_destination(arn=destination, status="ENABLED")

    assert told == ("off", f"The topic rule destination {destination} is not ENABLED, its status is DISABLED.")


# --- TLS ---

@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kafka")
    issuer = Signed(folder, "authority")
    broker = Signed(folder, "broker", ["localhost"], ["127.0.0.1"], issuer)
    return issuer, broker, Signed(folder, "client", ["client"], [], issuer)


def base64_of(data):
    return base64.b64encode(data).decode()


def jks(certificate):
    """A truststore as keytool wrote it before Java 9."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    entry = struct.pack(">i", 2) + b"\0\2ca" + struct.pack(">q", 0) + b"\0\5X.509" + struct.pack(">i", len(der)) + der
    return b"\xfe\xed\xfe\xed" + struct.pack(">ii", 2, 1) + entry + b"\0" * 20


def keystore(client, password):
    return base64_of(pkcs12.serialize_key_and_certificates(b"client", client.private, client.certificate, None,
                                                           serialization.BestAvailableEncryption(password)))


@pytest.mark.parametrize("store", ["pem", "jks", "pkcs12"])
def test_tls_with_a_client_certificate(cluster, make, publish, authority, store):
    issuer, broker, client = authority
    door = Door(cluster, broker, issuer)
    pem = issuer.certificate.public_bytes(serialization.Encoding.PEM)
    truststore = {"pem": pem.decode(), "jks": base64_of(jks(issuer.certificate)),
                  "pkcs12": base64_of(pkcs12.serialize_key_and_certificates(
                      b"ca", None, None, [issuer.certificate], serialization.BestAvailableEncryption(b"trust")))}[store]
    made = make("k/tls", {"bootstrap.servers": door.servers, "security.protocol": "SSL", "ssl.truststore": truststore,
                          "ssl.truststore.password": "trust", "ssl.keystore": keystore(client, b"secret"),
                          "ssl.keystore.password": "secret"}, topic="tls-" + store)
    assert made == ("", 200, {})
    publish("k/tls", {"store": store})

    assert json.loads(cluster.read("tls-" + store, 1)[0].value()) == {"store": store}
    assert door.handshakes > 0
    door.stop()


def test_sasl_plain_over_tls(cluster, make, publish, authority):
    issuer, broker, _ = authority
    door = Door(cluster, broker, passwords=[b"\0me\0word"])
    made = make("k/sasl", {"bootstrap.servers": door.servers, "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
                           "sasl.plain.username": "me", "sasl.plain.password": "${pass}",
                           "ssl.truststore": open(issuer.pem).read()}, topic="sasl")
    assert made == ("", 200, {})
    publish("k/sasl", {"pass": "word"})

    assert json.loads(cluster.read("sasl", 1)[0].value()) == {"pass": "word"}
    assert set(door.tokens) == {b"\0me\0word"}
    door.stop()


def test_a_password_of_secrets_manager(fresh_croft, cluster, authority, tmp_path):
    issuer, broker, _ = authority
    door, secrets = Door(cluster, broker, passwords=[b"\0me\0from-secret"]), Endpoint()
    secrets.answers = lambda request: (200, {"content-type": "application/x-amz-json-1.1"},
                                       json.dumps({"SecretString": json.dumps({"password": "from-secret"})}).encode())
    (tmp_path / "key").write_text("abc")
    croft = fresh_croft("--services.secretsmanager.endpoint", secrets.url, "--services.default.access-key-id", "AKIAEXAMPLE",
                        "--services.default.secret-access-key-file", str(tmp_path / "key"))
    arn = destination_of(croft)
    cluster.is_there("secret")
    properties = {"bootstrap.servers": door.servers, "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
                  "sasl.plain.username": "me", "ssl.truststore": open(issuer.pem).read(),
                  "sasl.plain.password": "${get_secret('kafka', 'SecretString', 'password', '" + ROLE + "')}"}
    made = signed(croft, "POST", "/rules/k", {
        "sql": "SELECT * FROM 'secret'", "awsIotSqlVersion": "2016-03-23",
        "actions": [{"kafka": {"destinationArn": arn, "topic": "secret", "clientProperties": properties}}]})
    assert made == ("", 200, {})
    croft.client("iot-data").publish(topic="secret", qos=1, payload="{}")

    assert cluster.read("secret", 1)[0].value() == b"{}"
    assert secrets.requests[0].json() == {"SecretId": "kafka"}
    door.stop()
    secrets.stop()


def test_clusters_that_cannot_be_reached_fail_in_time(cluster, make, publish, authority, errors):
    issuer, broker, client = authority
    signing_in, unknown = Door(cluster, broker, passwords=[b"\0me\0word"]), Door(cluster, broker)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = f"127.0.0.1:{probe.getsockname()[1]}"
    make("k/closed", {"bootstrap.servers": closed, "security.protocol": "PLAINTEXT"}, topic="closed")
    make("k/password", {"bootstrap.servers": signing_in.servers, "security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
                        "sasl.plain.username": "me", "sasl.plain.password": "wrong", "ssl.truststore": open(issuer.pem).read()},
         topic="password")
    make("k/unknown", {"bootstrap.servers": unknown.servers, "security.protocol": "SSL", "ssl.keystore.password": "secret",
                       "ssl.keystore": keystore(client, b"secret")}, topic="unknown")
    begin = time.monotonic()
    for topic in ("k/closed", "k/password", "k/unknown"):
        publish(topic, "{}")
    failures = [request.json()["failures"][0] for request in errors.wait_for(3, timeout=15)]

    assert time.monotonic() - begin < 9
    told = {failure["failedResource"]: failure["errorMessage"] for failure in failures}
    for message in told.values():
        assert message.startswith("Failed to send the record to Kafka. Local: Message timed out: ")
        assert "wrong" not in message
    assert closed in told["closed"]
    assert "certificate" in told["unknown"]
    assert (signing_in.tokens[0], unknown.handshakes) == (b"\0me\0wrong", 0)
    signing_in.stop()
    unknown.stop()


def test_croft_ends_while_records_wait(fresh_croft):
    croft = fresh_croft()
    arn = destination_of(croft)
    for n in range(3):  # three producers
        assert signed(croft, "POST", f"/rules/k{n}", {"sql": f"SELECT * FROM 'ends/{n}'", "actions": [{"kafka": {
            "destinationArn": arn, "topic": "t", "clientProperties": {"bootstrap.servers": f"127.0.0.1:{n + 1}",
                                                                      "security.protocol": "PLAINTEXT"}}}]})[1] == 200
        croft.client("iot-data").publish(topic=f"ends/{n}", qos=1, payload="{}")
    time.sleep(0.2)
    begin = time.monotonic()

    assert croft.stop() == 0
    assert time.monotonic() - begin < 6


@pytest.mark.parametrize("more, message", [
    ({"ssl.truststore": "AAAA"}, "The ssl.truststore cannot be used: it is neither PKCS #12, JKS nor PEM."),
    ({"ssl.truststore": base64_of(b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1")},
     "The ssl.truststore cannot be used: a JKS file with keys is not supported; make it PKCS #12 with keytool."),
    ({"ssl.truststore": base64_of(b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1\0\0\0\2\xff\xff")},
     "The ssl.truststore cannot be used: it is a damaged JKS file."),
    ({"ssl.keystore.password": "wrong"},
     "The ssl.keystore cannot be used: its password is wrong, or it is encrypted with an outdated cipher."),
])
def test_stores_that_cannot_be_used(make, publish, errors, authority, more, message):
    properties = {"bootstrap.servers": "127.0.0.1:9", "security.protocol": "SSL", "ssl.keystore.password": "secret",
                  "ssl.keystore": keystore(authority[2], b"secret"), **more}
    assert make("k/store", properties, topic="store") == ("", 200, {})
    publish("k/store", "{}")

    assert failure(errors)[1] == message


# --- parameters ---

GOOD = {"bootstrap.servers": "kafka.example.com:9092", "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.scram.username": "u", "sasl.scram.password": "p"}


def without(*names):
    return {key: value for key, value in GOOD.items() if key not in names}


def test_a_cluster_elsewhere_is_accepted(make):
    assert make("k/good", GOOD) == ("", 200, {})


@pytest.mark.parametrize("properties, message", [
    (without("bootstrap.servers"), "The client property 'bootstrap.servers' is required for a kafka action."),
    ({**GOOD, "bootstrap.servers": "kafka.example.com"},
     "The value 'kafka.example.com' of the client property 'bootstrap.servers' is not valid."),
    ({**GOOD, "bootstrap.servers": "a.example.com:9092, b.example.com:8999"},
     "The ports of 'bootstrap.servers' must be from 9000 to 9100."),
    ({**GOOD, "bootstrap.servers": "169.254.169.254:9092"},
     "The value of 'bootstrap.servers' is not valid: link-local addresses are not supported."),
    ({**GOOD, "bootstrap.servers": "2852039166:9092"},
     "The value of 'bootstrap.servers' is not valid: the host is neither a name nor an IPv4 address."),
    ({**GOOD, "security.protocol": "PLAINTEXT"},
     "The value 'PLAINTEXT' of the client property 'security.protocol' is not valid."),
    ({**GOOD, "security.protocol": "TLS"}, "The value 'TLS' of the client property 'security.protocol' is not valid."),
    ({"bootstrap.servers": "kafka.example.com:9092"},
     "The client property 'ssl.keystore' is required when security.protocol is SSL."),
    (without("sasl.mechanism"), "The client property 'sasl.mechanism' is required when security.protocol is SASL_SSL."),
    (without("sasl.scram.password"),
     "The client property 'sasl.scram.password' is required when sasl.mechanism is SCRAM-SHA-512."),
    ({**GOOD, "sasl.mechanism": "GSSAPI"}, "The sasl.mechanism GSSAPI is not supported by this endpoint."),
    ({**GOOD, "sasl.kerberos.principal": "x"},
     "The client property 'sasl.kerberos.principal' is not supported by this endpoint."),
    ({**GOOD, "acks": "2"}, "The value '2' of the client property 'acks' is not valid."),
    ({**GOOD, "acks": 1}, "The client property 'acks' must be a string."),
    ({**GOOD, "compression.type": "brotli"}, "The value 'brotli' of the client property 'compression.type' is not valid."),
    ({**GOOD, "key.serializer": "X"}, "The value 'X' of the client property 'key.serializer' is not valid."),
    ({**GOOD, "debug": "all"}, "The client property 'debug' is not supported."),
    ({**GOOD, "plugin.library.paths": "/x.so"}, "The client property 'plugin.library.paths' is not supported."),
    ({**GOOD, "ssl.keystore": "x"}, "The client property 'ssl.keystore.password' is required with ssl.keystore."),
])
def test_client_properties_that_are_refused(make, properties, message):
    assert make("k/refused", properties) == ("InvalidRequestException", 400, {"message": message})


ELSEWHERE = "arn:aws:iot:us-east-1:000000000000:ruledestination/vpc/00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("parameters, message", [
    ({"destinationArn": None}, "The parameter 'destinationArn' is required."),
    ({"destinationArn": "x"}, "The topic rule destination x does not exist."),
    ({"destinationArn": ELSEWHERE}, f"The topic rule destination {ELSEWHERE} does not exist."),
    ({"topic": None}, "The parameter 'topic' is required."),
    ({"clientProperties": None}, "The parameter 'clientProperties' is required."),
    ({"headers": []}, "'headers' must have 1 to 100 entries."),
    ({"headers": [{"key": "a", "value": "b"}] * 101}, "'headers' must have 1 to 100 entries."),
    ({"headers": [{"key": "a"}]}, "The parameter 'value' is required."),
    ({"headers": [{"key": "a", "value": "x" * 16385}]}, "The key and the value of a header can have at most 16384 characters."),
])
def test_parameters_that_are_refused(make, parameters, message):
    properties = parameters.pop("clientProperties", GOOD)
    assert make("k/refused", properties, **parameters) == ("InvalidRequestException", 400, {"message": message})


def test_plain_clusters_can_be_turned_off(fresh_croft):
    croft = fresh_croft("--plain-endpoints", "false")
    arn = destination_of(croft)
    properties = {"bootstrap.servers": "127.0.0.1:9092", "security.protocol": "PLAINTEXT"}
    answer = signed(croft, "POST", "/rules/k", {"sql": "SELECT * FROM 'a'", "actions": [{"kafka": {
        "destinationArn": arn, "topic": "t", "clientProperties": properties}}]})

    assert answer == ("InvalidRequestException", 400,
                      {"message": "The value 'PLAINTEXT' of the client property 'security.protocol' is not valid."})


# --- over a crash ---

def test_records_are_written_after_a_kill(fresh_croft, cluster):
    croft = fresh_croft()
    cluster.is_there("killed")
    actions = [{"lambda": {"functionArn": deploy_slow(croft)}},
               {"kafka": {"destinationArn": destination_of(croft), "topic": "killed", "partition": "0",
                          "clientProperties": plain(cluster)}}]
    assert signed(croft, "POST", "/rules/killed", {"sql": "SELECT * FROM 'killed'", "awsIotSqlVersion": "2016-03-23",
                                                   "actions": actions}) == ("", 200, {})
    with Client(croft, "device", V5) as client:
        for number in range(6):
            client.publish("killed", b"%d" % number, qos=1, packet_id=number + 1)
    croft.kill()
    croft.start()

    seen, count = [], 6
    while set(seen) != set(range(6)):
        seen = [int(record.value()) for record in cluster.read("killed", count)]
        count = len(seen) + 1

    assert list(dict.fromkeys(seen)) == list(range(6))
