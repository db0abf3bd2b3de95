"""MQTT over WebSocket on the gateway, frame by frame. RFC 6455; AWS IoT developer guide, "MQTT over WSS"."""

import base64
import hashlib
import json
import os
import socket
import struct
import time
import urllib.parse

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from mqtt_wire import (CONNACK, DISCONNECT, PINGREQ, PINGRESP, PUBLISH, SUBACK, V3, V5, Wire, assert_serves, connect, device,
                       packet, publish, subscribe, text)

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG, FINAL = 0, 1, 2, 8, 9, 10, 0x80
KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # the RFC's
OFFER = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Version": "13",
         "Sec-WebSocket-Protocol": "mqtt"}


def root(croft):
    return Credentials(croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"])


def signed_path(croft, credentials=None, service="iotdevicegateway", expires=300, region=None, endpoint="gateway"):
    """The path and query of a presigned URL; botocore signs the session token with the rest."""
    request = AWSRequest("GET", f"http://127.0.0.1:{croft.port(endpoint)}/mqtt")
    region = region or croft.credentials["region"]
    SigV4QueryAuth(credentials or root(croft), service, region, expires=expires).add_auth(request)
    return request.url.split(str(croft.port(endpoint)), 1)[1]


class WebSocket(Wire):
    """One connection; MQTT packets go through send() and packet(), frames through send_frame() and frame()."""

    def __init__(self, croft, path=None, headers=None, behind=b"", endpoint="gateway", tls=None):
        super().__init__(croft.port(endpoint), tls=tls)
        path = path or signed_path(croft)
        fields = {"Host": f"127.0.0.1:{croft.port(endpoint)}", **OFFER, **(headers or {})}
        head = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items() if value is not None)]
        self.socket.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + behind)
        self.raw = b""
        self.answer, self.headers = self.read_head()
        self.status = int(self.answer.split()[1])
        self.kinds = []

    def more(self):
        got = self.socket.recv(65536)
        self.raw += got
        return bool(got)

    def take(self, count):
        while len(self.raw) < count:
            if not self.more():
                return None
        taken, self.raw = self.raw[:count], self.raw[count:]
        return taken

    def read_head(self):
        while b"\r\n\r\n" not in self.raw:
            assert self.more(), self.raw
        head, self.raw = self.raw.split(b"\r\n\r\n", 1)
        first, *fields = head.decode().split("\r\n")
        return first, {name.lower(): value for name, value in (field.split(": ", 1) for field in fields)}

    def body(self):
        return json.loads(self.take(int(self.headers["content-length"])))

    def send_frame(self, kind, payload=b"", final=True, masked=True):
        mask = os.urandom(4)
        size = len(payload)
        if size < 126:
            length = bytes([size])
        else:
            length = b"\x7e" + struct.pack("!H", size) if size < 65536 else b"\x7f" + struct.pack("!Q", size)
        head = bytes([kind | (FINAL if final else 0), length[0] | (0x80 if masked else 0)]) + length[1:]
        if masked:
            head += mask
            payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
        self.socket.sendall(head + payload)
        return self

    def frame(self):
        """(first byte, payload) of the next frame; None when the stream ended."""
        try:
            head = self.take(2)
            if head is None:
                return None
            assert head[1] < 128, "a server does not mask"
            size = head[1]
            if size == 126:
                size, = struct.unpack("!H", self.take(2))
            elif size == 127:
                size, = struct.unpack("!Q", self.take(8))
            return head[0], self.take(size)
        except TimeoutError:
            raise AssertionError("the server neither answered nor closed the connection") from None
        except ConnectionError:
            return None

    # What Wire needs.
    def send(self, data):
        return self.send_frame(BINARY, data)

    def read(self):
        got = self.frame()
        if got is None or got[0] == FINAL | CLOSE:
            self.closed_with = got and (struct.unpack("!H", got[1][:2])[0] if got[1] else 0)
            return False
        assert got[0] == FINAL | BINARY, got
        self.buffer += got[1]
        return True


def web_device(croft, client_id, version=V5, path=None, **more):
    wire = WebSocket(croft, path)
    assert wire.status == 101, (wire.answer, wire.raw)
    first, body = wire.send(connect(client_id, version, **more)).packet()
    assert (first, body[1]) == (CONNACK, 0), (hex(first), body)
    return wire


def session(croft):
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = croft.client("iam").create_role(RoleName=f"web-{time.time_ns()}", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    made = croft.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="browser")["Credentials"]
    return role, Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def presence(croft, *client_ids):
    watcher = device(croft, f"watch-{time.time_ns()}")
    for client_id in client_ids:
        watcher.send(subscribe(f"$aws/events/presence/+/{client_id}", qos=0))
        assert watcher.packet()[0] == SUBACK
    return watcher


