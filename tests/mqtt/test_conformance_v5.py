"""What MQTT 5.0 alone demands of a server. docs/mqtt-conformance.md says which test shows which statement."""

import struct
import time

import pytest
from mqtt_wire import (AUTH, CONNACK, DISCONNECT, PINGREQ, PINGRESP, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBACK, UNSUBACK,
                       V3, V5, Wire, connect, last_will, packet, properties, publish, reason, subscribe, text, unsubscribe,
                       user_property, variable)
from test_conformance import clients, croft, is_ended, lasting, name, publisher  # noqa: F401

NO_LOCAL, AS_PUBLISHED = 0x04, 0x08
RETAINED_IF_NEW, RETAINED_NEVER = 0x10, 0x20
SIZES = {0x01: 1, 0x17: 1, 0x19: 1, 0x24: 1, 0x25: 1, 0x28: 1, 0x29: 1, 0x2A: 1, 0x13: 2, 0x21: 2, 0x22: 2, 0x23: 2, 0x02: 4,
         0x11: 4, 0x18: 4, 0x27: 4}
ALIAS, ALIAS_MAXIMUM, RECEIVE_MAXIMUM, IDENTIFIER, EXPIRY = 0x23, 0x22, 0x21, 0x0B, 0x02

TOO_DEEP = "a/" * 1000 + "a"  # one level more than are served


@pytest.fixture
def version():
    return V5


def taken_apart(block):
    """(identifier, value) of each property in order."""
    found = []

    def take(count):
        nonlocal block
        value, block = block[:count], block[count:]
        assert len(value) == count
        return value

    def number():
        value = shift = 0
        while True:
            byte = take(1)[0]
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def string():
        return take(int.from_bytes(take(2), "big"))

    while block:
        kind = number()
        if kind in SIZES:
            found.append((kind, int.from_bytes(take(SIZES[kind]), "big")))
        else:
            found.append((kind, number() if kind == IDENTIFIER else (string(), string()) if kind == 0x26 else string()))
    return found


def values(block, kind):
    return [value for found, value in taken_apart(block) if found == kind]


def connack_properties(client):
    body = client.connack[1]
    assert body[2] == len(body) - 3 < 128
    return dict(taken_apart(body[3:]))


def number(kind, value):
    return bytes([kind]) + value.to_bytes(SIZES[kind], "big")


def subscribe_with(identifier, topic_filter, options=0, packet_id=7):
    block = bytes([IDENTIFIER]) + variable(identifier)
    return packet(0x82, struct.pack("!H", packet_id) + properties(V5, block) + text(topic_filter) + bytes([options]))


# CONNECT and CONNACK.

def test_the_connack_names_only_what_is_limited(clients, name):
    told = connack_properties(clients(name, block=b"\x19\x00"))
    assert set(told) <= {0x11, 0x13, 0x21, 0x22, 0x24, 0x27, 0x28, 0x29, 0x2A, 0x25}
    assert told.get(0x24, 2) in (0, 1, 2) and 0x1A not in told and 0x15 not in told
    assert all(told.get(available, 1) == 1 for available in (0x25, 0x28, 0x29, 0x2A))


@pytest.mark.parametrize("asked", [0, 1, 29, 60, 1201, 65_535])
def test_the_keep_alive_of_the_client_counts(clients, name, asked):
    assert 0x13 not in connack_properties(clients(name, keep_alive=asked))


def test_qos_2_is_served(clients, name):
    assert 0x24 not in connack_properties(clients(name))


def test_one_connack_comes_on_a_connection(clients, name):
    client = clients(name)
    client.send(packet(PINGREQ, b"") * 3)
    assert client.packets(3) == [(PINGRESP, b"")] * 3
    assert client.is_silent()


@pytest.mark.parametrize("clean", [False, True])
def test_an_empty_client_id_is_replaced_and_told(clients, clean):
    one, two = (connack_properties(clients("", clean=clean)).get(0x12) for _ in range(2))
    assert one and two and one != two


def test_an_assigned_client_id_can_be_used_again(clients, name):
    first = clients("", **lasting(V5))
    first.subscribe(name)
    first.leave()
    again = clients(connack_properties(first)[0x12], **lasting(V5))
    assert again.present and 0x12 not in connack_properties(again)


