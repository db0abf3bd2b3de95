"""`croft trace` and its page: every packet of one client, both ways, live."""

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import paho.mqtt.client
import pytest
from conftest import have, wait_until
from device_certificate import ANYTHING, DeviceCertificate, allow
from mqtt_wire import (CONNACK, PINGRESP, PUBACK, V3, V5, Client, Wire, connect, last_will, packet, publish, reason, short,
                       subscribe, text, unsubscribe, user_property)
from prometheus_text import Change


class Trace:
    """One reader of the page. `packets` are those since it was last asked."""

    def __init__(self, croft, client_id, payload=False):
        self.url = croft.endpoints["gateway"] + "/_croft/trace/" + urllib.parse.quote(client_id, safe="")
        self.payload, self.raw, self.next, self.lost = payload, "", None, 0
        wait_until(self.begin)

    def begin(self):
        """A trace that nobody reads makes room after a quarter of a second."""
        try:
            return self.notes()
        except urllib.error.HTTPError as refused:
            if refused.code != 429:
                raise
            return None

    def poll(self, wait=0):
        after = "" if self.next is None else f"&after={self.next}"
        with urllib.request.urlopen(f"{self.url}?wait={wait}{after}{'&payload=1' if self.payload else ''}", timeout=30) as answer:
            text = answer.read().decode()
        page = json.loads(text)
        self.raw += text
        self.next, self.lost = page["next"], self.lost + page["lost"]
        return page["packets"]

    def notes(self):
        return [packet["note"] for packet in self.poll() if "note" in packet]

    def packets(self, count):
        """So many packets, without what is different each time."""
        found, deadline = [], time.monotonic() + 10
        while len(found) < count and time.monotonic() < deadline:
            found += [packet for packet in self.poll(wait=500) if "note" not in packet]
        assert len(found) == count, found
        for packet in found:
            assert abs(packet.pop("time") / 1000 - time.time()) < 60
            packet.pop("seq")
        return found


def unique(name):
    return f"{name}-{uuid.uuid4().hex[:8]}"


def brief(packets):
    return [(packet["from"], packet["type"], packet["bytes"]) for packet in packets]


def test_a_client_that_connects_later(croft):
    name = unique("later")
    trace = Trace(croft, name)
    hello = connect(name, V3, keep_alive=77)
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(hello).packet(), 1) == (CONNACK, 0)
        wire.send(subscribe("t/1", "u/#", packet_id=9, version=V3)).packet()
        wire.send(publish("t/1", b"12345", qos=1, packet_id=300, version=V3)).packets(2)
        wire.send(b"\xc0\x00").packet()
        wire.send(unsubscribe("t/1", packet_id=10, version=V3)).packet()
        wire.send(b"\xe0\x00")
        ways = trace.packets(12)
    assert ways[:4] == [
        {"from": "client", "type": "CONNECT", "bytes": len(hello), "version": "3.1.1", "clientId": name, "cleanStart": True,
         "keepAlive": 77},
        {"from": "broker", "type": "CONNACK", "bytes": 4, "sessionPresent": False, "reasonCode": 0, "reason": "success"},
        {"from": "client", "type": "SUBSCRIBE", "bytes": 16, "packetId": 9,
         "filters": [{"filter": "t/1", "qos": 1}, {"filter": "u/#", "qos": 1}]},
        {"from": "broker", "type": "SUBACK", "bytes": 6, "packetId": 9, "reasonCodes": [1, 1], "reasons": ["granted_qos_1"] * 2}]
    assert ways[4] == {"from": "client", "type": "PUBLISH", "bytes": 14, "packetId": 300, "topic": "t/1", "qos": 1,
                       "retain": False, "dup": False, "payloadBytes": 5}
    answers = {way["type"]: way for way in ways[5:7]}
    assert answers["PUBACK"] == {"from": "broker", "type": "PUBACK", "bytes": 4, "packetId": 300}
    assert answers["PUBLISH"]["from"] == "broker" and answers["PUBLISH"]["topic"] == "t/1"
    assert ways[7:] == [
        {"from": "client", "type": "PINGREQ", "bytes": 2}, {"from": "broker", "type": "PINGRESP", "bytes": 2},
        {"from": "client", "type": "UNSUBSCRIBE", "bytes": 9, "packetId": 10, "filters": [{"filter": "t/1"}]},
        {"from": "broker", "type": "UNSUBACK", "bytes": 4, "packetId": 10}, {"from": "client", "type": "DISCONNECT", "bytes": 2}]


