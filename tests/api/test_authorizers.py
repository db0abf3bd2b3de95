"""Custom authorizers: their operations, and devices that a real function lets in or not.

Expectations come from the AWS IoT developer guide, "Custom authentication and authorization", and the IoT API reference.
"""

import base64
import json
import shutil
import subprocess
import time
import uuid

import pytest
from botocore.exceptions import ClientError
from authorizer_function import ACCOUNT, ARN, KEY, OTHER, deploy, last_event, make_authorizers, pem, sign, sign_in, why
from conftest import wait_until
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from mqtt_wire import (CONNACK, DISCONNECT, PUBACK, PUBLISH, SUBACK, V3, V5, Wire, connect, log_of, packet, publish, reason,
                       subscribe)

@pytest.fixture
def iot(croft):
    return croft.client("iot")


@pytest.fixture
def name():
    return "a-" + uuid.uuid4().hex[:12]


@pytest.fixture(scope="module")
def function(croft):
    return deploy(croft, "judge", ARN + "authorizer/*")


@pytest.fixture(scope="module")
def authorizers(croft, function):
    return make_authorizers(croft, function)


def refused(code, http_status, call, /, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, http_status), response
    return response


def answer(croft, request):
    with Wire(croft.port("mqtt")) as wire:
        return reason(wire.send(request).packet(), 1)


# --- operations ---

def test_an_authorizer_is_made_changed_and_removed(iot, name, function):
    made = iot.create_authorizer(authorizerName=name, authorizerFunctionArn=function, tokenKeyName="tok",
                                 tokenSigningPublicKeys={"k:1": pem(KEY)}, status="ACTIVE", tags=[{"Key": "a", "Value": "b"}])
    assert (made["authorizerName"], made["authorizerArn"]) == (name, ARN + f"authorizer/{name}")
    described = iot.describe_authorizer(authorizerName=name)["authorizerDescription"]
    created = described.pop("creationDate")
    assert described.pop("lastModifiedDate") == created
    assert abs(created.timestamp() - time.time()) < 60
    assert described == {"authorizerName": name, "authorizerArn": made["authorizerArn"], "authorizerFunctionArn": function,
                         "tokenKeyName": "tok", "tokenSigningPublicKeys": {"k:1": pem(KEY)}, "status": "ACTIVE",
                         "signingDisabled": False, "enableCachingForHttp": False}

    refused("DeleteConflictException", 409, iot.delete_authorizer, authorizerName=name)
    changed = iot.update_authorizer(authorizerName=name, status="INACTIVE", tokenKeyName="other", enableCachingForHttp=True)
    assert (changed["authorizerName"], changed["authorizerArn"]) == (name, made["authorizerArn"])
    described = iot.describe_authorizer(authorizerName=name)["authorizerDescription"]
    assert (described["status"], described["tokenKeyName"], described["enableCachingForHttp"]) == ("INACTIVE", "other", True)
    assert described["tokenSigningPublicKeys"] == {"k:1": pem(KEY)}
    iot.delete_authorizer(authorizerName=name)
    response = refused("ResourceNotFoundException", 404, iot.describe_authorizer, authorizerName=name)
    assert response["Error"]["Message"] == f"Authorizer {name} not found"
    refused("ResourceNotFoundException", 404, iot.update_authorizer, authorizerName=name, status="ACTIVE")
    refused("ResourceNotFoundException", 404, iot.delete_authorizer, authorizerName=name)
    refused("ResourceNotFoundException", 404, iot.test_invoke_authorizer, authorizerName=name)


def test_a_name_is_taken_once(iot, name, function):
    iot.create_authorizer(authorizerName=name, authorizerFunctionArn=function, signingDisabled=True, status="INACTIVE")
    response = refused("ResourceAlreadyExistsException", 409, iot.create_authorizer, authorizerName=name,
                       authorizerFunctionArn=function, signingDisabled=True)
    assert (response["resourceId"], response["resourceArn"]) == (name, ARN + f"authorizer/{name}")
    iot.delete_authorizer(authorizerName=name)


