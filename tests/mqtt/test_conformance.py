"""What MQTT 3.1.1 and MQTT 5.0 both demand of a server. docs/mqtt-conformance.md says which test shows which statement."""

import itertools

import pytest
from conftest import Croft
from mqtt_wire import (CONNACK, DISCONNECT, PINGREQ, PINGRESP, PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, SUBACK, UNSUBACK, V3,
                       V5, Client, Wire, connect, last_will, message_of, packet, properties, publish, reason, short, subscribe,
                       text, unsubscribe)


SESSION_OF_AN_HOUR = b"\x11\x00\x00\x0e\x10"
BAD_TEXTS = [b"\xff", b"a\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\0b"]
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def croft(tmp_path_factory):
    """A server that follows the specification to the letter, as far as it can be told to."""
    server = Croft(tmp_path_factory.mktemp("croft") / "data", "--dialect", "oasis")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(params=[V3, V5], ids=["v3", "v5"])
def version(request):
    return request.param


@pytest.fixture
def name():
    """A client id and topic of the test's own."""
    return f"t{next(numbers)}"


@pytest.fixture
def clients(croft, version):
    """Makes clients that are closed behind the test."""
    made = []

    def make(client_id, **more):
        made.append(Client(croft, client_id, more.pop("version", version), **more))
        return made[-1]

    yield make
    for client in made:
        client.socket.close()


@pytest.fixture
def publisher(clients, name):
    return clients(name + "-publisher")


def lasting(version):
    """The arguments of connect() for a session that outlives its connections."""
    return {"clean": False, "block": SESSION_OF_AN_HOUR if version == V5 else b""}


def is_ended(wire, version, *codes):
    """The server closed the connection; a 5.0 client was told one of these reasons."""
    answer = wire.packet()
    if version == V5:
        assert answer is not None, "closed without a DISCONNECT"
        assert answer[0] == DISCONNECT and answer[1][0] in codes, answer
        answer = wire.packet()
    return answer is None


def is_refused(croft, sent, version, *codes):
    """The CONNECT was not taken. Whether 3.1.1 is told is asked in test_conformance_v3.py."""
    with Wire(croft.port("mqtt")) as wire:
        answer = wire.send(sent).packet()
        if answer is not None:
            assert answer[0] == CONNACK and answer[1][0] == 0, answer
            assert answer[1][1] in (codes if version == V5 else range(1, 6)), answer
            answer = wire.packet()
        return answer is None


# Strings and packets.

@pytest.mark.parametrize("bad", BAD_TEXTS, ids=short)
@pytest.mark.parametrize("make", [
    lambda bad, v: publish(bad, version=v), lambda bad, v: subscribe(bad, version=v), lambda bad, v: unsubscribe(bad, version=v)],
    ids=["publish", "subscribe", "unsubscribe"])
def test_text_that_is_no_text_ends_the_connection(clients, name, version, make, bad):
    assert is_ended(clients(name).send(make(bad, version)), version, 0x81)


@pytest.mark.parametrize("bad", BAD_TEXTS, ids=short)
@pytest.mark.parametrize("place", ["client id", "will topic", "user name"])
def test_a_connect_with_text_that_is_no_text_is_refused(croft, name, version, place, bad):
    sent = {"client id": lambda: connect(bad, version),
            "will topic": lambda: connect(name, version, **last_will(bad, version=version)),
            "user name": lambda: connect(name, version, will=text(bad), flags=0x80)}[place]()
    assert is_refused(croft, sent, version, 0x81)


def test_a_byte_order_mark_is_a_character(clients, publisher, name):
    marked = "\ufeff" + name
    listener = clients(name)
    listener.subscribe(marked, qos=0)
    publisher.publish(name, b"without")
    publisher.publish(marked, b"with")
    assert listener.message()[:2] == (marked, b"with")


@pytest.mark.parametrize("first, body", [
    (0x80, b"\x00\x01\x00\x01a\x00"), (0x83, b"\x00\x01\x00\x01a\x00"), (0x8A, b"\x00\x01\x00\x01a\x00"),
    (0xA0, b"\x00\x01\x00\x01a"), (0xA3, b"\x00\x01\x00\x01a"), (0x60, b"\x00\x01"), (0x63, b"\x00\x01"), (0x6A, b"\x00\x01"),
    (0x41, b"\x00\x01"), (0x52, b"\x00\x01"), (0x74, b"\x00\x01"), (0xC1, b""), (0xE1, b""), (0xE8, b""), (0x36, b"\x00\x01a"),
    (0x3E, b"\x00\x01a")], ids=lambda value: hex(value) if isinstance(value, int) else "")