def test_reason_codes_and_properties(croft):
    name = unique("five")
    trace = Trace(croft, name)
    properties = b"\x11\x00\x00\x00\x3c" + user_property("who", "me")
    with Wire(croft.port("mqtt")) as wire:
        wire.send(connect(name, V5, block=properties, **last_will("gone", b"secretwill"))).packet()
        wire.send(subscribe("$SYS/#", packet_id=2)).packet()
        message = b"\x01\x01\x02\x00\x00\x00\x64\x03" + text("text/plain") + b"\x08" + text("answer")
        message += b"\x09" + text(b"\x00\x01")
        wire.send(publish("p", b"x", qos=1, packet_id=3, block=message)).packet()
        wire.send(packet(0xE0, b"\x04\x00"))
        hello, welcome, _, suback, sent, _, bye = trace.packets(7)
    assert hello["will"] == {"topic": "gone", "qos": 0, "retain": False}
    assert hello["properties"] == {"sessionExpiryInterval": 60, "userProperties": [{"name": "who", "value": "me"}]}
    assert welcome["reason"] == "success" and welcome["properties"]["receiveMaximum"] == 100
    assert (suback["reasonCodes"], suback["reasons"]) == ([0x8F], ["topic_filter_invalid"])
    assert sent["properties"] == {"payloadFormatIndicator": 1, "messageExpiryInterval": 100, "contentType": "text/plain",
                                  "responseTopic": "answer", "correlationDataHex": "0001"}
    assert (bye["reasonCode"], bye["reason"]) == (4, "disconnect_with_will")
    assert "secretwill" not in trace.raw


def test_a_topic_alias_is_resolved(croft):
    name = unique("alias")
    trace = Trace(croft, name)
    with Client(croft, name) as client:
        client.send(publish("long/topic", b"1", block=b"\x23\x00\x05") + publish("", b"2", block=b"\x23\x00\x05"))
        first, second = trace.packets(4)[2:]
    assert (first["topic"], second["topic"]) == ("long/topic", "long/topic")
    assert first["properties"] == second["properties"] == {"topicAlias": 5}
    assert first["bytes"] - second["bytes"] == len("long/topic")


PAYLOADS = {b"hello": {"payload": "hello"}, b"": {"payload": ""}, b"\xff\x00": {"payloadHex": "ff00"},
            b"\xe3\x81\x82" * 2000: {"payload": "あ" * 1365, "payloadCut": True},
            b"\xff" * 5000: {"payloadHex": "ff" * 4096, "payloadCut": True}}


@pytest.mark.parametrize("payload", PAYLOADS, ids=short)
def test_payloads_are_shown_when_they_are_asked_for(croft, payload):
    name = unique("payload")
    shown, hidden = Trace(croft, name, payload=True), Trace.__new__(Trace)
    hidden.__dict__.update(shown.__dict__, payload=False, raw="")
    with Client(croft, name) as client:
        client.publish("p", payload, qos=1)
        message = shown.packets(4)[2]
        assert {key: value for key, value in message.items() if key.startswith("payload")} == {
            "payloadBytes": len(payload), **PAYLOADS[payload]}
        assert hidden.packets(4)[2].keys() & {"payload", "payloadHex", "payloadCut"} == set()


def test_a_password_is_never_told(croft):
    name = unique("login")
    trace = Trace(croft, name, payload=True)
    user, word = text("alice?x-amz-customauthorizer-name=none&token=secrettoken"), text("secretword")
    with Wire(croft.port("mqtt")) as wire:
        wire.send(connect(name, V5, will=user + word, flags=0xC0)).packet()
        hello = trace.packets(2)[0]
    assert (hello["userName"], hello["password"]) == ("alice?...", "(not shown)")
    assert "secret" not in trace.raw


@pytest.mark.parametrize("version", [V3, V5])
def test_a_client_that_is_connected_and_in_the_midst_of_a_packet(croft, version):
    name = unique("midst")
    with Client(croft, name, version) as client:
        message = publish("a/b", b"x" * 100, qos=1, packet_id=5, version=version)
        client.send(message[:30])
        assert client.is_silent()
        trace = Trace(croft, name)
        client.send(message[30:])
        assert client.packet()[0] == PUBACK
        assert brief(trace.packets(2)) == [("client", "PUBLISH", len(message)), ("broker", "PUBACK", 4)]


