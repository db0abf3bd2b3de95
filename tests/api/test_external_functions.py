"""The functions of IoT SQL that ask other services, in running rules.

AWS IoT developer guide, "AWS IoT SQL reference", "Functions", and "Decoding protobuf message payloads".
"""

import base64
import io
import json
import shutil
import subprocess
import time
import uuid
import zipfile

import pytest
from botocore.exceptions import ClientError
from conftest import Croft
from mqtt_wire import Client
from remote_endpoint import KEY_ID, SECRET, RemoteEndpoint

ROLE = "arn:aws:iam::000000000000:role/r"
ACCOUNT = "000000000000"


class Rule:
    """A rule whose result is heard; `asks` holds what its client published and got."""

    def __init__(self, croft, select, where="", version="2016-03-23", actions=None, error_action=None, client=None):
        self.croft, self.iot, self.name = croft, croft.client("iot"), "r_" + uuid.uuid4().hex
        self.topic, self.out, self.errors = f"in/{self.name}", f"out/{self.name}", f"errors/{self.name}"
        payload = {"sql": f"{select} FROM '{self.topic}' {where}", "awsIotSqlVersion": version,
                   "actions": actions or [{"republish": {"topic": self.out, "roleArn": ROLE, "qos": 1}}],
                   "errorAction": error_action or {"republish": {"topic": self.errors, "roleArn": ROLE, "qos": 1}}}
        self.iot.create_topic_rule(ruleName=self.name, topicRulePayload=payload)
        self.arn = f"arn:aws:iot:us-east-1:{ACCOUNT}:rule/{self.name}"
        self.client = client or Client(croft, "c-" + uuid.uuid4().hex[:8])
        assert self.client.subscribe(self.out, self.out + "/+", self.errors, qos=0) == [0, 0, 0]

    def publish(self, payload=b"{}"):
        self.client.publish(self.topic, payload if isinstance(payload, bytes) else json.dumps(payload).encode())

    def told(self, payload=b"{}"):
        self.publish(payload)
        message = self.client.message()
        assert message.topic.startswith("out/"), message
        return json.loads(message.payload)

    def is_aborted(self, payload=b"{}"):
        """No action and no error action runs, and the next message is taken."""
        self.publish(payload)
        return self.client.is_silent()


@pytest.fixture(scope="module")
def rule(croft):
    return lambda *given, **more: Rule(croft, *given, **more)


# aws_lambda.

CODE = """
import os, time
def handler(event, context):
    if event.get("fail"): raise ValueError("no " + str(event["fail"]))
    if event.get("sleep"): time.sleep(event["sleep"])
    if event.get("exit"): os._exit(1)
    return event["answer"] if "answer" in event else {"event": event, "calls": [event.get("n")]}
"""


def package():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("f.py", CODE)
    return packed.getvalue()


@pytest.fixture(scope="module")
def function(croft):
    functions = croft.client("lambda")
    arn = functions.create_function(FunctionName="asked", Runtime="python3.11", Role=ROLE, Handler="f.handler", Timeout=10,
                                    Code={"ZipFile": package()})["FunctionArn"]
    functions.add_permission(FunctionName="asked", StatementId="rules", Action="lambda:InvokeFunction",
                             Principal="iot.amazonaws.com", SourceArn=f"arn:aws:iot:us-east-1:{ACCOUNT}:rule/r_*")
    functions.invoke(FunctionName="asked", Payload=b"{}")  # a worker is there; the time of a rule's call is short
    return arn


def test_a_functions_answer_is_a_value(rule, function):
    called = rule(f"SELECT aws_lambda('{function}', {{'n': n, 'text': 'a' + n}}).event AS e, n + 1 AS next")

    assert called.told({"n": 1}) == {"e": {"n": 1, "text": "a1"}, "next": 2}
    assert called.told({"n": 2}) == {"e": {"n": 2, "text": "a2"}, "next": 3}


def test_the_whole_payload_as_event_with_the_old_version(rule, function):
    assert rule(f"SELECT aws_lambda('{function}', *) AS x", version="2015-10-08").told({"a": {"b": [1]}}) == {
        "x": {"event": {"a": {"b": [1]}}, "calls": [None]}}