def event(watcher):
    first, body = watcher.packet()
    assert first & 0xF0 == PUBLISH
    return json.loads(body[body.index(b"{"):])


# The request.

def test_the_upgrade_is_answered_as_the_rfc_says(croft):
    with WebSocket(croft) as wire:
        assert wire.answer == "HTTP/1.1 101 Switching Protocols"
        accept = base64.b64encode(hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        assert wire.headers == {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-accept": accept,
                                "sec-websocket-protocol": "mqtt"}


def test_the_first_javascript_sdk_is_given_its_subprotocol(croft):
    with WebSocket(croft, headers={"Sec-WebSocket-Protocol": "mqttv3.1"}) as wire:
        assert (wire.status, wire.headers["sec-websocket-protocol"]) == (101, "mqttv3.1")


@pytest.mark.parametrize("header, value, status", [
    ("Sec-WebSocket-Protocol", None, 400), ("Sec-WebSocket-Protocol", "soap", 400), ("Sec-WebSocket-Version", "8", 426),
    ("Sec-WebSocket-Version", None, 426), ("Sec-WebSocket-Key", None, 400), ("Sec-WebSocket-Key", "short", 400),
    ("Connection", "keep-alive", 400)])
def test_a_broken_request_is_refused(croft, header, value, status):
    with WebSocket(croft, headers={header: value}) as wire:
        assert wire.status == status
        assert list(wire.body()) == ["message"]
        if status == 426:
            assert (wire.headers["upgrade"], wire.headers["sec-websocket-version"]) == ("websocket", "13")


def test_other_paths_are_no_websockets(croft):
    with WebSocket(croft, "/health") as wire:
        assert wire.status == 200
    with WebSocket(croft, signed_path(croft).replace("/mqtt?", "/mqtt/?")) as wire:
        assert (wire.status, wire.headers["x-amzn-errortype"]) == (403, "InvalidSignatureException"), "another path was signed"


def test_a_bucket_may_still_be_called_mqtt(croft):
    s3 = croft.client("s3")
    s3.create_bucket(Bucket="mqtt")
    assert "mqtt" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    s3.delete_bucket(Bucket="mqtt")


# Who may connect.

def refused(wire):
    with wire:
        assert (wire.status, wire.headers.get("x-amzn-errortype")) == (403, "ForbiddenException"), wire.answer
        body = wire.body()
        assert (body["message"], sorted(body)) == ("Forbidden", ["message", "traceId"])


@pytest.mark.parametrize("service", ["iotdevicegateway", "iotdata"])
def test_both_service_names_are_accepted(croft, service):
    with WebSocket(croft, signed_path(croft, service=service)) as wire:
        assert wire.status == 101


@pytest.mark.parametrize("expires", [60, 86400])
def test_a_url_is_good_as_long_as_it_says(croft, expires):
    with WebSocket(croft, signed_path(croft, expires=expires)) as wire:
        assert wire.status == 101


def test_no_signature_and_wrong_ones_are_forbidden(croft):
    good = signed_path(croft)
    refused(WebSocket(croft, "/mqtt"))
    refused(WebSocket(croft, good[:-1] + ("0" if good[-1] != "0" else "1")))
    refused(WebSocket(croft, good.replace("X-Amz-Expires=300", "X-Amz-Expires=301")))
    refused(WebSocket(croft, good + "&more=1"))
    refused(WebSocket(croft, signed_path(croft, service="iot")))
    refused(WebSocket(croft, signed_path(croft, region="eu-west-3")))
    refused(WebSocket(croft, signed_path(croft, Credentials(root(croft).access_key, "wrong"))))
    refused(WebSocket(croft, signed_path(croft, Credentials("AKIANOBODY", "wrong"))))
    refused(WebSocket(croft, good, headers={"Host": "elsewhere"}))


def test_an_expired_url_is_forbidden(croft):
    path = signed_path(croft, expires=1)
    time.sleep(2.1)
    refused(WebSocket(croft, path))


def test_an_upgrade_signed_in_headers_is_accepted(croft):
    request = AWSRequest("GET", f"http://127.0.0.1:{croft.port('gateway')}/mqtt")
    SigV4Auth(root(croft), "iotdevicegateway", croft.credentials["region"]).add_auth(request)
    with WebSocket(croft, "/mqtt", headers=dict(request.headers)) as wire:
        assert wire.status == 101


def test_a_session_signs_with_its_token_within_or_behind_the_signature(croft):
    role, credentials = session(croft)
    watcher = presence(croft, "token-within", "token-behind")
    behind = signed_path(croft, Credentials(credentials.access_key, credentials.secret_key))
    behind += "&X-Amz-Security-Token=" + urllib.parse.quote(credentials.token, safe="")
    for client_id, path in {"token-within": signed_path(croft, credentials), "token-behind": behind}.items():
        with web_device(croft, client_id, path=path):
            told = event(watcher)
            assert (told["eventType"], told["clientId"]) == ("connected", client_id)
            assert told["principalIdentifier"] == role["RoleId"] + ":browser"
        assert event(watcher)["eventType"] == "disconnected"
    refused(WebSocket(croft, behind[:-6] + "AAAAAA"))
    refused(WebSocket(croft, signed_path(croft, Credentials(credentials.access_key, credentials.secret_key))))


def test_without_signatures_nobody_is_asked(fresh_croft):
    croft = fresh_croft("--signatures", "false")
    with web_device(croft, "free", path="/mqtt") as wire:
        wire.send(subscribe("a/b"))
        assert wire.packet() == (SUBACK, b"\x00\x01\x00\x01")
    for origin in "https://example.com", "http://127.0.0.1.example.com:4566", "null", "http://localhost@example.com":
        refused(WebSocket(croft, "/mqtt", {"Origin": origin}))
    for origin in "http://localhost:4566", "http://127.0.0.1:8000", "http://[::1]", "https://localhost":
        with WebSocket(croft, "/mqtt", {"Origin": origin}) as wire:
            assert wire.status == 101


# The connection.

@pytest.mark.parametrize("version", [V3, V5])
def test_messages_go_both_ways(croft, version):
    other = device(croft, f"tcp-{version}", version)
    web = web_device(croft, f"web-{version}", version)
    for wire, topic in (other, f"to-tcp/{version}"), (web, f"to-web/{version}"):
        wire.send(subscribe(topic, version=version))
        assert wire.packet()[0] == SUBACK
    large = os.urandom(100_000)
    other.send(publish(f"to-web/{version}", large, version=version))
    web.send(publish(f"to-tcp/{version}", large, version=version))
    for wire in other, web:
        first, body = wire.packet()
        assert (first, body[-len(large):]) == (PUBLISH, large)
    assert web.send(packet(PINGREQ, b"")).packet() == (PINGRESP, b"")


def test_many_devices_find_their_shards(croft):
    wires = [web_device(croft, f"many-{n}") for n in range(16)]
    for n, wire in enumerate(wires):
        wire.send(subscribe(f"many/{n}", qos=0))
        assert wire.packet()[0] == SUBACK
    for n, wire in enumerate(wires):
        wires[n - 1].send(publish(f"many/{n}", b"%d" % n))
        assert wire.packet()[1].endswith(b"%d" % n)


def test_a_packet_spans_frames_and_a_frame_holds_packets(croft):
    wire = WebSocket(croft)
    for byte in connect("one-by-one"):
        wire.send_frame(BINARY, bytes([byte]))
    assert wire.packet()[0] == CONNACK
    both = subscribe("spans/#", qos=0) + publish("spans/1", b"together")
    wire.send_frame(BINARY, both[:9], final=False)
    wire.send_frame(PING, b"between")
    wire.send_frame(CONTINUATION, both[9:15], final=False)
    wire.send_frame(CONTINUATION, both[15:])
    assert wire.frame() == (FINAL | PONG, b"between")
    assert [first for first, _ in wire.packets(2)] == [SUBACK, PUBLISH]


def test_a_connect_glued_to_the_request_is_heard(croft):
    mask = b"\x01\x02\x03\x04"
    packet_bytes = connect("glued")
    frame = bytes([FINAL | BINARY, 0x80 | len(packet_bytes)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(packet_bytes))
    with WebSocket(croft, behind=frame) as wire:
        assert wire.packet()[0] == CONNACK


def test_mqtt_faults_end_the_connection(croft):
    wire = web_device(croft, "second-connect", V3)
    wire.send(connect("second-connect", V3))
    assert wire.is_closed()
    assert wire.closed_with == 1000, "a close frame tells the client that the end is meant"


@pytest.mark.parametrize("kind, payload, more, code", [
    (TEXT, b"text", {}, 1003), (BINARY, b"not masked", {"masked": False}, 1002), (0x40 | BINARY, b"", {}, 1002),
    (3, b"", {}, 1002), (PING, b"", {"final": False}, 1002), (CONTINUATION, b"", {}, 1002), (CLOSE, b"\x03", {}, 1002),
    (CLOSE, b"\x03\xee", {}, 1002), (CLOSE, b"\x03\xe8\xff", {}, 1007)])
def test_faults_of_frames_are_client_errors(croft, kind, payload, more, code):
    watcher = presence(croft, "faulty")
    wire = web_device(croft, "faulty")
    assert event(watcher)["eventType"] == "connected"
    wire.send_frame(kind, payload, **more)
    assert wire.is_closed()
    assert wire.closed_with == code
    told = event(watcher)
    assert (told["disconnectReason"], told["clientInitiatedDisconnect"]) == ("CLIENT_ERROR", False)


def test_a_frame_of_claimed_size_is_refused_before_it_comes(croft):
    wire = web_device(croft, "claims")
    wire.socket.sendall(b"\x82\xff" + struct.pack("!Q", 2**40) + b"mask")
    assert wire.is_closed()
    assert wire.closed_with == 1009
    assert_serves(croft, "after-claims")


def test_a_close_frame_is_a_disconnect(croft):
    """AWS IoT developer guide, "Lifecycle events": CLIENT_INITIATED_DISCONNECT, and no will."""
    watcher = presence(croft, "closes", "drops")
    watcher.send(subscribe("wills/#", qos=0))
    assert watcher.packet()[0] == SUBACK
    will = text("wills/closes") + text("gone")
    wire = web_device(croft, "closes", V3, flags=0x04, will=will)
    assert event(watcher)["principalIdentifier"] == croft.client("sts").get_caller_identity()["UserId"]
    wire.send_frame(CLOSE, b"\x03\xe8bye")
    assert wire.frame() == (FINAL | CLOSE, b"\x03\xe8")
    assert wire.frame() is None
    told = event(watcher)
    assert (told["eventType"], told["disconnectReason"], told["clientInitiatedDisconnect"]) == (
        "disconnected", "CLIENT_INITIATED_DISCONNECT", True)
    lost = web_device(croft, "drops", V3, flags=0x04, will=text("wills/drops") + text("{}"))
    assert event(watcher)["eventType"] == "connected"
    lost.drop()
    ends = [watcher.packet()[1] for _ in range(2)]
    assert any(b"wills/drops" in end for end in ends)
    assert any(b'"disconnectReason":"CONNECTION_LOST"' in end for end in ends)


def test_disconnect_ends_in_a_close_frame(croft):
    watcher = presence(croft, "leaves")
    wire = web_device(croft, "leaves")
    assert event(watcher)["eventType"] == "connected"
    wire.send(packet(DISCONNECT, b""))
    assert wire.is_closed()
    assert wire.closed_with == 1000
    assert event(watcher)["disconnectReason"] == "CLIENT_INITIATED_DISCONNECT"


def test_takeover_works_across_transports(croft):
    watcher = presence(croft, "twice")
    first = web_device(croft, "twice")
    second = device(croft, "twice")
    assert first.packet() == (DISCONNECT, b"\x8e")
    assert first.is_closed()
    third = web_device(croft, "twice")
    assert second.packet() == (DISCONNECT, b"\x8e")
    told = [event(watcher) for _ in range(5)]
    assert [(one["eventType"], one["versionNumber"]) for one in told] == [
        ("connected", 0), ("disconnected", 0), ("connected", 1), ("disconnected", 1), ("connected", 2)]
    third.drop()


def test_an_upgrade_without_connect_is_ended(croft):
    silent, pinging = WebSocket(croft), WebSocket(croft)
    silent.socket.settimeout(15)
    pinging.socket.settimeout(15)
    started = time.monotonic()
    pinging.send_frame(PING)
    assert pinging.frame() == (FINAL | PONG, b"")
    assert silent.frame() is None and pinging.frame() is None
    assert 9 < time.monotonic() - started < 13


def test_one_that_pings_and_does_not_read_is_not_heard(croft):
    wire = web_device(croft, "pings")
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.socket.settimeout(1)
    one = b"\x89\xfd\x00\x00\x00\x00" + b"p" * 125
    sent = 0
    with pytest.raises(TimeoutError):
        while sent < 64_000_000:
            sent += wire.socket.send(one * 500)
    assert_serves(croft, "after-pings")
    wire.drop()


def test_the_end_of_croft_is_told(fresh_croft):
    croft = fresh_croft()
    wire = web_device(croft, "stays")
    assert croft.stop() == 0
    assert wire.packet() == (DISCONNECT, b"\x8b")
    assert wire.is_closed()