def test_reserved_bits_of_the_fixed_header_end_the_connection(clients, name, version, first, body):
    if version == V5 and first >> 4 in (8, 10):
        body = body[:2] + b"\x00" + body[2:]
    assert is_ended(clients(name).send(packet(first, body)), version, 0x81)


@pytest.mark.parametrize("make", [
    lambda v: publish("a", qos=1, packet_id=0, version=v), lambda v: publish("a", qos=2, packet_id=0, version=v),
    lambda v: subscribe("a", packet_id=0, version=v), lambda v: unsubscribe("a", packet_id=0, version=v)],
    ids=["qos 1", "qos 2", "subscribe", "unsubscribe"])
def test_packet_id_0_ends_the_connection(clients, name, version, make):
    assert is_ended(clients(name).send(make(version)), version, 0x81, 0x82)


def test_a_qos_0_message_has_no_packet_id_and_no_dup(clients, publisher, name, version):
    listener = clients(name)
    listener.subscribe(name, qos=2)
    publisher.publish(name, b"bare")
    assert listener.packet() == (PUBLISH, text(name) + properties(version) + b"bare")


def test_packet_ids_of_the_server_are_unused_ones(clients, publisher, name):
    listener = clients(name)
    listener.subscribe(name, qos=2)
    for i in range(20):
        publisher.publish(name, b"%d" % i, qos=1 + i % 2)
    held = [listener.message() for _ in range(20)]
    ids = {message.packet_id for message in held}
    assert len(ids) == 20 and 0 not in ids
    assert [(m.qos, m.dup) for m in held] == [(1, False), (2, False)] * 10
    free = held[0].packet_id
    listener.acknowledge(PUBACK, free)
    publisher.publish(name, b"another", qos=1)
    assert listener.message().packet_id not in ids - {free}


def test_answers_carry_the_packet_id_of_what_they_answer(clients, name, version):
    wire = clients(name)
    answers = [(publish("a", qos=1, packet_id=0xABCD, version=version), PUBACK),
               (publish("a", qos=2, packet_id=0xABCE, version=version), PUBREC),
               (packet(PUBREL, b"\xab\xce"), PUBCOMP), (subscribe("b", packet_id=0xABCF, version=version), SUBACK),
               (unsubscribe("b", packet_id=0xABD0, version=version), UNSUBACK)]
    for sent, kind in answers:
        first, body = wire.send(sent).packet()
        number = sent[2:4] if kind == PUBCOMP else sent[5:7] if kind in (PUBACK, PUBREC) else sent[2:4]
        assert (first, body[:2]) == (kind, number)


# CONNECT and CONNACK.

def test_a_second_connect_ends_the_connection(clients, name, version):
    assert is_ended(clients(name).send(connect(name, version)), version, 0x82)


@pytest.mark.parametrize("protocol", [b"mqtt", b"MQTTT", b"MQT", b"", b"HTTP"], ids=short)
def test_another_protocol_name_is_not_served(croft, name, version, protocol):
    sent = packet(0x10, text(protocol) + bytes([version, 2, 0, 60]) + properties(version) + text(name))
    with Wire(croft.port("mqtt")) as wire:
        answer = wire.send(sent + packet(PINGREQ, b"")).packet()
        assert answer is None or answer[0] == CONNACK and answer[1][:2] in (b"\x00\x01", b"\x00\x84")
        assert answer is None or wire.is_closed()


@pytest.mark.parametrize("level", [0, 2, 6, 255])
def test_an_unknown_protocol_level_is_told_in_the_connack(croft, name, level):
    with Wire(croft.port("mqtt")) as wire:
        answer = wire.send(packet(0x10, text("MQTT") + bytes([level, 2, 0, 60]) + text(name))).packet()
        assert answer == (CONNACK, b"\x00\x01")
        assert wire.is_closed()


@pytest.mark.parametrize("flags, behind", [
    (0x01, b""), (0x08, b""), (0x10, b""), (0x18, b""), (0x20, b""), (0x1C, text("w") + text("x")), (0x04, b""),
    (0x04, text("w")), (0x80, b""), (0x00, text("user")), (0x80, text("user") + text("password")), (0xC0, text("user"))],
    ids=["reserved bit", "will QoS 1 without a will", "will QoS 2 without a will", "will QoS 3 without a will",
         "will retain without a will", "will QoS 3", "no will topic", "no will payload", "no user name", "user name without flag",
         "password without flag", "no password"])
def test_connect_flags_that_do_not_fit_are_refused(croft, name, version, flags, behind):
    if version == V5 and flags & 4 and behind:
        behind = b"\x00" + behind
    assert is_refused(croft, connect(name, version, will=behind, flags=flags), version, 0x81)