@pytest.mark.parametrize("answer", [None, True, 7, "text", [1, [2]], {}])
def test_any_json_is_an_answer(rule, function, answer):
    told = rule(f"SELECT VALUE aws_lambda('{function}', *)").told({"answer": answer})

    assert told == answer and type(told) is type(answer)


def test_in_where_set_case_and_nested_queries(rule, function):
    where = rule("SELECT n", f"WHERE aws_lambda('{function}', *).event.n > 5")
    assert where.is_aborted({"n": 5})
    assert where.told({"n": 6}) == {"n": 6}

    several = rule(f"SET @f = aws_lambda('{function}', {{'answer': 2}}) SELECT @f * 2 AS four, "
                   f"(SELECT VALUE aws_lambda('{function}', {{'answer': v * 10}}) FROM list) AS list, "
                   f"CASE n WHEN 1 THEN aws_lambda('{function}', {{'answer': 'one'}}) ELSE 'none' END AS c")
    assert several.told({"n": 1, "list": [{"v": 1}, {"v": 2}, {"v": 3}]}) == {"four": 4, "list": [10, 20, 30], "c": "one"}


def test_random_values_stay_what_they_were(rule, function):
    told = rule(f"SELECT newuuid() AS first, aws_lambda('{function}', {{'answer': newuuid()}}) AS second, "
                f"aws_lambda('{function}', {{'answer': rand()}}) AS third, newuuid() AS fourth").told()

    assert len({told["first"], told["second"], told["fourth"]}) == 3
    assert 0 <= told["third"] < 1


def test_what_fails_aborts_the_rule_and_is_no_actions_failure(rule, function):
    assert rule(f"SELECT aws_lambda('{function}', *) AS x").is_aborted({"fail": "luck"})
    assert rule(f"SELECT aws_lambda('{function}-none', *) AS x").is_aborted({"n": 1})
    assert rule(f"SELECT aws_lambda('{function}', *) AS x").is_aborted(b"no JSON")
    assert rule(f"SELECT aws_lambda('{function}', missing) AS x").is_aborted({"n": 1})
    assert rule("SELECT aws_lambda(7, *) AS x").is_aborted({"n": 1})


def test_a_default_in_place_of_a_failure(rule, function):
    safe = rule(f"SELECT get_or_default(aws_lambda('{function}', *), 'none') AS x, n")

    assert safe.told({"fail": 1, "n": 1}) == {"x": "none", "n": 1}
    assert safe.told({"answer": 3, "n": 2}) == {"x": 3, "n": 2}


def test_two_seconds(rule, function):
    slow = rule(f"SELECT get_or_default(aws_lambda('{function}', *), 'too late') AS x")
    slow.publish({"sleep": 2.5})
    begun = time.monotonic()

    assert json.loads(slow.client.message().payload) == {"x": "too late"}
    assert 1.9 < time.monotonic() - begun < 2.4


def test_without_the_functions_permission(croft, rule, function):
    functions = croft.client("lambda")
    functions.create_function(FunctionName="closed", Runtime="python3.11", Role=ROLE, Handler="f.handler",
                              Code={"ZipFile": package()})
    arn = function.replace("asked", "closed")
    closed = rule(f"SELECT aws_lambda('{arn}', *).calls AS x")
    assert closed.is_aborted({"n": 1})

    functions.add_permission(FunctionName="closed", StatementId="one", Action="lambda:InvokeFunction",
                             Principal="iot.amazonaws.com", SourceArn=closed.arn)
    assert closed.told({"n": 2}) == {"x": [2]}


def test_a_clients_messages_stay_in_order(croft, rule, function):
    """A slow answer holds up the messages behind it, of this client and no other."""
    client = Client(croft, "c-" + uuid.uuid4().hex[:8])
    asking = rule(f"SELECT n, aws_lambda('{function}', *) AS x", client=client)
    plain = rule("SELECT n", client=client)
    other = rule("SELECT n")
    asking.publish({"n": 1, "sleep": 1, "answer": 0})
    plain.publish({"n": 2})
    asking.publish({"n": 3, "answer": 0})
    begun = time.monotonic()
    assert other.told({"n": 9}) == {"n": 9}
    assert time.monotonic() - begun < 0.7

    assert [json.loads(client.message().payload)["n"] for _ in range(3)] == [1, 2, 3]