def test_packets_that_arrive_byte_by_byte_and_many_at_once(croft):
    name = unique("pieces")
    trace = Trace(croft, name)
    sent = [publish("a", b"x" * n, qos=1, packet_id=n) for n in range(1, 60)]
    with Client(croft, name) as client:
        for byte in sent[0] + sent[1]:
            client.send(bytes([byte]))
        client.send(b"".join(sent[2:]))
        assert [p[0] for p in client.packets(59)] == [PUBACK] * 59
    seen = [p for p in trace.packets(2 + 2 * 59)[2:] if p["from"] == "client"]
    assert [(p["packetId"], p["payloadBytes"], p["bytes"]) for p in seen] == [(n, n, len(sent[n - 1])) for n in range(1, 60)]


def test_bytes_that_are_no_packet(croft):
    name = unique("broken")
    trace = Trace(croft, name)
    with Client(croft, name) as client:
        client.send(b"\xc1\x00")
        while client.packet():
            pass
    notes = wait_until(lambda: [note for note in trace.notes() if note.startswith("bytes that are no packet")])
    assert notes[0].startswith("bytes that are no packet: malformed_packet, ")


def test_the_beginning_and_the_end_of_connections_are_noted(croft):
    name = unique("ends")
    url = croft.endpoints["gateway"] + "/_croft/trace/" + name
    json.load(urllib.request.urlopen(url))
    with Client(croft, name) as old:
        with Client(croft, name) as new:
            assert old.packet()[0] == 0xE0
            new.drop()
        time.sleep(0.3)
    notes = [p.get("note") or p["type"] for p in json.load(urllib.request.urlopen(url + "?after=0"))["packets"]]
    notes = [note.split(" from ")[0] for note in notes]
    assert notes == ["not connected", "connection", "CONNECT", "CONNACK", "connection", "CONNECT", "DISCONNECT",
                     "connection closed", "CONNACK", "connection ended by the client: CONNECTION_LOST"]


def test_a_refused_connect_is_seen(croft, tmp_path):
    name = unique("refused")
    trace = Trace(croft, name)
    with Wire(croft.port("mqtts"), tls=DeviceCertificate(croft, tmp_path, allow("Connect", "client/other")).context()) as wire:
        wire.send(connect(name)).packet()
    hello, answer = trace.packets(2)
    assert (hello["type"], answer["type"], answer["reason"]) == ("CONNECT", "CONNACK", "not_authorized")


def test_tls(croft, tmp_path):
    name = unique("tls")
    trace = Trace(croft, name)
    with Wire(croft.port("mqtts"), tls=DeviceCertificate(croft, tmp_path, ANYTHING).context()) as wire:
        wire.send(connect(name)).packet()
        assert wire.send(b"\xc0\x00").packet() == (PINGRESP, b"")
        assert [way["type"] for way in trace.packets(4)] == ["CONNECT", "CONNACK", "PINGREQ", "PINGRESP"]


def test_a_slow_reader_loses_the_oldest_and_is_told(croft):
    name = unique("fast")
    trace = Trace(croft, name)
    with Client(croft, name) as client:
        trace.packets(2)
        at = trace.next
        for n in range(30):
            client.send(b"\xc0\x00" * 100)
            assert client.packets(100) == [(PINGRESP, b"")] * 100
        late = Trace.__new__(Trace)  # asks where the end is
        wait_until(lambda: late.__dict__.update(trace.__dict__, next=None) or late.poll() == [] and late.next == at + 6000)
        seen = 0
        while seen < 2000:
            seen += len(trace.poll(wait=1000))
        assert (seen, trace.lost, trace.next) == (2000, 6000 - 2000, at + 6000)


def test_few_clients_are_watched_at_once(fresh_croft):
    croft = fresh_croft()
    commands = [Command(croft, f"client-{n}", "--for", "3") for n in range(8)]
    done = croft.run("trace", "one-more", "--for", "1", check=False)
    assert done.returncode == 1
    assert "as many clients are traced as can be at once" in done.stderr
    another = Command(croft, "client-3", "--for", "1")  # a second reader of the same client is no further client
    another.lines()
    for command in commands:
        command.lines()
    assert wait_until(lambda: croft.run("trace", "one-more", "--for", "0.1", check=False).returncode == 0)


def test_pages_that_name_nobody(croft):
    for path in ["/_croft/trace", "/_croft/trace/"]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(croft.endpoints["gateway"] + path)
        assert refused.value.code == 404


