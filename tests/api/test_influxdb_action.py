"""The influxDB action and its destinations against a server that takes line protocol, with the token in a Secrets Manager."""

import json
import re
import time

import paho.mqtt.client as paho
import pytest
from conftest import Croft
from http_endpoint import Endpoint, signed
from mqtt_wire import V5, Client
from slow_function import deploy_slow

ROLE = "arn:aws:iam::000000000000:role/r"


class Influx(Endpoint):
    """InfluxDB and Secrets Manager in one; `secret` is the secret's value, `token` the one that is good."""

    def __init__(self):
        super().__init__()
        self.secrets, self.token, self.secret = [], "good", {"SecretString": "good"}
        self.later = []  # answers to writes
        self.answers = self.answer

    def answer(self, request):
        if request.headers.get("x-amz-target") == "secretsmanager.GetSecretValue":
            self.requests.remove(request)
            self.secrets.append(request)
            return 200, {"content-type": "application/x-amz-json-1.1"}, json.dumps(self.secret).encode()
        if request.path == "/errors":
            return 200, {}, b""
        if request.headers.get("authorization") not in (f"Token {self.token}", f"Bearer {self.token}"):
            return 401, {}, b""
        if request.method == "POST" and self.later:
            return self.later.pop(0)
        return (204 if request.method == "POST" else 200), {}, b""

    def writes(self):
        return [request for request in self.requests if request.method == "POST" and request.path != "/errors"]

    def lines(self, count=1):
        deadline = time.monotonic() + 10
        while len(self.writes()) < count:
            assert time.monotonic() < deadline, [request.target for request in self.requests]
            time.sleep(0.01)
        return self.writes()[count - 1].body.decode().split("\n")


@pytest.fixture(scope="module")
def influx():
    server = Influx()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def croft(influx, tmp_path_factory):
    folder = tmp_path_factory.mktemp("influx")
    (folder / "secret").write_text("abc")
    (folder / "croft.toml").write_text(f"""
[services.secretsmanager]
endpoint = "{influx.url}"
access-key-id = "AKIAEXAMPLE"
secret-access-key-file = "{folder}/secret"
""")
    server = Croft(folder / "data", "--config", str(folder / "croft.toml"))
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(autouse=True)
def reset(influx):
    influx.requests.clear()
    influx.secrets.clear()
    influx.later.clear()
    influx.token, influx.secret = "good", {"SecretString": "good"}


def create(croft, influx, version="V2", **more):
    configuration = {"endpoint": influx.url, "influxDBVersion": version, "secretId": "token-of-influx", **more}
    return signed(croft, "POST", "/destinations", {"destinationConfiguration": {"influxDBConfiguration": configuration}})


def shown(croft, arn):
    return signed(croft, "GET", "/destinations/" + arn)[2]["topicRuleDestination"]


def wait_for(croft, arn, status):
    deadline = time.monotonic() + 10
    while shown(croft, arn)["status"] != status:
        assert time.monotonic() < deadline, shown(croft, arn)
        time.sleep(0.01)
    return shown(croft, arn)


@pytest.fixture(scope="module")
def arns(croft, influx):
    """Version -> the ARN of an ENABLED destination."""
    made = {version: create(croft, influx, version)[2]["topicRuleDestination"]["arn"] for version in ("V2", "V3")}
    for arn in made.values():
        wait_for(croft, arn, "ENABLED")
    errors = {"httpUrlConfiguration": {"confirmationUrl": influx.url + "/errors"}}
    http = croft.client("iot").create_topic_rule_destination(destinationConfiguration=errors)["topicRuleDestination"]
    wait_for(croft, http["arn"], "ENABLED")
    return made


@pytest.fixture
def make(croft, influx, arns):
    """make(version, **parameters): a rule on devices/#."""
    made = []
    influx.requests.clear()
    influx.secrets.clear()

    def perform(version="V2", sql="SELECT * FROM 'devices/#'", error_action=None, **parameters):
        name = f"i{time.monotonic_ns()}"
        made.append(name)
        action = {"destinationArn": arns.get(version, version), "roleArn": ROLE, "organization": "my-org",
                  "databaseName": "sensor_data", "tableName": "device_metrics", **parameters}
        return signed(croft, "POST", f"/rules/{name}", {
            "sql": sql, "awsIotSqlVersion": "2016-03-23",
            "actions": [{"influxDB": {key: value for key, value in action.items() if value is not None}}],
            "errorAction": error_action or {"http": {"url": influx.url + "/errors"}}})

    yield perform
    for name in made:
        signed(croft, "DELETE", f"/rules/{name}")


