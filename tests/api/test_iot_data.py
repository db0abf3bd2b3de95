"""The data plane over HTTP, by signed requests: publish, retained messages, connections.

AWS IoT API Reference, "AWS IoT data". What the installed SDK does not know yet is asked by requests of one's own.
"""

import base64
import json
import os
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from conftest import wait_until
from mqtt_wire import (DISCONNECT, PUBACK, PUBLISH, SUBACK, V3, V5, Wire, connect, device, packet, publish, reason, subscribe,
                       text, user_property, variable)


@pytest.fixture(scope="module")
def data(croft):
    return croft.client("iot-data")


@pytest.fixture
def topic():
    return "t/" + uuid.uuid4().hex


def ask(croft, method, path, body=b"", headers=None, service="iotdata"):
    """(status, headers in lower case, body)."""
    request = AWSRequest(method, croft.endpoints["gateway"] + path, headers or {}, body)
    credentials = Credentials(croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"])
    if service:
        SigV4Auth(credentials, service, croft.credentials["region"]).add_auth(request)
    wire = urllib.request.Request(request.url, body or None, dict(request.headers), method=method)
    try:
        with urllib.request.urlopen(wire, timeout=10) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, {k.lower(): v for k, v in answer.headers.items()}, answer.read()


def refusal(answer):
    status, headers, body = answer
    return headers.get("x-amzn-errortype"), status, json.loads(body)["message"]


def told(answer):
    assert answer[0] == 200, answer
    return json.loads(answer[2])


def hears(croft, *filters, version=V5, qos=1):
    wire = device(croft, f"hears-{time.time_ns()}", version)
    assert wire.send(subscribe(*filters, version=version, qos=qos)).packet()[0] == SUBACK
    return wire


def invalid(message):
    return "InvalidRequestException", 400, message


NOT_FOUND = ("ResourceNotFoundException", 404, "The specified resource does not exist.")


# Publish.

def test_the_answer(croft, topic):
    status, headers, body = ask(croft, "POST", "/topics/" + topic)
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"message": "OK", "traceId": headers["x-amzn-requestid"]}
    assert str(uuid.UUID(headers["x-amzn-requestid"])) == headers["x-amzn-requestid"]


@pytest.mark.parametrize("service", ["iotdata", "iotdevicegateway"])
@pytest.mark.parametrize("path", ["/topics/path%2Fa", "/topics/path/a"])
def test_both_service_names_and_both_forms_of_a_topic(croft, service, path):
    listener = hears(croft, "path/a")
    assert told(ask(croft, "POST", path, b"x", service=service))["message"] == "OK"
    assert listener.packet()[1].endswith(b"x")


@pytest.mark.parametrize("version", [V3, V5])
@pytest.mark.parametrize("qos", [0, 1])
def test_subscribers_get_it_with_its_qos(croft, data, topic, version, qos):
    listener = hears(croft, topic, version=version)
    payload = os.urandom(1000)
    begun = time.monotonic()
    data.publish(topic=topic, qos=qos, payload=payload)
    first, body = listener.packet()
    assert time.monotonic() - begun < 0.15, "at once, not with the broker's next tick"
    assert (first, body[-1000:]) == (PUBLISH | qos << 1, payload)
    assert listener.is_silent()


def test_subscribers_on_every_shard_get_it(croft, data, topic):
    listeners = [hears(croft, topic) for _ in range(8)]
    data.publish(topic=topic, qos=1, payload=b"all")
    assert all(listener.packet()[1].endswith(b"all") for listener in listeners)


def test_messages_on_one_topic_keep_their_order(croft, data, topic):
    listener = hears(croft, topic)
    for n in range(50):
        data.publish(topic=topic, qos=1, payload=b"%d" % n)
    for n in range(50):
        first, body = listener.packet()
        assert body.endswith(b"\x00%d" % n), n
        listener.send(packet(PUBACK, body[2 + len(topic):4 + len(topic)]))


@pytest.mark.parametrize("path, body", [
    ("?qos=1", b""), ("", b""), ("?qos=0", b'{"not":"read"'), ("", b"Version=2010-05-08&Action=Any"), ("", b"\x00\xff")])
def test_any_body_is_a_payload(croft, topic, path, body):
    listener = hears(croft, topic)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert told(ask(croft, "POST", f"/topics/{topic}{path}", body, headers))["message"] == "OK"
    assert listener.packet()[1].endswith(b"\x00" + body)


