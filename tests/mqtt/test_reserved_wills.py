"""Wills on topics that begin with `$`: subscribers and rules get them, the shadow service does not; none is a lifecycle event.

AWS IoT developer guide, "Interacting with shadows" (last will messages), "Reserved topics", "Basic Ingest".
"""

import json
import uuid

import pytest
from device_certificate import DeviceCertificate, allow
from mqtt_wire import CONNACK, V3, V5, Client, Wire, connect, last_will, reason
from test_conformance import lasting
from test_durable_sessions import back, restart

ROLE = "arn:aws:iam::000000000000:role/r"
REPORT = b'{"state":{"reported":{"connected":false}}}'


@pytest.fixture(params=[V3, V5], ids=["v3", "v5"])
def version(request):
    return request.param


@pytest.fixture
def name():
    return "w" + uuid.uuid4().hex[:10]


@pytest.fixture
def iot(croft):
    return croft.client("iot")


def answer(croft, client_id, version, topic, **more):
    """The code of the CONNACK for a client with that will; None when there was none."""
    with Wire(croft.port("mqtt")) as wire:
        got = wire.send(connect(client_id, version, **last_will(topic, b"x", version=version, **more))).packet()
        return got and got[1][1]


def republishing(iot, rule, sql, topic):
    iot.create_topic_rule(ruleName=rule, topicRulePayload={"sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": [
        {"republish": {"topic": topic, "roleArn": ROLE, "qos": 1}}]})


def dies(croft, client_id, version, topic, payload=REPORT, qos=1):
    Client(croft, client_id, version, **last_will(topic, payload, qos=qos, version=version)).drop()


def test_the_shadow_service_ignores_it_and_everybody_else_gets_it(croft, iot, name, version):
    topic, data = f"$aws/things/{name}/shadow/update", croft.client("iot-data")
    republishing(iot, name, f"SELECT state.reported AS r, topic() AS t FROM '$aws/things/{name}/#'", f"heard/{name}")
    with Client(croft, name + "-watch", version) as watcher:
        assert watcher.subscribe(f"$aws/things/{name}/shadow/#", qos=0) == [0]
        assert watcher.subscribe(f"heard/{name}", qos=0) == [0]
        dies(croft, name, version, topic)
        got = {message.topic: message.payload for message in (watcher.message(), watcher.message())}
        assert got[topic] == REPORT
        assert json.loads(got[f"heard/{name}"]) == {"r": {"connected": False}, "t": topic}
        assert watcher.is_silent(), "neither accepted nor rejected"
        with pytest.raises(data.exceptions.ResourceNotFoundException):
            data.get_thing_shadow(thingName=name)
        Client(croft, name + "-asks").publish(topic, REPORT, qos=1)
        topics = [watcher.message().topic for _ in range(6)]  # the rule sees the request and both answers
        assert sorted(topics) == sorted([topic, topic + "/accepted", topic + "/documents", *[f"heard/{name}"] * 3])
        assert json.loads(data.get_thing_shadow(thingName=name)["payload"].read())["version"] == 1, "a PUBLISH is a request"


def test_on_basic_ingest_it_fires_that_rule_alone(croft, iot, name, version):
    republishing(iot, name, f"SELECT *, topic() AS t, clientid() AS c FROM 'nowhere/{name}'", f"heard/{name}")
    republishing(iot, name + "_other", f"SELECT * FROM 'gone/{name}'", f"heard/{name}")
    with Client(croft, name + "-watch", version) as watcher:
        assert watcher.subscribe(f"heard/{name}", f"gone/{name}", qos=0) == [0, 0]
        dies(croft, name, version, f"$aws/rules/{name}/gone/{name}", b'{"a":1}')
        message = watcher.message()
        assert (message.topic, json.loads(message.payload)) == (f"heard/{name}", {"a": 1, "t": f"gone/{name}", "c": name})
        assert watcher.is_silent()


def test_it_has_no_shadow_after_a_crash_either(fresh_croft, version):
    """A rule's action waits, so the will has a row when the server dies."""
    croft = fresh_croft()
    iot, topic = croft.client("iot"), "$aws/things/t/shadow/update"
    iot.create_topic_rule(ruleName="slow", topicRulePayload={
        "sql": f"SELECT * FROM '{topic}'", "awsIotSqlVersion": "2016-03-23",
        "actions": [{"republish": {"topic": "heard", "roleArn": ROLE, "qos": 1}}]})
    watcher = Client(croft, "watcher", version, **lasting(version))
    watcher.subscribe("heard", "$aws/things/t/shadow/update/#")
    watcher.leave()
    dying = Client(croft, "dying", version, **last_will(topic, REPORT, qos=1, version=version))
    Client(croft, "settles", version, **lasting(version)).leave()
    restart(croft)
    watcher = back(croft, "watcher", version)
    message = watcher.message()
    assert (message.topic, message.payload) == ("heard", REPORT)
    assert watcher.is_silent()
    del dying


