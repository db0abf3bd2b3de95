"""MQTT input that means no good, against a real croft. What single packets do is tested in src/mqtt and src/broker."""

import struct
import threading
import time

import pytest
from conftest import wait_until
from mqtt_wire import (CONNACK, DISCONNECT, PINGREQ, PUBACK, PUBLISH, PUBREC, PUBREL, SUBACK, V3, V5, Wire, assert_serves,
                       connect, device,
                       log_of, memory_mb, packet, publish, reason, short, subscribe, text, user_property, variable)

TOO_LARGE_NUMBER = b"\xff\xff\xff\xff\x7f"  # five bytes
LARGEST = b"\xff\xff\xff\x7f"  # 268,435,455


@pytest.fixture(autouse=True)
def still_serves(croft):
    """After each test: the server lives, did not grow without measure, and serves an honest device."""
    before = memory_mb(croft)
    yield
    assert_serves(croft)
    grown = memory_mb(croft) - before
    assert grown < 80, f"{grown} MB more than before"  # the allocator keeps up to 64 MB that are free


# Lengths and first packets.

@pytest.mark.parametrize("sent", [
    b"\x10" + TOO_LARGE_NUMBER, b"\x10" + LARGEST, b"\x10\x00", b"\x00\x00", b"\xf0\x00", b"\x30\x03\x00\x01a", b"\xc0\x00",
    b"\xe0\x00", b"\x82\x06\x00\x01\x00\x01a\x00", b"\x20\x02\x00\x00", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00",
    b"\x11\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"], ids=short)
def test_a_first_packet_that_is_no_connect_is_closed_without_a_word(croft, sent):
    with Wire(croft.port("mqtt")) as wire:
        assert wire.send(sent).is_closed()


@pytest.mark.parametrize("sent, code", [
    (bytes([PUBLISH]) + TOO_LARGE_NUMBER, 0x81), (bytes([PUBLISH]) + LARGEST, 0x95), (packet(0x00, b""), 0x81),
    (packet(PUBLISH, b""), 0x81),
    (packet(PUBLISH, text("a")), 0x81), (packet(PUBLISH, b"\xff\xffa"), 0x81), (publish("a", qos=3), 0x81),
    (publish("a", qos=1, packet_id=0), 0x82), (publish("a/+"), 0x90), (publish(b"\xc0\x80"), 0x81), (publish("a\0b"), 0x81),
    (packet(PUBLISH, text("a") + variable(200)), 0x81), (packet(PUBLISH, text("a") + b"\x80\x80\x80\x80\x01"), 0x81),
    (publish("a", block=b"\x7f\x00"), 0x81), (publish("a", block=b"\x01\x00\x01\x00"), 0x82),
    (publish("a", block=b"\x23\x00\x00"), 0x82),
    (publish("a", block=b"\x23\xff\xff"), 0x94), (publish("", block=b"\x23\x00\x01"), 0x82),
    (publish("a", block=b"\x11\0\0\0\1"), 0x81),
    (packet(0x80, b"\x00\x01\x00\x00\x01a\x00"), 0x81), (packet(0x82, b"\x00\x01\x00"), 0x82), (packet(PINGREQ, b"\x00"), 0x81),
    (packet(0x60, b"\x00\x01"), 0x81), (packet(0xF0, b""), 0x82), (connect("lengths"), 0x82)], ids=short)
def test_a_broken_packet_ends_a_version_5_connection_with_its_reason(croft, sent, code):
    with device(croft, "lengths") as wire:
        assert reason(wire.send(sent).packet()) == (DISCONNECT, code)
        assert wire.is_closed()


@pytest.mark.parametrize("block, code", [
    (b"\x21\x00\x00", 0x82), (b"\x21\x00\x01\x21\x00\x01", 0x82), (b"\x7e", 0x81), (b"\x23\x00\x01", 0x81), (b"\x11\x00", 0x81),
    (b"\x27\x00\x00\x00\x00", 0x82), (b"\x15\x00\x05plain", 0x8C)], ids=short)
def test_a_connect_with_bad_properties_is_refused_with_its_reason(croft, block, code):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect("bad", block=block)).packet(), 1) == (CONNACK, code)
        assert wire.is_closed()


@pytest.mark.parametrize("will, code", [
    (variable(10) + b"\x18\0\0\0\1\x18\0\0\0\1" + text("w") + text("x"), 0x82), (variable(99) + text("w"), 0x81),
    (variable(0) + text("w/#") + text("x"), 0x90), (variable(0) + text("") + text("x"), 0x90),
    (variable(0) + text("/" * 300) + text("x"), 0x90), (variable(0) + text("$aws/events/x") + text("x"), 0x90)], ids=short)
def test_a_connect_with_a_bad_will_is_refused_with_its_reason(croft, will, code):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect("will", will=will, flags=4)).packet(), 1) == (CONNACK, code)
        assert wire.is_closed()