def test_a_connect_with_every_field_is_taken(clients, publisher, name, version):
    publisher.subscribe(name + "/will", qos=2)
    will = last_will(name + "/will", b"gone", qos=2, version=version)
    client = clients(name, will=will["will"] + text("user") + text(b"pass\x00word"), flags=will["flags"] | 0xC0)
    client.drop()
    assert publisher.message()[:3] == (name + "/will", b"gone", 2)


def test_client_ids_of_23_letters_and_digits_are_taken(clients):
    every = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for start in range(0, len(every), 23):
        clients(every[start:start + 23].ljust(23, "0"))
    clients("x")


def test_a_client_without_an_id_gets_one_of_its_own(clients, name):
    one, two = clients(""), clients("")
    for client in (one, two):
        client.subscribe(name, qos=0)
    one.publish(name, b"to both")
    assert [client.message().payload for client in (one, two)] == [b"to both"] * 2


def test_of_two_clients_with_one_id_the_first_is_closed(clients, name, version):
    first = clients(name)
    second = clients(name)
    assert is_ended(first, version, 0x8E)
    second.send(packet(PINGREQ, b""))
    assert second.packet() == (PINGRESP, b"")


def test_sessions_belong_to_client_ids(clients, publisher, name, version):
    for who in ("a", "b"):
        client = clients(name + who, **lasting(version))
        client.subscribe(f"{name}/{who}")
        client.leave()
        publisher.publish(f"{name}/{who}", who.encode(), qos=1)
    for who in ("b", "a"):
        client = clients(name + who, **lasting(version))
        assert client.present
        assert client.message()[:2] == (f"{name}/{who}", who.encode())


def test_the_first_packet_of_the_server_is_the_connack(croft, publisher, name, version):
    publisher.publish(name, b"kept", retain=True)
    with Wire(croft.port("mqtt")) as wire:
        wire.send(connect(name, version) + subscribe(name, version=version) + packet(PINGREQ, b""))
        assert sorted(first & 0xF0 for first, _ in wire.packets(4)[1:]) == [PUBLISH, SUBACK, PINGRESP]
    with Wire(croft.port("mqtt")) as wire:
        assert wire.send(connect(name, version) + packet(PINGREQ, b"")).packet()[0] == CONNACK


def test_what_follows_a_refused_connect_is_not_processed(croft, clients, name, version):
    listener = clients(name)
    listener.subscribe(name)
    refused = connect(name + "\x01", version) + publish(name, b"from a stranger", version=version)
    with Wire(croft.port("mqtt")) as wire:
        answer = wire.send(refused).packet()
        assert answer[0] == CONNACK and answer[1][1] in (2, 0x85)
        assert wire.is_closed()
    listener.publish(name, b"own")
    assert listener.message().payload == b"own"


def test_a_refusal_says_no_session_is_present(clients, croft, name, version):
    clients(name, **lasting(version)).leave()
    with Wire(croft.port("mqtt")) as wire:
        answer = wire.send(connect(name + "\x01", version, clean=False)).packet()
        assert (answer[0], answer[1][0]) == (CONNACK, 0) and answer[1][1] != 0
        assert wire.is_closed()


# Sessions.

def test_session_present_says_whether_there_was_one(clients, name, version):
    assert not clients(name, **lasting(version)).present
    assert clients(name, **lasting(version)).present
    again = clients(name, **lasting(version))
    assert again.present
    again.leave()
    assert clients(name, **lasting(version)).present
    assert not clients(name, clean=True).present


def test_a_session_keeps_what_comes_while_its_client_is_away(clients, publisher, name, version):
    client = clients(name, **lasting(version))
    client.subscribe(name, qos=2)
    client.leave()
    publisher.publish(name, b"1", qos=1)
    publisher.publish(name, b"2", qos=2)
    client = clients(name, **lasting(version))
    assert [client.message()[1:5] for _ in range(2)] == [(b"1", 1, False, False), (b"2", 2, False, False)]


def test_a_clean_start_forgets_the_session(clients, publisher, name, version):
    client = clients(name, **lasting(version))
    client.subscribe(name)
    client.leave()
    publisher.publish(name, b"for nobody", qos=1)
    client = clients(name, clean=True)
    assert not client.present
    publisher.publish(name, b"for nobody", qos=1)
    assert client.is_silent()
    client.leave()
    assert not clients(name, **lasting(version)).present


def test_subscriptions_and_state_last_as_long_as_the_connection(clients, publisher, name):
    client = clients(name)
    client.subscribe(name, qos=2)
    for i in range(3):
        publisher.publish(name, b"%d" % i, qos=2)
        message = client.message()
        client.acknowledge(PUBREC, message.packet_id)
        assert reason(client.packet(), 2) == (PUBREL, 0)
        client.acknowledge(PUBCOMP, message.packet_id)