def test_mqtt_5_properties(croft, data, topic):
    listener = hears(croft, topic)
    data.publish(topic=topic, qos=0, payload=b"p", contentType="text/plain", responseTopic="answer/here", messageExpiry=60,
                 correlationData=base64.b64encode(b"\x00\x01").decode(), payloadFormatIndicator="UTF8_DATA",
                 userProperties=[{"b": "1"}, {"a": "2"}, {"b": "3"}])
    body = listener.packet()[1]
    block = body[2 + len(topic) + 1:-1]
    left_s = 60 if b"\x02\x00\x00\x00\x3c" in block else 59  # what is left of it is sent on
    parts = [b"\x01\x01", b"\x02\x00\x00\x00" + bytes([left_s]), b"\x03" + text("text/plain"), b"\x08" + text("answer/here"),
             b"\x09" + text(b"\x00\x01"), user_property("b", "1") + user_property("a", "2") + user_property("b", "3")]
    assert [part for part in parts if part not in block] == []
    assert body[2 + len(topic)] == len(block) == sum(map(len, parts)), "and nothing else"


def test_user_properties_may_be_the_text_of_json(croft, data, topic):
    """As the CLI is given them."""
    listener = hears(croft, topic)
    data.publish(topic=topic, payload=b"p", userProperties='[{"name": "value"}]')
    assert user_property("name", "value") in listener.packet()[1]


def test_an_expired_message_is_not_delivered(croft, data, topic):
    away = device(croft, "away-expiry", clean=False, block=b"\x11\x00\x00\x0e\x10")
    away.send(subscribe(topic)).packet()
    away.send(packet(DISCONNECT, b"")).is_closed()
    data.publish(topic=topic, qos=1, payload=b"short", messageExpiry=1)
    data.publish(topic=topic, qos=1, payload=b"long", messageExpiry=600)
    time.sleep(1.2)
    with device(croft, "away-expiry", clean=False, block=b"\x11\x00\x00\x0e\x10") as back:
        assert back.packet()[1].endswith(b"long")
        assert back.is_silent()


CONSTRAINT = ("1 validation error detected: Value '{}' at 'qos' failed to satisfy constraint: Member must have value {} "
              "than or equal to {}")
FORMATS = ("1 validation error detected: Value 'utf8' at 'payloadFormatIndicator' failed to satisfy constraint: Member must "
           "satisfy enum value set: [UNSPECIFIED_BYTES, UTF8_DATA]")


@pytest.mark.parametrize("path, message", [
    ("a?qos=2", CONSTRAINT.format(2, "less", 1)), ("a?qos=-1", CONSTRAINT.format(-1, "greater", 0)),
    ("a?qos=one", "The value of 'qos' is of the wrong type"), ("a?retain=yes", "The value of 'retain' is of the wrong type"),
    ("a?qos=1&qos=1", "The value of 'qos' is of the wrong type"),
    ("a?responseTopic=%23", "Invalid responseTopic"), ("a?messageExpiry=-1", "Invalid messageExpiry"),
    ("a?contentType=" + "x" * 257, "Invalid contentType"),
    ("%23", "Invalid topic"), ("a/+/b", "Invalid topic"), ("a%00", "Invalid topic"),
    ("$aws/things/a/shadow/update/accepted", "Invalid topic"), ("$SYS/a", "Invalid topic"),
    ("$aws/events/presence/connected/a", "Invalid topic"),
    ("a/" * 8 + "a", "Invalid topic"), ("x" * 257, "Invalid topic"), ("$aws/rules/r/a?retain=true", "Invalid topic")])
def test_what_is_invalid(croft, path, message):
    watcher = hears(croft, "#")
    assert refusal(ask(croft, "POST", "/topics/" + path, b"x")) == invalid(message)
    assert watcher.is_silent(0.1)


@pytest.mark.parametrize("header, value, message", [
    ("payload-format-indicator", b"utf8", FORMATS), ("correlation-data", b"***", "The value of 'correlationData' is not base64"),
    ("correlation-data", base64.b64encode(b"x" * 8193), "'correlationData' must not be longer than 8 KB"),
    ("user-properties", b"***", "The value of 'userProperties' is not base64"),
    ("user-properties", base64.b64encode(b"{}"), "'userProperties' must be a JSON array of objects"),
    ("user-properties", base64.b64encode(b'[{"a":1}]'), "Each entry of 'userProperties' must be an object with one string"),
    ("user-properties", base64.b64encode(b'[{"a":"1","b":"2"}]'),
     "Each entry of 'userProperties' must be an object with one string"),
    ("user-properties", base64.b64encode(b'[{"a":"%s"}]' % (b"x" * 8192)), "'userProperties' must not be longer than 8 KB")])
