"""Rules that feed themselves, and statements that cost without measure."""

import json
import time

import pytest
from conftest import wait_until
from mqtt_wire import PUBACK, PUBLISH, SUBACK, assert_serves, device, log_of, memory_mb, packet, publish, reason, short, subscribe

ROLE = "arn:aws:iam::000000000000:role/any"


def republish(topic):
    return {"republish": {"topic": topic, "roleArn": ROLE, "qos": 1}}


def make_rule(croft, name, sql, *actions, **more):
    croft.client("iot").create_topic_rule(ruleName=name,
                                          topicRulePayload={"sql": sql, "awsIotSqlVersion": "2016-03-23",
                                                            "actions": list(actions), **more})


def heard(wire, count):
    """So many messages, acknowledged: their topics."""
    topics = []
    for _ in range(count):
        first, body = wire.packet()
        assert first & 0xF0 == PUBLISH, hex(first)
        length = int.from_bytes(body[:2], "big")
        topics.append(body[2:2 + length].decode())
        wire.send(packet(PUBACK, body[2 + length:4 + length]))
    return topics


def trigger(croft, topic, payload=b"{}"):
    with device(croft, "trigger") as wire:
        wire.send(publish(topic, payload, qos=1))
        assert reason(wire.packet(), 2) == (PUBACK, 0)


@pytest.fixture(autouse=True)
def still_serves(croft):
    before = memory_mb(croft)
    yield
    assert_serves(croft)
    assert memory_mb(croft) - before < 60


def test_a_rule_that_republishes_to_its_own_topic_ends_after_its_hops_and_runs_its_error_action(croft):
    make_rule(croft, "own", "SELECT * FROM 'loop/own'", republish("loop/own"), errorAction=republish("loop/failed"))
    with device(croft, "listener") as listener:
        listener.send(subscribe("loop/own", "loop/failed"))
        assert listener.packet()[0] == SUBACK
        trigger(croft, "loop/own")
        assert heard(listener, 10) == ["loop/own"] * 9 + ["loop/failed"]
        assert listener.is_silent(1)
    assert b"A loop of rules was stopped after" in log_of(croft)


def test_two_rules_in_a_ring_end_too(croft):
    make_rule(croft, "ping", "SELECT * FROM 'ring/a'", republish("ring/b"))
    make_rule(croft, "pong", "SELECT * FROM 'ring/b'", republish("ring/a"))
    with device(croft, "listener") as listener:
        listener.send(subscribe("ring/#"))
        assert listener.packet()[0] == SUBACK
        trigger(croft, "ring/a")
        assert heard(listener, 9) == ["ring/a", "ring/b"] * 4 + ["ring/a"]
        assert listener.is_silent(1)


def test_a_rule_that_doubles_what_it_sees_does_not_grow_without_end(croft):
    """Two actions to the own topic: 2 to the power of the hops is the most, and the process stays small."""
    make_rule(croft, "twice", "SELECT * FROM 'bomb/+'", republish("bomb/a"), republish("bomb/b"))
    begun = time.monotonic()
    trigger(croft, "bomb/a")
    wait_until(lambda: b"rule 'twice'" in log_of(croft), what="the end of the loop")
    assert_serves(croft)
    assert time.monotonic() - begun < 10


def test_an_error_action_that_fires_its_own_rule_ends(croft):
    make_rule(croft, "fails", "SELECT * FROM 'fails/#'", republish("${nothing}/x"), errorAction=republish("fails/again"))
    with device(croft, "listener") as listener:
        listener.send(subscribe("fails/again", qos=1))
        assert listener.packet()[0] == SUBACK
        trigger(croft, "fails/first")
        assert heard(listener, 9) == ["fails/again"] * 9
        assert listener.is_silent(1)