def test_thirty_two_calls_for_one_message(rule, function):
    many = rule(f"SELECT (SELECT VALUE aws_lambda('{function}', {{'answer': v}}) FROM list) AS list")
    values = [{"v": n} for n in range(33)]

    assert many.told({"list": values[:32]}) == {"list": list(range(32))}
    assert many.is_aborted({"list": values})


# get_dynamodb.

@pytest.fixture(scope="module")
def tables(croft):
    dynamodb = croft.client("dynamodb")
    key = lambda name, kind, place: ({"AttributeName": name, "KeyType": place}, {"AttributeName": name, "AttributeType": kind})
    for table, keys in {"Devices": [key("id", "S", "HASH")],
                        "Readings": [key("device", "S", "HASH"), key("at", "N", "RANGE")]}.items():
        dynamodb.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", KeySchema=[schema for schema, _ in keys],
                              AttributeDefinitions=[definition for _, definition in keys])
    dynamodb.put_item(TableName="Devices", Item={
        "id": {"S": "d1"}, "n": {"N": "12.50"}, "big": {"N": "12345678901234567890123456789"}, "yes": {"BOOL": True},
        "none": {"NULL": True}, "map": {"M": {"a": {"L": [{"N": "1"}, {"S": "x"}]}}}, "texts": {"SS": ["b"]},
        "numbers": {"NS": ["7"]}, "bytes": {"B": b"\x00\x01"}})
    dynamodb.put_item(TableName="Readings", Item={"device": {"S": "d1"}, "at": {"N": "5"}, "value": {"N": "-3"}})
    return dynamodb


def test_an_item_is_an_object(rule, tables):
    read = rule(f"SELECT VALUE get_dynamodb('Devices', 'id', id, '{ROLE}')")

    assert read.told({"id": "d1"}) == {
        "id": "d1", "n": 12.5, "big": 12345678901234567890123456789, "yes": True, "none": None, "map": {"a": [1, "x"]},
        "texts": ["b"], "numbers": [7], "bytes": "AAE="}
    assert read.is_aborted({"id": "unknown"})
    assert read.is_aborted({"id": 7})
    assert read.is_aborted({})


def test_an_item_with_a_sort_key(rule, tables):
    read = rule(f"SELECT get_dynamodb('Readings', 'device', 'd1', 'at', at, '{ROLE}').value AS v")

    assert read.told({"at": 5}) == {"v": -3}
    assert read.is_aborted({"at": 6})
    assert read.is_aborted({"at": "5"})
    assert rule(f"SELECT get_dynamodb('None', 'device', 'd1', '{ROLE}') AS v").is_aborted()


def test_a_second_item_ends_the_rule(rule, tables):
    call = f"get_dynamodb('Devices', 'id', 'd1', '{ROLE}').n"

    assert rule(f"SELECT {call} AS a, {call} AS b").is_aborted()
    assert rule(f"SELECT get_or_default({call}, 1) AS a, get_or_default({call}, 2) AS b").is_aborted()


# get_thing_shadow.

def test_a_shadow(croft, rule):
    data = croft.client("iot-data")
    data.update_thing_shadow(thingName="shown", payload=b'{"state":{"reported":{"alarm":"ON"},"desired":{"n":1}}}')
    data.update_thing_shadow(thingName="shown", shadowName="named", payload=b'{"state":{"desired":{"n":2}}}')
    call = f"get_thing_shadow(thing, '{ROLE}')"
    read = rule(f"SELECT {call} AS s", f"WHERE {call}.state.reported.alarm = 'ON'")

    document = read.told({"thing": "shown"})["s"]
    shown = json.loads(data.get_thing_shadow(thingName="shown")["payload"].read())
    assert document == {**shown, "timestamp": document["timestamp"]}
    assert document["state"]["delta"] == {"n": 1}
    assert rule(f"SELECT get_thing_shadow('shown', 'named', '{ROLE}').state.desired.n AS n").told() == {"n": 2}
    assert read.is_aborted({"thing": "none"})
    assert rule(f"SELECT get_thing_shadow('shown', 'other', '{ROLE}') AS s").is_aborted()


