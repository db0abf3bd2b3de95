"""Tables that are elsewhere: at a second croft, and at an endpoint that records what is sent."""

import io
import json
import re
import socket
import ssl
import sys
import threading
import time
import urllib.error
import urllib.request
import zipfile
import zlib

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import pytest
from botocore.exceptions import ClientError
from conftest import ARTICLE, ROOT, Croft, wait_until
from mqtt_wire import V5, Client
from own_authority import Signed
from prometheus_text import fetch
from remote_endpoint import KEY_ID, REGION, SECRET, TOKEN, RemoteEndpoint, closed_port

sys.path.append(str(ROOT / "tests" / "e2e"))
from test_article import deploy_article, run_storm  # noqa: E402

ROLE = "arn:aws:iam::000000000000:role/r"
UNAVAILABLE = ("ServiceUnavailable", 503)


def settings_file(folder, text, services=""):
    """A configuration whose tables are where `text` says."""
    path = folder / "croft.toml"
    path.write_text(f"[tables]\n{text}\n{services}")
    return str(path)


def at(croft, folder, endpoint=None, secret=None, more=""):
    """The lines of [tables] for another croft."""
    (folder / "far-secret").write_text(secret or croft.credentials["aws_secret_access_key"])
    return (f"endpoint = '{endpoint or croft.endpoints['gateway']}'\nregion = '{croft.credentials['region']}'\n"
            f"access-key-id = '{croft.credentials['aws_access_key_id']}'\n"
            f"secret-access-key-file = '{folder}/far-secret'\n{more}\n")


def table(dynamodb, name, key="id", **more):
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}], **more)


def rule(croft, name, sql, *actions, failures=None):
    payload = {"sql": sql, "awsIotSqlVersion": "2016-03-23", "actions": list(actions)}
    if failures:
        payload["errorAction"] = {"s3": {"roleArn": ROLE, "bucketName": failures, "key": name}}
    croft.client("iot").create_topic_rule(ruleName=name, topicRulePayload=payload)


def put_into(name):
    return {"dynamoDBv2": {"roleArn": ROLE, "putItem": {"tableName": name}}}


def rows(dynamodb, name, key, value):
    found = {}
    for page in dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True):
        found.update({item[key]["S"]: item[value] for item in page["Items"]})
    return found


def left_alone(croft):
    return fetch(croft).value("croft_service_left_alone", service="dynamodb")


