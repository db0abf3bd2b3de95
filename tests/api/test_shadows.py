"""Device shadows by HTTP and by MQTT.

AWS IoT developer guide, "Device Shadow service documents", "Device shadow topics", "Device Shadow REST API", "Device Shadow
error messages"; API reference, "AWS IoT data".
"""

import json
import time
import uuid

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from conftest import wait_until
from device_certificate import FORBIDDEN, DeviceCertificate, Https, allow
from mqtt_wire import PUBACK, V3, V5, Client, publish, reason

LEAF = {"timestamp": "now"}


@pytest.fixture(scope="module")
def data(croft):
    return croft.client("iot-data")


@pytest.fixture
def thing():
    return "thing-" + uuid.uuid4().hex[:8]


class Shadow:
    def __init__(self, data, thing, name=None):
        self.data, self.key = data, {"thingName": thing, **({"shadowName": name} if name else {})}

    def update(self, desired=..., reported=..., **more):
        state = {name: value for name, value in (("desired", desired), ("reported", reported)) if value is not ...}
        return self.send({"state": state, **more})

    def send(self, document):
        payload = document if isinstance(document, bytes) else json.dumps(document).encode()
        return json.loads(self.data.update_thing_shadow(**self.key, payload=payload)["payload"].read())

    def get(self):
        return json.loads(self.data.get_thing_shadow(**self.key)["payload"].read())

    def delete(self):
        return json.loads(self.data.delete_thing_shadow(**self.key)["payload"].read())


@pytest.fixture
def shadow(data, thing):
    return Shadow(data, thing)


def timed(value):
    """Each timestamp replaced by "now", when it is of the last minute."""
    if isinstance(value, list):
        return [timed(each) for each in value]
    if not isinstance(value, dict):
        return value
    fresh = {name: timed(each) for name, each in value.items()}
    if isinstance(value.get("timestamp"), int):
        assert abs(value["timestamp"] - time.time()) < 60
        fresh["timestamp"] = "now"
    return fresh


def refusal(call, *arguments, **more):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **more)
    error = refused.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Message"]


def invalid(message):
    return "InvalidRequestException", 400, message


# Documents by HTTP.

def test_an_update_answers_what_it_said(shadow):
    answer = shadow.update({"color": "red", "size": {"x": 1}}, clientToken="t-1")

    assert timed(answer) == {"state": {"desired": {"color": "red", "size": {"x": 1}}},
                             "metadata": {"desired": {"color": LEAF, "size": {"x": LEAF}}},
                             "version": 1, "timestamp": "now", "clientToken": "t-1"}


def test_the_whole_document_has_the_difference(shadow):
    shadow.update({"a": 1, "b": {"x": 1, "y": 2}, "list": [1, 2]})
    shadow.update(reported={"a": 1, "b": {"x": 1, "y": 3}, "list": [2], "own": True})

    assert timed(shadow.get()) == {
        "state": {"desired": {"a": 1, "b": {"x": 1, "y": 2}, "list": [1, 2]},
                  "reported": {"a": 1, "b": {"x": 1, "y": 3}, "list": [2], "own": True},
                  "delta": {"b": {"y": 2}, "list": [1, 2]}},
        "metadata": {"desired": {"a": LEAF, "b": {"x": LEAF, "y": LEAF}, "list": [LEAF, LEAF]},
                     "reported": {"a": LEAF, "b": {"x": LEAF, "y": LEAF}, "list": [LEAF], "own": LEAF}},
        "version": 2, "timestamp": "now"}


def test_without_a_difference_there_is_no_delta(shadow):
    shadow.update({"n": 1}, {"n": 1.0, "more": 2})

    assert shadow.get()["state"] == {"desired": {"n": 1}, "reported": {"n": 1, "more": 2}}


@pytest.mark.parametrize("update, after", [
    ({"a": {"x": 9}}, {"a": {"x": 9, "y": 2}, "b": [1]}),
    ({"a": {"x": None}}, {"a": {"y": 2}, "b": [1]}),
    ({"a": {"x": None, "y": None}}, {"b": [1]}),
    ({"a": None, "b": None}, None),
    ({"b": [{"c": 1}]}, {"a": {"x": 1, "y": 2}, "b": [{"c": 1}]}),
    ({"a": 5}, {"a": 5, "b": [1]}),
    ({"b": {"c": {"d": None}}}, {"a": {"x": 1, "y": 2}}),
    ({"new": {"p": 1, "q": None}}, {"a": {"x": 1, "y": 2}, "b": [1], "new": {"p": 1}}),
    ({"b": {}}, {"a": {"x": 1, "y": 2}}),
    ({}, {"a": {"x": 1, "y": 2}, "b": [1]}),
    (None, None),
])
def test_updates_are_merged(shadow, update, after):
    shadow.update(reported={"a": {"x": 1, "y": 2}, "b": [1]})
    shadow.update(reported=update)

    document = shadow.get()
    assert document["version"] == 2
    assert document["state"].get("reported") == after
    leaves = lambda value: {k: leaves(v) for k, v in value.items()} if isinstance(value, dict) else [
        leaves(v) for v in value] if isinstance(value, list) else LEAF
    assert timed(document["metadata"]) == ({} if after is None else {"reported": leaves(after)})