# get_registry_data.

def test_the_registry(croft, rule):
    iot = croft.client("iot")
    iot.create_thing(thingName="known", attributePayload={"attributes": {"limit": "25"}})
    iot.create_thing_group(thingGroupName="g1")
    iot.add_thing_to_thing_group(thingGroupName="g1", thingName="known")
    described = rule(f"SELECT VALUE get_registry_data('DescribeThing', thing, '{ROLE}')")

    answer = iot.describe_thing(thingName="known")
    del answer["ResponseMetadata"]
    assert described.told({"thing": "known"}) == answer
    assert described.is_aborted({"thing": "none"})
    assert described.is_aborted({"thing": "not a name"})
    groups = rule(f"SELECT get(get_registry_data('ListThingGroupsForThing', 'known', '{ROLE}').thingGroups, 0).groupName AS g")
    assert groups.told() == {"g": "g1"}
    call = f"get_registry_data('DescribeThing', 'known', '{ROLE}').version"
    assert rule(f"SELECT {call} AS a, {call} AS b").is_aborted()


# decode of protobuf.

PROTO = {
    "shared/unit.proto": """syntax = "proto3"; package plant.shared;
        enum Unit { UNKNOWN = 0; CELSIUS = 1; }
        message Reading { double value = 1; Unit unit = 2; }""",
    "telemetry.proto": """syntax = "proto3"; package plant;
        import "shared/unit.proto"; import "google/protobuf/timestamp.proto"; import "google/protobuf/duration.proto";
        import "google/protobuf/wrappers.proto"; import "google/protobuf/struct.proto";
        message Telemetry {
          string device_id = 1; int32 count = 2; int64 total = 3; uint64 huge = 4; sint32 small = 5; sint64 deep = 6;
          fixed32 f32 = 7; fixed64 f64 = 8; sfixed32 sf32 = 9; sfixed64 sf64 = 10; float ratio = 11; double exact = 12;
          bool is_on = 13; bytes raw = 14; shared.Unit unit = 15; shared.Reading last = 16; repeated int32 packed = 17;
          repeated int32 loose = 18 [packed = false]; repeated string names = 19; map<string, shared.Reading> by_name = 20;
          map<int32, bool> flags = 21; oneof choice { string text = 22; int32 number = 23; } optional int32 maybe = 24;
          google.protobuf.Timestamp at = 25; google.protobuf.Duration took = 26; google.protobuf.Int64Value wrapped = 27;
          google.protobuf.Struct free = 28; Telemetry child = 29; repeated shared.Unit units = 30;
          message Inner { int32 x = 1; } Inner inner = 31;
        }""",
    "old.proto": """syntax = "proto2";
        message Old { required int32 id = 1; optional Kind kind = 2 [default = B];
          repeated group Part = 3 { optional string name = 1; } optional bool flag = 4; enum Kind { A = 1; B = 2; } }""",
}


@pytest.fixture(scope="module")
def proto(croft, tmp_path_factory):
    """encode(type, text) by protoc; the descriptor set is s3://schemas/set.desc."""
    assert shutil.which("protoc"), "protobuf-compiler is not installed"
    folder = tmp_path_factory.mktemp("proto")
    for name, text in PROTO.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    protoc = ["protoc", f"-I{folder}", "-I/usr/include"]
    subprocess.run([*protoc, "--include_imports", f"--descriptor_set_out={folder}/set.desc", "telemetry.proto", "old.proto"],
                   check=True)
    subprocess.run([*protoc, f"--descriptor_set_out={folder}/alone.desc", "telemetry.proto"], check=True)
    s3 = croft.client("s3")
    s3.create_bucket(Bucket="schemas")
    for name in ("set.desc", "alone.desc"):
        s3.put_object(Bucket="schemas", Key=name, Body=(folder / name).read_bytes())

    def encode(message, text, file="telemetry.proto"):
        done = subprocess.run([*protoc, f"--encode={message}", file], input=text.encode(), capture_output=True, check=True)
        return done.stdout

    return encode