def apart(answers, version):
    """The messages, and the packet ids of PUBREL packets; between the two there is no order."""
    return ([message_of(answer, version) for answer in answers if answer[0] != PUBREL],
            [int.from_bytes(body[:2], "big") for first, body in answers if first == PUBREL])


def test_unacknowledged_messages_come_again_with_their_id(clients, publisher, name, version):
    client = clients(name, **lasting(version))
    client.subscribe(name, qos=2)
    for i, qos in enumerate([1, 2, 2, 1]):
        publisher.publish(name, b"%d" % i, qos=qos)
    sent = [client.message() for _ in range(4)]
    client.acknowledge(PUBREC, sent[1].packet_id)
    assert reason(client.packet(), 2) == (PUBREL, 0)
    client.acknowledge(PUBACK, sent[3].packet_id)
    client.leave()

    client = clients(name, **lasting(version))
    messages, releases = apart(client.packets(3), version)
    assert messages == [sent[0]._replace(dup=True), sent[2]._replace(dup=True)]
    assert releases == [sent[1].packet_id], "and the PUBLISH does not come again"
    assert client.is_silent()
    client.acknowledge(PUBCOMP, sent[1].packet_id)
    client.acknowledge(PUBACK, sent[0].packet_id)
    client.acknowledge(PUBREC, sent[2].packet_id)
    assert reason(client.packet(), 2) == (PUBREL, 0)
    client.leave()

    client = clients(name, **lasting(version))
    assert client.packet() == (PUBREL, sent[2].packet_id.to_bytes(2, "big"))
    client.acknowledge(PUBCOMP, sent[2].packet_id)
    client.leave()
    assert clients(name, **lasting(version)).is_silent()


def test_nothing_is_sent_again_on_the_same_connection(clients, publisher, name):
    client = clients(name)
    client.subscribe(name, qos=2)
    publisher.publish(name, b"1", qos=1)
    publisher.publish(name, b"2", qos=2)
    client.message(), client.message()
    assert client.is_silent(1.2)


@pytest.mark.parametrize("qos, wrong", [(2, PUBACK), (2, PUBCOMP), (1, PUBCOMP), (1, PUBREC)],
                         ids=["PUBACK of QoS 2", "PUBCOMP before PUBREC", "PUBCOMP of QoS 1", "PUBREC of QoS 1"])
def test_the_answer_of_another_flow_acknowledges_nothing(clients, publisher, name, version, qos, wrong):
    """The server may take it for a protocol error or for nothing, but not for the acknowledgement."""
    client = clients(name, **lasting(version))
    client.subscribe(name, qos=2)
    publisher.publish(name, b"x", qos=qos)
    sent = client.message()
    client.acknowledge(wrong, sent.packet_id)
    client.send(packet(PINGREQ, b"") + packet(DISCONNECT, b""))
    while client.packet():
        pass
    client = clients(name, **lasting(version))
    assert not client.is_silent()
    assert client.message() == sent._replace(dup=True)


# Wills.

def test_a_will_is_said_once_when_the_connection_breaks(clients, publisher, name, version):
    publisher.subscribe(name + "/will", qos=2)
    dying = clients(name, **last_will(name + "/will", b"gone", qos=1, version=version))
    dying.drop()
    assert publisher.message()[1:4] == (b"gone", 1, False)
    again = clients(name)
    again.drop()
    assert publisher.is_silent(), "neither said again, nor of a client without one"


def test_a_will_is_said_when_the_server_ends_the_connection(clients, publisher, name, version):
    publisher.subscribe(name + "/will", qos=0)
    clients(name, **last_will(name + "/will", b"by a fault", version=version)).send(packet(0x80, b""))
    assert publisher.message().payload == b"by a fault"
    clients(name, **last_will(name + "/will", b"by a successor", version=version))
    clients(name)
    assert publisher.message().payload == b"by a successor"


def test_disconnect_takes_the_will_back(clients, publisher, name, version):
    publisher.subscribe(name + "/will", qos=0)
    leaving = clients(name, **last_will(name + "/will", b"not said", version=version))
    leaving.leave()
    assert publisher.is_silent()


@pytest.mark.parametrize("retain", [False, True])
def test_a_will_is_retained_only_when_it_says_so(clients, publisher, name, version, retain):
    topic = f"{name}/will"
    publisher.subscribe(topic, qos=0)
    clients(name, **last_will(topic, b"gone", retain=retain, version=version)).drop()
    assert publisher.message()[1:4] == (b"gone", 0, False)
    late = clients(name + "-late")
    late.subscribe(topic)
    assert late.message()[1:4] == (b"gone", 0, True) if retain else late.is_silent()


# PUBLISH.

def again(sent):
    """The same packet marked as a repeated one."""
    return bytes([sent[0] | 8]) + sent[1:]


