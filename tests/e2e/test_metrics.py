"""GET /metrics: Prometheus reads it, and every number moves by exactly what happened."""

import io
import json
import ssl
import urllib.error
import urllib.request
import zipfile

import pytest
from conftest import wait_until
from device_certificate import DeviceCertificate, allow, trusting
from mqtt_wire import (CONNACK, PINGRESP, PUBACK, PUBREC, V3, V5, Client, Wire, connect, message_of, packet, publish, reason,
                       short, subscribe)
from prometheus_text import Change, Page, fetch

ROLE = "arn:aws:iam::000000000000:role/r"


def settled(change, name, by, **labels):
    wait_until(lambda: change(name, **labels) >= by, what=f"{name}{labels}")
    assert change(name, **labels) == by


def test_every_family_is_named_explained_and_ours(croft):
    page = fetch(croft)
    assert all(name.startswith("croft_") for name in page.families)
    assert all(text.endswith(".") for text in page.help.values())
    units = ("_seconds", "_bytes", "_total")
    assert {name for name, kind in page.families.items() if kind == "histogram"} == {
        "croft_publish_seconds", "croft_connect_seconds", "croft_event_seconds", "croft_rule_seconds", "croft_function_seconds",
        "croft_loop_lag_seconds", "croft_store_sync_seconds"}
    assert all(name.endswith(units) for name, kind in page.families.items() if kind != "gauge")


@pytest.mark.parametrize("text", ["croft_a 1\n", "# HELP a_total A.\n# TYPE a_total counter\na_total 1",
                                  "# HELP a A.\n# TYPE a counter\na 1\n", "# HELP a A.\n# TYPE a gauge\na{b='c'} 1\n",
                                  "# HELP a A.\n# TYPE a gauge\na 1\na 1\n", "# HELP a A.\n# TYPE a gauge\nb 1\n",
                                  "# HELP a A.\n# TYPE a gauge\na 1x\n", "# HELP a A.\na 1\n",
                                  '# HELP a A.\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\n'
                                  'a_count 1\n'],
                         ids=short)
def test_the_reader_is_strict(text):
    with pytest.raises((AssertionError, KeyError, AttributeError)):
        Page(text)


def test_the_page_is_read_as_the_others_are(croft):
    with urllib.request.urlopen(croft.endpoints["gateway"] + "/health") as health:
        assert health.status == 200
    for path in ["/metricsx", "/metric"]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(croft.endpoints["gateway"] + path)
        assert refused.value.code in (403, 404)
    assert croft.client("s3").list_buckets()["Buckets"] == []
    croft.client("s3").create_bucket(Bucket="metrics")  # signed: a bucket's name
    assert [b["Name"] for b in croft.client("s3").list_buckets()["Buckets"]] == ["metrics"]


@pytest.mark.parametrize("version", [V3, V5])
def test_connections_and_messages(croft, version):
    change = Change(croft)
    with Client(croft, f"reader-{version}", version) as reader, Client(croft, f"writer-{version}", version) as writer:
        assert reader.subscribe("m/+") == [1]
        for n in range(3):
            writer.publish("m/a", b"12345")
        for n in range(2):
            writer.publish("m/b", b"1234567", qos=1)
        for n in range(5):
            first, body = reader.packet()
            if first & 6:
                at = 2 + len("m/b")
                reader.send(packet(PUBACK, body[at:at + 2]))
        assert writer.send(b"\xc0\x00").packet() == (PINGRESP, b"")

        assert change.of_all("croft_accepted_connections_total") == {"mqtt": 2}
        assert change.of_all("croft_mqtt_connections") == {"tcp": 2}
        assert change("croft_mqtt_connects_total") == 2
        assert change("croft_connect_seconds_count") == 2
        assert change.of_all("croft_mqtt_messages_received_total") == {"0": 3, "1": 2}
        assert change("croft_publish_seconds_count") == 5
        assert change("croft_mqtt_received_bytes_total") == 3 * 8 + 2 * 10
        assert change.of_all("croft_mqtt_messages_delivered_total") == {"0": 3, "1": 2}
        assert change("croft_mqtt_delivered_bytes_total") == 3 * 8 + 2 * 10
        assert change("croft_mqtt_subscriptions") == 1
        assert change("croft_mqtt_clients") == 2
        assert change.of_all("croft_mqtt_disconnects_total") == {}
        writer.send(b"\xe0\x00")
        settled(change, "croft_mqtt_disconnects_total", 1, reason="CLIENT_INITIATED_DISCONNECT")
        reader.drop()
        settled(change, "croft_mqtt_disconnects_total", 1, reason="CONNECTION_LOST")
    assert change.of_all("croft_mqtt_disconnects_total") == {"CLIENT_INITIATED_DISCONNECT": 1, "CONNECTION_LOST": 1}
    assert change.of_all("croft_mqtt_connections") == {}
    assert change("croft_mqtt_subscriptions") == 0
    assert change("croft_mqtt_connects_total") == 2