def decode(file="telemetry", message="plant.Telemetry", key="set.desc", data="*"):
    return f"decode({data}, 'proto', 'schemas', '{key}', '{file}', '{message}')"


def test_every_kind_of_field(rule, proto):
    text = """device_id: "d-1" count: -5 total: -9007199254740993 huge: 18446744073709551615 small: -7 deep: -8 f32: 4294967295
        f64: 9 sf32: -10 sf64: -11 ratio: 0.1 exact: 0.1 is_on: true raw: "\\000\\377" unit: CELSIUS
        last { value: 21.5 unit: CELSIUS } packed: [1, -2, 300] loose: [4, 5] names: ["a", "", "\\303\\244"]
        by_name { key: "k" value { value: 1 } } by_name { key: "e" } flags { key: -1 value: true } flags { key: 2 }
        number: 0 maybe: 0 at { seconds: 1700000000 nanos: 120000000 }
        took { seconds: -3 nanos: -500000 } wrapped { }
        free { fields { key: "l" value { list_value { values { null_value: NULL_VALUE } values { bool_value: true }
          values { number_value: 2.5 } values { string_value: "s" } values { struct_value { } } } } } }
        child { device_id: "c" child { } } units: [CELSIUS, UNKNOWN, CELSIUS] inner { x: 3 }"""

    assert rule(f"SELECT VALUE {decode()}").told(proto("plant.Telemetry", text)) == {
        "device_id": "d-1", "count": -5, "total": "-9007199254740993", "huge": "18446744073709551615", "small": -7, "deep": "-8",
        "f32": 4294967295, "f64": "9", "sf32": -10, "sf64": "-11", "ratio": 0.1, "exact": 0.1, "is_on": True, "raw": "AP8=",
        "unit": "CELSIUS", "last": {"value": 21.5, "unit": "CELSIUS"}, "packed": [1, -2, 300], "loose": [4, 5],
        "names": ["a", "", "ä"], "by_name": {"k": {"value": 1}, "e": {}}, "flags": {"-1": True, "2": False}, "number": 0,
        "maybe": 0, "at": "2023-11-14T22:13:20.120Z", "took": "-3.000500s", "wrapped": "0",
        "free": {"l": [None, True, 2.5, "s", {}]}, "child": {"device_id": "c", "child": {}},
        "units": ["CELSIUS", "UNKNOWN", "CELSIUS"], "inner": {"x": 3}}


def test_special_numbers_open_enums_and_nothing(rule, proto):
    decoded = rule(f"SELECT VALUE {decode()}")

    assert decoded.told(proto("plant.Telemetry", "ratio: nan exact: -inf unit: 7 units: 9")) == {
        "ratio": "NaN", "exact": "-Infinity", "unit": 7, "units": [9]}
    assert decoded.told(b"") == {}
    assert decoded.told(b"\x10\x00\x6a\x00\xa0\x7d\x05") == {}  # a default that was sent; another wire type; an unknown field


def test_parts_of_a_message_are_joined_and_the_last_of_a_oneof_stays(rule, proto):
    first, second = (proto("plant.Telemetry", text) for text in
                     ('last { value: 1 } text: "x" count: 1 packed: 1', "last { unit: CELSIUS } number: 2 count: 3 packed: 2"))

    assert rule(f"SELECT VALUE {decode()}").told(first + second) == {
        "last": {"value": 1, "unit": "CELSIUS"}, "number": 2, "count": 3, "packed": [1, 2]}


def test_proto2(rule, proto):
    old = rule(f"SELECT VALUE {decode('old.proto', 'Old')}")

    assert old.told(proto("Old", 'id: 0 kind: A Part { name: "x" } Part { } flag: false', "old.proto")) == {
        "id": 0, "kind": "A", "part": [{"name": "x"}, {}], "flag": False}
    assert old.told(b"\x08\x01\x10\x09") == {"id": 1}  # a value that the enum does not know
    assert old.is_aborted(b"\x10\x01")                 # without what is required


