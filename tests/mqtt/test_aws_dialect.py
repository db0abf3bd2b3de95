"""Where AWS IoT Core leaves the specification, as the aws dialect does; and what each of the broker's settings changes.

AWS IoT Core endpoints and quotas; AWS IoT developer guide, "MQTT", "MQTT 5", "Reserved topics", "Shared subscriptions".
"""

import itertools
import json
import struct
import subprocess
import threading
import time

import paho.mqtt.client as paho
import pytest
from conftest import have
from device_certificate import DeviceCertificate, allow
from mqtt_wire import (CONNACK, DISCONNECT, PINGREQ, PINGRESP, PUBACK, PUBLISH, PUBREC, SUBACK, UNSUBACK, V3, V5, Client, Wire,
                       connect, last_will, message_of, packet, publish, reason, short, subscribe, unsubscribe, user_property)
from test_conformance import is_ended, lasting
from test_conformance_v5 import (ALIAS, EXPIRY, IDENTIFIER, connack_properties, number, subscribe_with, values)
from test_websocket import event, presence, web_device

SESSION_EXPIRY, KEEP_ALIVE, WILL_DELAY, PACKET_SIZE, CONTENT_TYPE, CORRELATION, ASSIGNED_ID = 0x11, 0x13, 0x18, 0x27, 3, 9, 0x12
RECEIVE_MAXIMUM, ALIAS_MAXIMUM, MAXIMUM_QOS, RETAIN, WILDCARDS, IDENTIFIERS, SHARED = 0x21, 0x22, 0x24, 0x25, 0x28, 0x29, 0x2A
SERVED = (PUBACK, 0)
numbers = itertools.count(1)


@pytest.fixture(params=[V3, V5], ids=["v3", "v5"])
def version(request):
    return request.param


@pytest.fixture
def name():
    """A client id and topic of the test's own."""
    return f"aws{next(numbers)}"


@pytest.fixture
def clients(croft):
    """Makes clients that are closed behind the test."""
    made = []

    def make(client_id, version=V5, **more):
        made.append(Client(croft, client_id, version, **more))
        return made[-1]

    yield make
    for client in made:
        client.socket.close()


def refusal(croft, client_id, version=V5, **more):
    """The code of a CONNACK that refuses; None when the connection was closed without one."""
    with Wire(croft.port("mqtt")) as wire:
        answer = wire.send(connect(client_id, version, **more)).packet()
        assert answer is None or wire.is_closed()
        return answer and answer[1][1]


def text_property(kind, size):
    return bytes([kind]) + struct.pack("!H", size) + b"x" * size


def publishes(client, topic, payload=b"x", **more):
    """The answer to a QoS 1 PUBLISH."""
    return reason(client.send(publish(topic, payload, qos=1, version=client.version, **more)).packet(), 2)


def grants(client, *filters, qos=1):
    """The codes of a SUBACK."""
    return client.subscribe(*filters, qos=qos)


# QoS 2.

def test_a_qos_2_publish_ends_the_connection_without_an_answer(clients, name, version):
    client = clients(name, version)
    client.send(publish(name, qos=2, version=version))
    assert is_ended(client, version, 0x9B)


def test_a_qos_2_subscribe_ends_the_connection_without_an_answer(clients, name, version):
    client = clients(name, version)
    client.send(subscribe(name, qos=2, version=version))
    assert is_ended(client, version, 0x9B)


@pytest.mark.parametrize("version, code", [(V5, 0x9B), (V3, None)], ids=["v5", "v3"])
def test_a_qos_2_will_is_refused(croft, name, version, code):
    assert refusal(croft, name, version, **last_will("w", qos=2, version=version)) == code


def test_paho_is_told_that_qos_2_is_not_served(croft, name):
    told, ended = {}, threading.Event()
    client = paho.Client(name, protocol=paho.MQTTv5)
    client.on_connect = lambda client, data, flags, code, properties: (
        told.update(connect=code.value, maximum=properties.MaximumQoS), client.publish("a", "x", qos=2))
    client.on_disconnect = lambda *_: ended.set()
    client.connect("127.0.0.1", croft.port("mqtt"))
    client.loop_start()
    try:
        assert ended.wait(10)  # paho 1.6 reads no reason from a DISCONNECT of a byte
    finally:
        client.loop_stop()
        client.disconnect()
    assert told == {"connect": 0, "maximum": 1}


@pytest.mark.skipif(not have("mosquitto_pub"), reason="needs mosquitto's clients")
@pytest.mark.parametrize("qos, said", [(1, ""), (2, "Error: Message QoS not supported on broker, try a lower QoS.\n")],
                         ids=["1", "2"])
