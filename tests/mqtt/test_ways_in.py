"""The ways a device comes in: one TLS port where ALPN decides, HTTPS with certificates, WebSocket over TLS.

AWS IoT developer guide, "Protocols, port mappings, and authentication".
"""

import json
import pathlib
import ssl
import subprocess
import time

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from conftest import Croft
from device_certificate import ANYTHING, FORBIDDEN, NO_TOKEN, DeviceCertificate, Https, allow, trusting
from mqtt_wire import (CONNACK, PUBACK, PUBLISH, SUBACK, V3, V5, Wire, assert_serves, connect, device, publish, reason, subscribe)
from test_websocket import WebSocket, root, signed_path

NODE = pathlib.Path(__file__).resolve().parent.parent / "node"
MQTT_CA, HTTP_CA, MQTT = "x-amzn-mqtt-ca", "x-amzn-http-ca", "mqtt"


@pytest.fixture(scope="module")
def croft(tmp_path_factory):
    server = Croft(tmp_path_factory.mktemp("croft") / "data", "--device-port", "0", "--https-port", "0")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture
def certificate(croft, tmp_path):
    return lambda *statements: DeviceCertificate(croft, tmp_path, *statements or [ANYTHING])


def connack(wire, client_id="ways", version=V5):
    return reason(wire.send(connect(client_id, version)).packet(), 1)


def hears(croft, topic):
    wire = device(croft, f"hears-{time.time_ns()}")
    assert wire.send(subscribe(topic)).packet()[0] == SUBACK
    return wire


def payload_of(packet, topic):
    first, body = packet
    assert first & 0xF0 == PUBLISH and body[2:2 + len(topic)] == topic.encode(), packet
    return body[2 + len(topic) + (2 if first & 6 else 0) + 1:]  # no properties


def refuses_handshake(croft, context, endpoint="device", sent=b"GET / HTTP/1.1\r\n\r\n"):
    """A TLS 1.3 client learns it when it reads."""
    try:
        with Wire(croft.port(endpoint), tls=context) as wire:
            wire.socket.sendall(sent)
            return wire.socket.recv(100) == b""
    except (ssl.SSLError, ConnectionError):
        return True


# ALPN.

@pytest.mark.parametrize("version", [V3, V5])
def test_mqtt_with_a_certificate(croft, certificate, version):
    owner = certificate()
    watcher = hears(croft, "$aws/events/presence/connected/alpn")
    with Wire(croft.port("device"), tls=owner.context(MQTT_CA)) as wire:
        assert wire.socket.selected_alpn_protocol() == MQTT_CA
        assert connack(wire, "alpn", version) == (CONNACK, 0)
        told = json.loads(payload_of(watcher.packet(), "$aws/events/presence/connected/alpn"))
        assert told["principalIdentifier"] == owner.id
        wire.send(subscribe("alpn/a", version=version)).packet()
        wire.send(publish("alpn/a", b"x" * 70_000, version=version))
        assert wire.packet()[1].endswith(b"x" * 70_000)


def test_https_with_a_certificate(croft, certificate):
    watcher = hears(croft, "https/a")
    https = Https(croft, certificate().context(HTTP_CA))
    answer = https.ask("POST", "/topics/https%2Fa?qos=1", b"by http")
    assert https.connection.sock.selected_alpn_protocol() == HTTP_CA
    assert (answer.status, answer.json()) == (200, {"message": "OK", "traceId": answer.headers["x-amzn-requestid"]})
    assert payload_of(watcher.packet(), "https/a") == b"by http"


@pytest.mark.parametrize("alpn", [MQTT_CA, HTTP_CA])
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_these_two_demand_a_certificate(croft, alpn, version):
    context = trusting(croft, alpn)
    context.minimum_version = context.maximum_version = version
    assert refuses_handshake(croft, context)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_mqtt_for_custom_authorizers_asks_for_no_certificate(croft, certificate, version):
    """A certificate at hand is neither sent nor counts, and without an authorizer nobody comes in."""
    context = certificate().context(MQTT)
    context.minimum_version = context.maximum_version = version
    with Wire(croft.port("device"), tls=context) as wire:
        assert wire.socket.selected_alpn_protocol() == MQTT
        assert connack(wire) == (CONNACK, 0x87)


def test_a_resumed_session_does_not_bring_a_certificate_where_none_is_asked_for(croft, certificate):
    owner = certificate()
    context = owner.context(MQTT_CA)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Wire(croft.port("device"), tls=context) as wire:
        assert connack(wire) == (CONNACK, 0)
        session = wire.socket.session
    context.set_alpn_protocols([MQTT])
    with Wire(croft.port("device"), tls=context, session=session) as wire:
        assert wire.socket.selected_alpn_protocol() == MQTT
        assert connack(wire) == (CONNACK, 0x87)