@pytest.mark.parametrize("file, message", [
    ("telemetry.proto", "Telemetry"), ("telemetry", ".plant.Telemetry"), ("unit", "Reading"),
    ("shared/unit", "plant.shared.Reading")])
def test_names_of_files_and_messages(rule, proto, file, message):
    payload = proto("plant.shared.Reading", "value: 2") if "Reading" in message else proto("plant.Telemetry", "exact: 2")

    assert 2 in rule(f"SELECT VALUE {decode(file, message)}").told(payload).values()


def test_nested_types_members_and_base64(rule, proto):
    call = decode(message="Telemetry.Inner", data="d")
    inner = rule(f"SELECT {call}.x AS x, {call}.x + 1 AS y", "WHERE d <> 'skip'")
    encoded = base64.b64encode(proto("plant.Telemetry.Inner", "x: 5")).decode()

    assert inner.told({"d": encoded}) == {"x": 5, "y": 6}
    assert inner.is_aborted({"d": "no base64!"})
    assert inner.is_aborted({"d": "skip"})
    assert inner.told({"d": 7}) == {}  # of another type: Undefined, as from any function


@pytest.mark.parametrize("call, payload", [
    (decode(), b"\xff"), (decode(), b"\x0a\x05ab"), (decode(), b"\x0a\x01\xff"), (decode(), b"\x0b\x0c\x0c"), (decode(), b"\x00"),
    (decode(), b"\x82\x02"),
    (decode(message="plant.None"), b""), (decode(message="plant.shared.Reading"), b""), (decode("none"), b""),
    (decode(key="none.desc"), b""), (decode(key="alone.desc"), b""),
    (decode().replace("schemas", "no-such-bucket"), b""),
])
def test_what_cannot_be_decoded_aborts_the_rule(rule, proto, call, payload):
    assert rule(f"SELECT VALUE {call}").is_aborted(payload)
    assert rule(f"SELECT get_or_default({call}, 'none') AS x").told(payload) == {"x": "none"}


def test_a_message_in_itself_too_deep(rule, proto):
    nested = b""
    for _ in range(101):
        size = len(nested)
        nested = b"\xea\x01" + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + nested
    decoded = rule(f"SELECT VALUE {decode()}")

    assert decoded.is_aborted(nested)
    assert rule(f"SELECT get_or_default({decode()}, 'deep') AS x").told(nested) == {"x": "deep"}


def test_a_new_version_of_the_descriptor_counts_at_once(croft, rule, proto, tmp_path):
    def store(field):
        (tmp_path / "v.proto").write_text(f'syntax = "proto3"; message V {{ int32 {field} = 1; }}')
        subprocess.run(["protoc", f"-I{tmp_path}", f"--descriptor_set_out={tmp_path}/v.desc", "v.proto"], check=True)
        croft.client("s3").put_object(Bucket="schemas", Key="v.desc", Body=(tmp_path / "v.desc").read_bytes())

    store("before")
    decoded = rule(f"SELECT VALUE {decode('v', 'V', 'v.desc')}")
    assert decoded.told(b"\x08\x01") == {"before": 1}
    store("after")
    assert decoded.told(b"\x08\x01") == {"after": 1}


def test_a_large_descriptor_or_one_that_is_none(croft, rule, proto):
    for key, body in {"large.desc": b"\x0a\x00" * (16 * 1024 + 1), "text.desc": b"hello", "empty.desc": b"",
                      "cut.desc": croft.client("s3").get_object(Bucket="schemas", Key="set.desc")["Body"].read()[:-3]}.items():
        croft.client("s3").put_object(Bucket="schemas", Key=key, Body=body)
        assert rule(f"SELECT VALUE {decode(key=key)}").is_aborted(b"")


# Templates.