def test_headers_that_are_invalid(croft, topic, header, value, message):
    headers = {"x-amz-mqtt5-" + header: value.decode()}
    assert refusal(ask(croft, "POST", "/topics/" + topic, b"x", headers)) == invalid(message)


def test_a_message_has_128_kb(croft, data, topic):
    listener = hears(croft, topic)
    data.publish(topic=topic, payload=b"x" * 131_072)
    assert listener.packet()[1].endswith(b"x" * 131_072)
    with pytest.raises(ClientError) as refused:
        data.publish(topic=topic, payload=b"x" * 131_073)
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]) == (
        "RequestEntityTooLargeException", 413, "The payload exceeds the maximum size allowed.")
    assert listener.is_silent()


def test_who_may_publish(croft, topic):
    listener = hears(croft, topic)
    unsigned = ask(croft, "POST", "/topics/" + topic, b"x", service=None)
    assert refusal(unsigned) == ("ForbiddenException", 403, "Missing Authentication Token")
    assert json.loads(unsigned[2])["traceId"] == unsigned[1]["x-amzn-requestid"]
    assert ask(croft, "POST", "/topics/" + topic, b"x", service="s3")[0] == 400
    assert ask(croft, "POST", "/topics/" + topic, b"x", service="iot")[0] == 403
    with pytest.raises(ClientError) as refused:
        croft.client("iot-data", secret="wrong").publish(topic=topic, payload=b"x")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert listener.is_silent()


def test_rules_see_it_as_a_message_without_client(croft, data, topic):
    iot = croft.client("iot")
    listener = hears(croft, "seen/" + topic, "seen/ingest")
    rule = lambda sql, to: {"sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": [{"republish": {
        "topic": to, "roleArn": "arn:aws:iam::000000000000:role/r"}}]}
    select = "SELECT clientid() AS client, topic() AS topic, principal() AS principal, sourceip() AS ip, traceid() AS trace, a"
    iot.create_topic_rule(ruleName="seen", topicRulePayload=rule(f"{select} FROM '{topic}'", "seen/" + topic))
    iot.create_topic_rule(ruleName="ingest", topicRulePayload=rule(f"{select} FROM 'nowhere'", "seen/ingest"))
    try:
        for published, seen in (topic, topic), ("$aws/rules/ingest/x/y", "x/y"):
            data.publish(topic=published, qos=1, payload=b'{"a":1}')
            body = listener.packet()[1]
            who = croft.client("sts").get_caller_identity()["UserId"]
            assert json.loads(body[body.index(b"{"):]) == {
                "client": "n/a", "topic": seen, "principal": who, "ip": "127.0.0.1", "a": 1}
    finally:
        for name in "seen", "ingest":
            iot.delete_topic_rule(ruleName=name)