def test_a_resumed_session_without_a_certificate_is_nobody_where_one_is_demanded(croft):
    context = trusting(croft)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Wire(croft.port("device"), tls=context) as wire:
        wire.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").read()
        session = wire.socket.session
    context.set_alpn_protocols([MQTT_CA])
    with Wire(croft.port("device"), tls=context, session=session) as wire:
        assert wire.socket.session_reused and wire.socket.selected_alpn_protocol() == MQTT_CA
        assert connack(wire) == (CONNACK, 0x87)


@pytest.mark.parametrize("offer", [["h2", "http/1.1"], ["http/1.1"], []])
def test_without_a_known_alpn_it_is_https(croft, certificate, offer):
    https = Https(croft, certificate().context(*offer))
    assert https.ask("POST", "/topics/no/alpn").status == 200
    assert https.connection.sock.selected_alpn_protocol() is None


@pytest.mark.parametrize("offer", [["h2"], ["x-amzn-mqtt-ca-2", MQTT_CA], ["h2", "mqtt"], []])
def test_8883_takes_any_alpn(croft, certificate, offer):
    with Wire(croft.port("mqtts"), tls=certificate().context(*offer)) as wire:
        assert connack(wire) == (CONNACK, 0)


@pytest.mark.parametrize("alpn, sent", [([], connect("lost")), ([MQTT_CA], b"POST /topics/a HTTP/1.1\r\nHost: a\r\n\r\n")])
def test_the_wrong_protocol_for_the_alpn_is_closed(croft, certificate, alpn, sent):
    with Wire(croft.port("device"), tls=certificate().context(*alpn)) as wire:
        wire.send(sent)
        got = b""
        while wire.read():
            got = wire.buffer
        assert got == b"" or got.startswith(b"HTTP/1.1 400 ")


def test_a_silent_connection_is_closed_before_and_after_its_handshake(croft, certificate):
    begun = time.monotonic()
    with Wire(croft.port("device"), timeout=30) as wire, \
            Wire(croft.port("device"), tls=certificate().context(MQTT_CA), timeout=30) as shaken:
        assert not wire.read()
        assert 9 < time.monotonic() - begun < 13
        assert not shaken.read()
        assert 9 < time.monotonic() - begun < 15
    assert_serves(croft, "after-silence")


# Certificates.

def test_what_is_presented_is_judged_also_where_nothing_need_be(croft, certificate):
    owner = certificate()
    context = owner.context()
    assert Https(croft, context).ask("POST", "/topics/judged").status == 200
    owner.deactivate()
    for endpoint in "device", "https":
        assert refuses_handshake(croft, context, endpoint)


def test_a_certificate_that_leaves_active_has_no_rights_on_an_open_connection(croft, certificate):
    owner = certificate()
    https = Https(croft, owner.context())
    assert https.ask("POST", "/topics/judged").status == 200
    owner.deactivate()
    assert https.ask("POST", "/topics/judged").refusal == FORBIDDEN


def test_policies_decide_what_may_be_published(croft, certificate):
    owner = certificate(allow("Publish", "topic/mine/*"), allow("RetainPublish", "topic/mine/kept"),
                        {"Effect": "Deny", "Action": "iot:Publish", "Resource": "*",
                         "Condition": {"StringEquals": {"iot:Certificate.Subject.CommonName": "nobody"}}})
    watcher = hears(croft, "#")
    https = Https(croft, owner.context())
    refused = https.ask("POST", "/topics/other/a", b"secret")
    assert refused.refusal == FORBIDDEN
    assert refused.json()["traceId"] == refused.headers["x-amzn-requestid"]
    assert https.ask("POST", "/topics/mine/a?retain=true", b"secret").refusal == FORBIDDEN
    assert https.ask("POST", "/topics/mine/kept?retain=true", b"kept").status == 200
    assert payload_of(watcher.packet(), "mine/kept") == b"kept"
    assert https.ask("POST", "/topics/mine/a", b"may").status == 200
    assert payload_of(watcher.packet(), "mine/a") == b"may"
    assert watcher.is_silent()
    for path in "/retainedMessage/mine/kept", "/retainedMessage", "/connections/a", "/connections/a/subscriptions":
        assert https.ask("GET", path).refusal == FORBIDDEN
    assert https.ask("DELETE", "/connections/a").refusal == FORBIDDEN