@pytest.mark.parametrize("changes", [
    {"authorizerName": "a b"}, {"authorizerName": "x" * 129}, {"authorizerFunctionArn": "f"}, {"tokenKeyName": "a.b"},
    {"tokenSigningPublicKeys": {"k": "no key"}}, {"tokenSigningPublicKeys": {"k k": pem(KEY)}},
    {"tokenSigningPublicKeys": {"k": pem(ec.generate_private_key(ec.SECP256R1()))}},
    {"tokenSigningPublicKeys": {f"k{i}": pem(KEY) for i in range(11)}}, {"status": "MAYBE"},
    {"signingDisabled": False}, {"signingDisabled": False, "tokenKeyName": "tok"}])
def test_what_is_not_valid_is_refused(iot, name, function, changes):
    given = {"authorizerName": name, "authorizerFunctionArn": function, "signingDisabled": True, **changes}
    refused("InvalidRequestException", 400, iot.create_authorizer, **given)
    assert name not in [a["authorizerName"] for a in iot.list_authorizers()["authorizers"]]


def test_they_are_listed_by_page_and_status(fresh_croft):
    iot = fresh_croft().client("iot")
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
    for name in ["c", "a", "b"]:
        iot.create_authorizer(authorizerName=name, authorizerFunctionArn=arn, signingDisabled=True,
                              status="INACTIVE" if name == "b" else "ACTIVE")
    names = lambda **given: [a["authorizerName"] for a in iot.list_authorizers(**given)["authorizers"]]
    assert names(ascendingOrder=True) == ["a", "b", "c"]
    assert names() == ["c", "b", "a"]
    assert (names(status="ACTIVE"), names(status="INACTIVE")) == (["c", "a"], ["b"])
    first = iot.list_authorizers(pageSize=2, ascendingOrder=True)
    assert names(pageSize=2, ascendingOrder=True, marker=first["nextMarker"]) == ["c"]
    assert iot.list_authorizers()["authorizers"][0] == {"authorizerName": "c", "authorizerArn": ARN + "authorizer/c"}


def test_there_is_one_default_and_all_survive_a_crash(fresh_croft):
    croft = fresh_croft()
    iot = croft.client("iot")
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
    refused("ResourceNotFoundException", 404, iot.describe_default_authorizer)
    refused("ResourceNotFoundException", 404, iot.clear_default_authorizer)
    refused("ResourceNotFoundException", 404, iot.set_default_authorizer, authorizerName="one")
    for name in ["one", "two"]:
        iot.create_authorizer(authorizerName=name, authorizerFunctionArn=arn, signingDisabled=True)
    made = iot.set_default_authorizer(authorizerName="one")
    assert (made["authorizerName"], made["authorizerArn"]) == ("one", ARN + "authorizer/one")
    response = refused("ResourceAlreadyExistsException", 409, iot.set_default_authorizer, authorizerName="two")
    assert (response["resourceId"], response["resourceArn"]) == ("one", ARN + "authorizer/one")
    croft.kill()
    croft.start()
    iot = croft.client("iot")
    described = iot.describe_default_authorizer()["authorizerDescription"]
    assert described == iot.describe_authorizer(authorizerName="one")["authorizerDescription"]
    iot.update_authorizer(authorizerName="one", status="INACTIVE")
    refused("DeleteConflictException", 409, iot.delete_authorizer, authorizerName="one")
    iot.clear_default_authorizer()
    iot.delete_authorizer(authorizerName="one")
    refused("ResourceNotFoundException", 404, iot.describe_default_authorizer)