class Command:
    """`croft trace` as a process."""

    def __init__(self, croft, *arguments):
        self.process = subprocess.Popen([croft.binary, "trace", *arguments], env=croft.environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        assert self.process.stderr.readline() == f"Tracing {arguments[0]}\n"
        self.first = self.process.stdout.readline()

    def lines(self):
        out, err = self.process.communicate(timeout=30)
        assert (self.process.returncode, err) == (0, "")
        return out.splitlines()


def test_the_command_shows_paho(croft):
    name = unique("paho")
    command = Command(croft, name, "--for", "2", "--payload")
    assert command.first.endswith("  -- not connected\n")
    client = paho.mqtt.client.Client(client_id=name, protocol=paho.mqtt.client.MQTTv311)
    client.username_pw_set("bob", "secretword")
    got = []
    client.on_message = lambda _, __, message: got.append(message.payload)
    client.on_connect = lambda *_: client.subscribe("room/+", 1)
    client.on_subscribe = lambda *_: client.publish("room/1", b"warm \x1b[31m", qos=1)
    client.connect("127.0.0.1", croft.port("mqtt"))
    client.loop_start()
    wait_until(lambda: got)
    client.disconnect()
    client.loop_stop()
    lines = command.lines()
    shown = [line.split(maxsplit=1)[1] for line in lines if not line.startswith("    ")]
    assert shown[0].startswith("-- connection from 127.0.0.1 port ")
    kinds = [tuple(line.split()[:2]) for line in shown[1:]]
    assert kinds[:4] == [("->", "CONNECT"), ("<-", "CONNACK"), ("->", "SUBSCRIBE"), ("<-", "SUBACK")]
    assert sorted(kinds[4:8]) == [("->", "PUBACK"), ("->", "PUBLISH"), ("<-", "PUBACK"), ("<-", "PUBLISH")]
    assert kinds[8:] == [("->", "DISCONNECT"), ("--", "connection")]
    assert "userName=bob  password=(not shown)" in shown[1] and "secretword" not in "".join(lines)
    assert "filters=room/+ (QoS 1)" in shown[3]
    assert [line for line in lines if line.startswith("    ")] == ["    warm \\x1b[31m"] * 2


@pytest.mark.skipif(not have("mosquitto_sub"), reason="needs mosquitto's clients")
def test_the_command_as_json_shows_mosquitto(croft):
    name = unique("mosquitto")
    command = Command(croft, name, "--for", "2", "--json")
    assert json.loads(command.first)["note"] == "not connected"
    reader = subprocess.Popen(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(croft.port("mqtt")), "-i", name, "-V", "5",
                               "-t", "m/1", "-q", "1", "-C", "1"], stdout=subprocess.PIPE, text=True)
    wait_until(lambda: croft.run("publish", "m/1", "hi") and reader.poll() is not None)
    assert reader.communicate()[0] == "hi\n"
    packets = [json.loads(line) for line in command.lines()]
    assert [p["seq"] for p in packets] == list(range(2, len(packets) + 2))
    types = [p["type"] for p in packets if "type" in p]
    assert types[:4] == ["CONNECT", "CONNACK", "SUBSCRIBE", "SUBACK"] and types[-1] == "DISCONNECT"
    message = next(p for p in packets if p.get("type") == "PUBLISH")
    assert (message["from"], message["topic"], message["payloadBytes"]) == ("broker", "m/1", 2) and "payload" not in message


def test_a_websocket_connection_is_traced_and_counted(fresh_croft):
    croft = fresh_croft("--signatures", "false")
    trace, change = Trace(croft, "browser"), Change(croft)
    client = paho.mqtt.client.Client(client_id="browser", transport="websockets")
    client.ws_set_options(path="/mqtt")
    client.connect("127.0.0.1", croft.port("gateway"))
    client.loop_start()
    hello, welcome = trace.packets(2)
    assert (hello["type"], hello["bytes"], welcome["type"], welcome["bytes"]) == ("CONNECT", 21, "CONNACK", 4)
    assert change.of_all("croft_mqtt_connections") == {"websocket": 1}
    assert change("croft_websockets_total") == 1
    assert change.of_all("croft_accepted_connections_total") == {}
    client.disconnect()
    client.loop_stop()
    assert brief(trace.packets(1)) == [("client", "DISCONNECT", 2)]
    wait_until(lambda: change.of_all("croft_mqtt_connections") == {})