@pytest.mark.parametrize("level", [3, 6])
def test_another_protocol_version_is_refused(croft, level):
    with Wire(croft.port("mqtt")) as wire:
        answer = wire.send(packet(0x10, text("MQTT") + struct.pack("!BBH", level, 2, 60) + b"\x00" + text("x"))).packet()
        assert answer is None or answer[0] == CONNACK and answer[1][:2] in (b"\x00\x01", b"\x00\x84")
        assert answer is None or wire.is_closed()


def test_a_client_id_that_is_not_taken_is_refused_with_0x85(croft):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect("a\x01b")).packet(), 1) == (CONNACK, 0x85)
        assert wire.is_closed()


def test_a_refused_connect_gets_no_disconnect(croft, name):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect(name, flags=1)).packet(), 1) == (CONNACK, 0x81)
        assert wire.is_closed()


def test_a_password_without_a_user_name_is_allowed(clients, name):
    clients(name, will=text("secret"), flags=0x40)


@pytest.mark.parametrize("method", ["SCRAM-SHA-1", "anything"])
def test_an_unknown_authentication_method_is_refused(croft, name, method):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect(name, block=b"\x15" + text(method))).packet(), 1) == (CONNACK, 0x8C)
        assert wire.is_closed()


def test_without_an_authentication_method_auth_is_an_error(clients, name):
    for body in (b"", b"\x18\x00", b"\x19\x00"):
        assert is_ended(clients(name).send(packet(AUTH, body)), V5, 0x82)


@pytest.mark.parametrize("flags", [1, 2, 4, 8])
def test_reserved_bits_of_auth_end_the_connection(clients, name, flags):
    assert is_ended(clients(name).send(packet(AUTH | flags, b"\x18\x00")), V5, 0x81)


def test_user_properties_must_be_text(clients, name):
    for pair in [(b"\xff", "v"), ("k", b"\xed\xa0\x80"), ("k", "\0")]:
        assert is_ended(clients(name).send(publish("a", block=user_property(*pair))), V5, 0x81)


def test_numbers_longer_than_needed_end_the_connection(clients, name):
    for sent in (b"\xc0\x80\x00", packet(PUBLISH, text("a") + b"\x80\x00"),
                 packet(0x82, b"\x00\x01\x03\x0b\x81\x00" + text("a") + b"\0")):
        assert is_ended(clients(name).send(sent), V5, 0x81)


# The end of a session and of a connection.

def test_a_session_ends_with_its_expiry_and_not_before(clients, name):
    short = {"clean": False, "block": number(0x11, 2)}
    clients(name, **short).leave()
    time.sleep(1)
    client = clients(name, **short)
    assert client.present
    client.leave()
    time.sleep(2.5)
    assert not clients(name, **short).present


def test_without_an_expiry_the_session_ends_with_the_connection(clients, name):
    clients(name, clean=False).leave()
    assert not clients(name, clean=False).present


def test_disconnect_may_change_the_expiry(clients, name):
    client = clients(name, **lasting(V5))
    client.send(packet(DISCONNECT, b"\x00" + properties(V5, number(0x11, 0))))
    assert client.is_closed()
    assert not clients(name, **lasting(V5)).present
    clean = clients(name + "2", clean=True)
    assert is_ended(clean.send(packet(DISCONNECT, b"\x00" + properties(V5, number(0x11, 9)))), V5, 0x82)


def test_behind_a_disconnect_nothing_is_heard_and_nothing_said(clients, publisher, name):
    listener, leaving = clients(name), clients(name + "-leaving")
    listener.subscribe(name, qos=0)
    leaving.send(packet(DISCONNECT, b"") + publish(name, b"too late") + packet(PINGREQ, b""))
    assert leaving.is_closed()
    publisher.publish(name, b"next")
    assert listener.message().payload == b"next"


def test_a_bad_reason_of_a_disconnect_is_an_error(clients, name):
    for code in (0x01, 0x03, 0x05, 0x18, 0xFF):
        assert is_ended(clients(name).send(packet(DISCONNECT, bytes([code]))), V5, 0x81, 0x82)


# Wills.

