"""MQTT byte by byte: what a hostile client sends is made here by hand, because a library would refuse to send it."""

import json
import pathlib
import socket
import struct
import typing
import urllib.request

from raw_connection import RawConnection

V3, V5 = 4, 5
CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = (
    0x10, 0x20, 0x30, 0x40, 0x50, 0x62, 0x82, 0x90, 0xC0, 0xD0, 0xE0)
PUBCOMP, UNSUBSCRIBE, UNSUBACK, AUTH = 0x70, 0xA2, 0xB0, 0xF0


def short(value):
    """The name of a test's parameter that would fill a screen."""
    return ascii(value)[:40]


def variable(number):
    out = b""
    while True:
        number, byte = divmod(number, 128)
        out += bytes([byte | (0x80 if number else 0)])
        if not number:
            return out


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(value)) + value


def packet(first, body):
    return bytes([first]) + variable(len(body)) + body


def properties(version, block=b""):
    return variable(len(block)) + block if version == V5 else b""


def connect(client_id, version=V5, clean=True, keep_alive=60, block=b"", will=b"", flags=0):
    flags |= 2 if clean else 0
    body = text("MQTT") + struct.pack("!BBH", version, flags, keep_alive) + properties(version, block)
    return packet(CONNECT, body + text(client_id) + will)


def publish(topic, payload=b"", qos=0, packet_id=1, retain=False, version=V5, block=b""):
    number = struct.pack("!H", packet_id) if qos else b""
    return packet(PUBLISH | qos << 1 | int(retain), text(topic) + number + properties(version, block) + payload)


def subscribe(*filters, packet_id=1, qos=1, version=V5):
    entries = b"".join(text(f) + bytes([qos]) for f in filters)
    return packet(SUBSCRIBE, struct.pack("!H", packet_id) + properties(version) + entries)


def unsubscribe(*filters, packet_id=1, version=V5):
    return packet(UNSUBSCRIBE, struct.pack("!H", packet_id) + properties(version) + b"".join(text(f) for f in filters))


def last_will(topic, payload=b"", qos=0, retain=False, version=V5, block=b""):
    """The arguments of connect() for a client with a will."""
    return {"will": properties(version, block) + text(topic) + text(payload), "flags": 4 | qos << 3 | int(retain) << 5}


def user_property(name, value):
    return b"\x26" + text(name) + text(value)


class Wire(RawConnection):
    """One connection. packet() is (first byte, body), or None when the server closed it."""

    def __init__(self, port, tls=None, server_hostname="localhost", timeout=10, session=None):
        super().__init__(port, timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=server_hostname, session=session)

    def packet(self):
        while True:
            length = shift = 0
            for i, byte in enumerate(self.buffer[1:5]):
                length |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    if len(self.buffer) >= 2 + i + length:
                        first, body = self.buffer[0], self.buffer[2 + i:2 + i + length]
                        self.buffer = self.buffer[2 + i + length:]
                        return first, body
                    break
            if not self.read():
                return None

    def packets(self, count):
        return [self.packet() for _ in range(count)]

    def is_silent(self, seconds=0.3):
        """True when nothing comes for so long and the connection stays open."""
        self.socket.settimeout(seconds)
        try:
            if not self.buffer:
                self.read()
            return False
        except AssertionError:
            return True
        finally:
            self.socket.settimeout(10)

    def is_closed(self):
        return self.packet() is None

    def drop(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def device(croft, client_id, version=V5, **more):
    """A device that the server took."""
    wire = Wire(croft.port("mqtt"))
    first, body = wire.send(connect(client_id, version, **more)).packet()
    assert (first, body[1]) == (CONNACK, 0), (hex(first), body)
    return wire


def reason(answer, place=0):
    """First byte of the packet and its reason code."""
    return None if answer is None else (answer[0], answer[1][place] if len(answer[1]) > place else 0)


class Message(typing.NamedTuple):
    """A PUBLISH from the server; `block` is its properties as they came."""
    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    dup: bool = False
    packet_id: int = 0
    block: bytes = b""


def message_of(answer, version):
    assert answer and answer[0] & 0xF0 == PUBLISH, answer
    first, body = answer
    end = 2 + int.from_bytes(body[:2], "big")
    topic, rest, packet_id, block = body[2:end].decode(), body[end:], 0, b""
    qos = first >> 1 & 3
    if qos:
        packet_id, rest = int.from_bytes(rest[:2], "big"), rest[2:]
    if version == V5:
        size = shift = 0
        while True:
            byte, rest = rest[0], rest[1:]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        block, rest = rest[:size], rest[size:]
    return Message(topic, rest, qos, bool(first & 1), bool(first & 8), packet_id, block)


class Client(Wire):
    """A client that the server took, and that speaks one version."""

    def __init__(self, croft, client_id, version=V5, **more):
        super().__init__(croft.port("mqtt"))
        self.version = version
        self.connack = self.send(connect(client_id, version, **more)).packet()
        assert reason(self.connack, 1) == (CONNACK, 0), self.connack
        self.present = bool(self.connack[1][0])

    def subscribe(self, *filters, qos=1):
        """The codes of the SUBACK. `qos` is the whole byte of options."""
        first, body = self.send(subscribe(*filters, packet_id=77, qos=qos, version=self.version)).packet()
        assert (first, body[:2]) == (SUBACK, b"\x00\x4d"), (hex(first), body)
        return list(body[3:] if self.version == V5 else body[2:])

    def publish(self, topic, payload=b"x", qos=0, packet_id=99, **more):
        """A message, and the rest of its flow."""
        self.send(publish(topic, payload, qos=qos, packet_id=packet_id, version=self.version, **more))
        number = struct.pack("!H", packet_id)
        if qos == 1:
            assert self.packet() == (PUBACK, number)
        elif qos == 2:
            assert self.packet() == (PUBREC, number)
            self.acknowledge(PUBREL, packet_id)
            assert self.packet() == (PUBCOMP, number)

    def message(self):
        return message_of(self.packet(), self.version)

    def acknowledge(self, kind, packet_id):
        self.send(packet(kind, struct.pack("!H", packet_id)))

    def leave(self):
        """Says goodbye and waits until the server knows."""
        self.send(packet(DISCONNECT, b""))
        assert self.is_closed()


def assert_serves(croft, client_id="honest"):
    """The gateway answers, and an honest device gets its own message back."""
    assert croft.process.poll() is None, croft.output()
    with urllib.request.urlopen(croft.endpoints["gateway"] + "/health", timeout=10) as answer:
        assert json.load(answer) == {"status": "ok"}
    with device(croft, client_id) as wire:
        wire.send(subscribe("honest/topic"))
        assert wire.packet() == (SUBACK, b"\x00\x01\x00\x01")
        wire.send(publish("honest/topic", b"works", qos=1, packet_id=7))
        got = dict(wire.packets(2))
        assert got[PUBACK][:2] == b"\x00\x07"
        assert got[PUBLISH | 2].endswith(b"works")
        wire.send(packet(PUBACK, b"\x00\x01") + packet(DISCONNECT, b""))


def memory_mb(croft):
    """Resident memory of the server."""
    for line in pathlib.Path(f"/proc/{croft.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) // 1024
    raise AssertionError("no VmRSS")


def log_of(croft):
    return pathlib.Path(croft.log.name).read_bytes()