def test_mosquitto_pub_knows_the_maximum_qos(croft, name, qos, said):
    done = subprocess.run(["mosquitto_pub", "-V", "5", "-p", str(croft.port("mqtt")), "-t", name, "-m", "x", "-q", str(qos)],
                          capture_output=True, text=True, timeout=20)
    assert done.stderr == said


# Retained messages and wildcards.

def test_retained_messages_come_to_exact_filters_only(clients, name):
    writer, reader = clients(name), clients(name + "r")
    writer.publish(f"{name}/a", b"kept", qos=1, retain=True)
    assert grants(reader, f"{name}/#", f"{name}/+", f"$share/g/{name}/a") == [1, 1, 1]
    assert reader.is_silent()
    assert grants(reader, f"{name}/a") == [1]
    got = reader.message()
    assert (got.payload, got.retain, got.qos) == (b"kept", True, 1)


def test_an_empty_retained_message_deletes_and_is_forwarded(clients, name):
    writer, reader = clients(name), clients(name + "r")
    writer.publish(name, b"kept", qos=1, retain=True)
    grants(reader, name + "/#", name, qos=0)
    assert reader.message().retain
    writer.publish(name, b"", qos=1, retain=True)
    assert (lambda got: (got.payload, got.retain))(reader.message()) == (b"", False)
    assert grants(reader, name) == [1] and reader.is_silent()


def test_a_hash_does_not_match_the_level_above_it(clients, name, version):
    client = clients(name, version)
    grants(client, f"{name}/#", qos=0)
    for topic in name, f"{name}/", f"{name}/a", f"{name}/a/b":
        client.publish(topic)
    assert [client.message().topic for _ in range(3)] == [f"{name}/", f"{name}/a", f"{name}/a/b"]
    assert client.is_silent()


# CONNECT and CONNACK.

def test_the_connack_says_what_aws_says(clients, name):
    always = {RECEIVE_MAXIMUM: 100, MAXIMUM_QOS: 1, RETAIN: 1, PACKET_SIZE: 149_504, ALIAS_MAXIMUM: 8, WILDCARDS: 1,
              IDENTIFIERS: 0, SHARED: 1}
    assert connack_properties(clients(name)) == always
    assert connack_properties(clients(name, keep_alive=0, block=number(SESSION_EXPIRY, 604_801))) == {
        **always, KEEP_ALIVE: 1200, SESSION_EXPIRY: 604_800}
    assigned = connack_properties(clients(""))
    assert len(assigned.pop(ASSIGNED_ID)) == 36 and assigned == always


@pytest.mark.parametrize("asked, told", [(0, 1200), (1, 30), (29, 30), (30, None), (1200, None), (1201, 1200), (65_535, 1200)])
def test_the_keep_alive_that_counts_is_told(clients, name, asked, told):
    assert connack_properties(clients(name, keep_alive=asked)).get(KEEP_ALIVE) == told


def test_a_keep_alive_of_a_second_is_one_of_30(clients, name, version):
    client = clients(name, version, keep_alive=1)
    assert client.is_silent(2.5), "1.5 s of silence end nothing"
    assert client.send(packet(PINGREQ, b"")).packet() == (PINGRESP, b"")


@pytest.mark.parametrize("asked, told", [(0, None), (1, None), (604_800, None), (604_801, 604_800), (0xFFFFFFFF, 604_800)])
def test_a_session_lasts_seven_days_at_most_and_that_is_told(clients, name, asked, told):
    assert connack_properties(clients(name, block=number(SESSION_EXPIRY, asked))).get(SESSION_EXPIRY) == told


def test_a_session_that_was_to_end_cannot_be_kept_by_disconnect(clients, name):
    client = clients(name)
    client.send(packet(DISCONNECT, b"\x00\x05" + number(SESSION_EXPIRY, 60)))
    assert is_ended(client, V5, 0x82)


def test_a_session_of_the_other_version_is_not_resumed(clients, name, version):
    other = V5 if version == V3 else V3
    clients(name, version, **lasting(version)).leave()
    assert clients(name, version, **lasting(version)).present
    clients(name, version, **lasting(version)).leave()
    assert not clients(name, other, **lasting(other)).present


@pytest.mark.parametrize("size, code", [(512, 0), (511, 0x95)])
def test_a_client_takes_packets_of_512_bytes_at_least(croft, name, size, code):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect(name, block=number(PACKET_SIZE, size))).packet(), 1) == (CONNACK, code)


@pytest.mark.parametrize("size, code", [(128, 0), (129, 0x85)])
def test_a_client_id_has_128_bytes_at_most(croft, size, code):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect("i" * size)).packet(), 1) == (CONNACK, code)