def test_a_will_waits_for_its_delay(clients, publisher, name):
    publisher.subscribe(name + "/will", qos=0)
    will = last_will(name + "/will", b"gone", block=number(0x18, 2))
    clients(name, clean=False, block=number(0x11, 60), **will).drop()
    assert publisher.is_silent(1.5)
    assert publisher.message().payload == b"gone"


def test_a_will_is_not_said_when_its_client_is_back_in_time(clients, publisher, name):
    publisher.subscribe(name + "/will", qos=0)
    will = last_will(name + "/will", b"gone", block=number(0x18, 1))
    clients(name, clean=False, block=number(0x11, 60), **will).drop()
    clients(name, clean=False, block=number(0x11, 60))
    assert publisher.is_silent(2.5)


def test_a_will_waits_no_longer_than_the_session(clients, publisher, name):
    publisher.subscribe(name + "/will", qos=0)
    will = last_will(name + "/will", b"gone", block=number(0x18, 60))
    clients(name, clean=False, block=number(0x11, 1), **will).drop()
    assert publisher.message().payload == b"gone"
    clients(name + "2", clean=False, block=number(0x11, 60), **will).drop()
    clients(name + "2", clean=True)
    assert publisher.message().payload == b"gone"


def test_disconnect_0x04_publishes_the_will(clients, publisher, name):
    publisher.subscribe(name + "/will", qos=0)
    clients(name, **last_will(name + "/will", b"on purpose")).send(packet(DISCONNECT, b"\x04"))
    assert publisher.message().payload == b"on purpose"


@pytest.mark.parametrize("code", [0x80, 0x81, 0x82, 0x93, 0x99])
def test_only_disconnect_0x00_deletes_the_will(clients, publisher, name, code):
    publisher.subscribe(name + "/will", qos=0)
    clients(name, **last_will(name + "/will", b"an error")).send(packet(DISCONNECT, bytes([code])))
    assert not publisher.is_silent(0.5)


def test_a_will_keeps_its_properties_and_their_order(clients, publisher, name):
    publisher.subscribe(name + "/will", qos=0)
    block = (b"\x01\x01" + b"\x03" + text("text/plain") + b"\x08" + text("answers") + b"\x09" + text("42")
             + user_property("z", "1") + user_property("a", "2") + user_property("z", "0"))
    clients(name, **last_will(name + "/will", b"gone", block=b"\x18\0\0\0\0" + block)).drop()
    assert sorted(taken_apart(publisher.message().block), key=lambda p: p[0]) == sorted(taken_apart(block), key=lambda p: p[0])


# PUBLISH: properties.

def test_properties_of_a_message_come_unaltered_and_in_order(clients, publisher, name):
    listener = clients(name)
    listener.subscribe(name, qos=0)
    for format_indicator in (0, 1):
        block = (bytes([1, format_indicator]) + b"\x03" + text("t\u00e4xt") + b"\x08" + text("a/b")
                 + b"\x09" + text(b"\x00\xff\x01") + user_property("b", "1") + user_property("a", "2") + user_property("b", "1")
                 + user_property("", ""))
        publisher.send(publish(name, b"x", block=block))
        got = taken_apart(listener.message().block)
        assert sorted(got, key=lambda p: p[0]) == sorted(taken_apart(block), key=lambda p: p[0])
        assert [value for kind, value in got if kind == 0x26] == values(block, 0x26)


def test_properties_are_retained_with_their_message(clients, publisher, name):
    block = b"\x01\x01\x03" + text("text") + user_property("b", "1") + user_property("a", "2")
    publisher.send(publish(name, b"x", qos=1, retain=True, block=block))
    assert publisher.packet()[0] == PUBACK
    listener = clients(name)
    listener.subscribe(name, qos=0)
    assert sorted(taken_apart(listener.message().block)) == sorted(taken_apart(block))


@pytest.mark.parametrize("block, codes", [
    (b"\x08" + text("a/#"), (0x82, 0x90)), (b"\x08" + text(b"\xff"), (0x81,)), (b"\x03" + text(b"\xff"), (0x81,)),
    (b"\x0b\x01", (0x81, 0x82)), (b"\x01\x02", (0x81, 0x82, 0x99)), (b"\x18\0\0\0\1", (0x81, 0x82)),
    (b"\x02\0\0\0\1" * 2, (0x82,))],
    ids=["wildcard in the response topic", "response topic no text", "content type no text", "identifier from a client",
         "format 2", "will delay", "twice"])