@pytest.fixture
def publish(croft):
    data = croft.client("iot-data")
    return lambda payload, topic="devices/floor3/telemetry": data.publish(
        topic=topic, qos=1, payload=payload if isinstance(payload, (bytes, str)) else json.dumps(payload))


def failure(influx):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for request in influx.requests:
            if request.path == "/errors":
                return request.json()["failures"][0]
        time.sleep(0.01)
    raise AssertionError("the error action did not run")


# --- destinations ---

@pytest.mark.parametrize("version, path, authorization", [
    ("V2", "/api/v2/me", "Token good"), ("V3", "/api/v3/configure/database", "Bearer good")])
def test_a_destination_is_checked_with_its_token(croft, influx, version, path, authorization):
    code, status, answer = create(croft, influx, version, secretType="SecretString")
    made = answer["topicRuleDestination"]
    assert (code, status) == ("", 200)
    assert re.fullmatch(r"arn:aws:iot:us-east-1:000000000000:ruledestination/influxdb/[0-9a-f-]{36}", made["arn"])
    assert made["status"] == "IN_PROGRESS"
    properties = {"endpoint": influx.url, "influxDBVersion": version, "secretId": "token-of-influx", "secretType": "SecretString"}
    assert made["influxDBProperties"] == properties

    assert "statusReason" not in wait_for(croft, made["arn"], "ENABLED")
    request = influx.requests[0]
    assert (request.method, request.path, request.headers["authorization"]) == ("GET", path, authorization)
    assert influx.secrets[0].json() == {"SecretId": "token-of-influx"}
    assert influx.secrets[0].headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/")
    listed = signed(croft, "GET", "/destinations")[2]["destinationSummaries"]
    assert properties in [one.get("influxDBSummary") for one in listed]


def test_a_token_that_is_not_good_makes_an_error_that_can_be_tried_again(croft, influx):
    influx.token = "another"
    arn = create(croft, influx)[2]["topicRuleDestination"]["arn"]
    assert wait_for(croft, arn, "ERROR")["statusReason"] == "The endpoint responded with HTTP status code - 401."
    influx.secret = {"SecretString": "another"}
    assert signed(croft, "PATCH", "/destinations", {"arn": arn, "status": "IN_PROGRESS"})[1] == 200
    assert "statusReason" not in wait_for(croft, arn, "ENABLED")


@pytest.mark.parametrize("secret, more, reason", [
    ({"SecretString": "{\"token\": \"good\"}"}, {}, None),
    ({"SecretString": "{\"a\": \"x\", \"token\": \"good\"}"}, {"secretKey": "token"}, None),
    ({"SecretBinary": "Z29vZA=="}, {"secretType": "SecretBinary"}, None),
    ({"SecretString": "good\n"}, {}, None),
    ({"SecretString": "{\"a\": \"x\", \"token\": \"good\"}"}, {}, "the secret has several keys and none of them is named"),
    ({"SecretString": "{\"a\": \"x\"}"}, {"secretKey": "token"}, "the secret has no such key"),
    ({"SecretString": "good"}, {"secretKey": "token"}, "the secret is not a JSON object"),
    ({"SecretString": "good"}, {"secretType": "SecretBinary"}, "the secret has no SecretBinary"),
])
def test_forms_of_secrets(croft, influx, secret, more, reason):
    influx.secret = secret
    arn = create(croft, influx, **more)[2]["topicRuleDestination"]["arn"]

    if reason is None:
        wait_for(croft, arn, "ENABLED")
    else:
        assert wait_for(croft, arn, "ERROR")["statusReason"] == "The secret could not be read: " + reason


@pytest.mark.parametrize("more, message", [
    ({"influxDBVersion": "V1"}, "1 validation error detected: Value 'V1' at 'destinationConfiguration.influxDBConfiguration."
     "influxDBVersion' failed to satisfy constraint: Member must satisfy enum value set: [V2, V3]"),
    ({"endpoint": "http://example.com:8086"}, "The value of 'endpoint' is not valid: the URL must start with https://."),
    ({"endpoint": "https://example.com:9999"}, "The value of 'endpoint' is not valid: the port 9999 is not supported."),
    ({"endpoint": "https://example.com:8086/x"}, "The value of 'endpoint' is not valid: a path is not supported."),
    ({"secretType": "x"}, "1 validation error detected: Value 'x' at 'destinationConfiguration.influxDBConfiguration.secretType' "
     "failed to satisfy constraint: Member must satisfy enum value set: [SecretString, SecretBinary]"),
    ({"secretId": None}, "1 validation error detected: Value null at 'destinationConfiguration.influxDBConfiguration.secretId' "
     "failed to satisfy constraint: Member must not be null"),
])
def test_destination_parameters_are_checked(croft, influx, more, message):
    assert create(croft, influx, **more) == ("InvalidRequestException", 400, {"message": message})