def test_a_second_connection_wins_and_the_first_is_told(clients, name, version):
    first = clients(name, version)
    clients(name, version)
    assert is_ended(first, version, 0x8E)


@pytest.mark.parametrize("version", [V5], ids=["v5"])
def test_will_delay_is_not_honoured(clients, name, version):
    witness = clients(name + "w")
    grants(witness, name, qos=0)
    client = clients(name, clean=False, **last_will(name, b"gone", block=number(WILL_DELAY, 3600)),
                     block=number(SESSION_EXPIRY, 3600))
    client.drop()
    assert witness.message().payload == b"gone"


@pytest.mark.parametrize("topic", ["$aws/events/presence/connected/x", "$SYS/x", "/".join("abcdefghi"), "t" * 257], ids=short)
def test_a_will_that_could_not_be_published_is_refused(croft, name, topic):
    assert refusal(croft, name, **last_will(topic)) == 0x90


# SUBSCRIBE.

def test_subscription_identifiers_end_the_connection(clients, name):
    client = clients(name)
    client.send(subscribe_with(1, "a"))
    assert is_ended(client, V5, 0xA1)


@pytest.mark.parametrize("version, code", [(V5, 0x97), (V3, 0x80)], ids=["v5", "v3"])
def test_a_subscribe_has_8_filters_and_a_session_50(clients, name, version, code):
    client = clients(name, version)
    assert grants(client, *(f"{name}/{n}" for n in range(9))) == [1] * 8 + [code]
    assert [grants(client, f"{name}/{n}") for n in range(8, 50)] == [[1]] * 42
    assert grants(client, f"{name}/50", f"{name}/0") == [code, 1], "the 51st; the first once more is no further one"
    client.send(unsubscribe(f"{name}/0", version=version))
    assert client.packet()[0] == UNSUBACK
    assert grants(client, f"{name}/50") == [1]


@pytest.mark.parametrize("topic_filter, fits", [
    ("x" * 256, True), ("x" * 257, False), ("1/2/3/4/5/6/7/8", True), ("1/2/3/4/5/6/7/8/9", False), ("1/2/3/4/5/6/7/#", True),
    ("$share/g/1/2/3/4/5/6/7/8", True), ("$share/g/1/2/3/4/5/6/7/8/9", False), ("$share/g/" + "x" * 256, True),
    ("$share/g/" + "x" * 257, False), ("$share/" + "g" * 128 + "/x", True), ("$share/" + "g" * 129 + "/x", False),
    ("a+/b", False), ("a/#/b", False), ("$share/g", False)], ids=short)
def test_length_and_levels_of_a_filter(clients, name, version, topic_filter, fits):
    refused = 0x8F if version == V5 else 0x80
    assert grants(clients(name, version), topic_filter, "another") == [1 if fits else refused, 1]


@pytest.mark.parametrize("topic_filter, fits", [
    ("$aws/events/presence/#", True), ("$aws/things/t/shadow/update/accepted", True), ("$other/x", False), ("$SYS/#", False),
    ("$aws/rules/r/#", False), ("$awsx/a", False), ("$share/g/$other", False), ("$share/g/$aws/events/#", True)], ids=short)
def test_which_reserved_filters_there_are(clients, name, version, topic_filter, fits):
    refused = 0x8F if version == V5 else 0x80
    assert grants(clients(name, version), topic_filter, "another") == [1 if fits else refused, 1]


def test_a_bare_hash_sees_no_reserved_topics(clients, name):
    watcher = clients(name)
    grants(watcher, "#", "+/events/#", qos=0)
    clients(name + "x").leave()
    assert watcher.is_silent()


# PUBLISH.

@pytest.mark.parametrize("topic, fits", [
    ("x" * 256, True), ("x" * 257, False), ("1/2/3/4/5/6/7/8", True), ("1/2/3/4/5/6/7/8/9", False),
    ("$aws/rules/rule/1/2/3/4/5/6/7/8", True), ("$aws/rules/rule/1/2/3/4/5/6/7/8/9", False),
    ("$aws/rules/rule/" + "x" * 256, True), ("$aws/rules/rule/" + "x" * 257, False), ("$aws/rules/" + "r" * 300 + "/x", True),
    ("$aws/rules/rule", True), ("$other", False), ("$SYS/x", False), ("$aws/events/presence/connected/x", False),
    ("$share/g/x", False)], ids=short)
def test_length_levels_and_reserved_names_of_a_topic(clients, name, version, topic, fits):
    client = clients(name, version)
    if fits:
        assert publishes(client, topic) == SERVED
    elif version == V5:
        assert publishes(client, topic) == (PUBACK, 0x90)
        assert publishes(client, "goes/on") == SERVED
        client.send(publish(topic))
        assert is_ended(client, V5, 0x90)
    else:
        assert client.send(publish(topic, qos=1, version=V3)).is_closed()