def error_of(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


def document_in(croft, bucket, key):
    s3 = croft.client("s3")

    def written():
        try:
            return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        except s3.exceptions.NoSuchKey:
            return None
    return wait_until(written, what=f"the error action of {key}")


def logged(croft):
    return open(croft.log.name, errors="replace").read()


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    server = Croft(tmp_path_factory.mktemp("far") / "data", "--ephemeral", "--region", "eu-west-3",
                   "--account-id", "210987654321")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(scope="module")
def near(far, tmp_path_factory):
    folder = tmp_path_factory.mktemp("near")
    server = Croft(folder / "data", "--config", settings_file(folder, at(far, folder)))
    yield server
    assert server.stop() == 0, server.output()


# --- the API, at another croft ---

def test_tables_made_here_are_there(near, far):
    here, there = near.client("dynamodb"), far.client("dynamodb")

    table(here, "made-here")
    here.put_item(TableName="made-here", Item={"id": {"S": "a"}, "n": {"N": "1"}})
    there.put_item(TableName="made-here", Item={"id": {"S": "b"}, "n": {"N": "2"}})

    assert here.describe_table(TableName="made-here")["Table"]["TableArn"] == \
        "arn:aws:dynamodb:eu-west-3:210987654321:table/made-here"
    assert rows(here, "made-here", "id", "n") == rows(there, "made-here", "id", "n") == {"a": {"N": "1"}, "b": {"N": "2"}}
    assert "made-here" in there.list_tables()["TableNames"]


def test_every_kind_of_request_passes(near, far):
    here = near.client("dynamodb")
    table(here, "kinds")

    here.batch_write_item(RequestItems={"kinds": [{"PutRequest": {"Item": {"id": {"S": str(n)}, "n": {"N": str(n)}}}}
                                                  for n in range(5)]})
    here.update_item(TableName="kinds", Key={"id": {"S": "0"}}, UpdateExpression="ADD n :one",
                     ExpressionAttributeValues={":one": {"N": "41"}})
    here.delete_item(TableName="kinds", Key={"id": {"S": "4"}})

    assert here.get_item(TableName="kinds", Key={"id": {"S": "0"}})["Item"]["n"] == {"N": "41"}
    got = here.batch_get_item(RequestItems={"kinds": {"Keys": [{"id": {"S": "1"}}, {"id": {"S": "4"}}]}})
    assert got["Responses"]["kinds"] == [{"id": {"S": "1"}, "n": {"N": "1"}}]
    assert here.query(TableName="kinds", KeyConditionExpression="id = :i", ExpressionAttributeValues={":i": {"S": "2"}},
                      ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"] == {"TableName": "kinds", "CapacityUnits": 0.5}
    assert here.scan(TableName="kinds", Select="COUNT")["Count"] == 4
    arn = here.describe_table(TableName="kinds")["Table"]["TableArn"]
    here.tag_resource(ResourceArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    assert far.client("dynamodb").list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    here.delete_table(TableName="kinds")
    assert error_of(here.describe_table, TableName="kinds") == (
        "ResourceNotFoundException", 400, "Requested resource not found: Table: kinds not found")


def test_a_large_page_passes(near):
    here = near.client("dynamodb")
    table(here, "large")
    for n in range(8):
        here.put_item(TableName="large", Item={"id": {"S": str(n)}, "b": {"B": bytes(390 * 1024)}})

    keys = [{"id": {"S": str(n)}} for n in range(8)]
    got = here.batch_get_item(RequestItems={"large": {"Keys": keys}})["Responses"]["large"]

    assert sorted(item["id"]["S"] for item in got) == [str(n) for n in range(8)]
    assert all(item["b"]["B"] == bytes(390 * 1024) for item in got), "more than a megabyte in one answer"


def test_a_refusal_with_its_item_passes(near):
    here = near.client("dynamodb")
    table(here, "conditional")
    item = {"id": {"S": "a"}, "version": {"N": "7"}}
    here.put_item(TableName="conditional", Item=item)

    status, _, body = signed(near, "DynamoDB_20120810.PutItem", json.dumps({
        "TableName": "conditional", "Item": {"id": {"S": "a"}, "version": {"N": "6"}}, "ConditionExpression": "version < :v",
        "ExpressionAttributeValues": {":v": {"N": "6"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}).encode())

    assert (status, json.loads(body)) == (400, {
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "The conditional request failed",
        "Item": item})
    assert here.get_item(TableName="conditional", Key={"id": {"S": "a"}})["Item"] == item


def test_the_callers_signature_is_checked_here(near, far):
    stranger = near.client("dynamodb", key=far.credentials["aws_access_key_id"],
                           secret=far.credentials["aws_secret_access_key"])
    impostor = near.client("dynamodb", secret="wrong")

    assert error_of(stranger.list_tables)[:2] == ("UnrecognizedClientException", 400)
    assert error_of(impostor.list_tables)[:2] == ("InvalidSignatureException", 400)


def test_a_client_that_follows_the_endpoint_stays_here(near):
    assert near.client("dynamodb").describe_endpoints()["Endpoints"] == [
        {"Address": near.endpoints["gateway"].removeprefix("http://"), "CachePeriodInMinutes": 1440}]


def test_the_command_line_shows_them(near):
    table(near.client("dynamodb"), "by-command")
    near.client("dynamodb").put_item(TableName="by-command", Item={"id": {"S": "row-of-far"}})

    assert "by-command" in near.run("tables", "list").stdout
    assert "row-of-far" in near.run("tables", "scan", "by-command").stdout


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


def signed(croft, target, body, **headers):
    """(status, headers, body) of a signed request with exactly this body."""
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", data=body, headers={
        "content-type": "application/x-amz-json-1.0", "x-amz-target": target, **headers})
    keys = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"])
    botocore.auth.SigV4Auth(keys, "dynamodb", croft.credentials["region"]).add_auth(request)
    sent = urllib.request.Request(request.url, body, dict(request.headers))
    try:
        answer = urllib.request.urlopen(sent, timeout=30)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()


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


def test_sql_reads_items_there(near, far):
    dynamodb = far.client("dynamodb")
    table(dynamodb, "sql-places")
    table(dynamodb, "sql-results")
    dynamodb.put_item(TableName="sql-places", Item={"id": {"S": "dev-1"}, "place": {"S": "roof"}})
    rule(near, "with_place", "SELECT id, get_dynamodb('sql-places', 'id', id, '" + ROLE + "').place AS place FROM 'where'",
         put_into("sql-results"))

    near.client("iot-data").publish(topic="where", qos=1, payload=b'{"id":"dev-1"}')

    wait_until(lambda: rows(dynamodb, "sql-results", "id", "place") == {"dev-1": {"S": "roof"}})


# --- loud errors ---

def test_a_wrong_key_is_told_everywhere(far, fresh_croft, tmp_path):
    near = fresh_croft("--config", settings_file(tmp_path, at(far, tmp_path, secret="not-the-secret")))

    told = r"tables are at http://\S+, which answers InvalidSignatureException: The request signature"
    assert wait_until(lambda: re.search(told, logged(near)))
    assert error_of(near.client("dynamodb").list_tables)[:2] == ("InvalidSignatureException", 400)
    near.client("s3").create_bucket(Bucket="failures")
    rule(near, "denied", "SELECT n FROM 'denied'", put_into("t"), failures="failures")
    near.client("iot-data").publish(topic="denied", qos=1, payload=b'{"n":"1"}')
    [failure] = document_in(near, "failures", "denied")["failures"]
    assert failure["errorMessage"].startswith("The request signature we calculated does not match the signature you provided.")
    done = near.run("deploy", str(ARTICLE / "sam.yml"), "--stack-name", "s", "--capabilities", "CAPABILITY_IAM", check=False)
    assert done.returncode != 0
    assert "The request signature we calculated does not match the signature you provided." in done.stdout + done.stderr


def test_a_service_of_that_name_is_told_where_its_table_is(tmp_path):
    path = tmp_path / "croft.toml"
    path.write_text("[services.dynamodb]\nendpoint = 'http://127.0.0.1:1'\n")
    with pytest.raises(RuntimeError) as refused:
        Croft(tmp_path / "data", "--config", str(path))
    assert "where tables are is told in [tables]: tables.endpoint" in str(refused.value)


class TlsFront:
    """Takes TLS connections for a server that has none."""

    def __init__(self, certificate, target):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.pem, certificate.key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.context, self.target = context, target
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                taken, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(taken,), daemon=True).start()

    def serve(self, taken):
        try:
            inner = self.context.wrap_socket(taken, server_side=True)
        except OSError:
            return
        outer = socket.create_connection(("127.0.0.1", self.target))
        threading.Thread(target=self.pump, args=(outer, inner), daemon=True).start()
        self.pump(inner, outer)

    @staticmethod
    def pump(source, sink):
        try:
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


@pytest.fixture(scope="module")
def tls(far, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = Signed(folder, "authority")
    front = TlsFront(Signed(folder, "server", addresses=["127.0.0.1"], issuer=authority), far.port("gateway"))
    yield front.url, authority.pem
    front.close()


def test_by_tls_with_an_authority_of_ones_own(far, tls, fresh_croft, tmp_path):
    url, authority = tls
    near = fresh_croft("--config", settings_file(tmp_path, at(far, tmp_path, endpoint=url)), "--authorities", authority,
                       "--ephemeral")
    table(near.client("dynamodb"), "by-tls")
    rule(near, "tls", "SELECT * FROM 'tls'", put_into("by-tls"))

    near.client("iot-data").publish(topic="tls", qos=1, payload=b'{"id":"a","v":"1"}')

    wait_until(lambda: rows(far.client("dynamodb"), "by-tls", "id", "v") == {"a": {"S": "1"}})


def test_a_certificate_that_nobody_trusts_is_told(far, tls, fresh_croft, tmp_path):
    near = fresh_croft("--config", settings_file(tmp_path, at(far, tmp_path, endpoint=tls[0])), "--ephemeral")

    told = r"which answers TlsFailure: no TLS connection to " + tls[0] + ": .*certificate"
    assert wait_until(lambda: re.search(told, logged(near)))
    code, status, message = error_of(near.client("dynamodb").list_tables)
    assert (code, status) == UNAVAILABLE and "no TLS connection" in message


# --- outages ---

@pytest.fixture
def pair(fresh_croft, tmp_path):
    """Makes a croft and one that has its tables there, by default at a port that it keeps over restarts."""

    def start(more=""):
        far = fresh_croft("--gateway-port", str(closed_port()))
        return fresh_croft("--config", settings_file(tmp_path, at(far, tmp_path, more=more))), far
    return start


def package(code):
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("f.py", code)
    return memory.getvalue()


def test_a_service_that_is_away_is_left_alone_and_asked_again(pair):
    near, far = pair()
    here = near.client("dynamodb")
    assert left_alone(near) == 0
    far.kill()

    answers = [error_of(here.list_tables) for _ in range(7)]

    assert {answer[:2] for answer in answers} == {UNAVAILABLE}
    assert "is not asked for a while" in answers[-1][2] and "is not asked" not in answers[0][2]
    assert left_alone(near) == 1
    far.start()
    wait_until(lambda: left_alone(near) == 0 or not error_of_nothing(here), timeout=15, interval=0.2)
    assert here.list_tables()["TableNames"] == []
    assert left_alone(near) == 0
    assert "the service 'dynamodb' is left alone for a while" in logged(near)


def error_of_nothing(dynamodb):
    try:
        dynamodb.list_tables()
        return None
    except ClientError as refused:
        return refused


def test_rows_of_an_outage_come_in_order_when_it_is_over(pair):
    near, far = pair()
    table(far.client("dynamodb"), "latest")
    near.client("s3").create_bucket(Bucket="failures")
    rule(near, "latest", "SELECT topic(2) AS id, n FROM 'latest/+'", put_into("latest"), failures="failures")
    far.kill()
    for name in "abc":
        with Client(near, name, V5) as device:
            for n in range(5):
                device.publish(f"latest/{name}", b'{"n": "%d"}' % n, qos=1, packet_id=n + 1)
    time.sleep(4)  # longer than the tries of one call
    far.start()

    wait_until(lambda: rows(far.client("dynamodb"), "latest", "id", "n") == {name: {"S": "4"} for name in "abc"}, timeout=40)
    assert near.client("s3").list_objects_v2(Bucket="failures")["KeyCount"] == 0


def test_rows_of_an_outage_survive_a_crash_here(pair):
    near, far = pair()
    table(far.client("dynamodb"), "kept")
    rule(near, "kept", "SELECT topic(2) AS id, n FROM 'kept/+'", put_into("kept"))
    far.kill()
    for name in "ab":
        with Client(near, name, V5) as device:
            for n in range(3):
                device.publish(f"kept/{name}", b'{"n": "%d"}' % n, qos=1, packet_id=n + 1)
    assert near.stop() == 0, "what waits does not hold croft up"
    near.start()
    near.kill()
    near.start()
    far.start()

    wait_until(lambda: rows(far.client("dynamodb"), "kept", "id", "n") == {name: {"S": "2"} for name in "ab"}, timeout=40)


def test_a_deployment_fails_loudly_and_succeeds_later(pair):
    near, far = pair()
    far.kill()
    deploy = ("deploy", str(ARTICLE / "sam.yml"), "--stack-name", "s", "--capabilities", "CAPABILITY_IAM")

    done = near.run(*deploy, check=False)

    assert done.returncode == 1
    assert ("DeploymentFailed: s is ROLLBACK_FAILED. ConnectedTable: "
            'Resource handler returned message: "cannot connect to') in done.stderr
    far.start()
    wait_until(lambda: not error_of_nothing(near.client("dynamodb")), timeout=15, interval=0.2)
    near.client("cloudformation").delete_stack(StackName="s")
    wait_until(lambda: not error_of_stack(near, "s"))
    near.run(*deploy)
    assert len(far.client("dynamodb").list_tables()["TableNames"]) == 1


def error_of_stack(croft, name):
    """Whether there is such a stack."""
    try:
        return croft.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except ClientError:
        return None


def test_patience_ends(pair):
    near, far = pair("patience-s = 0")
    near.client("s3").create_bucket(Bucket="failures")
    rule(near, "impatient", "SELECT n FROM 'impatient'", put_into("t"), failures="failures")
    far.kill()

    near.client("iot-data").publish(topic="impatient", qos=1, payload=b'{"n":"1"}')

    [failure] = document_in(near, "failures", "impatient")["failures"]
    assert failure["failedAction"] == "DynamoDBv2Action"


# Fails at once when the table cannot be asked, so that its retries are used up within three seconds.
IMPATIENT = """
import boto3, botocore.config
table = boto3.resource("dynamodb", config=botocore.config.Config(retries={"max_attempts": 0})).Table("seen")
def handler(event, context):
    table.update_item(Key={"id": event["from"]},
                      UpdateExpression="SET numbers = list_append(if_not_exists(numbers, :none), :one)",
                      ExpressionAttributeValues={":one": [event["number"]], ":none": []})
"""


def test_a_function_that_failed_for_its_tables_runs_again(pair):
    near, far = pair()
    table(far.client("dynamodb"), "seen")
    functions = near.client("lambda")
    functions.create_function(FunctionName="f", Runtime="python3.11", Role=ROLE, Handler="f.handler", Timeout=30,
                              Code={"ZipFile": package(IMPATIENT)})
    functions.add_permission(FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="iot.amazonaws.com")
    arn = functions.get_function(FunctionName="f")["Configuration"]["FunctionArn"]
    near.client("s3").create_bucket(Bucket="failures")
    rule(near, "keep", "SELECT topic(2) AS from, number FROM 'in/+'", {"lambda": {"functionArn": arn}}, failures="failures")
    far.kill()
    with Client(near, "device", V5) as device:
        for number in range(3):
            device.publish("in/x", b'{"number": %d}' % number, qos=1, packet_id=number + 1)
    time.sleep(6)
    far.start()

    def seen():
        return [int(number["N"]) for number in rows(far.client("dynamodb"), "seen", "id", "numbers").get("x", {"L": []})["L"]]
    wait_until(lambda: seen() == [0, 1, 2], timeout=40)
    assert near.client("s3").list_objects_v2(Bucket="failures")["KeyCount"] == 0


def test_after_a_storm_with_a_crash_there_every_row_equals_the_truth(pair):
    near, far = pair()
    article = deploy_article(near)
    there = far.client("dynamodb")
    table(there, "direct", "clientId")
    rule(near, "direct", "SELECT clientId, eventType, versionNumber FROM '$aws/events/presence/#'", put_into("direct"))
    assert there.list_tables()["TableNames"] == ["direct", article]

    stop = threading.Event()
    live, threads = run_storm(near, [1], 100_000, stop)
    time.sleep(0.4)
    far.kill()
    time.sleep(0.6)
    far.start()
    time.sleep(0.3)
    assert all(thread.is_alive() for thread in threads), "the storm was over before the crash"
    stop.set()
    for thread in threads:
        thread.join()
    connected = {name for devices in live.values() for name in devices}

    def truth():
        by_function = {name for name, on in rows(there, article, "id", "is_connected").items() if on["BOOL"]}
        by_action = {name for name, kind in rows(there, "direct", "clientId", "eventType").items() if kind["S"] == "connected"}
        return by_function == connected and by_action == connected
    wait_until(truth, timeout=90, interval=0.3, what="every row right")
    time.sleep(1)  # nothing may come after that makes a row wrong again
    assert truth()
    versions = rows(there, "direct", "clientId", "versionNumber")
    known = {one["clientId"]: one["versionNumber"] for one in json.loads(near.run("devices", "--json").stdout)["devices"]}
    assert {name: int(version["N"]) for name, version in versions.items()} == {name: known[name] for name in versions}
    near.client("cloudformation").delete_stack(StackName="status")
    wait_until(lambda: there.list_tables()["TableNames"] == ["direct"])
    assert near.stop() == 0
    own = Croft(near.data)  # without [tables]: its own tables, of which it never made one
    try:
        assert own.client("dynamodb").list_tables()["TableNames"] == []
    finally:
        own.stop()