def test_there_are_at_most_a_hundred_and_thirty_two_of_them_active(fresh_croft):
    iot = fresh_croft("--ephemeral").client("iot")
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"
    make = lambda name, status: dict(authorizerName=name, authorizerFunctionArn=arn, signingDisabled=True, status=status)
    for i in range(32):
        iot.create_authorizer(**make(f"a{i}", "ACTIVE"))
    refused("LimitExceededException", 410, iot.create_authorizer, **make("b0", "ACTIVE"))
    for i in range(68):
        iot.create_authorizer(**make(f"b{i}", "INACTIVE"))
    refused("LimitExceededException", 410, iot.create_authorizer, **make("c", "INACTIVE"))
    refused("LimitExceededException", 410, iot.update_authorizer, authorizerName="b0", status="ACTIVE")


@pytest.mark.skipif(not shutil.which("aws"), reason="no AWS CLI")
def test_the_cli_makes_one(croft, name, function):
    run = lambda *given: subprocess.run(["aws", "--endpoint-url", croft.endpoints["gateway"], "iot", *given], env=croft.environment,
                                        check=True, capture_output=True, text=True, timeout=60).stdout
    made = json.loads(run("create-authorizer", "--authorizer-name", name, "--authorizer-function-arn", function,
                          "--token-key-name", "tok", "--token-signing-public-keys", "k=" + pem(KEY), "--status", "INACTIVE"))
    assert made == {"authorizerName": name, "authorizerArn": ARN + f"authorizer/{name}"}
    described = json.loads(run("describe-authorizer", "--authorizer-name", name))["authorizerDescription"]
    assert (described["status"], described["tokenSigningPublicKeys"]) == ("INACTIVE", {"k": pem(KEY).strip()})
    run("delete-authorizer", "--authorizer-name", name)


# --- TestInvokeAuthorizer ---

def test_an_authorizer_is_tried_out(croft, authorizers):
    got = authorizers.test_invoke_authorizer(
        authorizerName="open", mqttContext={"username": "alice", "password": b"open sesame", "clientId": "c1"},
        httpContext={"headers": {"a": "b"}, "queryString": "?x=y"}, tlsContext={"serverName": "host"})
    assert (got["isAuthenticated"], got["principalId"]) == (True, "user1")
    assert (got["disconnectAfterInSeconds"], got["refreshAfterInSeconds"]) == (3600, 300)
    documents = [json.loads(document) for document in got["policyDocuments"]]
    assert [document["Version"] for document in documents] == ["2012-10-17", "2012-10-17"]
    event, _ = last_event(croft)
    uuid.UUID(event.pop("connectionMetadata")["id"])
    assert event == {"signatureVerified": False, "protocols": ["tls", "http", "mqtt"],
                     "protocolData": {"tls": {"serverName": "host"}, "http": {"headers": {"a": "b"}, "queryString": "?x=y"},
                                      "mqtt": {"username": "alice", "password": base64.b64encode(b"open sesame").decode(),
                                               "clientId": "c1"}}}


def test_trying_out_tells_what_went_wrong(authorizers):
    run = lambda user, **more: dict(authorizerName="open", mqttContext={"username": user, "password": b"x", "clientId": "c1"})
    got = authorizers.test_invoke_authorizer(**run("alice"))
    assert got["isAuthenticated"] is False and "principalId" not in got
    for user in ["broken", "garbage", "short"]:
        refused("InvalidResponseException", 400, authorizers.test_invoke_authorizer, **run(user))
    mqtt = {"username": "alice", "clientId": "c1"}
    refused("InvalidRequestException", 400, authorizers.test_invoke_authorizer, authorizerName="signed", mqttContext=mqtt)
    refused("InvalidRequestException", 400, authorizers.test_invoke_authorizer, authorizerName="signed", mqttContext=mqtt,
            token="good token", tokenSignature=sign("another token"))
    got = authorizers.test_invoke_authorizer(authorizerName="signed", mqttContext=mqtt, token="good token",
                                             tokenSignature=sign("good token"))
    assert got["isAuthenticated"] is True


# --- devices ---