def test_basic_ingest_retains_nothing_and_reaches_no_subscriber(clients, name):
    client, watcher = clients(name), clients(name + "w")
    grants(watcher, f"{name}/#", "#", qos=0)
    assert publishes(client, f"$aws/rules/none/{name}/x") == SERVED
    assert publishes(client, f"$aws/rules/none/{name}/x", retain=True) == (PUBACK, 0x90)
    assert watcher.is_silent()


def test_a_payload_has_128_kb_at_most(clients, name, version):
    client = clients(name, version)
    assert publishes(client, "a", b"x" * 131_072) == SERVED
    client.send(publish("a", b"x" * 131_073, qos=1, version=version))
    assert is_ended(client, version, 0x95)


def test_a_packet_has_146_kb_at_most(clients, name):
    client = clients(name)
    client.send(bytes([PUBLISH]) + b"\x80\x90\x09" + b"\x00\x01a")  # one byte more in all, and not here yet
    assert is_ended(client, V5, 0x95)


@pytest.mark.parametrize("fitting, larger", [
    (user_property("n" * 4000, "v" * 4000) + user_property("n" * 100, "v" * 92),
     user_property("n" * 4000, "v" * 4000) + user_property("n" * 100, "v" * 93)),
    (text_property(CONTENT_TYPE, 256), text_property(CONTENT_TYPE, 257)),
    (text_property(CORRELATION, 8192), text_property(CORRELATION, 8193))],
    ids=["user properties", "content type", "correlation data"])
def test_properties_of_a_message_have_a_length(clients, name, fitting, larger):
    client = clients(name)
    assert publishes(client, "a", block=fitting) == SERVED
    assert publishes(client, "a", block=larger) == (PUBACK, 0x97)
    client.send(publish("a", block=larger))
    assert is_ended(client, V5, 0x97)


def test_there_are_8_topic_aliases(clients, name):
    client = clients(name)
    for alias in range(1, 9):
        assert publishes(client, f"{name}/{alias}", block=number(ALIAS, alias)) == SERVED
    client.send(publish(f"{name}/9", block=number(ALIAS, 9)))
    assert is_ended(client, V5, 0x94)


@pytest.mark.parametrize("asked, least, most", [
    (0, 0, 1), (1, 0, 1), (60, 58, 60), (604_800, 604_798, 604_800), (604_801, 604_798, 604_800), (0xFFFFFFFF, 604_798, 604_800)])
def test_a_message_expires_between_a_second_and_seven_days(clients, name, asked, least, most):
    client = clients(name)
    grants(client, name, qos=0)
    client.publish(name, block=number(EXPIRY, asked))
    left, = values(client.message().block, EXPIRY)
    assert least <= left <= most


def test_no_more_than_100_messages_are_unacknowledged(clients, name, version):
    reader, writer = clients(name, version), clients(name + "w")
    grants(reader, name)
    for n in range(101):
        assert publishes(writer, name, b"%d" % n, packet_id=n + 1) == SERVED
    got = [reader.message() for _ in range(100)]
    assert reader.is_silent()
    reader.acknowledge(PUBACK, got[0].packet_id)
    assert reader.message().payload == b"100"


# What is denied.

@pytest.fixture
def certified(croft, tmp_path, version):
    """Makes clients with a certificate that may do what the statements say."""
    made = []

    def make(client_id, *statements):
        owner = DeviceCertificate(croft, tmp_path, *statements)
        wire = Wire(croft.port("mqtts"), tls=owner.context())
        made.append(wire)
        return wire, wire.send(connect(client_id, version)).packet()

    yield make
    for wire in made:
        wire.socket.close()


def test_a_denied_connect(certified, name, version):
    wire, answer = certified(name, allow("Publish", "topic/a"))
    assert reason(answer, 1) == (CONNACK, 0x87 if version == V5 else 5)
    assert wire.is_closed()


@pytest.mark.parametrize("qos", [0, 1])
def test_a_denied_publish(certified, name, version, qos):
    wire, _ = certified(name, allow("Connect", "client/*"), allow("Publish", "topic/may"))
    wire.send(publish("may", qos=1, version=version))
    assert reason(wire.packet(), 2) == SERVED
    wire.send(publish("may/not", qos=qos, packet_id=2, version=version))
    if version == V5 and qos == 1:
        assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        wire.send(publish("may", qos=1, packet_id=3))
        assert reason(wire.packet(), 2) == SERVED, "the connection stays"
    else:
        assert is_ended(wire, version, 0x87)


