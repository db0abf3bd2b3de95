"""Retained messages outlive the server."""

from mqtt_wire import device, publish, subscribe

EXPIRES_IN_A_SECOND = b"\x02\x00\x00\x00\x01"


def test_retained_messages_are_there_after_kill(fresh_croft):
    croft = fresh_croft()
    sender = device(croft, "sender")
    for topic, payload, block in [("a/kept", b"1", b"\x03\x00\x04text"), ("a/cleared", b"1", b""), ("a/cleared", b"", b""),
                                  ("a/short", b"1", EXPIRES_IN_A_SECOND)]:
        assert sender.send(publish(topic, payload, qos=1, retain=True, block=block)).packet()[0] == 0x40
    croft.kill()
    croft.start()

    reader = device(croft, "reader")
    reader.send(subscribe("a/kept", "a/cleared")).packet()
    first, body = reader.packet()
    assert (first, body) == (0x33, b"\x00\x06a/kept\x00\x01\x07\x03\x00\x04text1"), "with QoS 1, RETAIN and its properties"
    assert reader.is_silent()
    reader.socket.settimeout(2)
    assert reader.is_silent(1.2)
    reader.send(subscribe("a/short", packet_id=2)).packet()
    assert reader.is_silent()