def test_ten_thousand_user_properties_are_a_malformed_packet(croft):
    with device(croft, "props") as wire:
        wire.send(publish("a", block=user_property("k", "v") * 1024, qos=1))
        assert reason(wire.packet(), 2) == (PUBACK, 0)
        wire.send(publish("a", block=user_property("k", "v") * 10_000, qos=1))
        assert reason(wire.packet()) == (DISCONNECT, 0x97)
        assert wire.is_closed()


# Depth and number of topics.

def test_deep_topics_and_filters_are_refused_each_in_its_answer(croft):
    deep, wide = "/" * 32_767, "/".join("+" * 200)
    with device(croft, "deep") as wire:
        for retain in [False, True]:
            wire.send(publish(deep, b"x", qos=1, retain=retain))
            assert reason(wire.packet(), 2) == (PUBACK, 0x90)
        wire.send(subscribe(deep, wide, "/".join("+" * 9), "/".join("+" * 8)))
        assert wire.packet() == (SUBACK, b"\x00\x01\x00\x8f\x8f\x8f\x01")


def test_storms_of_wildcards_over_the_deepest_topics_cost_no_time(fresh_croft):
    croft = fresh_croft("--topic-levels", "128", "--topic-bytes", "65535", "--subscriptions", "1000000")
    deep = "/".join("a" * 128)
    with device(croft, "storm") as wire:
        begun = time.monotonic()
        for i in range(128):  # a literal among wildcards at every level, so that each level has two ways on
            levels = ["+"] * 128
            levels[i] = "a"
            wire.send(subscribe("/".join(levels), packet_id=i + 1))
            assert wire.packet() == (SUBACK, struct.pack("!HB", i + 1, 0) + b"\x01")
        wire.send(publish(deep, b"x", qos=1, packet_id=200, retain=True))
        heard = wire.packets(101)  # one acknowledgement, and as many copies as may be in flight
        assert [first for first, _ in heard].count(PUBACK) == 1
        assert time.monotonic() - begun < 5
        wire.send(subscribe("/".join("+" * 128), packet_id=300))
        while wire.packet() != (SUBACK, struct.pack("!HB", 300, 0) + b"\x01"):
            pass
    assert_serves(croft)


def test_a_hundred_thousand_subscriptions_of_one_client_end_at_its_quota(croft):
    granted = refused = 0
    with device(croft, "greedy") as wire:
        for i in range(0, 100_000, 800):
            wire.send(b"".join(subscribe(*[f"greedy/{j}" for j in range(k, k + 8)], packet_id=1) for k in range(i, i + 800, 8)))
            for first, body in wire.packets(100):
                assert first == SUBACK
                granted += body[3:].count(1)
                refused += body[3:].count(0x97)
    assert (granted, refused) == (50, 99_950)


# Readers that do not read.