def test_a_retained_message_needs_its_own_right(certified, name, version):
    wire, _ = certified(name, allow("Connect", "client/*"), allow("Publish", "topic/*"), allow("RetainPublish", "topic/may"))
    wire.send(publish("may", qos=1, retain=True, version=version))
    assert reason(wire.packet(), 2) == SERVED
    wire.send(publish("not", qos=1, retain=True, packet_id=2, version=version))
    if version == V5:
        assert reason(wire.packet(), 2) == (PUBACK, 0x87)
    else:
        assert wire.is_closed()


def test_a_denied_subscribe(certified, name, version):
    wire, _ = certified(name, allow("Connect", "client/*"), allow("Subscribe", "topicfilter/may", "topicfilter/$share/g/may"))
    wire.send(subscribe("may", "may/not", "$share/g/may", "$share/h/may", version=version))
    refused = 0x87 if version == V5 else 0x80
    first, body = wire.packet()
    assert (first, list(body[3 if version == V5 else 2:])) == (SUBACK, [1, refused, 1, refused])
    assert wire.send(packet(PINGREQ, b"")).packet() == (PINGRESP, b"")


def test_a_denied_receive_leaves_the_subscription(certified, clients, name, version):
    wire, _ = certified(name, allow("Connect", "client/*"), allow("Subscribe", "topicfilter/*"),
                        allow("Receive", f"topic/{name}/may"))
    wire.send(subscribe(f"{name}/#", version=version)).packet()
    writer = clients(name + "w")
    for topic in "not", "may":
        writer.publish(f"{name}/{topic}", qos=1)
    assert message_of(wire.packet(), version).topic == f"{name}/may"


def test_a_will_that_is_denied_refuses_the_connect(croft, clients, tmp_path, name, version):
    watcher = presence(croft, name)
    owner = DeviceCertificate(croft, tmp_path, allow("Connect", "client/*"))
    with Wire(croft.port("mqtts"), tls=owner.context()) as wire:
        wire.send(connect(name, version, **last_will("gone", version=version)))
        assert reason(wire.packet(), 1) == (CONNACK, 0x87 if version == V5 else 5)
    told = event(watcher)
    assert (told["eventType"], told["connectFailureReason"]) == ("connect_failed", "AUTHORIZATION_FAILED")


# Settings. Each has a check of what it changes; the numbers are small so that one more is over.

SETTINGS = {}


def setting(*options):
    """Registers the check of a server with these options. It is given that server."""
    def register(check):
        SETTINGS[" ".join(options).replace("--", "")] = (options, check)
        return check
    return register


def told_by(croft, **more):
    with Client(croft, "told", **more) as client:
        return connack_properties(client)


@setting("--parent-match", "true")
def parent_match(croft):
    client = Client(croft, "c")
    client.subscribe("a/#", qos=0)
    client.publish("a")
    assert client.message().topic == "a"


@setting("--retained-to-wildcards", "true")
def retained_to_wildcards(croft):
    client = Client(croft, "c")
    client.publish("a/b", b"kept", qos=1, retain=True)
    client.subscribe("a/+")
    assert client.message().payload == b"kept"


@setting("--subscription-identifiers", "true")
def subscription_identifiers(croft):
    client = Client(croft, "c")
    assert connack_properties(client).get(IDENTIFIERS, 1) == 1
    assert client.send(subscribe_with(300, "a")).packet()[0] == SUBACK
    client.publish("a")
    assert values(client.message().block, IDENTIFIER) == [300]


@setting("--will-delay", "true")
def will_delay(croft):
    witness = Client(croft, "w")
    witness.subscribe("gone", qos=0)
    will = last_will("gone", b"x", block=number(WILL_DELAY, 1))
    Client(croft, "c", clean=False, block=number(SESSION_EXPIRY, 60), **will).drop()
    assert witness.is_silent(0.6)
    assert witness.message().payload == b"x"


@setting("--maximum-qos", "2")
def maximum_qos_2(croft):
    client = Client(croft, "c")
    assert MAXIMUM_QOS not in connack_properties(client)
    assert client.subscribe("a", qos=2) == [2]
    client.send(publish("b", qos=2))
    assert client.packet() == (PUBREC, b"\x00\x01")


@setting("--maximum-qos", "0")
def maximum_qos_0(croft):
    client = Client(croft, "c")
    assert connack_properties(client)[MAXIMUM_QOS] == 0
    client.send(publish("b", qos=1))
    assert is_ended(client, V5, 0x9B)


@setting("--keep-alive-min", "100")
def keep_alive_min(croft):
    assert told_by(croft, keep_alive=99)[KEEP_ALIVE] == 100
    assert KEEP_ALIVE not in told_by(croft, keep_alive=100)