def test_templates_of_actions_call_them_too(croft, rule, function, tables):
    croft.client("iot").create_thing(thingName="templated", attributePayload={"attributes": {"room": "r7"}})
    name = "out/${get_registry_data('DescribeThing', thing, '%s').attributes.room}" % ROLE
    sent = rule("SELECT *", actions=[
        {"republish": {"topic": name, "roleArn": ROLE, "qos": 1, "headers": {
            "contentType": "${aws_lambda('%s', {'answer': 'text/' + n})}" % function}}}])
    assert sent.client.subscribe("out/r7", qos=0) == [0]
    sent.publish({"thing": "templated", "n": "plain"})

    message = sent.client.message()
    assert (message.topic, b"text/plain" in message.block) == ("out/r7", True)


def test_a_template_that_fails_is_the_actions_failure(rule, tables):
    topic = "x/${get_dynamodb('Devices', 'id', id, '%s').n}" % ROLE
    failing = rule("SELECT *", actions=[{"republish": {"roleArn": ROLE, "topic": topic}}])
    failing.publish({"id": "unknown"})

    message = failing.client.message()
    assert message.topic == failing.errors
    assert json.loads(message.payload)["failures"][0] == {
        "failedAction": "RepublishAction", "failedResource": topic, "errorMessage": "the table Devices has no such item"}


def test_templates_of_an_error_action(rule, tables):
    failing = rule("SELECT *", actions=[{"republish": {"roleArn": ROLE, "topic": "x/${missing}"}}], error_action={
        "republish": {"roleArn": ROLE, "topic": "errors/${get_dynamodb('Devices', 'id', 'd1', '%s').map.a}" % ROLE}})
    assert failing.client.subscribe("errors/#", qos=0) == [0]
    failing.publish()

    assert failing.client.message().topic == 'errors/[1,"x"]'


# get_secret.

@pytest.fixture(scope="module")
def secrets():
    endpoint = RemoteEndpoint(token="")
    yield endpoint
    endpoint.close()
    assert endpoint.faults == []


@pytest.fixture(scope="module")
def secret_croft(tmp_path_factory, secrets):
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "secret").write_text(SECRET)
    (folder / "croft.toml").write_text(
        f"[services.secretsmanager]\nendpoint = '{secrets.url}'\nregion = 'eu-west-3'\naccess-key-id = '{KEY_ID}'\n"
        f"secret-access-key-file = '{folder}/secret'\n")
    server = Croft(folder / "data", "--config", str(folder / "croft.toml"))
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture
def secret(secrets):
    """secret(**answer of GetSecretValue) -> a new secret's id; the next request gets that answer."""
    def make(status=200, **answer):
        secrets.forget()
        secrets.answer(status, answer)
        return "secret-" + uuid.uuid4().hex
    return make


def get_secret(name, kind="SecretString", key=None):
    member = f"'{key}', " if key else ""
    return f"get_secret('{name}', '{kind}', {member}'{ROLE}')"


def test_a_secret_and_its_members(secret_croft, secrets, secret):
    name = secret(SecretString='{"user":"u","n":[1]}')
    read = Rule(secret_croft, f"SELECT {get_secret(name)} AS all, {get_secret(name, key='user')} AS user", version="2015-10-08")

    assert read.told() == {"all": {"user": "u", "n": [1]}, "user": "u"}
    [request] = secrets.requests  # it is kept
    assert (request.operation, request.json, request.scope) == (
        "secretsmanager.GetSecretValue", {"SecretId": name}, (KEY_ID, "eu-west-3", "secretsmanager"))
    assert read.told()["user"] == "u" and len(secrets.requests) == 1


def test_text_and_binary_secrets(secret_croft, secret):
    text = secret(SecretString="plain")
    assert Rule(secret_croft, f"SELECT {get_secret(text)} AS x").told() == {"x": "plain"}
    assert Rule(secret_croft, f"SELECT {get_secret(text, key='x')} AS x").is_aborted()
    assert Rule(secret_croft, f"SELECT {get_secret(text, 'SecretBinary')} AS x").is_aborted()
    binary = secret(SecretBinary="AAEC")
    assert Rule(secret_croft, f"SELECT {get_secret(binary, 'SecretBinary')} AS x").told() == {"x": "AAEC"}
    assert Rule(secret_croft, f"SELECT {get_secret(binary)} AS x").is_aborted()


