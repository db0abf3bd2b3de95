"""What croft sends for tables that are elsewhere, at an endpoint that records it."""

import json
import socket
import threading
import time
import zlib

import boto3
import botocore.config
import pytest
from conftest import Croft, wait_until
from distant_tables import ROLE, document_in, logged, put_into, rule, settings_file, signed
from mqtt_wire import V5, Client
from remote_endpoint import KEY_ID, REGION, SECRET, TOKEN, RemoteEndpoint


# --- the wire, at an endpoint that records ---

@pytest.fixture(scope="module")
def endpoints():
    servers = RemoteEndpoint(), RemoteEndpoint()
    yield servers
    for server in servers:
        server.close()


@pytest.fixture(scope="module")
def recorded_croft(tmp_path_factory, endpoints):
    folder = tmp_path_factory.mktemp("recorded")
    (folder / "secret").write_text(SECRET)
    (folder / "token").write_text(TOKEN)
    text = (f"endpoint = '{endpoints[0].url}'\nstreams-endpoint = '{endpoints[1].url}'\nregion = '{REGION}'\ntimeout-ms = 1000\n"
            f"access-key-id = '{KEY_ID}'\nsecret-access-key-file = '{folder}/secret'\nsession-token-file = '{folder}/token'\n"
            "patience-s = 20\nconnections = 2\n")
    server = Croft(folder / "data", "--config", settings_file(folder, text), "--ephemeral")
    server.client("s3").create_bucket(Bucket="failures")
    wait_until(lambda: endpoints[0].requests, what="the greeting")
    yield server
    assert server.stop() == 0, server.output()
    log = logged(server)
    assert SECRET not in log and TOKEN not in log


@pytest.fixture
def endpoint(recorded_croft, endpoints):
    for server in endpoints:
        server.forget()
    yield endpoints[0]
    for server in endpoints:
        assert server.faults == []
        assert not server.answers


def test_the_body_is_untouched_and_the_answer_is_as_it_was(recorded_croft, endpoint):
    sent = b'{ "TableName" : "t\\u0041", "Key":{"id":{"S":"\xc3\xa9"}},\n "Unknown":[1.0e2,{}] }'
    answered = '{ "Item" : {"id":{"S":"\u00e9"}, "n":{"N":"1.50"}} }\n'
    crc = str(zlib.crc32(answered.encode()))
    endpoint.answer(200, answered, x_amzn_requestid="FARREQUESTID123", x_amz_crc32=crc)

    status, headers, body = signed(recorded_croft, "DynamoDB_20120810.GetItem", sent, **{"amz-sdk-invocation-id": "i-1"})

    assert (status, body) == (200, answered.encode())
    assert headers["x-amzn-requestid"] == "FARREQUESTID123"
    assert headers["x-amz-crc32"] == crc
    assert headers["content-type"] == "application/x-amz-json-1.0"
    [request] = endpoint.requests
    assert (request.method, request.target, request.body) == ("POST", "/", sent)
    assert request.operation == "DynamoDB_20120810.GetItem"
    assert request.scope == (KEY_ID, REGION, "dynamodb")
    assert request.headers["x-amz-security-token"] == TOKEN
    assert request.headers["amz-sdk-invocation-id"] == "i-1"


def test_a_refusal_is_as_it_was(recorded_croft, endpoint):
    answered = ('{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",'
                '"CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Item":{"id":{"S":"a"}}}],'
                '"Message":"m"}')
    endpoint.answer(400, answered, x_amzn_requestid="R2")

    status, headers, body = signed(recorded_croft, "DynamoDB_20120810.TransactWriteItems", b"{}")

    assert (status, body) == (400, answered.encode())
    assert headers["x-amzn-requestid"] == "R2"
    assert headers["x-amz-crc32"] == str(zlib.crc32(answered.encode()))
    assert len(endpoint.requests) == 1, "a caller has tries of its own"