@setting("--keep-alive-max", "50")
def keep_alive_max(croft):
    assert told_by(croft, keep_alive=51)[KEEP_ALIVE] == 50
    assert told_by(croft, keep_alive=0)[KEEP_ALIVE] == 50


@setting("--keep-alive-min", "1", "--keep-alive-none", "true")
def keep_alive_none(croft):
    assert KEEP_ALIVE not in told_by(croft, keep_alive=0)
    silent = Client(croft, "silent", keep_alive=1)
    assert is_ended(silent, V5, 0x8D)


@setting("--client-id-bytes", "5")
def client_id_bytes(croft):
    Client(croft, "12345")
    assert refusal(croft, "123456") == 0x85


@setting("--packet-bytes", "600")
def packet_bytes(croft):
    client = Client(croft, "c")
    assert connack_properties(client)[PACKET_SIZE] == 600
    whole = publish("a", b"x" * 591, qos=1)
    assert len(whole) == 600
    assert reason(client.send(whole).packet(), 2) == SERVED
    client.send(publish("a", b"x" * 592, qos=1))
    assert is_ended(client, V5, 0x95)


@setting("--client-packet-bytes-min", "100")
def client_packet_bytes_min(croft):
    Client(croft, "c", block=number(PACKET_SIZE, 100))
    assert refusal(croft, "d", block=number(PACKET_SIZE, 99)) == 0x95


@setting("--receive-maximum", "2")
def receive_maximum(croft):
    client = Client(croft, "c")
    assert connack_properties(client)[RECEIVE_MAXIMUM] == 2
    client.subscribe("a")
    writer = Client(croft, "w")
    for n in range(3):
        writer.publish("a", qos=1, packet_id=n + 1)
    assert [client.message().packet_id for _ in range(2)] == [1, 2]
    assert client.is_silent()


@setting("--topic-aliases", "2")
def topic_aliases(croft):
    client = Client(croft, "c")
    assert connack_properties(client)[ALIAS_MAXIMUM] == 2
    assert publishes(client, "a", block=number(ALIAS, 2)) == SERVED
    client.send(publish("a", block=number(ALIAS, 3)))
    assert is_ended(client, V5, 0x94)


@setting("--websocket-life", "1")
def websocket_life(croft):
    watcher = presence(croft, "web")
    wire = web_device(croft, "web")
    assert event(watcher)["eventType"] == "connected"
    assert reason(wire.packet()) == (DISCONNECT, 0xA0)
    assert event(watcher)["disconnectReason"] == "WEBSOCKET_TTL_EXPIRATION"


@setting("--connect-wait", "1")
def connect_wait(croft):
    with Wire(croft.port("mqtt")) as wire:
        begun = time.monotonic()
        assert wire.is_closed()
        assert 0.9 < time.monotonic() - begun < 5


@setting("--connections", "1", "--device-shards", "1")
def connections(croft):
    first = Client(croft, "first")
    assert refusal(croft, "second") == 0x97
    first.leave()
    Client(croft, "second")


@setting("--connects-per-second", "1")
def connects_per_second(croft):
    first = Client(croft, "hasty")
    codes = []
    for _ in range(3):  # within two seconds of the clock
        with Wire(croft.port("mqtt")) as wire:
            codes.append(reason(wire.send(connect("hasty")).packet(), 1)[1])
    assert 0x97 in codes and set(codes) <= {0, 0x97}
    if 0 not in codes:
        assert first.send(packet(PINGREQ, b"")).packet() == (PINGRESP, b""), "a refused newcomer takes nothing over"
    Client(croft, "another")
    time.sleep(1.1)
    Client(croft, "hasty")


@setting("--publishes-per-second", "5")
def publishes_per_second(croft):
    watcher = presence(croft, "loud")
    client = Client(croft, "loud")
    assert event(watcher)["eventType"] == "connected"
    burst = [publish("a", qos=1, packet_id=n) for n in range(1, 12)]
    client.send(b"".join(burst[:10]))
    assert [client.packet()[1][1] for _ in range(5)] == [1, 2, 3, 4, 5]
    assert client.is_silent(), "the rest was dropped without a word"
    time.sleep(1.1)
    client.send(b"".join(burst))
    assert [client.packet()[0] for _ in range(5)] == [PUBACK] * 5
    assert is_ended(client, V5, 0x96)
    told = event(watcher)
    assert (told["disconnectReason"], told["clientInitiatedDisconnect"]) == ("THROTTLED", False)


@setting("--session-expiry", "1")
def session_expiry(croft):
    Client(croft, "c", V3, clean=False).leave()
    assert Client(croft, "c", V3, clean=False).present
    Client(croft, "c", V3, clean=False).leave()
    time.sleep(1.1)
    assert not Client(croft, "c", V3, clean=False).present