def test_each_qos_is_answered_in_its_way(clients, name, version):
    wire = clients(name)
    wire.publish("a", qos=1)
    wire.publish("a", qos=2)
    wire.send(publish("a", version=version) + packet(PINGREQ, b""))
    assert wire.packet() == (PINGRESP, b"")


def test_dup_is_not_passed_on(clients, publisher, name, version):
    listener = clients(name)
    listener.subscribe(name, qos=2)
    for qos in (1, 2):
        publisher.send(again(publish(name, b"x", qos=qos, packet_id=5, version=version)))
        assert publisher.packet()[0] == (PUBACK, PUBREC)[qos - 1]
        assert listener.message()[2:5] == (qos, False, False)


def test_a_qos_0_message_with_dup_ends_the_connection(clients, name, version):
    assert is_ended(clients(name).send(again(publish(name, version=version))), version, 0x81)


def test_behind_its_puback_an_id_is_a_new_message(clients, publisher, name, version):
    listener = clients(name)
    listener.subscribe(name)
    for payload in (b"1", b"2"):
        publisher.send(again(publish(name, payload, qos=1, packet_id=5, version=version)))
        assert publisher.packet() == (PUBACK, b"\x00\x05")
        assert listener.message().payload == payload


def test_until_pubrel_an_id_is_one_message(clients, publisher, name, version):
    listener = clients(name)
    listener.subscribe(name, qos=0)
    sent = publish(name, b"1", qos=2, packet_id=5, version=version)
    publisher.send(sent + again(sent) + again(sent))
    assert publisher.packets(3) == [(PUBREC, b"\x00\x05")] * 3
    for _ in range(2):
        publisher.acknowledge(PUBREL, 5)
        first, body = publisher.packet()
        assert (first, body[:2]) == (PUBCOMP, b"\x00\x05")
    assert listener.message().payload == b"1"
    assert listener.is_silent()
    publisher.publish(name, b"2", qos=2, packet_id=5)
    assert listener.message().payload == b"2"


def test_a_qos_2_message_is_one_on_the_next_connection_too(clients, name, version):
    listener = clients(name + "-listener")
    listener.subscribe(name, qos=0)
    publisher = clients(name, **lasting(version))
    sent = publish(name, b"once", qos=2, packet_id=5, version=version)
    assert publisher.send(sent).packet() == (PUBREC, b"\x00\x05")
    publisher.leave()
    publisher = clients(name, **lasting(version))
    assert publisher.send(again(sent)).packet() == (PUBREC, b"\x00\x05")
    publisher.acknowledge(PUBREL, 5)
    assert publisher.packet() == (PUBCOMP, b"\x00\x05")
    assert listener.message().payload == b"once"
    assert listener.is_silent()


@pytest.mark.parametrize("topic", ["a/+", "#", "+", "a#"])
def test_a_topic_name_with_a_wildcard_ends_the_connection(clients, name, version, topic):
    assert is_ended(clients(name).send(publish(topic, version=version)), version, 0x90, 0x81, 0x82)


def test_an_empty_topic_name_ends_the_connection(clients, name, version):
    assert is_ended(clients(name).send(publish("", version=version)), version, 0x82, 0x81, 0x90)


def test_a_server_packet_from_a_client_ends_the_connection(clients, name, version):
    for number, sent in enumerate([packet(CONNACK, b"\0\0"), packet(SUBACK, b"\0\1\0"), packet(PINGRESP, b""), packet(0, b"")]):
        assert is_ended(clients(f"{name}-{number}").send(sent), version, 0x81, 0x82)


# Retained messages.

def test_the_last_retained_message_is_kept_with_its_qos(clients, publisher, name):
    for payload, qos in [(b"1", 2), (b"2", 0), (b"3", 1)]:
        publisher.publish(name, payload, qos=qos, retain=True)
    publisher.publish(name, b"not retained", qos=1)
    publisher.publish(name, b"", qos=1)
    listener = clients(name)
    listener.subscribe(name, qos=2)
    assert listener.message()[1:4] == (b"3", 1, True)
    assert listener.is_silent()


def test_a_retained_qos_0_message_replaces_the_last_one(clients, publisher, name):
    publisher.publish(name, b"old", qos=1, retain=True)
    publisher.publish(name, b"new", qos=0, retain=True)
    listener = clients(name)
    listener.subscribe(name)
    assert listener.message()[1:4] == (b"new", 0, True)


def test_an_empty_retained_message_removes_what_was_kept(clients, publisher, name):
    listener = clients(name)
    listener.subscribe(name)
    publisher.publish(name, b"kept", qos=1, retain=True)
    publisher.publish(name, b"", qos=1, retain=True)
    assert [listener.message()[1:4] for _ in range(2)] == [(b"kept", 1, False), (b"", 1, False)]
    late = clients(name + "-late")
    late.subscribe(name)
    assert late.is_silent()