def test_metadata_tells_when_each_member_changed(shadow):
    shadow.update(reported={"old": 1, "both": {"old": 1, "new": 1}})
    before = shadow.get()["metadata"]["reported"]
    time.sleep(1.1)
    shadow.update(reported={"both": {"new": 1}})

    after = shadow.get()["metadata"]["reported"]
    assert after["old"] == before["old"] and after["both"]["old"] == before["both"]["old"]
    assert after["both"]["new"]["timestamp"] > before["both"]["new"]["timestamp"]


def test_versions(shadow):
    assert shadow.update({"a": 1}, version=0)["version"] == 1
    assert shadow.update({"a": 2}, version=1)["version"] == 2
    assert refusal(shadow.update, {"a": 3}, version=1) == ("ConflictException", 409, "Version conflict")
    assert refusal(shadow.update, {"a": 3}, version=3) == ("ConflictException", 409, "Version conflict")
    assert shadow.get()["state"]["desired"] == {"a": 2}


def test_a_deleted_shadow_goes_on_counting(shadow, thing):
    shadow.update({"a": 1})
    shadow.update({"a": 2})

    assert timed(shadow.delete()) == {"version": 2, "timestamp": "now"}
    missing = ("ResourceNotFoundException", 404, f"No shadow exists with name: '{thing}'")
    assert refusal(shadow.get) == refusal(shadow.delete) == missing
    assert shadow.update({"b": 1})["version"] == 3
    assert shadow.get()["state"] == {"desired": {"b": 1}, "delta": {"b": 1}}


def test_a_refusal_by_http_has_the_services_code(croft, thing):
    assert raw(croft, "GET", f"/things/{thing}/shadow") == (
        404, "ResourceNotFoundException", {"message": f"No shadow exists with name: '{thing}'", "code": 404})


@pytest.mark.parametrize("body, message", [
    (b"", "Invalid JSON"), (b"{", "Invalid JSON"), (b"[]", "Invalid JSON"), (b"1", "Invalid JSON"),
    (b'{"state":{}} x', "Invalid JSON"),
    (b"{}", "Missing required node: state"), (b'{"desired":{}}', "Missing required node: state"),
    (b'{"state":1}', "State node must be an object"), (b'{"state":null}', "State node must be an object"),
    (b'{"state":{"desired":1}}', "Desired node must be an object"),
    (b'{"state":{"reported":[]}}', "Reported node must be an object"),
    (b'{"state":{"delta":{}}}', "State contains an invalid node"),
    (b'{"state":{"desired":{"a":[1,null]}}}', "State contains an invalid node"),
    (b'{"state":{},"version":"1"}', "Invalid version"), (b'{"state":{},"version":-1}', "Invalid version"),
    (b'{"state":{},"version":1.5}', "Invalid version"),
    (b'{"state":{},"clientToken":1}', "Invalid clientToken"),
    (b'{"state":{},"clientToken":"%s"}' % (b"x" * 65), "Invalid clientToken"),
    (b'{"state":{"desired":' + b'{"a":' * 9 + b"1" + b"}" * 9 + b"}}", "JSON contains too many levels of nesting; maximum is 6"),
    (b'{"state":{"desired":{"a":' + b"[" * 500 + b"1" + b"]" * 500 + b"}}}", "Invalid JSON"),
])
def test_refused_documents(shadow, body, message):
    assert refusal(shadow.send, body) == invalid(message)
    assert refusal(shadow.get)[1] == 404


def test_eight_levels_and_long_tokens_are_taken(shadow):
    deep = json.loads('{"a":' * 8 + "1" + "}" * 8)

    assert shadow.update(deep, clientToken="x" * 64)["clientToken"] == "x" * 64
    assert shadow.get()["state"]["desired"] == deep