@setting("--session-expiry-max", "10")
def session_expiry_max(croft):
    assert SESSION_EXPIRY not in told_by(croft, block=number(SESSION_EXPIRY, 10))
    assert told_by(croft, block=number(SESSION_EXPIRY, 11))[SESSION_EXPIRY] == 10


@setting("--presence.wildcard_ids", "true")
def wildcard_ids(croft):
    watcher = Client(croft, "watcher")
    watcher.subscribe("$aws/events/presence/connected/#", qos=0)
    Client(croft, "plant+1")
    got = watcher.message()
    assert json.loads(got.payload)["clientId"] == "plant+1"


@setting("--version-reset", "0")
def version_reset(croft):
    watcher = presence(croft, "c")
    for _ in range(2):
        Client(croft, "c").leave()
    assert [event(watcher)["versionNumber"] for _ in range(4)] == [0, 0, 0, 0]


@setting("--filters-per-subscribe", "2")
def filters_per_subscribe(croft):
    assert Client(croft, "c").subscribe("a", "b", "c") == [1, 1, 0x97]


@setting("--subscriptions", "2")
def subscriptions(croft):
    client = Client(croft, "c")
    assert [client.subscribe(f) for f in "abc"] == [[1], [1], [0x97]]


def kept(croft, *payloads):
    """What of these is there when a client comes back to its session."""
    reader = Client(croft, "reader", clean=False, block=number(SESSION_EXPIRY, 60))
    reader.subscribe("q")
    reader.leave()
    writer = Client(croft, "writer")
    for n, payload in enumerate(payloads):
        writer.publish("q", payload, qos=1, packet_id=n + 1)
    reader = Client(croft, "reader", clean=False, block=number(SESSION_EXPIRY, 60))
    got = []
    while not reader.is_silent():
        got.append(reader.message().payload)
    return got


@setting("--queued-messages", "2")
def queued_messages(croft):
    assert kept(croft, b"1", b"2", b"3") == [b"1", b"2"]


@setting("--queued-bytes", "1024")
def queued_bytes(croft):
    assert kept(croft, b"1" * 1023, b"2", b"") == [b"1" * 1023], "topics count"


@setting("--queued-bytes-total", "1024", "--device-shards", "1")
def queued_bytes_total(croft):
    assert kept(croft, b"1" * 1023, b"2") == [b"1" * 1023]


@setting("--queued-group-messages", "2")
def queued_group_messages(croft):
    member = Client(croft, "member", clean=False, block=number(SESSION_EXPIRY, 60))
    assert member.subscribe("$share/g/q", "$share/h/q", qos=1) == [1, 1]
    member.leave()
    writer = Client(croft, "writer")
    for n in range(4):
        writer.publish("q", b"%d" % n, qos=1, packet_id=n + 1)
    member = Client(croft, "member", clean=False, block=number(SESSION_EXPIRY, 60))
    got = []
    while not member.is_silent():
        got.append(member.message().payload)
    assert got == [b"0", b"1"] * 2, "of each group what waited longest"


@setting("--topic-bytes", "10")
def topic_bytes(croft):
    client = Client(croft, "c")
    assert publishes(client, "1234567890") == SERVED and publishes(client, "12345678901") == (PUBACK, 0x90)
    assert client.subscribe("1234567890", "12345678901") == [1, 0x8F]


@setting("--topic-levels", "2")
def topic_levels(croft):
    client = Client(croft, "c")
    assert publishes(client, "a/b") == SERVED and publishes(client, "a/b/c") == (PUBACK, 0x90)
    assert client.subscribe("a/#", "a/b/#") == [1, 0x8F]


@setting("--share-name-bytes", "2")
def share_name_bytes(croft):
    assert Client(croft, "c").subscribe("$share/ab/x", "$share/abc/x") == [1, 0x8F]


@setting("--payload-bytes", "10")
def payload_bytes(croft):
    client = Client(croft, "c")
    assert publishes(client, "a", b"x" * 10) == SERVED
    client.send(publish("a", b"x" * 11, qos=1))
    assert is_ended(client, V5, 0x95)


@setting("--user-properties-bytes", "10")
def user_properties_bytes(croft):
    client = Client(croft, "c")
    assert publishes(client, "a", block=user_property("name", "value!")) == SERVED
    assert publishes(client, "a", block=user_property("name", "value!!")) == (PUBACK, 0x97)


@setting("--content-type-bytes", "4")
def content_type_bytes(croft):
    client = Client(croft, "c")
    assert publishes(client, "a", block=text_property(CONTENT_TYPE, 4)) == SERVED
    assert publishes(client, "a", block=text_property(CONTENT_TYPE, 5)) == (PUBACK, 0x97)