def test_bad_properties_of_a_message_end_the_connection(clients, name, block, codes):
    assert is_ended(clients(name).send(publish("a", block=block)), V5, *codes)


def test_a_message_that_expired_while_its_client_was_away_is_deleted(clients, publisher, name):
    client = clients(name, **lasting(V5))
    client.subscribe(name)
    client.leave()
    for seconds, payload in [(1, b"short"), (100, b"long")]:
        publisher.send(publish(name, payload, qos=1, block=number(EXPIRY, seconds)))
        assert publisher.packet()[0] == PUBACK
    time.sleep(2.1)
    client = clients(name, **lasting(V5))
    message = client.message()
    assert message.payload == b"long"
    assert 95 <= values(message.block, EXPIRY)[0] <= 98
    assert client.is_silent()


def test_an_expired_retained_message_is_not_sent(clients, publisher, name):
    for last, seconds in [("short", 1), ("long", 100)]:
        publisher.send(publish(f"{name}/{last}", b"x", qos=1, retain=True, block=number(EXPIRY, seconds)))
        assert publisher.packet()[0] == PUBACK
    time.sleep(1.1)
    listener = clients(name)
    listener.subscribe(f"{name}/+", qos=0)
    message = listener.message()
    assert message.topic == f"{name}/long" and 97 <= values(message.block, EXPIRY)[0] <= 99
    assert listener.is_silent()


def test_expiry_does_not_end_a_qos_2_flow(clients, publisher, name):
    client = clients(name, **lasting(V5))
    client.subscribe(name, qos=2)
    publisher.send(publish(name, b"x", qos=2, packet_id=5, block=number(EXPIRY, 1)))
    assert publisher.packet() == (PUBREC, b"\x00\x05")
    sent = client.message()
    client.leave()
    time.sleep(1.2)
    publisher.acknowledge(PUBREL, 5)
    assert publisher.packet() == (PUBCOMP, b"\x00\x05")
    client = clients(name, **lasting(V5))
    assert client.message()[1:6] == (b"x", 2, False, True, sent.packet_id)


# Topic aliases.

def test_every_alias_up_to_the_maximum_is_taken(clients, publisher, name):
    listener = clients(name)
    listener.subscribe(f"{name}/+", qos=0)
    most = connack_properties(publisher)[ALIAS_MAXIMUM]
    assert most > 0
    for alias in {1, 2, most - 1, most}:
        publisher.send(publish(f"{name}/{alias}", b"told", block=number(ALIAS, alias)))
        publisher.send(publish("", b"alone", block=number(ALIAS, alias)))
        for payload in (b"told", b"alone"):
            message = listener.message()
            assert message[:2] == (f"{name}/{alias}", payload)
            assert values(message.block, ALIAS) == []
    publisher.send(publish(f"{name}/new", b"x", block=number(ALIAS, 1)) + publish("", b"y", block=number(ALIAS, 1)))
    assert [listener.message()[:2] for _ in range(2)] == [(f"{name}/new", b"x"), (f"{name}/new", b"y")]


def test_an_alias_over_the_maximum_or_0_ends_the_connection(clients, name):
    most = connack_properties(clients(name))[ALIAS_MAXIMUM]
    for alias in ([0] if most == 65_535 else [0, most + 1]):
        assert is_ended(clients(name).send(publish("a", block=number(ALIAS, alias))), V5, 0x94, 0x82)


def test_an_alias_of_an_earlier_connection_is_unknown(clients, name):
    client = clients(name, **lasting(V5))
    client.publish("a", block=number(ALIAS, 1), qos=1)
    client.leave()
    client = clients(name, **lasting(V5))
    assert is_ended(client.send(publish("", block=number(ALIAS, 1))), V5, 0x82, 0x94)