def test_operations_that_croft_does_not_have_go_there_too(recorded_croft, endpoint):
    endpoint.answer(200, '{"GlobalTables":[]}')

    assert signed(recorded_croft, "DynamoDB_20120810.ListGlobalTables", b"{}")[::2] == (200, b'{"GlobalTables":[]}')
    status, _, body = signed(recorded_croft, "DynamoDB_20120810.NoSuchThing", b"{}")
    assert status == 400 and json.loads(body)["__type"] == "com.amazon.coral.service#UnknownOperationException"


def test_streams_have_an_endpoint_of_their_own(recorded_croft, endpoint, endpoints):
    endpoints[1].answer(200, '{"Streams":[]}')

    answer = recorded_croft.client("dynamodbstreams").list_streams()

    assert answer["Streams"] == []
    [request] = endpoints[1].requests
    assert request.operation == "DynamoDBStreams_20120810.ListStreams"
    assert request.scope == (KEY_ID, REGION, "dynamodb")
    assert not endpoint.requests


def test_throttles_are_for_the_callers_sdk(recorded_croft, endpoint):
    throttle = {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": "slow"}
    endpoint.answer(400, throttle)
    endpoint.answer(400, throttle)
    endpoint.answer(200, {"Item": {"id": {"S": "a"}}})
    patient = boto3.client("dynamodb", endpoint_url=recorded_croft.endpoints["gateway"], region_name="us-east-1",
                           aws_access_key_id=recorded_croft.credentials["aws_access_key_id"],
                           aws_secret_access_key=recorded_croft.credentials["aws_secret_access_key"],
                           config=botocore.config.Config(retries={"max_attempts": 4}))

    assert patient.get_item(TableName="tab", Key={"id": {"S": "a"}})["Item"] == {"id": {"S": "a"}}
    assert len(endpoint.requests) == 3


def test_a_damaged_answer_is_none(recorded_croft, endpoint):
    endpoint.answer(200, "{}", x_amz_crc32="1")

    status, _, body = signed(recorded_croft, "DynamoDB_20120810.PutItem", b"{}")

    assert (status, json.loads(body)["__type"]) == (503, "com.amazonaws.dynamodb.v20120810#ServiceUnavailable")


def test_an_answer_that_does_not_come_is_told_soon_and_a_write_is_not_sent_twice(recorded_croft, endpoint):
    endpoint.delay = 1.6
    started = time.monotonic()
    try:
        status, _, body = signed(recorded_croft, "DynamoDB_20120810.UpdateItem", b"{}")
    finally:
        endpoint.delay = 0

    assert status == 503 and 0.9 < time.monotonic() - started < 1.6
    assert "do not answer" in json.loads(body)["message"]
    time.sleep(1)
    assert [request.operation for request in endpoint.requests] == ["DynamoDB_20120810.UpdateItem"]


class RudeEndpoint:
    """Takes requests and hangs up on them; those that it is told to answer get {}."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.operations, self.hang_ups = [], 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                taken, _ = self.listener.accept()
            except OSError:
                return
            with taken, taken.makefile("rb") as lines:
                named = [line.decode().strip() for line in iter(lines.readline, b"\r\n") if b": " in line]
                headers = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in named}
                lines.read(int(headers.get("content-length", 0)))
                self.operations.append(headers["x-amz-target"].split(".")[1])
                hangs_up = self.hang_ups > 0
                self.hang_ups -= hangs_up  # before the answer: then the test sets it again
                if not hangs_up:
                    taken.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}")

    def close(self):
        self.listener.close()


def test_only_what_reads_is_asked_again_when_an_answer_is_lost(fresh_croft, tmp_path):
    rude = RudeEndpoint()
    (tmp_path / "secret").write_text(SECRET)
    near = fresh_croft("--ephemeral", "--config", settings_file(
        tmp_path, f"endpoint = '{rude.url}'\naccess-key-id = '{KEY_ID}'\nsecret-access-key-file = '{tmp_path}/secret'\n"))
    wait_until(lambda: rude.operations == ["ListTables"], what="the greeting")
    answers = {}

    for operation in ("Query", "DescribeTable", "TransactGetItems", "PutItem", "UpdateItem", "TransactWriteItems",
                      "ExecuteStatement"):
        rude.operations, rude.hang_ups = [], 1
        status = signed(near, "DynamoDB_20120810." + operation, b"{}")[0]
        answers[operation] = (status, len(rude.operations))
    rude.close()

    assert answers == {"Query": (200, 2), "DescribeTable": (200, 2), "TransactGetItems": (200, 2), "PutItem": (503, 1),
                       "UpdateItem": (503, 1), "TransactWriteItems": (503, 1), "ExecuteStatement": (503, 1)}


# --- rules ---

def test_rule_actions_send_what_they_mean(recorded_croft, endpoint):
    rule(recorded_croft, "sends", "SELECT * FROM 'sends'", put_into("wide"),
         {"dynamoDB": {"roleArn": ROLE, "tableName": "narrow", "hashKeyField": "id", "hashKeyValue": "${id}",
                       "rangeKeyField": "at", "rangeKeyType": "NUMBER", "rangeKeyValue": "${at}", "payloadField": "odd#name"}},
         {"dynamoDB": {"roleArn": ROLE, "tableName": "narrow", "hashKeyField": "id", "hashKeyValue": "${id}",
                       "operation": "UPDATE", "payloadField": "odd#name"}},
         {"dynamoDB": {"roleArn": ROLE, "tableName": "narrow", "hashKeyField": "id", "hashKeyValue": "${id}",
                       "operation": "DELETE"}})

    recorded_croft.client("iot-data").publish(topic="sends", qos=1, payload=b'{"id":"a\\"b","at":3,"on":true,"l":[1,"x",null]}')
    wait_until(lambda: len(endpoint.requests) == 4)

    payload = {"id": {"S": 'a"b'}, "at": {"N": "3"}, "on": {"BOOL": True}, "l": {"L": [{"N": "1"}, {"S": "x"}, {"NULL": True}]}}
    operations = [request.operation.split(".")[1] for request in endpoint.requests]
    assert operations == ["PutItem", "PutItem", "UpdateItem", "DeleteItem"]
    assert [request.json for request in endpoint.requests] == [
        {"TableName": "wide", "Item": payload},
        {"TableName": "narrow", "Item": {"id": {"S": 'a"b'}, "at": {"N": "3"}, "odd#name": {"M": payload}}},
        {"TableName": "narrow", "Key": {"id": {"S": 'a"b'}}, "UpdateExpression": "SET #a = :v",
         "ExpressionAttributeNames": {"#a": "odd#name"}, "ExpressionAttributeValues": {":v": {"M": payload}}},
        {"TableName": "narrow", "Key": {"id": {"S": 'a"b'}}}]


def test_a_throttled_action_is_tried_again_and_what_follows_waits(recorded_croft, endpoint):
    rule(recorded_croft, "throttled", "SELECT n FROM 'throttled'", put_into("t"), failures="failures")
    throttle = {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": "slow"}
    for _ in range(4):
        endpoint.answer(400, throttle)

    with Client(recorded_croft, "throttled-device", V5) as device:
        for n in range(3):
            device.publish("throttled", b'{"n": "%d"}' % n, qos=1, packet_id=n + 1)
    wait_until(lambda: len(endpoint.requests) == 7, what="all writes")

    assert [request.json["Item"]["n"]["S"] for request in endpoint.requests] == ["0"] * 5 + ["1", "2"]
    assert recorded_croft.client("s3").list_objects_v2(Bucket="failures", Prefix="throttled").get("KeyCount") == 0


def test_a_refused_action_fails_at_once(recorded_croft, endpoint):
    rule(recorded_croft, "refused", "SELECT n FROM 'refused'", put_into("t"), failures="failures")
    endpoint.answer(400, {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
                          "message": "Requested resource not found"})

    recorded_croft.client("iot-data").publish(topic="refused", qos=1, payload=b'{"n":"1"}')

    [failure] = document_in(recorded_croft, "failures", "refused")["failures"]
    assert (failure["failedAction"], failure["failedResource"]) == ("DynamoDBv2Action", "t")
    assert failure["errorMessage"] == "Requested resource not found"
    assert len(endpoint.requests) == 1