def test_policies_decide_what_may_be_read_and_ended(croft, certificate):
    owner = certificate(allow("GetRetainedMessage", "topic/read/*"), {**ANYTHING, "Action": "iot:ListRetainedMessages"},
                        allow("GetConnection", "client/seen"), allow("ListSubscriptions", "client/seen"),
                        allow("DeleteConnection", "client/seen"))
    https = Https(croft, owner.context())
    with device(croft, "seen") as seen:
        seen.send(publish("read/a", b"kept", qos=1, retain=True)).packet()
        assert https.ask("GET", "/retainedMessage/read/a").json()["payload"] == "a2VwdA=="
        assert "read/a" in [m["topic"] for m in https.ask("GET", "/retainedMessage").json()["retainedTopics"]]
        assert https.ask("GET", "/connections/seen").json()["connected"] is True
        assert https.ask("GET", "/connections/seen/subscriptions").json() == {"subscriptions": []}
        assert https.ask("GET", "/connections/other").refusal == FORBIDDEN
        assert https.ask("DELETE", "/connections/other").refusal == FORBIDDEN
        assert https.ask("DELETE", "/connections/seen").status == 200
        assert seen.packet()[0] == 0xE0


# Who is nobody.

@pytest.mark.parametrize("path", ["/topics/a", "/retainedMessage", "/connections/a"])
def test_nobody_may_do_nothing(croft, path):
    answer = Https(croft, trusting(croft)).ask("POST" if path == "/topics/a" else "GET", path)
    assert answer.refusal == NO_TOKEN
    assert answer.json()["traceId"] == answer.headers["x-amzn-requestid"]


def test_a_croft_that_asks_for_no_signatures_still_does_on_its_tls_ports(fresh_croft):
    free = fresh_croft("--signatures", "false", "--device-port", "0")
    assert Https(free, trusting(free)).ask("POST", "/topics/a").refusal == NO_TOKEN
    with WebSocket(free, "/mqtt", endpoint="device", tls=trusting(free)) as wire:
        assert connack(wire) == (CONNACK, 0x87)


def signed(croft, method, path, body=b"", service="iotdata", headers=None, secret=None):
    credentials = root(croft)
    credentials.secret_key = secret or credentials.secret_key
    request = AWSRequest(method, f"https://localhost:{croft.port('device')}{path}", headers or {}, body)
    SigV4Auth(credentials, service, croft.credentials["region"]).add_auth(request)
    return Https(croft, trusting(croft)).ask(method, path, body, dict(request.headers))


@pytest.mark.parametrize("service", ["iotdata", "iotdevicegateway"])
def test_signed_requests(croft, service):
    assert signed(croft, "POST", "/topics/signed/a", b"x", service).status == 200
    assert signed(croft, "POST", "/topics/signed/a", b"x", service, secret="wrong").status == 403
    assert signed(croft, "POST", "/topics/signed/a", b"x", "iot").status == 403


def test_a_wrong_signature_is_not_helped_by_a_certificate(croft, certificate):
    request = AWSRequest("POST", f"https://localhost:{croft.port('device')}/topics/a", {}, b"x")
    credentials = root(croft)
    credentials.secret_key = "wrong"
    SigV4Auth(credentials, "iotdata", croft.credentials["region"]).add_auth(request)
    https = Https(croft, certificate().context())
    assert https.ask("POST", "/topics/a", b"x", dict(request.headers)).status == 403
    assert https.ask("POST", "/topics/a", b"x").status == 200


def test_only_the_data_plane_is_there(croft, certificate):
    https = Https(croft, certificate().context())
    for path in "/health", "/_croft/devices", "/things", "/":
        assert https.ask("GET", path).status == 404, path
    target = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}
    assert signed(croft, "POST", "/", b"{}", "dynamodb", target).status == 404


def test_more_than_a_message_is_not_waited_for(croft):
    with Wire(croft.port("device"), tls=trusting(croft)) as wire:
        wire.send(b"POST /topics/a HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n")
        while wire.read():
            pass
        assert wire.buffer.startswith(b"HTTP/1.1 413 ")


# WebSocket.

def test_websocket_with_a_certificate(croft, certificate):
    owner = certificate(allow("Connect", "client/web"), allow("Publish", "topic/web/open"),
                        allow("Subscribe", "topicfilter/web/#"), allow("Receive", "topic/web/*"))
    watcher = hears(croft, "$aws/events/presence/connected/web")
    with WebSocket(croft, "/mqtt", endpoint="device", tls=owner.context()) as wire:
        assert wire.status == 101, wire.answer
        assert connack(wire, "web") == (CONNACK, 0)
        told = json.loads(payload_of(watcher.packet(), "$aws/events/presence/connected/web"))
        assert told["principalIdentifier"] == owner.id
        assert wire.send(subscribe("web/#")).packet()[0] == SUBACK
        assert reason(wire.send(publish("web/closed", b"x", qos=1)).packet(), 2) == (PUBACK, 0x87)
        wire.send(publish("web/open", b"y" * 100_000))
        assert wire.packet()[1].endswith(b"y" * 100_000)
    with WebSocket(croft, "/mqtt", endpoint="device", tls=owner.context()) as wire:
        assert connack(wire, "other") == (CONNACK, 0x87)