@setting("--correlation-data-bytes", "4")
def correlation_data_bytes(croft):
    client = Client(croft, "c")
    assert publishes(client, "a", block=text_property(CORRELATION, 4)) == SERVED
    assert publishes(client, "a", block=text_property(CORRELATION, 5)) == (PUBACK, 0x97)


def expiry_left(croft, asked):
    client = Client(croft, "expiry")
    client.subscribe("a", qos=0)
    client.publish("a", block=number(EXPIRY, asked))
    return values(client.message().block, EXPIRY)[0]


@setting("--message-expiry-min", "50")
def message_expiry_min(croft):
    assert 48 <= expiry_left(croft, 1) <= 50


@setting("--message-expiry-max", "50")
def message_expiry_max(croft):
    assert 48 <= expiry_left(croft, 100) <= 50


@setting("--retained-messages", "1")
def retained_messages(croft):
    client = Client(croft, "c")
    client.publish("a", b"kept", qos=1, retain=True)
    client.publish("b", b"not", qos=1, retain=True)
    client.publish("a", b"changed", qos=1, retain=True)
    client.subscribe("b", "a", qos=0)
    assert client.message().payload == b"changed"
    assert client.is_silent()


@setting("--unsent-bytes", "1024", "--device-shards", "1")
def unsent_bytes(croft):
    deaf = Client(croft, "deaf")
    deaf.subscribe("a", qos=0)
    writer = Client(croft, "w")
    for _ in range(200):
        writer.send(publish("a", b"x" * 100_000))
    writer.send(packet(PINGREQ, b""))
    assert writer.packet() == (PINGRESP, b"")
    got = 0
    while not deaf.is_silent():
        got += len(deaf.message().payload) > 0
    assert 1 <= got < 190, "what the socket took, and one more"


@setting("--dialect", "oasis", "--receive-maximum", "7")
def dialect_and_a_number(croft):
    assert connack_properties(Client(croft, "c")) == {RECEIVE_MAXIMUM: 7, ALIAS_MAXIMUM: 1000}


@setting("--receive-maximum", "7", "--dialect", "oasis")
def a_number_before_the_dialect(croft):
    assert connack_properties(Client(croft, "c"))[RECEIVE_MAXIMUM] == 7


@pytest.mark.parametrize("changed", SETTINGS)
def test_a_setting_changes_what_it_says(fresh_croft, changed):
    options, check = SETTINGS[changed]
    check(fresh_croft(*options, "--ephemeral"))


def test_every_setting_of_the_broker_is_told_with_the_value_it_has(croft):
    """The help's numbers are those of the dialect, and each setting of it is checked here or named."""
    broker = croft.run("serve", "--help").stdout.split("The broker's numbers")[1]
    listed = {line.split()[0][2:] for line in broker.splitlines() if line.startswith("  --")}
    checked = {option[2:] for options, _ in SETTINGS.values() for option in options if option.startswith("--")}
    elsewhere = {"waiting-connections", "blocking-messages", "stalled-after", "unread-bytes", "turn-bytes", "mail-bytes"}
    assert listed - checked == elsewhere
    assert " packet (149504)" in broker and "(604800)" in broker


def test_connections_that_wait_have_a_number(fresh_croft):
    croft = fresh_croft("--waiting-connections", "1", "--device-shards", "1", "--ephemeral")
    waiting = [Wire(croft.port("mqtt")) for _ in range(5)]
    assert not all(wire.is_silent(0.1) for wire in waiting)


def test_a_settings_file_chooses_a_dialect_and_changes_it(fresh_croft, tmp_path):
    file = tmp_path / "croft.toml"
    file.write_text('topic-levels = 6\nreceive-maximum = 9\ndialect = "oasis"\n[presence]\nwildcard_ids = true\n')
    croft = fresh_croft("--config", str(file), "--receive-maximum", "5", "--ephemeral")
    client = Client(croft, "c")
    assert connack_properties(client)[RECEIVE_MAXIMUM] == 5, "the command line wins"
    assert publishes(client, "1/2/3/4/5/6") == SERVED and publishes(client, "1/2/3/4/5/6/7") == (PUBACK, 0x90)
    client.publish("a", qos=2, packet_id=4)
    client.subscribe("$aws/events/presence/connected/#", qos=0)
    Client(croft, "wild#card")
    assert json.loads(client.message().payload)["clientId"] == "wild#card"


def test_client_ids_with_wildcards_have_no_events_unless_wanted(croft, clients):
    watcher = clients("watcher")
    grants(watcher, "$aws/events/presence/connected/#", qos=0)
    clients("wild#card"), clients("wild+card"), clients("tame")
    assert json.loads(watcher.message().payload)["clientId"] == "tame"
