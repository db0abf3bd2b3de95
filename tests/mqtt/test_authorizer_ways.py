"""Custom authorizers by the ways that AWS has for them: ALPN `mqtt` and WebSocket over TLS.

AWS IoT developer guide, "Connecting to AWS IoT Core by using custom authentication".
"""

import json
import uuid

import pytest
from authorizer_function import ARN, deploy, last_event, make_authorizers, sign, sign_in, why
from conftest import Croft
from device_certificate import ANYTHING, DeviceCertificate, trusting
from mqtt_wire import CONNACK, PUBACK, SUBACK, V3, V5, Wire, connect, publish, reason, subscribe
from test_websocket import WebSocket

MQTT_CA, MQTT = "x-amzn-mqtt-ca", "mqtt"
NAME, SIGNATURE = "x-amz-customauthorizer-name", "x-amz-customauthorizer-signature"


@pytest.fixture(scope="module")
def croft(tmp_path_factory):
    server = Croft(tmp_path_factory.mktemp("croft") / "data", "--device-port", "0")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(scope="module")
def authorizers(croft):
    return make_authorizers(croft, deploy(croft, "judge", ARN + "authorizer/*"))


@pytest.fixture
def default(authorizers):
    authorizers.set_default_authorizer(authorizerName="open")
    yield
    authorizers.clear_default_authorizer()


def connack(wire, request):
    return reason(wire.send(request).packet(), 1)


@pytest.mark.parametrize("version", [V3, V5])
def test_alpn_mqtt_is_for_authorizers(croft, authorizers, version):
    with Wire(croft.port("device"), tls=trusting(croft, MQTT)) as wire:
        assert wire.socket.selected_alpn_protocol() == MQTT
        assert connack(wire, sign_in("alpn", version, "alice", "open sesame", "open")) == (CONNACK, 0)
        wire.send(publish("own/alpn", b"x", qos=1, version=version))
        assert wire.packet()[0] == PUBACK
    event, _ = last_event(croft)
    uuid.UUID(event.pop("connectionMetadata")["id"])
    assert event["protocols"] == ["tls", "mqtt"]
    assert event["protocolData"]["tls"] == {"serverName": "localhost"}
    with Wire(croft.port("device"), tls=trusting(croft, MQTT)) as wire:
        assert connack(wire, sign_in("alpn-no", version, "alice", "wrong", "open")) == (CONNACK, 5 if version == V3 else 0x87)


def test_without_a_name_the_default_one_is_asked(croft, default):
    for password, code in [("open sesame", 0), ("wrong", 0x87)]:
        with Wire(croft.port("device"), tls=trusting(croft, MQTT)) as wire:
            assert connack(wire, sign_in("default", user="alice", password=password)) == (CONNACK, code)


def test_without_a_default_nobody_comes_in(croft, authorizers):
    with Wire(croft.port("device"), tls=trusting(croft, MQTT)) as wire:
        assert connack(wire, sign_in("nobody", user="alice", password="open sesame")) == (CONNACK, 0x87)
    assert why(croft, "nobody")[-1]["reason"] == "no authorizer was named, and there is no default one"


def test_a_certificate_is_never_judged_by_a_function(croft, default, tmp_path):
    owner = DeviceCertificate(croft, tmp_path, ANYTHING)
    request = sign_in("certified", user="alice", password="wrong", name="open")
    for port, alpn in [("device", [MQTT_CA]), ("mqtts", [MQTT_CA]), ("mqtts", [MQTT]), ("mqtts", [])]:
        with Wire(croft.port(port), tls=owner.context(*alpn)) as wire:
            assert connack(wire, request) == (CONNACK, 0), (port, alpn)


@pytest.mark.parametrize("path, headers", [
    (f"/mqtt?{NAME}=signed&tok=good%20token&{SIGNATURE}=" + sign("good token").replace("+", "%2B").replace("/", "%2F"), {}),
    ("/mqtt", {NAME: "signed", "Tok": "good token", SIGNATURE: sign("good token")}),
    ("/mqtt?tok=bad", {"X-Amz-CustomAuthorizer-Name": "signed", "tok": "good token", SIGNATURE: sign("good token")})],
    ids=["query", "headers", "headers before query"])
def test_a_websocket_names_it_in_its_request(croft, authorizers, path, headers):
    with WebSocket(croft, path, headers, endpoint="device", tls=trusting(croft)) as wire:
        assert wire.status == 101
        assert connack(wire, connect("web")) == (CONNACK, 0)
        assert wire.send(subscribe("own/web")).packet() == (SUBACK, b"\x00\x01\x00\x01")
        assert reason(wire.send(publish("other", b"x", qos=1)).packet(), 2) == (PUBACK, 0x87)
    event, _ = last_event(croft)
    assert (event["token"], event["signatureVerified"], event["protocols"]) == ("good token", True, ["tls", "http", "mqtt"])
    http = event["protocolData"]["http"]
    assert http.get("queryString", "") == path[5:]
    assert {name.lower(): value for name, value in headers.items()}.items() <= http["headers"].items()
    assert event["protocolData"]["mqtt"] == {"clientId": "web"}


@pytest.mark.parametrize("path", [
    "/mqtt", f"/mqtt?{NAME}=signed", f"/mqtt?{NAME}=signed&tok=good%20token", f"/mqtt?{NAME}=nobody&tok=good%20token",
    f"/mqtt?{NAME}=signed&tok=bad%20token&{SIGNATURE}=" + sign("good token").replace("+", "%2B")],
    ids=["nothing", "a name", "no signature", "no authorizer", "the signature of another token"])
def test_a_websocket_without_a_good_token_ends_at_its_connect(croft, authorizers, path):
    with WebSocket(croft, path, endpoint="device", tls=trusting(croft)) as wire:
        assert wire.status == 101
        assert connack(wire, connect("web-no")) == (CONNACK, 0x87)
        assert wire.read() is False


def test_a_websocket_may_bring_its_credentials_in_connect(croft, default):
    for request, code in [(sign_in("web-user", user="alice", password="open sesame"), 0),
                          (sign_in("web-user", name="signed", tok="good token", signature=sign("good token")), 0),
                          (sign_in("web-user", user="alice", password="wrong"), 0x87)]:
        with WebSocket(croft, "/mqtt", endpoint="device", tls=trusting(croft)) as wire:
            assert connack(wire, request) == (CONNACK, code)


def test_what_connect_says_counts_before_the_request(croft, authorizers):
    with WebSocket(croft, f"/mqtt?{NAME}=nobody", endpoint="device", tls=trusting(croft)) as wire:
        assert connack(wire, sign_in("web-both", user="alice", password="open sesame", name="open")) == (CONNACK, 0)
    assert json.loads(croft.run("devices", "why", "web-both", "--json").stdout)["refusals"] == []