# --- points: AWS's own examples ---

def test_the_documented_message_becomes_the_documented_line(make, publish, influx):
    assert make(tags={"device_id": "${topic(2)}", "location": "building-a"}, timestampUnit="ms") == ("", 200, {})
    publish({"timestamp": 1700000000000, "temperature": 23.5, "humidity": 60.1, "pressure": 1013.25, "battery_level": 87})

    assert influx.lines() == ["device_metrics,device_id=floor3,location=building-a "
                              "temperature=23.5,humidity=60.1,pressure=1013.25,battery_level=87i 1700000000000"]
    request = influx.writes()[0]
    assert request.target == "/api/v2/write?org=my-org&bucket=sensor_data&precision=ms"
    assert request.headers["authorization"] == "Token good"
    assert request.headers["content-type"] == "text/plain; charset=utf-8"


def test_the_documented_array_becomes_the_documented_lines(make, publish, influx):
    assert make("V3", tableName="@{measurement_type}", tags={"sensor_id": "@{sensor_id}", "location": "${topic(2)}"},
                timestampUnit="ns")[1] == 200
    publish([{"measurement_type": "temperature", "sensor_id": "sensor-42", "timestamp": 1700000000000000000, "value": 23.5},
             {"measurement_type": "humidity", "sensor_id": "sensor-42", "timestamp": 1700000001000000000, "value": 60.1},
             {"measurement_type": "pressure", "sensor_id": "sensor-43", "timestamp": 1700000002000000000, "value": 1013.25}])

    assert influx.lines() == ["temperature,location=floor3,sensor_id=sensor-42 value=23.5 1700000000000000000",
                              "humidity,location=floor3,sensor_id=sensor-42 value=60.1 1700000001000000000",
                              "pressure,location=floor3,sensor_id=sensor-43 value=1013.25 1700000002000000000"]
    assert influx.writes()[0].target == "/api/v3/write_lp?db=sensor_data&precision=nanosecond"
    assert influx.writes()[0].headers["authorization"] == "Bearer good"


def test_every_json_type_has_its_field_type(make, publish, influx):
    make(tags={"room": "${room}"}, tableName="a b,c=d")
    publish('{"timestamp":1,"room":"k, 1=2","i":-42,"big":9223372036854775808,"f":10.0,"e":1e300,"t":true,"n":null,'
            '"s":"say \\"hi\\" \\\\ you","o":{"a": 1},"l":[1, "x"],"key of, it=": 1}')

    assert influx.lines() == [r'a\ b\,c=d,room=k\,\ 1\=2 i=-42i,big=9223372036854775808u,f=10,e=1E+300,t=t,'
                              r's="say \"hi\" \\ you",o="{\"a\":1}",l="[1,\"x\"]",key\ of\,\ it\==1i 1']


def test_empty_tags_are_left_out_and_tags_are_sorted(make, publish, influx):
    make(tags={"z": "1", "a": "2", "m": "@{absent}"})
    publish({"timestamp": 1, "v": 1})

    assert influx.lines() == ["device_metrics,a=2,z=1 v=1i 1"]