def test_websocket_by_a_signed_url_over_tls(croft):
    for context in trusting(croft), trusting(croft, "http/1.1"):
        path = signed_path(croft, endpoint="device")
        with WebSocket(croft, path, endpoint="device", tls=context) as wire:
            assert wire.status == 101, wire.answer
            assert connack(wire) == (CONNACK, 0)
        with WebSocket(croft, path[:-1] + ("0" if path[-1] != "0" else "1"), endpoint="device", tls=context) as wire:
            assert (wire.status, wire.headers["x-amzn-errortype"]) == (403, "ForbiddenException")


def test_websocket_of_nobody_ends_at_its_connect(croft):
    """It may be for a custom authorizer, whose credentials CONNECT may bring."""
    with WebSocket(croft, "/mqtt", endpoint="device", tls=trusting(croft)) as wire:
        assert wire.status == 101
        assert connack(wire) == (CONNACK, 0x87)
    with WebSocket(croft, "/mqtt") as wire:
        assert wire.status == 403, "without TLS only signatures count"


def test_many_secure_websockets_find_their_shards(croft, certificate):
    context = certificate().context()
    wires = [WebSocket(croft, "/mqtt", endpoint="device", tls=context) for _ in range(12)]
    for n, wire in enumerate(wires):
        assert connack(wire, f"many-{n}") == (CONNACK, 0)
        assert wire.send(subscribe(f"many/{n}", qos=0)).packet()[0] == SUBACK
    for n, wire in enumerate(wires):
        wires[n - 1].send(publish(f"many/{n}", b"%d" % n))
        assert wire.packet()[1].endswith(b"%d" % n)


# The port for HTTPS.

def test_the_https_port_publishes_for_certificates(croft, certificate):
    watcher = hears(croft, "port/8443")
    assert Https(croft, certificate().context(), "https").ask("POST", "/topics/port/8443?qos=1", b"x").status == 200
    assert payload_of(watcher.packet(), "port/8443") == b"x"
    assert refuses_handshake(croft, trusting(croft), "https")


def test_both_ports_are_off_unless_wanted(fresh_croft):
    assert {"device", "https"}.isdisjoint(fresh_croft().endpoints)


# Real clients.

def run(*command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_curl(croft, certificate):
    owner, watcher = certificate(), hears(croft, "curl/a")
    for endpoint in "device", "https":
        out = run("curl", "-sS", "--tlsv1.2", "--cacert", croft.endpoints["ca"], "--cert", owner.certificate, "--key", owner.key,
                  "--data", "hello", f"https://localhost:{croft.port(endpoint)}/topics/curl/a?qos=1")
        assert json.loads(out)["message"] == "OK"
        assert payload_of(watcher.packet(), "curl/a") == b"hello"


def test_mosquitto_pub_with_alpn(croft, certificate):
    owner, watcher = certificate(), hears(croft, "mosquitto/a")
    run("mosquitto_pub", "-h", "localhost", "-p", str(croft.port("device")), "--cafile", croft.endpoints["ca"], "--cert",
        owner.certificate, "--key", owner.key, "--tls-alpn", MQTT_CA, "-i", "mosquitto", "-t", "mosquitto/a", "-m", "hello",
        "-q", "1")
    assert payload_of(watcher.packet(), "mosquitto/a") == b"hello"


def test_paho_by_websocket_with_a_certificate(croft, certificate):
    import paho.mqtt.client as paho
    watcher, client = hears(croft, "paho/a"), paho.Client("paho", transport="websockets")
    client.tls_set_context(certificate().context())
    client.connect("localhost", croft.port("device"))
    client.loop_start()
    try:
        client.publish("paho/a", b"hello", qos=1).wait_for_publish(10)
        assert payload_of(watcher.packet(), "paho/a") == b"hello"
    finally:
        client.loop_stop()
        client.disconnect()


def test_javascript_by_websocket_over_tls(croft, certificate):
    """MQTT.js with a certificate, AWS's device SDK with signatures."""
    owner = certificate()
    out = run("node", NODE / "secure_websocket.mjs", str(croft.port("device")), croft.endpoints["ca"], owner.certificate,
              owner.key, env=croft.environment)
    assert out.split("\n") == ["mqtt.js ok", "device sdk ok", ""]