@pytest.mark.parametrize("sql", [
    "SELECT " + "(" * 5000 + "1" + ")" * 5000 + " FROM 'a'", "SELECT " + "NOT " * 5000 + "true FROM 'a'",
    "SELECT " + "1 + " * 5000 + "1 FROM 'a'",
    "SELECT " + "CASE WHEN true THEN " * 2000 + "1" + " END" * 2000 + " FROM 'a'",
    "SELECT " + "abs(" * 3000 + "1" + ")" * 3000 + " FROM 'a'",
    "SELECT " + ",".join(f"a AS a{i}" for i in range(5000)) + " FROM 'a'", "SELECT * FROM '" + "/" * 300 + "'",
    "SELECT * FROM '" + "+/" * 200 + "'",
    "SELECT " + "a" * 200_000 + " FROM 'a'", "SELECT (SELECT " * 1000 + "1" + " FROM a)" * 1000 + " FROM 'a'", "\x00",
    "SELECT '" + "x" * 100, "SELECT " + "{" * 3000,
    "SELECT * FROM 'a' WHERE " + " OR ".join(["a = 1"] * 20_000)], ids=short)
def test_deep_and_long_statements_are_refused_with_their_code(croft, sql):
    iot = croft.client("iot")
    with pytest.raises(iot.exceptions.ClientError) as refused:
        make_rule(croft, "deep", sql, republish("out"))
    assert refused.value.response["Error"]["Code"] in ("SqlParseException", "InvalidRequestException")
    assert len(refused.value.response["Error"]["Message"]) < 5000


@pytest.mark.parametrize("expression, payload", [
    ("regexp_matches(s, '(a+)+$')", {"s": "a" * 50_000 + "b"}), ("regexp_replace(s, '(a|a)*b', 'x')", {"s": "a" * 50_000}),
    ("regexp_substr(s, '(.*)(.*)(.*)(.*)(.*)[^a]')", {"s": "a" * 50_000}),
    ("(SELECT VALUE (SELECT VALUE x + y FROM d AS y) FROM d AS x)", {"d": list(range(5000))}),
    ("concat(s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s)", {"s": "a" * 100_000}), ("power(9, 999999999)", {}),
    ("lpad(s, 2000000000)", {"s": "a"}),
    ("timestamp() / 0", {}), ("a[999999999999999999]", {"a": [1]}), ("-9223372036854775808 / -1", {}), ("mod(1, 0)", {})],
    ids=short)
def test_statements_that_cost_too_much_end_and_the_next_message_is_served(croft, expression, payload):
    iot = croft.client("iot")
    try:
        make_rule(croft, "costly", f"SELECT {expression} AS v FROM 'costly'", republish("cheap"))
    except iot.exceptions.ClientError as refused:
        assert refused.response["Error"]["Code"] == "SqlParseException"
        return
    try:
        begun = time.monotonic()
        trigger(croft, "costly", json.dumps(payload).encode())
        assert_serves(croft)
        assert time.monotonic() - begun < 3
    finally:
        iot.delete_topic_rule(ruleName="costly")


@pytest.mark.parametrize("payload", [b"[" * 100_000, b'{"a":' * 20_000, b"\xff\xfe", b"", b'{"a":1e999999999}', b'{"a":1,"a":2}',
                                     b"nul", b'"' + b"\\u0000" * 10_000 + b'"'],
                         ids=short)
def test_payloads_that_are_no_json_do_not_stop_a_rule(croft, payload):
    iot = croft.client("iot")
    make_rule(croft, "odd", "SELECT a, topic() AS t FROM 'odd/in'", republish("odd/out"))
    try:
        with device(croft, "listener") as listener:
            listener.send(subscribe("odd/out"))
            assert listener.packet()[0] == SUBACK
            trigger(croft, "odd/in", payload)
            trigger(croft, "odd/in", b'{"a":"next"}')
            last = b""
            while b"next" not in last:
                first, last = listener.packet()
                length = int.from_bytes(last[:2], "big")
                listener.send(packet(PUBACK, last[2 + length:4 + length]))
            assert json.loads(last[last.index(b'{"'):]) == {"a": "next", "t": "odd/in"}
    finally:
        iot.delete_topic_rule(ruleName="odd")