@pytest.mark.parametrize("version, parameters, payload, message", [
    ("V2", {}, {"v": 1}, "The payload does not contain a 'timestamp' key."),
    ("V2", {}, {"timestamp": "1", "v": 1}, "The timestamp value is not an integer."),
    ("V2", {}, {"timestamp": 1.5, "v": 1}, "The timestamp value is not an integer."),
    ("V2", {}, {"timestamp": 1}, "The payload contains no valid fields."),
    ("V2", {}, {"timestamp": 1, "_v": 1}, "A field key is empty or starts with '_': '_v'."),
    ("V2", {}, {"timestamp": 1, "": 1}, "A field key is empty or starts with '_': ''."),
    ("V2", {}, {"timestamp": 1, "v": 18446744073709551616}, "The integer of the field 'v' is out of range."),
    ("V2", {}, {"timestamp": 1, **{f"f{n}": n for n in range(251)}},
     "The tags and fields exceed the maximum column count of 250."),
    ("V2", {}, [{"timestamp": 1, "v": 1}, {"v": 2}], "The payload does not contain a 'timestamp' key."),
    ("V2", {}, [{"timestamp": 1, "v": 1}, 2], "The payload is not a JSON object or an array of JSON objects."),
    ("V2", {}, [], "The payload contains no points."),
    ("V2", {}, "text", "The payload is not a JSON object or an array of JSON objects."),
    ("V2", {"tags": {"t": "${t}"}}, {"timestamp": 1, "v": 1, "t": "a\nevil v=1 2"}, "The value of the tag 't' is not valid."),
    ("V2", {"tags": {"t": "${t}"}}, {"timestamp": 1, "v": 1, "t": "a\\"}, "The value of the tag 't' is not valid."),
    ("V2", {"tableName": "@{t}"}, {"timestamp": 1, "v": 1, "t": "#x"}, "'#x' is not a valid table name."),
    ("V2", {"tableName": "@{t}"}, {"timestamp": 1, "v": 1}, "'' is not a valid table name."),
    ("V3", {"tableName": "-x"}, {"timestamp": 1, "v": 1}, "'-x' is not a valid table name."),
    ("V3", {"tags": {"-t": "x"}}, {"timestamp": 1, "v": 1}, "'-t' is not a valid tag key."),
    ("V2", {"organization": None}, {"timestamp": 1, "v": 1}, "The parameter 'organization' is required for InfluxDB V2."),
])
def test_points_that_cannot_be_written(make, publish, influx, arns, version, parameters, payload, message):
    assert make(version, **parameters)[1] == 200
    publish(payload)

    assert failure(influx) == {"failedAction": "InfluxDBAction", "failedResource": arns[version], "errorMessage": message}
    assert influx.writes() == []


def test_no_value_ends_its_line(make, publish, influx):
    make()
    publish({"timestamp": 1, "v": "a\nother v=1 2", "w": 1})

    assert influx.writes() == [] or influx.lines()
    assert "\n".join(influx.lines()) == 'device_metrics v="a\nother v=1 2",w=1i 1'  # a line's end within quotes is the value's


# --- tries ---

def test_a_refused_token_is_read_again_once(make, publish, influx):
    make()
    publish({"timestamp": 1, "v": 1})
    influx.lines(1)
    influx.token, influx.secret = "newer", {"SecretString": "newer"}
    publish({"timestamp": 2, "v": 2})

    assert influx.lines(3) == ["device_metrics v=2i 2"]
    assert [request.headers["authorization"] for request in influx.writes()] == ["Token good", "Token good", "Token newer"]


def test_a_token_that_stays_refused_fails(make, publish, influx):
    make()
    influx.token = "unknown"
    publish({"timestamp": 1, "v": 1})

    assert failure(influx)["errorMessage"] == "Failed to write to InfluxDB. StatusCode: 401. Reason: Unauthorized."
    assert len(influx.writes()) == 2


def test_an_unavailable_service_is_tried_again(make, publish, influx):
    make()
    influx.later = [(503, {}, b""), (503, {}, b"")]
    publish({"timestamp": 1, "v": 1})

    assert influx.lines(3) == ["device_metrics v=1i 1"]


@pytest.mark.parametrize("status, text", [
    (404, "StatusCode: 404. Reason: Not Found."), (422, "StatusCode: 422. Reason: Unprocessable Content."),
    (500, "StatusCode: 500. Reason: Internal Server Error.")])
def test_other_refusals_are_final(make, publish, influx, status, text):
    make()
    influx.later = [(status, {}, b"")]
    publish({"timestamp": 1, "v": 1})

    assert failure(influx)["errorMessage"] == "Failed to write to InfluxDB. " + text
    assert len(influx.writes()) == 1


# --- batches, error actions ---

def test_points_of_several_clients_are_written_together(croft, make, influx):
    make(tags={"d": "${clientid()}"}, batchConfig={"maxBatchSize": 3, "maxBatchOpenMs": 1000, "batchAcrossTopics": True})
    clients = []
    for n in range(2):
        client = paho.Client(client_id=f"influx-{n}")
        client.connect("127.0.0.1", croft.port("mqtt"))
        client.loop_start()
        clients.append(client)
    clients[0].publish("devices/0", json.dumps([{"timestamp": 1, "v": 1}, {"timestamp": 2, "v": 2}]), qos=1).wait_for_publish(5)
    clients[1].publish("devices/1", json.dumps({"timestamp": 3, "v": 3}), qos=1).wait_for_publish(5)

    assert influx.lines() == ["device_metrics,d=influx-0 v=1i 1", "device_metrics,d=influx-0 v=2i 2",
                              "device_metrics,d=influx-1 v=3i 3"]
    for client in clients:
        client.disconnect()
        client.loop_stop()