@pytest.mark.parametrize("kind", ["connected", "disconnected", "connect_failed"])
def test_nobody_forges_a_lifecycle_event(croft, iot, name, version, kind):
    """What asks for it is refused, and neither subscribers nor rules see anything of the victim."""
    republishing(iot, name, "SELECT clientId AS c, eventType AS e FROM '$aws/events/presence/#' WHERE clientId = '" + name + "'",
                 f"heard/{name}")
    forged = json.dumps({"clientId": name, "eventType": kind, "versionNumber": 99, "timestamp": 1}).encode()
    with Client(croft, name + "-watch") as watcher:
        assert watcher.subscribe(f"heard/{name}", f"$aws/events/presence/{kind}/{name}", qos=0) == [0, 0]
        for topic in f"$aws/events/presence/{kind}/{name}", f"$aws/events/presence/{kind}", "$aws/events":
            with Wire(croft.port("mqtt")) as wire:
                got = wire.send(connect(name + "-forger", version, **last_will(topic, forged, qos=1, version=version))).packet()
                assert got is None if version == V3 else reason(got, 1) == (CONNACK, 0x90)
        assert watcher.is_silent()


SERVED = ["$aws/anything", "$aws/things/t/jobs/get", "$own/topic", "$aws/rules/r/1/2/3/4/5/6/7/8", "$aws/eventsx"]
REFUSED = ["$aws/events/x", "$SYS/broker/uptime", "$aws/1/2/3/4/5/6/7/8", "$" + "t" * 256]


def test_which_topics_a_will_may_have(croft, name):
    assert [topic for topic in SERVED + REFUSED if answer(croft, name, V5, topic) == 0] == SERVED
    assert {answer(croft, name, V5, topic) for topic in REFUSED} == {0x90}
    assert {answer(croft, name, V5, topic, retain=True) for topic in SERVED} == {0x90}, "nothing there is retained"


def test_in_the_oasis_dialect_it_may_go_where_a_publish_may(fresh_croft):
    croft = fresh_croft("--dialect", "oasis", "--ephemeral")
    taken = ["$aws/things/t/shadow/update", "$aws/rules/r/x"]
    others = ["$aws/anything", "$own/topic", "$aws/things/t/jobs/get", "$aws/events/presence/connected/x", "$SYS/x"]
    assert [topic for topic in taken + others if answer(croft, "c", V5, topic) == 0] == taken
    assert {answer(croft, "c", V5, topic, retain=True) for topic in taken} == {0x90}


@pytest.mark.parametrize("allowed", [True, False])
def test_the_right_to_publish_there_is_asked_for(croft, tmp_path, name, version, allowed):
    topic = f"$aws/things/{name}/shadow/update"
    may_publish = allow("Publish", "topic/" + (topic if allowed else "x"))
    owner = DeviceCertificate(croft, tmp_path, allow("Connect", "client/*"), may_publish)
    with Client(croft, name + "-watch") as watcher:
        watcher.subscribe(topic, qos=0)
        with Wire(croft.port("mqtts"), tls=owner.context()) as wire:
            code = reason(wire.send(connect(name, version, **last_will(topic, b"gone", version=version))).packet(), 1)
            assert code == (CONNACK, 0 if allowed else 0x87 if version == V5 else 5)
            wire.drop()
        if allowed:
            assert watcher.message()[:2] == (topic, b"gone")
        else:
            assert watcher.is_silent()


def test_no_rule_forges_a_lifecycle_event_either(croft, iot, name):
    topic = f"$aws/events/presence/connected/{name}"
    action = {"republish": {"topic": "$" + topic, "roleArn": ROLE, "qos": 1}}
    told = {"republish": {"topic": f"heard/{name}", "roleArn": ROLE, "qos": 1}}
    iot.create_topic_rule(ruleName=name, topicRulePayload={
        "sql": f"SELECT * FROM 'forge/{name}'", "awsIotSqlVersion": "2016-03-23", "actions": [action], "errorAction": told})
    with Client(croft, name + "-watch") as watcher:
        assert watcher.subscribe(topic, f"heard/{name}", qos=0) == [0, 0]
        Client(croft, name + "-forger").publish(f"forge/{name}", b'{"clientId":"x"}', qos=1)
        message = watcher.message()
        assert message.topic == f"heard/{name}"
        assert topic in json.loads(message.payload)["failures"][0]["errorMessage"]
        assert watcher.is_silent()