def test_retain_is_set_for_new_subscriptions_only(clients, publisher, name):
    early, late = clients(name), clients(name + "-late")
    early.subscribe(name, qos=0)
    publisher.publish(name, b"x", retain=True)
    assert not early.message().retain
    late.subscribe(name, qos=0)
    assert late.message().retain


def test_retained_messages_come_to_wildcards_too(clients, publisher, name):
    for level in ("a", "b/c", "d"):
        publisher.publish(f"{name}/{level}", level.encode(), qos=1, retain=True)
    listener = clients(name)
    listener.subscribe(f"{name}/#")
    assert sorted(listener.message().payload for _ in range(3)) == [b"a", b"b/c", b"d"]


def test_retained_messages_outlive_the_session_of_their_publisher(clients, name):
    publisher = clients(name)
    publisher.publish(name, b"kept", qos=1, retain=True)
    publisher.leave()
    clients(name, clean=True).leave()
    listener = clients(name + "-listener")
    listener.subscribe(name)
    assert listener.message()[1:4] == (b"kept", 1, True)


# SUBSCRIBE and UNSUBSCRIBE.

def test_each_filter_has_its_code_in_its_place(clients, name, version):
    wire = clients(name)
    entries = [("a", 0), ("b", 1), ("c", 2), ("d", 0)]
    body = b"\x00\x07" + properties(version) + b"".join(text(f"{name}/{f}") + bytes([qos]) for f, qos in entries)
    assert wire.send(packet(0x82, body)).packet() == (SUBACK, b"\x00\x07" + properties(version) + bytes([0, 1, 2, 0]))


def test_a_subscription_gets_the_lower_of_both_qos(clients, publisher, name):
    listener = clients(name)
    for granted in (0, 1, 2):
        assert listener.subscribe(f"{name}/{granted}", qos=granted) == [granted]
        for qos in (0, 1, 2):
            publisher.publish(f"{name}/{granted}", b"x", qos=qos)
            assert listener.message().qos == min(granted, qos)


def test_subscribing_again_replaces_and_sends_the_retained_again(clients, publisher, name):
    publisher.publish(name, b"kept", qos=1, retain=True)
    listener = clients(name)
    for qos in (1, 0):
        assert listener.subscribe(name, qos=qos) == [qos]
        assert listener.message()[1:4] == (b"kept", qos, True)
    publisher.publish(name, b"once", qos=1)
    assert listener.message()[1:4] == (b"once", 0, False)
    assert listener.is_silent()


def test_no_message_is_lost_while_a_subscription_is_replaced(clients, name, version):
    publisher, listener = clients(name + "-publisher"), clients(name)
    listener.subscribe(name)
    replacing = subscribe(name, packet_id=3, version=version) * 10
    for i in range(1, 51):
        publisher.send(publish(name, b"%d" % i, qos=1, packet_id=i, version=version))
        if i % 5 == 0:
            listener.send(replacing)
    got = []
    while len(got) < 50:
        answer = listener.packet()
        if answer[0] & 0xF0 == PUBLISH:
            end = 2 + len(name)
            got.append(int(answer[1][end + 2 + (version == V5):]))
    assert got == list(range(1, 51))


def test_overlapping_subscriptions_bring_the_highest_qos(clients, publisher, name):
    listener = clients(name)
    listener.subscribe(f"{name}/#", qos=2)
    listener.subscribe(f"{name}/+", qos=1)
    listener.subscribe(f"{name}/a", qos=0)
    publisher.publish(f"{name}/a", b"x", qos=2)
    got = [listener.message().qos]
    while not listener.is_silent():
        got.append(listener.message().qos)
    assert max(got) == 2 and len(got) == len(set(got))


@pytest.mark.parametrize("make", [
    lambda v: packet(0x82, b"\x00\x01" + properties(v)), lambda v: packet(0xA2, b"\x00\x01" + properties(v))],
    ids=["subscribe", "unsubscribe"])
def test_without_a_filter_the_connection_ends(clients, name, version, make):
    assert is_ended(clients(name).send(make(version)), version, 0x81, 0x82)


def test_qos_3_of_a_subscription_ends_the_connection(clients, name, version):
    assert is_ended(clients(name).send(subscribe(name, qos=3, version=version)), version, 0x81, 0x82)


@pytest.mark.parametrize("bit", [0x40, 0x80])
def test_reserved_bits_of_a_subscription_end_the_connection(clients, name, version, bit):
    assert is_ended(clients(name).send(subscribe(name, qos=bit | 1, version=version)), version, 0x81)