def test_an_error_document_is_one_record_with_the_present_time(make, publish, influx, arns):
    make(sql="SELECT * FROM 'devices/#'", tableName="@{absent}", error_action={"influxDB": {
        "destinationArn": arns["V2"], "roleArn": ROLE, "organization": "o", "databaseName": "errors", "tableName": "failed",
        "timestampUnit": "s", "tags": {"where": "${topic(2)}"}}})
    publish({"timestamp": 1, "v": 1})

    line = influx.lines()[0]
    assert line.startswith('failed,where=floor3 ruleName="i')
    assert '"failedAction\\":\\"InfluxDBAction' in line.replace('\\"failedAction', '"failedAction')
    assert abs(int(line.rsplit(" ", 1)[1]) - time.time()) < 5


# --- parameters ---

ELSEWHERE = "arn:aws:iot:us-east-1:000000000000:ruledestination/influxdb/00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("parameters, message", [
    ({"destinationArn": ELSEWHERE}, f"The topic rule destination {ELSEWHERE} does not exist."),
    ({"roleArn": "r"}, "The roleArn 'r' is not a valid role ARN."),
    ({"databaseName": "${topic()}"}, "The parameter 'databaseName' cannot have substitution templates."),
    ({"tableName": None}, "The parameter 'tableName' is required."),
    ({"tableName": "@{a}@{b}"}, "'tableName' can have one @{field} and nothing else in braces."),
    ({"tableName": "@{a}${b}"}, "'tableName' can have one @{field} and nothing else in braces."),
    ({"tableName": "@{upper(a)}"}, "'tableName' can have one @{field} and nothing else in braces."),
    ({"tags": {"_t": "x"}}, "'_t' is not a valid tag key."),
    ({"tags": {"t": "@{"}}, "'t' can have one @{field} and nothing else in braces."),
    ({"timestampUnit": "m"}, "'timestampUnit' must be s, ms, us or ns."),
    ({"batchConfig": {"maxBatchSize": 501}}, "'maxBatchSize' must be a number from 1 to 500."),
    ({"batchConfig": {"maxBatchOpenMs": 1001}}, "'maxBatchOpenMs' must be a number from 5 to 1000."),
])
def test_parameters_that_are_refused(make, parameters, message):
    assert make(**parameters) == ("InvalidRequestException", 400, {"message": message})


@pytest.mark.parametrize("payload", [
    {"sql": "SELECT * FROM 'a'", "actions": [{"republish": {"topic": "@{a}", "roleArn": ROLE}}]},
    {"sql": "SELECT * FROM 'a'", "actions": [], "errorAction": {"republish": {"topic": "x/@{a}", "roleArn": ROLE}}},
])
def test_element_templates_are_for_influxdb_alone(croft, payload):
    assert signed(croft, "POST", "/rules/refused", payload) == (
        "InvalidRequestException", 400, {"message": "The template @{...} is supported only by the influxDB action."})


def test_without_secrets_manager_there_is_no_influxdb(fresh_croft):
    other = fresh_croft()
    action = {"destinationArn": ELSEWHERE, "roleArn": ROLE, "databaseName": "d", "tableName": "t"}
    answer = signed(other, "POST", "/rules/r", {"sql": "SELECT * FROM 'a'", "actions": [{"influxDB": action}]})

    assert answer[:2] == ("InvalidRequestException", 400)


# --- over a crash ---

def test_points_are_written_after_a_kill(croft, influx, arns):
    action = {"destinationArn": arns["V2"], "roleArn": ROLE, "organization": "my-org", "databaseName": "d", "tableName": "killed"}
    assert signed(croft, "POST", "/rules/killed", {
        "sql": "SELECT * FROM 'killed'", "awsIotSqlVersion": "2016-03-23",
        "actions": [{"lambda": {"functionArn": deploy_slow(croft)}}, {"influxDB": action}]}) == ("", 200, {})

    def numbers():
        return [int(number) for request in influx.writes() for number in re.findall(r"n=(\d)", request.body.decode())]

    with Client(croft, "device", V5) as client:
        for number in range(6):
            point = {"timestamp": 1700000000 + number, "n": number}
            client.publish("killed", json.dumps(point).encode(), qos=1, packet_id=number + 1)
    croft.kill()
    assert len(numbers()) < 6, "the crash came too late to tell anything"
    croft.start()

    deadline = time.monotonic() + 40
    while set(numbers()) != set(range(6)):
        assert time.monotonic() < deadline, numbers()
        time.sleep(0.02)
    assert list(dict.fromkeys(numbers())) == list(range(6))
