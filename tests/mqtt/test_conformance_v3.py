"""What MQTT 3.1.1 alone demands of a server. docs/mqtt-conformance.md says which test shows which statement."""

import struct

import pytest
from mqtt_wire import (CONNACK, PINGREQ, SUBACK, V3, Wire, connect, device, last_will, packet, publish, subscribe,
                       text, unsubscribe)
from test_conformance import clients, croft, lasting, name, publisher  # noqa: F401

MALFORMED = {
    "reserved flag": connect("m", V3, flags=1), "will QoS without a will": connect("m", V3, flags=8),
    "will QoS 3": connect("m", V3, will=text("w") + text("x"), flags=0x1C), "will missing": connect("m", V3, flags=4),
    "password without a user name": connect("m", V3, will=text("p"), flags=0x40),
    "client id that is no text": connect(b"\xff", V3), "a byte behind the end": connect("m", V3, will=b"x"),
    "will topic with a wildcard": connect("m", V3, **last_will("w/#", version=V3)),
    "empty will topic": connect("m", V3, **last_will("", version=V3)),
}

TOO_DEEP = "a/" * 1000 + "a"  # one level more than are served


@pytest.fixture
def version():
    return V3


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_connect_is_closed_without_a_connack(croft, sent):
    with Wire(croft.port("mqtt")) as wire:
        assert wire.send(sent).packet() is None


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_connect_is_closed(croft, sent):
    with Wire(croft.port("mqtt")) as wire:
        answer = wire.send(sent + packet(PINGREQ, b"")).packet()
        assert answer is None or answer[0] == CONNACK and answer[1][0] == 0 and 1 <= answer[1][1] <= 5
        assert answer is None or wire.is_closed()


def test_a_connack_has_two_bytes(clients, name):
    assert clients(name).connack == (CONNACK, b"\x00\x00")
    clients(name, **lasting(V3))
    assert clients(name, **lasting(V3)).connack == (CONNACK, b"\x01\x00")


@pytest.mark.parametrize("level", [3, 6])
def test_another_protocol_level_gets_return_code_1(croft, level):
    with Wire(croft.port("mqtt")) as wire:
        sent = packet(0x10, text("MQTT") + struct.pack("!BBH", level, 2, 60) + text("old"))
        assert wire.send(sent).packet() == (CONNACK, b"\x00\x01")
        assert wire.is_closed()


def test_no_client_id_for_a_kept_session_gets_return_code_2(croft):
    with Wire(croft.port("mqtt")) as wire:
        assert wire.send(connect("", V3, clean=False)).packet() == (CONNACK, b"\x00\x02")
        assert wire.is_closed()


def test_a_client_id_that_is_not_taken_gets_return_code_2(croft):
    with Wire(croft.port("mqtt")) as wire:
        assert wire.send(connect("a\x01b", V3)).packet() == (CONNACK, b"\x00\x02")
        assert wire.is_closed()


def test_a_message_that_may_not_be_published_ends_the_connection(clients, name):
    for qos in (0, 1, 2):
        assert clients(name).send(publish("$reserved/topic", qos=qos, version=V3)).packet() is None


def test_a_refused_filter_has_code_0x80_and_the_others_their_qos(clients, name):
    sent = packet(0x82, b"\x00\x05" + text(name + "/a") + b"\x02" + text(TOO_DEEP) + b"\x01" + text(name + "/b") + b"\x00")
    assert clients(name).send(sent).packet() == (SUBACK, b"\x00\x05\x02\x80\x00")


@pytest.mark.parametrize("options", [0x04, 0x08, 0x10, 0x20])
def test_the_options_of_version_5_are_reserved_bits(clients, name, options):
    assert clients(name).send(subscribe(name, qos=options, version=V3)).is_closed()


def test_unsuback_has_no_payload(clients, name):
    client = clients(name)
    client.subscribe(name)
    assert client.send(unsubscribe(name, "unknown", packet_id=3, version=V3)).packet() == (0xB0, b"\x00\x03")


@pytest.mark.parametrize("first", [0x40, 0x50, 0x62, 0x70, 0xE0, 0xC0])
def test_bytes_behind_the_end_of_a_packet_end_the_connection(clients, name, first):
    body = b"" if first in (0xE0, 0xC0) else b"\x00\x01"
    assert clients(name).send(packet(first, body + b"\x00")).is_closed()


def test_auth_is_no_packet_of_this_version(clients, name):
    assert clients(name).send(packet(0xF0, b"")).is_closed()


def test_a_takeover_says_nothing_to_the_old_connection(clients, name):
    first = clients(name)
    clients(name)
    assert first.packet() is None


def test_a_will_may_have_an_empty_payload(clients, publisher, name):
    publisher.subscribe(name + "/will", qos=0)
    clients(name, **last_will(name + "/will", version=V3)).drop()
    assert publisher.message()[:2] == (name + "/will", b"")


def test_a_version_5_message_reaches_a_version_3_client_without_properties(clients, croft, name):
    client = clients(name)
    client.subscribe(name, qos=0)
    with device(croft, name + "-new") as newer:
        newer.send(publish(name, b"x", block=b"\x03\x00\x04text"))
        assert client.packet() == (0x30, text(name) + b"x")


def test_keep_alive_0_is_taken(clients, name):
    assert clients(name, keep_alive=0).is_silent(2)