def test_unsubscribe_ends_what_equals_its_filter(clients, publisher, name, version):
    listener = clients(name)
    listener.subscribe(f"{name}/+", f"{name}/a", f"{name}/b")
    listener.send(unsubscribe(f"{name}/a", f"{name}/#", f"{name}/+", packet_id=9, version=version))
    known = b"\x00\x00\x11\x00" if version == V5 else b""
    assert listener.packet() == (UNSUBACK, b"\x00\x09" + known)
    for last in ("a", "c", "b"):
        publisher.publish(f"{name}/{last}", last.encode(), qos=1)
    assert listener.message().payload == b"b"
    assert listener.is_silent()


def test_unsubscribe_compares_characters(clients, publisher, name, version):
    listener = clients(name)
    listener.subscribe(f"{name}/+/x")
    listener.send(unsubscribe(f"{name}/a/x", f"{name.upper()}/+/x", f"{name}/+/x/", packet_id=9, version=version))
    assert listener.packet()[0] == UNSUBACK
    publisher.publish(f"{name}/a/x", b"still there")
    assert listener.message().payload == b"still there"


def test_unsubscribe_lets_what_has_begun_end(clients, publisher, name, version):
    listener = clients(name, **lasting(version))
    listener.subscribe(name, qos=2)
    publisher.publish(name, b"1", qos=2)
    publisher.publish(name, b"2", qos=1)
    begun = [listener.message() for _ in range(2)]
    assert listener.send(unsubscribe(name, packet_id=9, version=version)).packet()[0] == UNSUBACK
    listener.acknowledge(PUBREC, begun[0].packet_id)
    assert reason(listener.packet(), 2) == (PUBREL, 0)
    listener.leave()
    listener = clients(name, **lasting(version))
    assert apart(listener.packets(2), version) == ([begun[1]._replace(dup=True)], [begun[0].packet_id])


def test_ping_is_answered(clients, name):
    assert clients(name).send(packet(PINGREQ, b"") * 2).packets(2) == [(PINGRESP, b"")] * 2


# Topics.

@pytest.mark.parametrize("bad", ["a#", "#/a", "a/#/b", "a+", "+a/b", "a/b+", ""])
def test_a_filter_that_is_none_ends_the_connection(clients, name, version, bad):
    assert is_ended(clients(name).send(subscribe(bad, version=version)), version, 0x81, 0x82, 0x8F)


@pytest.mark.parametrize("bad", ["a#", "#/a", "a/#/b", "a+", "+a/b", "a/b+", ""])
def test_a_filter_that_is_none_is_not_subscribed_to(clients, publisher, name, version, bad):
    wire = clients(name)
    answer = wire.send(subscribe(bad, version=version)).packet()
    assert answer is None or answer[0] == DISCONNECT or answer[0] == SUBACK and answer[1][-1] >= 0x80
    for topic in ("a", "a/b", "x/a"):
        publisher.publish(topic, b"x")
    if answer and answer[0] == SUBACK:
        assert wire.is_silent()


@pytest.mark.parametrize("topic_filter, topic, expected", [
    ("/", "/", True), ("/+", "/x", True), ("+", "x", True), ("+", "/x", False), ("+/+", "/x", True), ("x/+", "x/", True),
    ("x/+", "x", False), ("x/#", "x/y/z", True), ("x/#", "y", False), ("x//y", "x//y", True), ("x/+/y", "x//y", True),
    ("X", "x", False), ("x", "x/", False), ("x y", "x y", True), ("\u00e4", "a\u0308", False), ("\u212b", "\u00c5", False),
    ("x/%2F", "x//", False), ("x/../y", "y", False), ("x/$y", "x/$y", True), ("\U0001f600", "\U0001f600", True)], ids=short)
def test_filters_match_without_changing_a_character(clients, publisher, name, topic_filter, topic, expected):
    listener = clients(name)
    listener.subscribe(f"{name}/{topic_filter}", qos=0)
    publisher.publish(f"{name}/{topic}", b"x")
    publisher.publish(f"{name}/{topic_filter}".replace("+", "sentinel").replace("#", "sentinel"), b"sentinel")
    got = listener.message()
    assert (got.payload == b"x") == expected
    assert got.topic == f"{name}/{topic}" if expected else got.payload == b"sentinel"


def test_a_hash_matches_the_level_above_it(clients, publisher, name):
    listener = clients(name)
    listener.subscribe(f"{name}/#", qos=0)
    publisher.publish(name, b"parent")
    assert listener.message()[:2] == (name, b"parent")


@pytest.mark.parametrize("topic_filter", ["#", "+/events/presence/connected/#", "+/#"])
def test_a_leading_wildcard_sees_no_reserved_topics(clients, name, topic_filter):
    curious, told = clients(name), clients(name + "-told")
    curious.subscribe(topic_filter, qos=0)
    told.subscribe(f"$aws/events/presence/connected/{name}-third", qos=0)
    clients(name + "-third")
    assert told.message().topic.startswith("$aws/")
    while not curious.is_silent():
        assert not curious.message().topic.startswith("$")