def test_the_command_line_of_aws(croft, topic):
    listener = hears(croft, topic)
    done = subprocess.run(["/usr/bin/aws", "--endpoint-url", croft.endpoints["gateway"], "iot-data", "publish", "--topic", topic,
                           "--qos", "1", "--payload", "from the cli", "--cli-binary-format", "raw-in-base64-out"],
                          env=croft.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert listener.packet()[1].endswith(b"from the cli")


# Retained messages.

def test_a_retained_message_is_kept_read_and_deleted(croft, data, topic):
    data.publish(topic=topic, qos=1, retain=True, payload=b"\x00kept", userProperties=[{"a": "b"}])
    answer = data.get_retained_message(topic=topic)
    assert (answer["topic"], answer["payload"], answer["qos"]) == (topic, b"\x00kept", 1)
    raw = told(ask(croft, "GET", "/retainedMessage/" + topic.replace("/", "%2F")))
    assert raw["payload"] == base64.b64encode(b"\x00kept").decode()
    assert json.loads(base64.b64decode(raw["userProperties"])) == [{"a": "b"}]
    listener = hears(croft, topic)
    assert listener.packet()[0] == PUBLISH | 3

    data.publish(topic=topic, retain=True, payload=b"")
    assert listener.packet()[0] == PUBLISH
    assert refusal(ask(croft, "GET", "/retainedMessage/" + topic)) == NOT_FOUND


def test_what_a_device_retained_is_read(croft, data, topic):
    sender = device(croft, "retains")
    sender.send(publish(topic, b"by mqtt", qos=1, retain=True)).packet()
    raw = told(ask(croft, "GET", "/retainedMessage/" + topic))
    assert (raw["payload"], raw["qos"], raw["userProperties"]) == (base64.b64encode(b"by mqtt").decode(), 1, None)


def test_a_retained_message_is_found_by_its_topic_alone(croft, data, topic):
    data.publish(topic=topic, retain=True, payload=b"x")
    assert refusal(ask(croft, "GET", "/retainedMessage/t/%2B")) == invalid("Invalid topic")
    assert refusal(ask(croft, "GET", "/retainedMessage/t")) == NOT_FOUND


def test_retained_messages_are_listed_in_pages(fresh_croft):
    croft = fresh_croft()
    data = croft.client("iot-data")
    assert data.list_retained_messages()["retainedTopics"] == []
    for n in range(7):
        data.publish(topic=f"page/{n}", qos=n % 2, retain=True, payload=b"x" * n or b"zero")
    data.publish(topic="page/gone", retain=True, payload=b"x", messageExpiry=1)
    wait_until(lambda: len(data.list_retained_messages()["retainedTopics"]) == 7, what="the end of an expired one")
    pages = list(data.get_paginator("list_retained_messages").paginate(PaginationConfig={"PageSize": 3}))
    assert [len(page["retainedTopics"]) for page in pages] == [3, 3, 1]
    listed = [summary for page in pages for summary in page["retainedTopics"]]
    assert [(m["topic"], m["payloadSize"], m["qos"]) for m in listed] == [
        (f"page/{n}", n or 4, n % 2) for n in range(7)]
    bounds = ("1 validation error detected: Value '{}' at 'maxResults' failed to satisfy constraint: Member must have value {} "
              "than or equal to {}")
    assert refusal(ask(croft, "GET", "/retainedMessage?maxResults=0")) == invalid(bounds.format(0, "greater", 1))
    assert refusal(ask(croft, "GET", "/retainedMessage?maxResults=201")) == invalid(bounds.format(201, "less", 200))
    assert refusal(ask(croft, "GET", "/retainedMessage?nextToken=abc")) == invalid("Invalid nextToken")


# Connections.

def connection(croft, client_id, query=""):
    return ask(croft, "GET", "/connections/" + client_id + query)


def test_a_connection_is_seen_while_it_is_there_and_after(croft):
    begun = time.time() * 1000 - 1000
    with device(croft, "seen", keep_alive=45) as wire:
        seen = told(connection(croft, "seen"))
        assert begun < seen.pop("connectedSince") < time.time() * 1000 + 1000
        assert seen == {"clientId": "seen", "connected": True, "cleanSession": True, "keepAliveDuration": 45, "sessionExpiry": 0}
        assert told(connection(croft, "seen", "?includeSocketInformation=TRUE"))["sourceIp"] == "127.0.0.1"
        wire.send(packet(DISCONNECT, b"")).is_closed()
    seen = told(connection(croft, "seen"))
    assert begun < seen.pop("disconnectedSince") < time.time() * 1000 + 1000
    assert seen == {"clientId": "seen", "connected": False, "cleanSession": True, "keepAliveDuration": 45, "sessionExpiry": 0,
                    "disconnectReason": "CLIENT_INITIATED_DISCONNECT"}


def test_a_persistent_session_is_told(croft):
    with device(croft, "kept/a", clean=False, block=b"\x11\x00\x00\x02\x58"):
        seen = told(connection(croft, "kept%2Fa"))
        assert (seen["clientId"], seen["cleanSession"], seen["sessionExpiry"]) == ("kept/a", False, 600)


def test_who_never_came_is_not_found(croft):
    assert refusal(connection(croft, "never")) == NOT_FOUND
    assert refusal(connection(croft, "never/subscriptions")) == NOT_FOUND
    assert refusal(ask(croft, "DELETE", "/connections/never")) == NOT_FOUND


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("client_id, value, rule", [
    ("$a", "$a", "satisfy regular expression pattern: ^[^$].*"), ("x" * 129, "x" * 129, "have length less than or equal to 128")])
def test_client_ids_that_cannot_be(croft, method, client_id, value, rule):
    assert refusal(ask(croft, method, "/connections/" + client_id)) == invalid(
        f"1 validation error detected: Value '{value}' at 'clientId' failed to satisfy constraint: Member must {rule}")


def will(topic):
    return dict(will=variable(0) + text(topic) + text("will"), flags=4)


def test_a_connection_is_ended(croft):
    watcher = hears(croft, "$aws/events/presence/disconnected/ended", "will/ended", qos=0)
    wire = device(croft, "ended", **will("will/ended"))
    status, headers, body = ask(croft, "DELETE", "/connections/ended")
    assert (status, body) == (200, b"")
    assert reason(wire.packet()) == (DISCONNECT, 0x98)
    assert wire.is_closed()
    packets = sorted((body for _, body in watcher.packets(2)), key=len)
    assert packets[0].endswith(b"will")
    event = json.loads(packets[1][packets[1].index(b"{"):])
    assert (event["disconnectReason"], event["clientInitiatedDisconnect"]) == ("API_INITIATED_DISCONNECT", False)
    assert told(connection(croft, "ended"))["disconnectReason"] == "API_INITIATED_DISCONNECT"
    assert refusal(ask(croft, "DELETE", "/connections/ended")) == NOT_FOUND
    device(croft, "ended").socket.close()


def test_an_old_client_is_just_closed(croft):
    wire = device(croft, "ended-v3", V3)
    assert ask(croft, "DELETE", "/connections/ended-v3")[0] == 200
    assert wire.is_closed()


def test_the_will_can_be_prevented(croft):
    watcher = hears(croft, "will/prevented")
    wire = device(croft, "prevented", **will("will/prevented"))
    assert ask(croft, "DELETE", "/connections/prevented?preventWillMessage=true")[0] == 200
    assert wire.packet()[0] == DISCONNECT
    assert watcher.is_silent()


@pytest.mark.parametrize("query, present", [("", 1), ("?cleanSession=false", 1), ("?cleanSession=TRUE", 0)])
def test_the_session_stays_unless_it_is_to_be_cleaned(croft, query, present):
    client_id, hour = f"session-{present}-{len(query)}", b"\x11\x00\x00\x0e\x10"
    wire = device(croft, client_id, clean=False, block=hour)
    wire.send(subscribe("session/a")).packet()
    assert ask(croft, "DELETE", f"/connections/{client_id}{query}")[0] == 200
    assert wire.packet()[0] == DISCONNECT
    left = ask(croft, "GET", f"/connections/{client_id}/subscriptions")
    assert told(left)["subscriptions"] == [{"topicFilter": "session/a", "qos": 1}] if present else refusal(left) == NOT_FOUND
    with Wire(croft.port("mqtt")) as again:
        assert again.send(connect(client_id, clean=False, block=hour)).packet()[1][0] == present


def test_subscriptions_are_listed_in_pages(croft):
    with device(croft, "subscribes") as wire:
        filters = sorted(f"s/{n:02}/+" for n in range(24))
        for at in range(0, 24, 8):
            wire.send(subscribe(*filters[at:at + 8], qos=at and 1)).packet()
        wire.send(subscribe("$share/g/s/#", qos=1)).packet()
        filters.insert(0, "$share/g/s/#")
        path, listed, sizes, token = "/connections/subscribes/subscriptions", [], [], ""
        while True:
            page = told(ask(croft, "GET", path + (f"?nextToken={urllib.parse.quote(token, safe='')}" if token else "")))
            listed += page["subscriptions"]
            sizes.append(len(page["subscriptions"]))
            if "nextToken" not in page:
                break
            token = page["nextToken"]
        assert sizes == [20, 5]
        assert [s["topicFilter"] for s in listed] == filters
        assert [s["qos"] for s in listed] == [1] + [0] * 8 + [1] * 16
        assert len(told(ask(croft, "GET", path + "?maxResults=200"))["subscriptions"]) == 25
        assert ask(croft, "GET", path + "?maxResults=201")[0] == 400


# What is not there.

@pytest.mark.parametrize("method, path", [
    ("GET", "/things/a/shadows"), ("PUT", "/things/a/shadow"), ("POST", "/connections/a/messages?topic=b"),
    ("GET", "/topics/a"), ("POST", "/topics/"), ("POST", "/topics")])
def test_the_rest_is_refused(croft, method, path):
    message = f"Unknown operation {method} {path.split('?')[0]}"
    assert refusal(ask(croft, method, path)) == ("UnknownOperationException", 404, message)