@pytest.mark.parametrize("version", [V3, V5])
def test_messages_are_counted_by_the_qos_they_come_and_go_with(fresh_croft, version):
    croft = fresh_croft("--maximum-qos", "2", "--device-shards", "2", "--ephemeral")
    received, delivered = "croft_mqtt_messages_received_total", "croft_mqtt_messages_delivered_total"
    page = fetch(croft)
    for name in received, delivered:
        assert {key: value for key, value in page.samples.items() if key[0] == name} == {
            (name, frozenset({("qos", level)})): 0 for level in "012"}, "each is there from the start"
    change = Change(croft)
    with Client(croft, "writer", version) as writer:
        readers = [Client(croft, f"reader{qos}", version) for qos in range(3)]
        for qos, reader in enumerate(readers):
            assert reader.subscribe("m", qos=qos) == [qos]
        sent = publish("m", b"x", qos=2, packet_id=1, version=version)
        writer.send(sent + bytes([sent[0] | 8]) + sent[1:])  # twice the same
        assert [answer[0] for answer in writer.packets(2)] == [PUBREC] * 2
        for qos, count in (0, 4), (1, 3), (2, 1):
            for n in range(count):
                writer.publish("m", b"y", qos=qos, packet_id=9)
        for reader in readers:
            reader.packets(9)
        assert change.of_all(received) == {"0": 4, "1": 3, "2": 2}
        assert change.of_all(delivered) == {"0": 9 + 4 + 4, "1": 5 + 3, "2": 2}
        assert fetch(croft).total(received) == 9
        for reader in readers:
            reader.socket.close()


def test_a_takeover_is_a_disconnect_and_a_connect(croft):
    change = Change(croft)
    with Client(croft, "twice"), Client(croft, "twice"):
        assert change("croft_mqtt_connects_total") == 2
        assert change.of_all("croft_mqtt_disconnects_total") == {"DUPLICATE_CLIENTID": 1}
        assert change.of_all("croft_mqtt_connections") == {"tcp": 1}