@pytest.mark.skipif(not shutil.which("mosquitto_pub"), reason="no mosquitto")
@pytest.mark.parametrize("version", ["mqttv311", "mqttv5"])
def test_mosquitto_comes_in(croft, authorizers, version):
    run = lambda password: subprocess.run(
        ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(croft.port("mqtt")), "-V", version, "-i", "mosquitto", "-q", "1", "-m", "x",
         "-u", "alice?x-amz-customauthorizer-name=open", "-P", password, "-t", "own/mosquitto"], timeout=30).returncode
    assert run("open sesame") == 0
    assert run("wrong") != 0


@pytest.mark.parametrize("version", [V3, V5])
def test_a_device_with_user_and_password_gets_its_rights(croft, authorizers, version):
    with Wire(croft.port("mqtt")) as watcher, Wire(croft.port("mqtt")) as wire:
        client_id = f"user-{version}"
        watcher.send(connect(f"watch-{version}")).packet()
        watcher.send(subscribe(f"$aws/events/presence/connected/{client_id}", qos=0)).packet()
        wire.send(sign_in(client_id, version, "alice", "open sesame", "open"))
        assert reason(wire.packet(), 1) == (CONNACK, 0)
        body = watcher.packet()[1]
        event = json.loads(body[body.index(b"{"):])
        assert (event["clientId"], event["principalIdentifier"]) == (client_id, "user1")
        wire.send(subscribe("own/#", version=version))
        assert wire.packet() == (SUBACK, b"\x00\x01" + (b"\x00" if version == V5 else b"") + b"\x01")
        wire.send(publish(f"own/{client_id}", b"mine", qos=1, version=version))
        assert sorted(first for first, _ in wire.packets(2)) == [PUBLISH | 2, PUBACK]
        wire.send(packet(PUBACK, b"\x00\x01"))
        wire.send(publish("own/closed", b"x", qos=1, packet_id=2, version=version))
        if version == V5:
            assert reason(wire.packet(), 2) == (PUBACK, 0x87)
        else:
            assert wire.is_closed()
        refusal, = why(croft, client_id)
        assert (refusal["principal"], refusal["resource"]) == ("user1", ARN + "topic/own/closed")
        assert refusal["reason"] == 'statement 1 ("Closed") of policy policyDocuments[1] denies it'


def test_the_function_gets_the_event_that_aws_documents(croft, authorizers):
    with Wire(croft.port("mqtt")) as wire:
        wire.send(sign_in("event-1", user="alice", password=b"\x00\xff", name="signed", tok="good token",
                          signature=sign("good token")))
        assert reason(wire.packet(), 1) == (CONNACK, 0)
    event, _ = last_event(croft)
    uuid.UUID(event.pop("connectionMetadata")["id"])
    username = event["protocolData"]["mqtt"].pop("username")
    assert username.startswith("alice?x-amz-customauthorizer-name=signed&tok=good%20token&x-amz-customauthorizer-signature=")
    assert event == {"token": "good token", "signatureVerified": True, "protocols": ["mqtt"],
                     "protocolData": {"mqtt": {"password": "AP8=", "clientId": "event-1"}}}


def test_either_key_may_have_signed(croft, authorizers):
    for key in [KEY, OTHER]:
        assert answer(croft, sign_in("keys", name="signed", tok="good token", signature=sign("good token", key))) == (CONNACK, 0)


@pytest.mark.parametrize("parameters", [
    {}, {"tok": "good token"}, {"signature": sign("good token")}, {"tok": "good token", "signature": ""},
    {"tok": "good token", "signature": "!"}, {"tok": "good token", "signature": sign("bad token")},
    {"tok": "good token ", "signature": sign("good token")}, {"tok": "good token", "signature": sign("good token", digest=hashes.SHA1())},
    {"other": "good token", "signature": sign("good token")},
    {"tok": "good token", "signature": sign("good token", rsa.generate_private_key(public_exponent=65537, key_size=2048))}])
def test_the_function_does_not_run_for_a_token_that_nobody_signed(croft, authorizers, parameters):
    _, before = last_event(croft)
    request = sign_in("unsigned", user="alice", password="open sesame", name="signed", **parameters)
    assert answer(croft, request) == (CONNACK, 0x87)
    assert last_event(croft)[1] == before
    assert why(croft, "unsigned")[-1]["principal"] == ""