def test_text_of_another_encoding(shadow):
    assert refusal(shadow.send, b'{"state":{"desired":{"a":"\xff"}}}') == (
        "UnsupportedDocumentEncodingException", 415, "Unsupported documented encoding; supported encoding is UTF-8")


def test_eight_kilobytes_of_state(shadow):
    room = 8 * 1024 - len('{"desired":{"a":""}}')
    too_large = ("RequestEntityTooLargeException", 413, "The payload exceeds the maximum size allowed")

    assert shadow.update({"a": "x" * room})["version"] == 1
    assert refusal(shadow.update, {"b": 1}) == too_large
    assert refusal(shadow.update, {"a": "x" * (room + 1)}) == too_large
    assert refusal(shadow.send, b" " * (128 * 1024 + 1)) == too_large
    assert shadow.get()["version"] == 1


# Named shadows.

def test_named_shadows_are_apart(data, thing, shadow):
    named = Shadow(data, thing, "config:1")
    named.update({"a": 1})
    shadow.update({"b": 1})

    assert named.get()["state"]["desired"] == {"a": 1}
    assert shadow.get()["state"]["desired"] == {"b": 1}
    assert refusal(Shadow(data, thing, "other").get) == (
        "ResourceNotFoundException", 404, f"No shadow exists with name: '{thing}~other'")


def test_the_list_of_named_shadows(data, thing, shadow):
    shadow.update({"classic": "is not listed"})
    for name in ("c", "a", "b", "gone"):
        Shadow(data, thing, name).update({"x": 1})
    Shadow(data, thing, "gone").delete()
    Shadow(data, thing + "-2", "of-another").update({"x": 1})

    answer = data.list_named_shadows_for_thing(thingName=thing)
    assert (answer["results"], "nextToken" in answer) == (["a", "b", "c"], False)
    assert abs(answer["timestamp"] - time.time()) < 60
    first = data.list_named_shadows_for_thing(thingName=thing, pageSize=2)
    second = data.list_named_shadows_for_thing(thingName=thing, pageSize=2, nextToken=first["nextToken"])
    assert (first["results"], second["results"], "nextToken" in second) == (["a", "b"], ["c"], False)
    assert data.list_named_shadows_for_thing(thingName="nobody")["results"] == []


def test_names_are_checked(croft, data, thing):
    at = "1 validation error detected: Value "
    assert raw(croft, "GET", "/things/bad%20name/shadow")[2]["message"].startswith(at + "'bad name' at 'thingName' failed")
    assert raw(croft, "GET", f"/things/{thing}/shadow?name=a%2Fb")[2]["message"] == (
        at + "'a/b' at 'shadowName' failed to satisfy constraint: Member must satisfy regular expression pattern: "
        "[$a-zA-Z0-9:_-]+")
    assert raw(croft, "POST", f"/things/{thing}/shadow?name=" + "n" * 65, b'{"state":{}}')[:2] == (400, "InvalidRequestException")
    path = f"/api/things/shadow/ListNamedShadowsForThing/{thing}?pageSize="
    assert raw(croft, "GET", path + "0")[2]["message"].endswith("Member must have value greater than or equal to 1")
    assert raw(croft, "GET", path + "101")[2]["message"].endswith("Member must have value less than or equal to 100")