REFUSED = {
    "unsupported_protocol_version": connect("old", 3),
    "client_identifier_not_valid": connect("x" * 129),
    "no_answer": b"GET / HTTP/1.1\r\n\r\n",
    "bad_authentication_method": connect("auth", block=b"\x15\x00\x01a"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_refused_connects_are_counted_by_their_reason(croft, why):
    change = Change(croft)
    with Wire(croft.port("mqtt")) as wire:
        wire.send(REFUSED[why])
        while wire.packet():
            pass
    assert change.of_all("croft_mqtt_connects_refused_total") == {why: 1}
    assert change("croft_mqtt_connects_total") == 0
    assert change("croft_connect_seconds_count") == 0
    assert change.of_all("croft_mqtt_connections") == {}


@pytest.mark.parametrize("version", [V3, V5])
def test_rights_and_handshakes(croft, tmp_path, version):
    device = DeviceCertificate(croft, tmp_path, allow("Connect", "client/right"), allow("Publish", "topic/open"))
    change = Change(croft)
    context = device.context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Wire(croft.port("mqtts"), tls=context) as wire:
        assert reason(wire.send(connect("right", version)).packet(), 1) == (CONNACK, 0)
        session = wire.socket.session
        assert change.of_all("croft_mqtt_connections") == {"tls": 1}
        wire.send(subscribe("shut", version=version)).packet()
        assert change("croft_mqtt_subscriptions_refused_total") == 1
        wire.send(publish("shut", version=version))
        settled(change, "croft_mqtt_publishes_refused_total", 1)
        assert change.of_all("croft_mqtt_messages_received_total") == {}
    assert change.of_all("croft_tls_handshakes_total") == {"full,mqtts": 1}
    with Wire(croft.port("mqtts"), tls=context, session=session) as wire:
        assert wire.socket.session_reused
        assert reason(wire.send(connect("wrong", version)).packet(), 1) == (CONNACK, 0x87 if version == V5 else 5)
    assert change.of_all("croft_tls_handshakes_total") == {"full,mqtts": 1, "mqtts,resumed": 1}
    assert change.of_all("croft_mqtt_connects_refused_total") == {"not_authorized": 1}
    with pytest.raises((ssl.SSLError, OSError, AssertionError)):
        with Wire(croft.port("mqtts"), tls=trusting(croft)) as wire:
            assert wire.send(connect("nobody")).packet()
    settled(change, "croft_tls_handshakes_total", 1, listener="mqtts", result="failed")
    Wire(croft.port("mqtts")).socket.close()  # a connection without a byte is no handshake
    settled(change, "croft_accepted_connections_total", 4, listener="mqtts")
    assert change.of_all("croft_tls_handshakes_total") == {"full,mqtts": 1, "mqtts,resumed": 1, "failed,mqtts": 1}


def test_queues_of_a_client_that_is_away(fresh_croft):
    croft = fresh_croft("--queued-messages", "2", "--session-expiry", "600")
    with Client(croft, "away", V3, clean=False) as away:
        away.subscribe("q/#")
    change = Change(croft)
    assert change.before.value("croft_mqtt_stored_sessions") == 1
    with Client(croft, "writer") as writer:
        for n in range(5):
            writer.publish("q/1", b"1234567", qos=1)
        writer.publish("r/1", b"kept", retain=True)
        assert change("croft_mqtt_queued_bytes") == 2 * 10
        assert change.of_all("croft_mqtt_messages_dropped_total") == {"queue_full": 3}
        assert change.of_all("croft_mqtt_messages_delivered_total") == {}
        assert change("croft_retained_messages") == 1
    with Client(croft, "away", V3, clean=False) as away:
        assert away.present
        for n in range(2):
            first, body = away.packet()
            away.send(packet(PUBACK, body[5:7]))
        settled(change, "croft_mqtt_messages_delivered_total", 2, qos="1")
        wait_until(lambda: change("croft_mqtt_queued_bytes") == 0)


def test_a_crash_ends_connections_as_server_error(fresh_croft):
    croft = fresh_croft()
    with Client(croft, "one"), Client(croft, "two"), Client(croft, "w#ld"):
        croft.kill()
    croft.start()
    change = Change(croft)
    assert change.before.value("croft_mqtt_disconnects_total", reason="SERVER_ERROR") == 2
    assert change.before.value("croft_mqtt_disconnects_total", reason="no_event") == 1
    assert change.before.total("croft_mqtt_disconnects_total") == 3


def republish(topic):
    return {"republish": {"topic": topic, "roleArn": ROLE}}


def rule(croft, name, sql, action, **more):
    croft.client("iot").create_topic_rule(ruleName=name, topicRulePayload={"sql": sql, "actions": [action], **more})


def test_rules_and_lifecycle_events(fresh_croft):
    croft = fresh_croft()
    rule(croft, "good", "SELECT * FROM 'in/good'", republish("out/good"))
    rule(croft, "never", "SELECT * FROM 'in/good' WHERE false", republish("out/never"))
    rule(croft, "bad", "SELECT * FROM 'in/bad'", {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": "missing"}}},
         errorAction=republish("out/error"))
    rule(croft, "presence", "SELECT * FROM '$aws/events/presence/+/seen'", republish("out/presence"))
    change = Change(croft)
    with Client(croft, "writer") as writer:
        for n in range(3):
            writer.publish("in/good", b"{}", qos=1)
        writer.publish("in/bad", b"{}", qos=1)
        settled(change, "croft_rule_actions_total", 3, rule="good", action="RepublishAction", outcome="success")
        settled(change, "croft_rule_actions_total", 1, rule="bad", action="DynamoDBv2Action", outcome="failure")
        settled(change, "croft_rule_error_actions_total", 1, rule="bad", action="RepublishAction", outcome="success")
        assert change.of_all("croft_rule_matches_total") == {"good": 3, "never": 3, "bad": 1}
        assert change.of_all("croft_rule_executions_total") == {"good": 3, "bad": 1}
        writer.publish("$aws/rules/nobody/x", b"{}", qos=1)
        settled(change, "croft_rule_not_found_total", 1)
        settled(change, "croft_rule_seconds_count", 4)
        assert change("croft_event_seconds_count") == 0
    with Client(croft, "seen"):
        pass
    settled(change, "croft_event_seconds_count", 2)
    assert change("croft_rule_seconds_count") == 6
    assert change("croft_rule_jobs_waiting") == 0
    wait_until(lambda: change("croft_journal_pending") == 0)


def test_functions_and_requests(croft):
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", "def handler(event, context):\n    return 1 / event['by']\n")
    functions = croft.client("lambda")
    functions.create_function(FunctionName="divide", Runtime="python3.11", Role=ROLE, Handler="f.handler",
                              Code={"ZipFile": code.getvalue()})
    change = Change(croft)
    for by in [1, 2, 0]:
        functions.invoke(FunctionName="divide", Payload=json.dumps({"by": by}))
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.invoke(FunctionName="nobody")
    assert change.of_all("croft_function_invocations_total") == {"success": 2, "function_error": 1}
    assert change("croft_function_seconds_count") == 3
    assert 0 < change("croft_function_seconds_sum") < 20
    assert change("croft_function_workers", state="idle") + change("croft_function_workers", state="busy") == 1
    assert change("croft_gateway_requests_total", service="lambda", status="2xx") == 3
    assert change("croft_gateway_requests_total", service="lambda", status="4xx") == 1
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(croft.endpoints["gateway"] + "/mqtt")
    moved = set(change.of_all("croft_gateway_requests_total"))
    assert {"2xx,lambda", "4xx,lambda", "2xx,page"} <= moved <= {"2xx,lambda", "4xx,lambda", "2xx,page", "4xx,s3", "4xx,none"}


def test_no_client_topic_or_rule_is_a_label(croft):
    before = fetch(croft)
    for n in range(20):
        with Client(croft, f"secretclient{n}") as client:
            client.subscribe(f"secrettopic/{n}")
            client.publish(f"secrettopic/to/{n}", qos=1)
    wait_until(lambda: fetch(croft).value("croft_mqtt_connections", transport="tcp") == 0)
    after = fetch(croft)
    assert set(after.samples) - set(before.samples) <= {
        ("croft_mqtt_disconnects_total", frozenset({("reason", reason)}))
        for reason in ["CONNECTION_LOST", "CLIENT_INITIATED_DISCONNECT"]}
    assert not any("secret" in value for _, labels in after.samples for _, value in labels)


def test_the_process_and_its_loops(croft):
    page = fetch(croft)
    assert 1 << 20 < page.value("croft_process_resident_bytes") < 1 << 30
    assert 0 < page.value("croft_process_cpu_seconds_total") < 600
    assert 10 < page.value("croft_process_descriptors") < page.value("croft_process_descriptors_max")
    change = Change(croft)
    shards = {dict(labels)["shard"] for name, labels in page.samples if name == "croft_loop_lag_seconds_count"}
    assert {"api", "device-0"} <= shards
    for shard in shards:
        wait_until(lambda: change("croft_loop_lag_seconds_count", shard=shard) >= 2)
    descriptors = [Wire(croft.port("mqtt")) for n in range(10)]
    wait_until(lambda: change("croft_process_descriptors") >= 10)
    for wire in descriptors:
        wire.socket.close()


def test_statistics_are_published_as_mosquitto_names_them(fresh_croft):
    croft = fresh_croft("--sys-interval", "1", "--dialect", "oasis")
    with Client(croft, "reader") as reader, Client(croft, "everything") as everything:
        assert reader.subscribe("$SYS/#") == [1]
        assert everything.subscribe("#") == [1]
        for n in range(3):
            reader.publish("a", b"1234", qos=1)
            assert message_of(everything.packet(), V5).topic == "a"
        values = {}
        while values.get("publish/messages/received") != b"3" or len(values) < 11:
            message = message_of(reader.packet(), V5)
            assert (message.qos, message.retain) == (0, False)
            assert message.topic.startswith("$SYS/broker/")
            values[message.topic.removeprefix("$SYS/broker/")] = message.payload
        assert values.pop("uptime").endswith(b" seconds")
        assert values == {"clients/connected": b"2", "clients/disconnected": b"0", "clients/total": b"2",
                          "publish/messages/received": b"3", "publish/messages/sent": values["publish/messages/sent"],
                          "publish/messages/dropped": b"0", "publish/bytes/received": b"15",
                          "publish/bytes/sent": values["publish/bytes/sent"], "retained messages/count": b"0",
                          "subscriptions/count": b"2"}
        assert int(values["publish/messages/sent"]) % 11 == 3
        assert everything.is_silent()


def test_without_an_interval_there_are_no_statistics(fresh_croft):
    croft = fresh_croft("--dialect", "oasis")
    with Client(croft, "reader") as reader:
        assert reader.subscribe("$SYS/#") == [1]
        assert reader.is_silent(1.5)


def test_aws_has_no_statistics_topics(fresh_croft):
    croft = fresh_croft("--sys-interval", "1")
    with Client(croft, "reader") as reader:
        assert reader.subscribe("$SYS/#") == [0x8F]
        assert reader.is_silent(1.5)


def test_the_interval_of_statistics_has_a_range(fresh_croft):
    with pytest.raises(RuntimeError, match="sys-interval: '86401' is not a number from 0 to 86400"):
        fresh_croft("--sys-interval", "86401")