@pytest.fixture
def called(croft, authorizers):
    """The function has run, so that the next call is not a cold one."""
    assert answer(croft, sign_in("warm", user="alice", password="open sesame", name="open")) == (CONNACK, 0)


@pytest.mark.parametrize("user, password, says", [
    ("alice", "wrong", "the authorizer's function did not authenticate the connection"),
    ("broken", "open sesame", "the authorizer's function failed: KeyError"),
    ("garbage", "open sesame", "the answer of the authorizer's function is not valid: it is not a JSON object"),
    ("short", "open sesame",
     "the answer of the authorizer's function is not valid: disconnectAfterInSeconds is not a number from 300 to 86400"),
    ("noconnect", "open sesame", "no statement allows it; policies looked at: policyDocuments[0], policyDocuments[1]")])
@pytest.mark.parametrize("version", [V3, V5])
def test_whatever_is_no_grant_refuses(croft, called, user, password, says, version):
    client_id = f"no-{user}-{version}"
    code = 5 if version == V3 else 0x87
    assert answer(croft, sign_in(client_id, version, user, password, "open")) == (CONNACK, code)
    refusal, = why(croft, client_id)
    assert (refusal["action"], refusal["resource"], refusal["reason"]) == ("iot:Connect", ARN + f"client/{client_id}", says)
    assert refusal["ipAddress"] == "127.0.0.1"
    for secret in [b"open sesame", b"top-secret"]:
        assert secret not in log_of(croft)


def test_a_slow_function_refuses_after_five_seconds(croft, called):
    start = time.monotonic()
    assert answer(croft, sign_in("slow-1", user="slow", password="open sesame", name="open")) == (CONNACK, 0x87)
    assert 4.5 < time.monotonic() - start < 7
    assert why(croft, "slow-1")[0]["reason"] == "the authorizer's function could not run: it did not answer in time"


def test_a_throttled_function_refuses(croft, called):
    client = croft.client("lambda")
    client.put_function_concurrency(FunctionName="judge", ReservedConcurrentExecutions=0)
    try:
        assert answer(croft, sign_in("throttled", user="alice", password="open sesame", name="open")) == (CONNACK, 0x87)
        assert why(croft, "throttled")[0]["reason"].startswith("the authorizer's function could not run: ")
    finally:
        client.delete_function_concurrency(FunctionName="judge")


def test_the_functions_policy_must_let_the_authorizer_in(croft, authorizers, name):
    client = croft.client("lambda")
    arn = deploy(croft, name)
    authorizers.create_authorizer(authorizerName=name, authorizerFunctionArn=arn, signingDisabled=True)
    request = sign_in("permit", user="alice", password="open sesame", name=name)
    assert answer(croft, request) == (CONNACK, 0x87)
    assert why(croft, "permit")[-1]["reason"] == ("the authorizer's function could not run: its resource policy does not let "
                                                  f"iot.amazonaws.com in for authorizer {name}")
    client.add_permission(FunctionName=name, StatementId="other", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com",
                          SourceArn=ARN + "authorizer/another")
    assert answer(croft, request) == (CONNACK, 0x87)
    client.add_permission(FunctionName=name, StatementId="own", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com",
                          SourceArn=ARN + "authorizer/" + name)
    assert answer(croft, request) == (CONNACK, 0)
    client.delete_function(FunctionName=name)
    assert answer(croft, request) == (CONNACK, 0x87)


def test_the_authorizer_must_be_there_and_active(croft, authorizers, name, function):
    authorizers.create_authorizer(authorizerName=name, authorizerFunctionArn=function, signingDisabled=True)
    request = sign_in("status", user="alice", password="open sesame", name=name)
    assert answer(croft, request) == (CONNACK, 0)
    authorizers.update_authorizer(authorizerName=name, status="INACTIVE")
    assert answer(croft, request) == (CONNACK, 0x87)
    assert why(croft, "status")[-1]["reason"] == f"authorizer {name} is INACTIVE"
    authorizers.delete_authorizer(authorizerName=name)
    assert answer(croft, request) == (CONNACK, 0x87)
    assert why(croft, "status")[-1]["reason"] == f"Authorizer {name} not found"