@pytest.mark.parametrize("most", [0, 1, 3])
def test_aliases_to_a_client_keep_to_its_maximum(clients, publisher, name, most):
    listener = clients(name, block=number(ALIAS_MAXIMUM, most) if most else b"")
    listener.subscribe(f"{name}/+", qos=0)
    topics, known = [f"{name}/{i % 5}" for i in range(20)], {}
    for topic in topics:
        publisher.publish(topic)
    for topic in topics:
        message = listener.message()
        for alias in values(message.block, ALIAS):
            assert 0 < alias <= most
            known[alias] = message.topic or known[alias]
            message = message._replace(topic=known[alias])
        assert message.topic == topic


def test_aliases_to_a_client_end_with_the_connection(clients, publisher, name):
    takes_aliases = {"clean": False, "block": number(0x11, 60) + number(ALIAS_MAXIMUM, 2)}
    listener = clients(name, **takes_aliases)
    listener.subscribe(name)
    for expected in (name, ""):
        publisher.publish(name, qos=1)
        assert listener.message().topic == expected
    listener.leave()
    again = clients(name, **takes_aliases)
    assert [again.message().topic for _ in range(2)] == [name, ""]


# Retained messages.

def test_retain_handling_says_when_retained_messages_come(clients, publisher, name):
    publisher.publish(name, b"kept", retain=True)
    client = clients(name)
    for options, comes in [(RETAINED_NEVER, False), (RETAINED_IF_NEW, False), (0, True), (0, True), (RETAINED_IF_NEW, False)]:
        assert client.subscribe(name, qos=options) == [0]
        client.send(packet(PINGREQ, b""))
        if comes:
            assert client.message()[1:4] == (b"kept", 0, True)
        assert client.packet() == (PINGRESP, b"")
    client.send(unsubscribe(name)).packet()
    client.subscribe(name, qos=RETAINED_IF_NEW)
    assert client.message().retain


@pytest.mark.parametrize("retain", [False, True])
def test_retain_comes_as_published_for_who_asks(clients, publisher, name, retain):
    plain, exact = clients(name), clients(name + "-exact")
    plain.subscribe(name, qos=0)
    exact.subscribe(name, qos=AS_PUBLISHED)
    publisher.publish(name, retain=retain)
    assert (plain.message().retain, exact.message().retain) == (False, retain)


# Subscriptions.

def test_no_local_keeps_own_messages_away(clients, publisher, name):
    client = clients(name)
    client.subscribe(name, qos=NO_LOCAL)
    client.send(publish(name, b"own"))
    publisher.publish(name, b"other")
    assert client.message().payload == b"other"
    assert client.is_silent()


def test_no_local_on_a_shared_subscription_ends_the_connection(clients, name):
    assert is_ended(clients(name).send(subscribe(f"$share/g/{name}", qos=NO_LOCAL)), V5, 0x82)


def test_retain_handling_3_ends_the_connection(clients, name):
    assert is_ended(clients(name).send(subscribe(name, qos=0x30)), V5, 0x81, 0x82)


def test_a_message_carries_the_identifiers_of_its_subscriptions(clients, publisher, name):
    publisher.publish(f"{name}/a", b"kept", retain=True)
    client = clients(name)
    seen = []
    for identifier, topic_filter in [(1, f"{name}/a"), (268_435_455, f"{name}/+")]:
        first, _ = client.send(subscribe_with(identifier, topic_filter, RETAINED_NEVER)).packet()
        assert first == SUBACK
    client.subscribe(f"{name}/#", qos=RETAINED_NEVER)
    publisher.publish(f"{name}/a")
    while not client.is_silent():
        seen += values(client.message().block, IDENTIFIER)
    assert sorted(seen) == [1, 268_435_455]
    assert client.send(subscribe_with(5, f"{name}/a")).packet()[0] == SUBACK
    assert values(client.message().block, IDENTIFIER) == [5]


def test_identifier_0_ends_the_connection(clients, name):
    assert is_ended(clients(name).send(subscribe_with(0, name)), V5, 0x82)


def test_a_subscription_without_identifier_replaces_one_with(clients, publisher, name):
    client = clients(name)
    assert client.send(subscribe_with(7, name)).packet()[0] == SUBACK
    client.subscribe(name, qos=0)
    publisher.publish(name)
    assert client.message().block == b""