def test_the_longest_and_the_deepest_topic_are_served(clients, publisher, name):
    listener = clients(name)
    for topic in ("x" * 60_000, "/" * 127, "x" * 65_535):
        listener.subscribe(topic, qos=0)
        publisher.publish(topic, b"x")
        assert listener.message()[:2] == (topic, b"x")


# Order.

def test_messages_of_a_topic_keep_their_order(clients, publisher, name, version):
    listeners = [clients(f"{name}-{i}") for i in range(4)]
    for listener in listeners:
        listener.subscribe(f"{name}/+", qos=2)
    for i in range(300):
        publisher.send(publish(f"{name}/{i % 2}", b"%d" % i, qos=1, packet_id=i + 1, version=version))
    assert [body[:2] for first, body in publisher.packets(300)] == [i.to_bytes(2, "big") for i in range(1, 301)]
    for listener in listeners:
        got = []
        for _ in range(300):
            message = listener.message()
            listener.acknowledge(PUBACK, message.packet_id)
            got.append(int(message.payload))
        assert got == list(range(300))


def test_acknowledgements_of_qos_2_keep_their_order(clients, publisher, name, version):
    ids = [7, 3, 900, 1, 65_535, 4]
    for i in ids:
        publisher.send(publish(name, b"x", qos=2, packet_id=i, version=version))
    assert [body[:2] for _, body in publisher.packets(6)] == [i.to_bytes(2, "big") for i in ids]
    listener = clients(name)
    listener.subscribe(name + "/out", qos=2)
    for i in range(6):
        publisher.publish(name + "/out", b"%d" % i, qos=2, packet_id=20)
    got = [listener.message() for _ in range(6)]
    assert [m.payload for m in got] == [b"%d" % i for i in range(6)]
    for message in (got[3], got[0], got[5]):
        listener.acknowledge(PUBREC, message.packet_id)
    assert [body[:2] for _, body in listener.packets(3)] == [m.packet_id.to_bytes(2, "big") for m in (got[3], got[0], got[5])]
    listener.leave()


def test_what_comes_again_keeps_its_order(clients, publisher, name, version):
    client = clients(name, **lasting(version))
    client.subscribe(name, qos=2)
    for i in range(40):
        publisher.publish(name, b"%d" % i, qos=1 + i % 2)
    first = [client.message() for _ in range(40)]
    client.acknowledge(PUBACK, first[10].packet_id)
    client.leave()
    for i in range(40, 50):
        publisher.publish(name, b"%d" % i, qos=1)
    client = clients(name, **lasting(version))
    assert [int(client.message().payload) for _ in range(49)] == [i for i in range(50) if i != 10]


def test_a_keep_alive_of_a_second_is_kept(clients, publisher, name, version):
    publisher.subscribe(name + "/will", qos=0)
    client = clients(name, keep_alive=1, **last_will(name + "/will", b"silent", version=version))
    assert publisher.is_silent(1.3)
    assert is_ended(client, version, 0x8D)
    assert publisher.message().payload == b"silent"


# The death of the server.

def test_a_session_outlives_the_server(fresh_croft, name, version):
    croft = fresh_croft("--dialect", "oasis")
    client, publisher = Client(croft, name, version, **lasting(version)), Client(croft, name + "-p", version, **lasting(version))
    client.subscribe(name, qos=2)
    for i, qos in enumerate([1, 2, 2]):
        publisher.publish(name, b"%d" % i, qos=qos)
    sent = [client.message() for _ in range(3)]
    client.acknowledge(PUBREC, sent[1].packet_id)
    assert client.packet() == (PUBREL, sent[1].packet_id.to_bytes(2, "big"))
    client.leave()
    publisher.publish(name, b"3", qos=1)
    held = publish(name, b"4", qos=2, packet_id=500, version=version)
    assert publisher.send(held).packet() == (PUBREC, b"\x01\xf4")
    croft.kill()
    croft.start()

    publisher = Client(croft, name + "-p", version, **lasting(version))
    assert publisher.present
    assert publisher.send(again(held)).packet() == (PUBREC, b"\x01\xf4")
    publisher.acknowledge(PUBREL, 500)
    assert publisher.packet() == (PUBCOMP, b"\x01\xf4")
    client = Client(croft, name, version, **lasting(version))
    assert client.present
    messages, releases = apart(client.packets(5), version)
    assert messages[:2] == [sent[0]._replace(dup=True), sent[2]._replace(dup=True)]
    assert [message[1:3] for message in messages[2:]] == [(b"3", 1), (b"4", 2)]
    assert releases == [sent[1].packet_id]
    assert client.is_silent()