def raw(croft, method, path, body=b""):
    """Status, error code and document."""
    request = AWSRequest(method, croft.endpoints["gateway"] + path, data=body)
    keys = Credentials(croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"])
    SigV4Auth(keys, "iotdata", croft.credentials["region"]).add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    return answer.status_code, answer.headers.get("x-amzn-errortype"), json.loads(answer.content)


# Rights, durability.

def test_a_certificate_needs_the_action_on_the_thing(fresh_croft, tmp_path):
    croft = fresh_croft("--https-port", "0")
    certificate = DeviceCertificate(croft, tmp_path, allow("GetThingShadow", "thing/mine", "thing/mine/named"),
                                    allow("UpdateThingShadow", "thing/mine"), allow("ListNamedShadowsForThing", "thing/mine"))
    ask = Https(croft, certificate.context(), "https").ask

    assert ask("POST", "/things/mine/shadow", b'{"state":{"desired":{"a":1}}}').status == 200
    assert ask("GET", "/things/mine/shadow").json()["state"]["desired"] == {"a": 1}
    assert ask("GET", "/things/mine/shadow?name=named").status == 404
    assert ask("GET", "/things/mine/shadow?name=other").refusal == FORBIDDEN
    assert ask("POST", "/things/mine/shadow?name=named", b'{"state":{}}').refusal == FORBIDDEN
    assert ask("DELETE", "/things/mine/shadow").refusal == FORBIDDEN
    assert ask("GET", "/things/other/shadow").refusal == FORBIDDEN
    assert ask("GET", "/api/things/shadow/ListNamedShadowsForThing/mine").json()["results"] == []
    assert ask("GET", "/api/things/shadow/ListNamedShadowsForThing/other").refusal == FORBIDDEN


def test_what_was_answered_outlives_a_crash(fresh_croft):
    croft = fresh_croft()
    for n in range(20):
        Shadow(croft.client("iot-data"), f"t{n}").update({"n": n}, {"r": [n]})
    Shadow(croft.client("iot-data"), "t0").delete()
    before = Shadow(croft.client("iot-data"), "t7").get()
    croft.kill()
    croft.start()

    data = croft.client("iot-data")
    assert [Shadow(data, f"t{n}").get()["state"]["reported"] for n in range(1, 20)] == [{"r": [n]} for n in range(1, 20)]
    after = Shadow(data, "t7").get()
    assert {**after, "timestamp": 0} == {**before, "timestamp": 0}
    assert Shadow(data, "t0").update({})["version"] == 2


# By MQTT.

class Listener:
    """A device that asks for its shadow, and hears what is answered."""

    def __init__(self, croft, thing, name=None, version=V5):
        self.base = f"$aws/things/{thing}/shadow/" + (f"name/{name}/" if name else "")
        self.client = Client(croft, "c-" + uuid.uuid4().hex[:8], version)
        answers = ["get/accepted", "get/rejected", "update/accepted", "update/rejected", "update/delta", "update/documents",
                   "delete/accepted", "delete/rejected"]
        assert all(code <= 1 for code in self.client.subscribe(*(self.base + each for each in answers), qos=0))

    def ask(self, verb, document=b"", qos=0):
        self.client.publish(self.base + verb, document if isinstance(document, bytes) else json.dumps(document).encode(), qos=qos)

    def hears(self):
        message = self.client.message()
        assert message.topic.startswith(self.base)
        return message.topic.removeprefix(self.base), timed(json.loads(message.payload))


@pytest.mark.parametrize("version", [V3, V5])
@pytest.mark.parametrize("name", [None, "named"])
def test_a_device_and_its_shadow(croft, thing, name, version):
    device = Listener(croft, thing, name, version)
    shown = thing + (f"~{name}" if name else "")

    device.ask("get", {"clientToken": "first"})
    missing = {"code": 404, "message": f"No shadow exists with name: '{shown}'"}
    assert device.hears() == ("get/rejected", {**missing, "clientToken": "first"})
    device.ask("update", {"state": {"desired": {"on": True}}, "clientToken": "second"})
    metadata = {"desired": {"on": LEAF}}
    assert device.hears() == ("update/accepted", {"state": {"desired": {"on": True}}, "metadata": metadata, "version": 1,
                                                  "timestamp": "now", "clientToken": "second"})
    assert device.hears() == ("update/delta", {"state": {"on": True}, "metadata": {"on": LEAF}, "version": 1, "timestamp": "now",
                                               "clientToken": "second"})
    assert device.hears() == ("update/documents", {
        "previous": {"state": {}, "metadata": {}, "version": 0},
        "current": {"state": {"desired": {"on": True}}, "metadata": metadata, "version": 1}, "timestamp": "now",
        "clientToken": "second"})
    device.ask("update", {"state": {"reported": {"on": True}}})
    assert [device.hears()[0] for _ in range(2)] == ["update/accepted", "update/documents"]
    device.ask("get")
    topic, document = device.hears()
    assert (topic, document["version"]) == ("get/accepted", 2)
    assert document["state"] == {"desired": {"on": True}, "reported": {"on": True}}
    device.ask("update", {"state": {"reported": {"on": False}}, "version": 1, "clientToken": "late"})
    assert device.hears() == ("update/rejected", {"code": 409, "message": "Version conflict", "clientToken": "late"})
    device.ask("update", b"no JSON")
    assert device.hears() == ("update/rejected", {"code": 400, "message": "Invalid JSON"})
    device.ask("delete")
    assert device.hears() == ("delete/accepted", {"version": 2, "timestamp": "now"})
    device.ask("delete")
    assert device.hears() == ("delete/rejected", missing)
    assert device.client.is_silent()


def test_updates_by_http_are_told_and_refusals_are_not(croft, thing, shadow):
    device = Listener(croft, thing)
    refusal(shadow.send, b"{}")
    refusal(shadow.get)
    shadow.update({"a": 1}, clientToken="http")
    shadow.get()
    shadow.delete()

    heard = [device.hears() for _ in range(4)]
    assert [topic for topic, _ in heard] == ["update/accepted", "update/delta", "update/documents", "delete/accepted"]
    assert {document.get("clientToken") for _, document in heard[:3]} == {"http"}
    assert device.client.is_silent()


def test_requests_for_one_thing_are_answered_in_their_order(croft, thing):
    device = Listener(croft, thing)
    for n in range(100):
        device.ask("update", {"state": {"reported": {"n": n}}})
        device.ask("get")

    for n in range(100):
        answers = [device.hears() for _ in range(3)]
        assert [topic for topic, _ in answers] == ["update/accepted", "update/documents", "get/accepted"]
        assert [answer["state"]["reported"]["n"] for _, answer in (answers[0], answers[2])] == [n, n]


@pytest.mark.parametrize("topic", [
    "$aws/things/{}/shadow/update/accepted", "$aws/things/{}/shadow/update/delta", "$aws/things/{}/shadow/other",
    "$aws/things/{}/shadow", "$aws/things/{}/shadow/name/get", "$aws/things/a b/shadow/get", "$aws/things//shadow/get",
    "$aws/things/{}/shadow/get/", "$aws/things/{}/shadow/name//get", "$aws/things/{}/shadow/name/n/x/get"])
def test_other_topics_of_shadows_are_closed(croft, thing, topic):
    client = Client(croft, "c-" + uuid.uuid4().hex[:8])
    answer = client.send(publish(topic.format(thing), b"{}", qos=1, packet_id=3)).packet()

    assert reason(answer, 2) == (PUBACK, 0x90)  # topic name invalid


def test_a_request_is_not_retained(croft, thing):
    client = Client(croft, "c-" + uuid.uuid4().hex[:8])

    answer = client.send(publish(f"$aws/things/{thing}/shadow/get", b"", qos=1, packet_id=3, retain=True)).packet()

    assert reason(answer, 2) == (PUBACK, 0x90)


def test_published_by_http_too(croft, data, thing):
    device = Listener(croft, thing)
    data.publish(topic=f"$aws/things/{thing}/shadow/update", qos=1, payload=json.dumps({"state": {"reported": {"a": 1}}}))

    assert device.hears()[0] == "update/accepted"


# Rules.

ROLE = "arn:aws:iam::000000000000:role/r"


def test_rules_see_answers_and_may_ask(croft, thing):
    """The documented way of a last will to a shadow: a rule republishes it."""
    iot = croft.client("iot")
    name = "shadow_" + uuid.uuid4().hex
    republish = lambda topic: [{"republish": {"topic": topic, "roleArn": ROLE, "qos": 1}}]
    iot.create_topic_rule(ruleName=name + "_in", topicRulePayload={
        "sql": f"SELECT state FROM 'to-shadow/{thing}'", "awsIotSqlVersion": "2016-03-23",
        "actions": republish("$$aws/things/${topic(2)}/shadow/update")})
    iot.create_topic_rule(ruleName=name + "_out", topicRulePayload={
        "sql": f"SELECT current.state.reported AS r, topic(3) AS thing FROM '$aws/things/{thing}/shadow/update/documents'",
        "awsIotSqlVersion": "2016-03-23", "actions": republish(f"heard/{thing}")})
    client = Client(croft, "c-" + uuid.uuid4().hex[:8])
    assert client.subscribe(f"heard/{thing}", qos=0) == [0]
    client.publish(f"to-shadow/{thing}", b'{"state":{"reported":{"connected":false}},"other":1}')

    assert json.loads(client.message().payload) == {"r": {"connected": False}, "thing": thing}


def test_a_ring_of_rule_and_shadow_ends(croft, thing, shadow):
    iot = croft.client("iot")
    iot.create_topic_rule(ruleName="ring_" + uuid.uuid4().hex, topicRulePayload={
        "sql": f"SELECT {{'reported': {{'n': timestamp()}}}} AS state FROM '$aws/things/{thing}/shadow/update/accepted'",
        "awsIotSqlVersion": "2016-03-23",
        "actions": [{"republish": {"topic": f"$$aws/things/{thing}/shadow/update", "roleArn": ROLE}}]})
    shadow.update({"a": 1})

    wait_until(lambda: shadow.get()["version"] == 9)
    time.sleep(0.3)
    assert shadow.get()["version"] == 9  # eight hops
