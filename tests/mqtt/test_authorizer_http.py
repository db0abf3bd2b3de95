"""Custom authorizers judge requests over HTTPS that bring neither a certificate nor a signature.

AWS IoT developer guide, "Connecting to AWS IoT Core by using custom authentication", HTTPS.
"""

import pytest
from authorizer_function import ARN, deploy, last_event, make_authorizers, sign
from conftest import Croft
from device_certificate import FORBIDDEN, NO_TOKEN, Https, trusting
from mqtt_wire import V5, Client, message_of

NAME, SIGNATURE = "x-amz-customauthorizer-name", "x-amz-customauthorizer-signature"


@pytest.fixture(scope="module")
def croft(tmp_path_factory):
    server = Croft(tmp_path_factory.mktemp("croft") / "data", "--device-port", "0")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(scope="module")
def authorizers(croft):
    made = make_authorizers(croft, deploy(croft, "judge", ARN + "authorizer/*"))
    described = made.describe_authorizer(authorizerName="open")["authorizerDescription"]
    made.create_authorizer(authorizerName="cached", authorizerFunctionArn=described["authorizerFunctionArn"], signingDisabled=True,
                           tokenKeyName="tok", enableCachingForHttp=True)
    return made


@pytest.fixture
def https(croft, authorizers):
    return Https(croft, trusting(croft))


def signed(token="good token"):
    return {NAME: "signed", "tok": token, SIGNATURE: sign(token)}


def test_a_token_publishes_what_its_policies_allow(croft, https):
    with Client(croft, "watcher", V5) as watcher:
        watcher.subscribe("http/#")
        answer = https.ask("POST", "/topics/http/a?qos=1", b"hello", signed())
        assert answer.status == 200
        assert message_of(watcher.packet(), V5).payload == b"hello"
    event, _ = last_event(croft)
    assert event["protocols"] == ["tls", "http"]
    assert "mqtt" not in event["protocolData"]
    assert event["protocolData"]["http"]["queryString"] == "?qos=1"
    assert (event["token"], event["signatureVerified"]) == ("good token", True)


def test_the_query_may_name_it(https):
    assert https.ask("POST", f"/topics/http/a?{NAME}=open&tok=good%20token", b"x").status == 200


@pytest.mark.parametrize("path, headers", [
    ("/topics/other", signed()),
    ("/topics/own/closed", signed()),
    ("/topics/http/a", {NAME: "nobody", "tok": "good token"}),
    ("/topics/http/a", {NAME: "signed", "tok": "good token"}),
    ("/topics/http/a", {**signed(), "tok": "another"}),
    ("/topics/http/a", {NAME: "open", "tok": "wrong"})])
def test_everything_else_is_forbidden(https, path, headers):
    assert https.ask("POST", path, b"x", headers).refusal == FORBIDDEN


def test_without_a_name_and_a_default_a_token_is_missing(https):
    assert https.ask("POST", "/topics/http/a", b"x", {"tok": "good token"}).refusal == NO_TOKEN


def test_the_default_one_is_asked_when_none_is_named(https, authorizers):
    authorizers.set_default_authorizer(authorizerName="open")
    try:
        assert https.ask("POST", "/topics/http/a", b"x", {"tok": "good token"}).status == 200
        assert https.ask("POST", "/topics/http/a", b"x", {"tok": "bad"}).status == 403
    finally:
        authorizers.clear_default_authorizer()


def test_its_answer_is_kept_for_a_connection_when_it_says_so(croft, https):
    def asked(connection, name, token="good token"):
        before = last_event(croft)[1] if "EVENT" in croft.run("functions", "logs", "judge").stdout else 0
        for _ in range(3):
            connection.ask("POST", "/topics/http/a", b"x", {NAME: name, "tok": token})
        return last_event(croft)[1] - before

    assert asked(https, "open") == 3
    assert asked(https, "cached") == 1
    assert asked(Https(croft, trusting(croft)), "cached") == 1
    assert asked(https, "cached", "other") == 3  # a refusal is not kept