def test_a_secret_that_is_refused(secret_croft, secrets, secret):
    name = secret(400, __type="ResourceNotFoundException", Message="Secrets Manager can't find the specified secret.")

    assert Rule(secret_croft, f"SELECT {get_secret(name)} AS x").is_aborted()
    assert "could not be evaluated: Secrets Manager can't find the specified secret." in secret_croft.output()
    secrets.answer(200, {"SecretString": "later"})
    assert Rule(secret_croft, f"SELECT {get_secret(name)} AS x").told() == {"x": "later"}  # a refusal is not kept


def test_a_secret_in_a_template(secret_croft, secret):
    name = secret(SecretString='{"token":"t-1"}')
    headers = {"contentType": "${%s}" % get_secret(name, key="token")}
    sent = Rule(secret_croft, "SELECT *", actions=[{"republish": {"topic": "out/" + name, "roleArn": ROLE, "headers": headers}}])
    assert sent.client.subscribe("out/" + name, qos=0) == [0]
    sent.publish()

    assert b"t-1" in sent.client.message().block


# What is refused at creation.

NO_SECRETS = ("The function get_secret is not supported by this endpoint: the configuration names no endpoint for Secrets "
              "Manager ([services.secretsmanager]).")


def refusal(croft, sql, **more):
    with pytest.raises(ClientError) as refused:
        Rule(croft, sql, **more)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_refused_statements(croft):
    assert refusal(croft, f"SELECT get_secret('s', 'SecretString', '{ROLE}') AS x") == (
        "InvalidRequestException", 400, NO_SECRETS)
    for sql, problem in {
        f"SELECT {decode()} AS a, {decode()} AS b, {decode()} AS c": "a statement can decode protobuf twice",
        f"SELECT get_or_default(a, {decode()}) AS a": "the default of get_or_default cannot call decode",
        f"SELECT get_or_default(a, get_thing_shadow('t', '{ROLE}')) AS a":
            "the default of get_or_default cannot call get_thing_shadow",
        "SELECT encode(a, 'proto') AS a": "encode knows no 'proto'",
        f"SELECT get_registry_data('ListThings', 't', '{ROLE}') AS a":
            "get_registry_data takes 'DescribeThing' or 'ListThingGroupsForThing'",
    }.items():
        code, status, message = refusal(croft, sql)
        assert (code, status, message.endswith(problem)) == ("SqlParseException", 400, True), message


def test_refused_templates(croft):
    republish = lambda topic: [{"republish": {"topic": topic, "roleArn": ROLE}}]

    assert refusal(croft, "SELECT *", actions=republish("${get_secret('s', 'SecretString', '%s')}" % ROLE)) == (
        "InvalidRequestException", 400,
        "The substitution template of 'topic' cannot be used: " + NO_SECRETS)
    code, status, message = refusal(croft, "SELECT *", actions=republish("${%s}" % decode()))
    assert (code, status) == ("SqlParseException", 400)
    assert message.endswith("a substitution template cannot decode protobuf")


# Lifecycle events.

def test_a_lifecycle_event_is_finished_when_its_functions_answered(fresh_croft):
    """The events of a device reach the actions in order, though a shadow is read for each."""
    croft = fresh_croft()
    croft.client("iot-data").update_thing_shadow(thingName="dev", payload=b'{"state":{"reported":{"room":"r1"}}}')
    croft.client("iot").create_topic_rule(ruleName="presence", topicRulePayload={
        "sql": f"SELECT eventType AS e, get_thing_shadow(clientId, '{ROLE}').state.reported.room AS room "
               "FROM '$aws/events/presence/+/dev'",
        "awsIotSqlVersion": "2016-03-23", "actions": [{"republish": {"topic": "presence", "roleArn": ROLE}}]})
    listener = Client(croft, "listener")
    assert listener.subscribe("presence", qos=0) == [0]
    for _ in range(5):
        Client(croft, "dev").leave()

    heard = [json.loads(listener.message().payload) for _ in range(10)]
    assert heard == [{"e": event, "room": "r1"} for _ in range(5) for event in ("connected", "disconnected")]