def test_plain_devices_are_asked_only_when_they_name_one(croft, authorizers):
    authorizers.set_default_authorizer(authorizerName="open")
    try:
        for given in [{}, {"user": "alice", "password": "wrong"}, {"user": "alice?a=b", "password": "wrong"}]:
            assert answer(croft, sign_in("plain", **given)) == (CONNACK, 0), given
    finally:
        authorizers.clear_default_authorizer()


def test_a_refusal_of_somebody_known_is_an_event(croft, called):
    with Wire(croft.port("mqtt")) as watcher:
        watcher.send(connect("watch-failed")).packet()
        watcher.send(subscribe("$aws/events/presence/connect_failed/#", qos=0)).packet()
        answer(croft, sign_in("unknown-1", user="alice", password="wrong", name="open"))
        answer(croft, sign_in("known-1", user="noconnect", password="open sesame", name="open"))
        body = watcher.packet()[1]
        event = json.loads(body[body.index(b"{"):])
        assert (event["clientId"], event["principalIdentifier"]) == ("known-1", "user1")
        assert event["connectFailureReason"] == "AUTHORIZATION_FAILED"
        assert watcher.is_silent()


def test_many_devices_wait_for_their_turn(croft, called):
    wires = [Wire(croft.port("mqtt"), timeout=20) for _ in range(40)]
    for i, wire in enumerate(wires):
        wire.send(sign_in(f"crowd-{i}", user="alice", password="open sesame", name="open"))
    assert [reason(wire.packet(), 1) for wire in wires] == [(CONNACK, 0)] * 40
    for wire in wires:
        wire.socket.close()


@pytest.mark.parametrize("user", ["?" + "&" * 60_000, "?x-amz-customauthorizer-name=" + "a" * 60_000,
                                  "?x-amz-customauthorizer-name=../open", "?x-amz-customauthorizer-name=%00",
                                  "?x-amz-customauthorizer-name=%ff", "?x-amz-customauthorizer-name=open%0a",
                                  "?x-amz-customauthorizer-name=open&" + "tok=" + "t" * 7_000])
def test_hostile_user_names_are_refused_or_plain(croft, authorizers, user):
    plain = user.strip("?&") == ""
    assert answer(croft, sign_in("hostile", user=user, password="x")) == (CONNACK, 0 if plain else 0x87)
    with Wire(croft.port("mqtt")) as wire:
        assert reason(wire.send(connect("honest")).packet(), 1) == (CONNACK, 0)
        wire.send(packet(DISCONNECT, b""))


def test_slow_functions_hold_up_nobody_else(fresh_croft):
    croft = fresh_croft()
    make_authorizers(croft, deploy(croft, "judge", ARN + "authorizer/*"))
    slow = [Wire(croft.port("mqtt"), timeout=20) for _ in range(12)]
    for i, wire in enumerate(slow):
        wire.send(sign_in(f"stuck-{i}", user="slow", password="open sesame", name="open"))
    for i in range(20):
        start = time.monotonic()
        assert answer(croft, connect(f"free-{i}")) == (CONNACK, 0)
        assert time.monotonic() - start < 2
    assert slow[0].is_silent()
    start = time.monotonic()
    assert croft.stop() == 0, "functions that run do not keep the server from ending"
    assert time.monotonic() - start < 5
    assert all(wire.is_closed() for wire in slow)


def test_its_secrets_are_in_no_log(croft, authorizers):
    wait_until(lambda: b"custom authorizer" in log_of(croft))
    for secret in [b"open sesame", b"good token", sign("good token").encode()]:
        assert secret not in log_of(croft)