def test_codes_of_suback_and_unsuback_stand_in_their_order(clients, name):
    client = clients(name)
    sent = b"\x00\x05\x00" + text(name + "/a") + b"\x02" + text(TOO_DEEP) + b"\x01" + text(name + "/b") + b"\x00"
    first, body = client.send(packet(0x82, sent)).packet()
    assert (first, body) == (SUBACK, b"\x00\x05\x00\x02\x8f\x00")
    client.send(unsubscribe(name + "/x", name + "/a", name + "/y", name + "/b", packet_id=6))
    assert client.packet() == (UNSUBACK, b"\x00\x06\x00\x11\x00\x11\x00")


# Flow control and sizes.

@pytest.mark.parametrize("qos", [1, 2])
def test_no_more_than_receive_maximum_is_unacknowledged(clients, publisher, name, qos):
    client = clients(name, block=number(RECEIVE_MAXIMUM, 3))
    client.subscribe(name, qos=2)
    client.subscribe(name + "/0", qos=0)
    for i in range(6):
        publisher.publish(name, b"%d" % i, qos=qos)
    held = [client.message() for _ in range(3)]
    assert client.is_silent()
    publisher.publish(name + "/0", b"unlimited")
    assert client.message().payload == b"unlimited"
    client.send(packet(PINGREQ, b"") + subscribe("other", packet_id=9))
    assert [first for first, _ in client.packets(2)] == [PINGRESP, SUBACK]
    client.publish("elsewhere", qos=2)
    if qos == 1:
        client.acknowledge(PUBACK, held[1].packet_id)
    else:
        client.acknowledge(PUBREC, held[1].packet_id)
        assert reason(client.packet(), 2) == (PUBREL, 0)
        assert client.is_silent(), "the quota grows with PUBCOMP"
        client.acknowledge(PUBCOMP, held[1].packet_id)
    assert client.message().payload == b"3"
    assert client.is_silent()
    if qos == 2:
        client.send(packet(PUBREC, struct.pack("!HB", held[0].packet_id, 0x97)))
        assert client.message().payload == b"4"


def test_receive_maximum_0_is_an_error(croft, name):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect(name, block=number(RECEIVE_MAXIMUM, 0))).packet(), 1) == (CONNACK, 0x82)


def test_a_message_larger_than_the_client_takes_is_left_out(clients, publisher, name):
    client = clients(name, block=number(0x27, 600))
    client.subscribe(name, qos=1)
    for size in (100, 700, 200):
        publisher.publish(name, b"x" * size, qos=1)
    assert [len(client.message().payload) for _ in range(2)] == [100, 200]
    exact = 600 - len(publish(name, b"", qos=1)) - 1  # the remaining length takes a second byte
    publisher.publish(name, b"x" * (exact + 1), qos=1)
    publisher.publish(name, b"x" * exact, qos=1)
    assert len(client.message().payload) == exact


def test_no_packet_is_larger_than_the_client_takes(clients, name):
    client = clients(name, block=number(0x27, 60))
    client.send(subscribe(*[f"{name}/{i}" for i in range(200)]) + packet(PINGREQ, b""))
    while True:
        answer = client.packet()
        assert answer is None or 2 + len(answer[1]) <= 60
        if answer is None or answer[0] in (PINGRESP, DISCONNECT):
            break


def test_who_wants_no_problem_information_gets_none(clients, name):
    client = clients(name, block=b"\x17\x00")
    client.send(publish("$reserved", qos=1, packet_id=1) + publish("$reserved", qos=2, packet_id=2)
                + subscribe(TOO_DEEP, packet_id=3) + unsubscribe("none", packet_id=4) + packet(PUBREL, b"\x00\x05"))
    got = dict(client.packets(5))
    for kind, expected in [(PUBACK, b"\0\1\x90"), (PUBREC, b"\0\2\x90"), (PUBCOMP, b"\0\5\x92")]:
        assert got[kind] in (expected, expected + b"\0")
    assert (got[SUBACK], got[UNSUBACK]) == (b"\0\3\0\x8f", b"\0\4\0\x11")


def test_a_refused_message_leaves_its_id_free(clients, name):
    client = clients(name)
    for _ in range(2):
        client.send(publish("$reserved", qos=2, packet_id=5))
        assert reason(client.packet(), 2) == (PUBREC, 0x90)
    client.publish(name, qos=2, packet_id=5)