def flood(croft, topic, megabytes, qos, payload=100_000):
    """Publishes so much; every message is acknowledged, so nobody else pays."""
    with device(croft, "flooder") as wire:
        for i in range(megabytes * 1_000_000 // payload):
            wire.send(publish(topic, b"x" * payload, qos=1 if qos else 0, packet_id=i % 60_000 + 1))
            if qos:
                assert reason(wire.packet(), 2) == (PUBACK, 0)
        wire.send(packet(PINGREQ, b""))
        assert wire.packet() == (0xD0, b"")


@pytest.mark.parametrize("qos", [0, 1], ids=short)
def test_a_subscriber_that_never_reads_pays_alone(croft, qos):
    with device(croft, "deaf") as wire:
        wire.send(subscribe("flood", qos=qos))
        assert wire.packet()[0] == SUBACK
        flood(croft, "flood", 100, qos)
        assert_serves(croft)


def test_a_client_that_asks_and_never_reads_is_not_read_any_more(croft):
    before = memory_mb(croft)
    with device(croft, "asks", keep_alive=1200) as wire:
        wire.socket.settimeout(1)
        question = subscribe(*["$share/g/t"] * 8) * 1000  # each is answered
        sent = 0
        try:
            while sent < 300_000_000:
                sent += wire.socket.send(question)
        except TimeoutError:
            pass
        assert sent < 300_000_000, "the server took everything, and so keeps every answer"
        assert memory_mb(croft) - before < 40
        wire.socket.settimeout(10)
        for _ in range(200_000):  # more than were kept: it goes on as soon as it is read
            assert wire.packet()[0] == SUBACK


# QoS 2.

def test_one_qos2_id_sent_many_times_is_one_message(fresh_croft):
    croft = fresh_croft("--dialect", "oasis")
    with device(croft, "listener") as listener, device(croft, "repeater") as wire:
        listener.send(subscribe("twice", qos=0))
        assert listener.packet()[0] == SUBACK
        wire.send(publish("twice", b"once", qos=2, packet_id=5) * 5000)
        assert {reason(answer, 2) for answer in wire.packets(5000)} == {(PUBREC, 0)}
        assert listener.packet()[1].endswith(b"once")
        wire.send(packet(PUBREL, b"\x00\x05"))
        assert reason(wire.packet(), 2) == (0x70, 0)
        assert listener.is_silent()


def test_qos2_messages_that_are_never_released_end_at_the_quota(fresh_croft):
    croft = fresh_croft("--maximum-qos", "2")
    with device(croft, "hoarder") as wire:
        wire.send(b"".join(publish("hoard", qos=2, packet_id=i) for i in range(1, 2000)))
        assert {reason(answer, 2) for answer in wire.packets(100)} == {(PUBREC, 0)}  # CONNACK's Receive Maximum
        assert reason(wire.packet()) == (DISCONNECT, 0x93)
        assert wire.is_closed()


# One client id for two.

def test_two_clients_that_take_one_id_from_each_other_keep_the_order_of_events(fresh_croft):
    croft = fresh_croft("--queued-messages", "100000")  # the witness may be slower than the fight
    rounds = 500
    with device(croft, "witness") as witness:
        witness.send(subscribe("$aws/events/presence/+/contested", qos=1))
        assert witness.packet()[0] == SUBACK
        events = []

        def listen():
            while len(events) < 4 * rounds:
                first, body = witness.packet()
                length = int.from_bytes(body[:2], "big")
                events.append(body[2:2 + length].decode().split("/")[3])
                witness.send(packet(PUBACK, body[2 + length:4 + length]))

        def fight(half_packet):
            for _ in range(rounds):
                wire = Wire(croft.port("mqtt"))
                wire.send(connect("contested") + subscribe("contested/#") + publish("contested/x", b"y", qos=1) + half_packet)
                wire.packet()
                wire.drop() if half_packet else wire.socket.close()

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        fighters = [threading.Thread(target=fight, args=(half,)) for half in [b"", b"\x30\x7f\x00\x05conte"]]
        for fighter in fighters:
            fighter.start()
        for fighter in fighters:
            fighter.join(timeout=60)
        listener.join(timeout=30)
        assert not listener.is_alive(), f"{len(events)} events of {4 * rounds}"
    assert events == ["connected", "disconnected"] * (2 * rounds)
    assert_serves(croft)


# Identities, the log, keep-alive.

@pytest.mark.parametrize("client_id, version, code", [
    ("a\nb", V5, 0x85), ("a\x1b[31mb", V5, 0x85), ("a\x7fb", V3, 2), ("a\rb", V3, 2), ("x" * 129, V5, 0x85),
    ("x" * 65_535, V5, 0x85)], ids=short)
def test_client_ids_that_would_break_a_log_or_a_topic_are_refused(croft, client_id, version, code):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect(client_id, version)).packet(), 1) == (CONNACK, code)
        assert wire.is_closed()


@pytest.mark.parametrize("client_id", [b"a\0b", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"], ids=short)
def test_client_ids_that_are_no_text_are_malformed(croft, client_id):
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect(client_id)).packet(), 1) == (CONNACK, 0x81)


def test_nothing_from_outside_moves_the_cursor_of_whoever_reads_the_log(croft):
    with device(croft, "plain") as wire:
        wire.send(publish("$\x1b]0;owned\x07\x1b[2J\r\nforged: line", qos=1))
        assert reason(wire.packet(), 2) == (PUBACK, 0x90)
    wait_until(lambda: b"forged: line" in log_of(croft), what="the refusal is in the log")
    lines = log_of(croft).split(b"\n")
    assert not [line for line in lines if line.startswith(b"forged")]
    assert not [byte for byte in log_of(croft) if byte < 32 and byte != 10 or byte == 127]


@pytest.mark.parametrize("asked, told", [(0, 1200), (1, 30), (65_535, 1200), (60, None)], ids=short)
def test_keep_alive_lies_between_those_of_aws(croft, asked, told):
    with Wire(croft.port("mqtt")) as wire:
        first, body = wire.send(connect("alive", keep_alive=asked)).packet()
        assert (first, body[1]) == (CONNACK, 0)
        assert (b"\x13" + struct.pack("!H", told) if told else b"\x13\x00\x3c") in body or told is None


def test_ten_thousand_bad_connects_do_not_print_ten_thousand_lines(croft):
    before = log_of(croft).count(b"\n")
    begun = time.monotonic()
    for _ in range(10_000):
        with Wire(croft.port("mqtt")) as wire:
            wire.send(b"\x10\x00")
            assert wire.is_closed()
    seconds = time.monotonic() - begun
    time.sleep(1.1)  # the next line tells how many were dropped
    with Wire(croft.port("mqtt")) as wire:
        assert wire.send(b"\x10\x00").is_closed()
    wait_until(lambda: b"more lines like these were dropped" in log_of(croft), what="the count of dropped lines")
    assert log_of(croft).count(b"\n") - before < 60 * (seconds + 3)