@pytest.mark.parametrize("kind, qos", [(PUBACK, 1), (PUBREC, 2)])
def test_a_message_the_client_refuses_is_not_sent_again(clients, publisher, name, kind, qos):
    client = clients(name, **lasting(V5))
    client.subscribe(name, qos=2)
    publisher.publish(name, b"unwanted", qos=qos)
    client.send(packet(kind, struct.pack("!HB", client.message().packet_id, 0x99)))
    client.leave()
    assert clients(name, **lasting(V5)).is_silent()


def test_an_unknown_packet_id_is_told(clients, name):
    client = clients(name)
    client.acknowledge(PUBREC, 999)
    assert client.packet() == (PUBREL, b"\x03\xe7\x92")
    client.acknowledge(PUBREL, 999)
    assert client.packet() == (PUBCOMP, b"\x03\xe7\x92")


@pytest.mark.parametrize("kind", [PUBACK, PUBREC, PUBREL, PUBCOMP])
def test_a_reason_of_another_packet_ends_the_connection(clients, name, kind):
    assert is_ended(clients(name).send(packet(kind, b"\x00\x01\x8e")), V5, 0x81, 0x82)


# Shared subscriptions.

def test_a_shared_filter_needs_a_name_and_a_filter(clients, name):
    for bad in ("$share/", "$share/g", "$share//a", "$share/g/", "$share/+/a", "$share/g#/a", "$share/g+/a", "$share/g/a#"):
        client = clients(name)
        answer = client.send(subscribe(bad)).packet()
        assert answer == (SUBACK, b"\x00\x01\x00\x8f") or answer[0] == DISCONNECT, bad


def test_a_shared_subscription_keeps_to_its_qos_and_gets_no_retained(clients, publisher, name):
    publisher.publish(f"{name}/a", b"kept", retain=True)
    members = [clients(f"{name}-{i}") for i in range(3)]
    for member in members:
        assert member.subscribe(f"$share/g/{name}/+", qos=1) == [1]
        assert member.is_silent(0.1)
    for i in range(9):
        publisher.publish(f"{name}/a", b"%d" % i, qos=2)
    got = []
    for member in members:
        while not member.is_silent(0.2):
            got.append(member.message())
    assert {message.qos for message in got} == {1}
    assert sorted(message.payload for message in got) == [b"%d" % i for i in range(9)]


def test_a_qos_2_message_stays_with_the_member_it_was_sent_to(clients, publisher, name):
    chosen = clients(name, **lasting(V5))
    chosen.subscribe(f"$share/g/{name}", qos=2)
    publisher.publish(name, b"1", qos=2)
    sent = chosen.message()
    other = clients(name + "-other")
    other.subscribe(f"$share/g/{name}", qos=2)
    chosen.leave()
    assert other.is_silent()
    chosen = clients(name, **lasting(V5))
    assert chosen.message() == sent._replace(dup=True)
    chosen.leave()
    clients(name, clean=True)  # ends that session
    assert other.is_silent()


def test_a_message_that_a_member_refuses_goes_to_no_other(clients, publisher, name):
    members = [clients(f"{name}-{i}") for i in range(2)]
    for member in members:
        member.subscribe(f"$share/g/{name}", qos=2)
    for qos, kind in ((1, PUBACK), (2, PUBREC)):
        publisher.publish(name, b"x", qos=qos)
        holder = members[0] if not members[0].is_silent(0.3) else members[1]
        holder.send(packet(kind, struct.pack("!HB", holder.message().packet_id, 0x80)))
        assert all(member.is_silent() for member in members)


# Between the versions.

def test_versions_understand_each_other(clients, publisher, name):
    older = clients(name, version=V3)
    older.subscribe(name, qos=2)
    publisher.send(publish(name, b"x", qos=2, packet_id=4, block=user_property("k", "v")))
    assert publisher.packet() == (PUBREC, b"\x00\x04")
    assert older.message()[:3] == (name, b"x", 2)
    newer = clients(name + "-newer")
    newer.subscribe(name, qos=0)
    older.send(publish(name, b"back", version=V3))
    assert newer.message()[:2] == (name, b"back")
