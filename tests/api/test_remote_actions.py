"""Rule actions for AWS services that croft does not run: what is sent is what boto3 sends, signed with the configured key."""

import base64
import datetime
import ipaddress
import json
import re
import time
import urllib.parse
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
import pytest
from botocore.exceptions import ClientError
from conftest import Croft
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from mqtt_wire import V5, Client
from prometheus_text import Change, fetch
from remote_endpoint import (ACCOUNT, KEY_ID, REGION, SECRET, TOKEN, RemoteEndpoint, SilentEndpoint, as_botocore_sends,
                             closed_port)
from slow_function import deploy_slow

ROLE = "arn:aws:iam::000000000000:role/rules"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
SERVICES = ("sns", "kinesis", "firehose", "logs", "cloudwatch", "stepfunctions", "timestream-write", "es", "iotevents-data",
            "iotanalytics", "iotsitewise", "location")


def keys_in(folder):
    (folder / "secret").write_text(SECRET + "\n")
    (folder / "token").write_text(TOKEN + "\n")
    return (f"[services.default]\nregion = '{REGION}'\naccount-id = '{ACCOUNT}'\naccess-key-id = '{KEY_ID}'\n"
            f"secret-access-key-file = '{folder}/secret'\nsession-token-file = '{folder}/token'\n")


@pytest.fixture(scope="module")
def endpoint_of_module():
    server = RemoteEndpoint()
    server.usual = {"Firehose_20150804.PutRecordBatch": '{"FailedPutCount":0,"RequestResponses":[]}'}
    yield server
    server.close()


@pytest.fixture
def endpoint(endpoint_of_module):
    endpoint_of_module.forget()
    yield endpoint_of_module
    assert endpoint_of_module.faults == []
    assert not endpoint_of_module.answers


@pytest.fixture(scope="module")
def remote_croft(tmp_path_factory, endpoint_of_module):
    """A croft whose services are all at the endpoint."""
    folder = tmp_path_factory.mktemp("remote")
    settings = keys_in(folder)
    for service in SERVICES:
        settings += f"[services.{service}]\nendpoint = '{endpoint_of_module.url}'\n"
    (folder / "croft.toml").write_text(settings)
    server = Croft(folder / "data", "--config", str(folder / "croft.toml"), "--ephemeral")
    server.client("s3").create_bucket(Bucket="failures")
    yield server
    assert server.stop() == 0, server.output()
    log = open(server.log.name).read()
    assert SECRET not in log and TOKEN not in log


class Rule:
    """A rule with one action, fired by messages to its own topic; its error action writes to the bucket `failures`."""

    def __init__(self, croft, action, sql="SELECT *", version="2016-03-23"):
        self.croft, self.name = croft, "r" + uuid.uuid4().hex
        self.topic = f"remote/{self.name}"
        payload = {"sql": f"{sql} FROM '{self.topic}'", "awsIotSqlVersion": version, "actions": [action], "errorAction": {
            "s3": {"roleArn": ROLE, "bucketName": "failures", "key": "${topic(2)}"}}}
        status, answer = create(croft, self.name, payload)
        assert status == 200, answer

    def fire(self, payload):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.croft.client("iot-data").publish(topic=self.topic, qos=1, payload=body)

    def failure(self, eventually):
        """The document that the error action got."""
        s3 = self.croft.client("s3")

        def written():
            try:
                return s3.get_object(Bucket="failures", Key=self.name)["Body"].read()
            except s3.exceptions.NoSuchKey:
                return None
        return json.loads(eventually(written))


def create(croft, name, payload):
    """CreateTopicRule with members that this boto3 may not know -> (status, document)."""
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/rules/" + name, data=json.dumps(payload),
                                             headers={"content-type": "application/json"})
    keys = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"])
    botocore.auth.SigV4Auth(keys, "iot", croft.credentials["region"]).add_auth(request)
    answer = botocore.httpsession.URLLib3Session().send(request.prepare())
    return answer.status_code, json.loads(answer.content or b"{}")


@pytest.fixture
def sent(remote_croft, endpoint, eventually):
    """Fires a rule with the action -> the requests that the endpoint got, `count` of them."""

    def fire(action, payload, count=1, **more):
        Rule(remote_croft, action, **more).fire(payload)
        eventually(lambda: len(endpoint.requests) >= count, what=f"{count} requests")
        return endpoint.requests[:]
    return fire


def assert_is(request, service, operation, *unlike, **parameters):
    """The request is that of boto3, but for the members named in `unlike`."""
    wanted = as_botocore_sends(service, operation, "http://" + request.headers["host"], **parameters)
    assert (request.method, request.target) == (wanted.method, wanted.target)
    assert request.operation == wanted.operation
    form = "x-www-form-urlencoded" in wanted.headers.get("content-type", "")
    if "content-type" in wanted.headers:
        assert request.headers["content-type"] == wanted.headers["content-type"]
    got, expected = (request.form, wanted.form) if form else (request.json, wanted.json)
    for name in unlike:
        got.pop(name)
        expected.pop(name, None)
    assert got == expected


# --- what is sent ---

def test_sns(sent):
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"

    request = sent({"sns": {"targetArn": topic, "roleArn": ROLE}}, {"text": "a b+c&d=é\n"}, sql="SELECT VALUE text")[0]

    assert_is(request, "sns", "publish", TargetArn=topic, Message='"a b+c&d=é\\n"')
    assert request.scope == (KEY_ID, REGION, "sns")
    assert request.headers["x-amz-security-token"] == TOKEN
    assert request.headers["user-agent"] == "croft"


def test_sns_with_a_message_for_each_protocol(sent):
    message = {"default": "d", "email": "e"}

    request = sent({"sns": {"targetArn": "arn:aws:sns:eu-west-3:1:${topic(1)}", "roleArn": ROLE, "messageFormat": "JSON"}},
                   message)[0]

    assert_is(request, "sns", "publish", TargetArn="arn:aws:sns:eu-west-3:1:remote", Message=json.dumps(message),
              MessageStructure="json")


def test_kinesis_takes_bytes(sent):
    data = bytes(range(256))

    request = sent({"kinesis": {"streamName": "events", "roleArn": ROLE, "partitionKey": "${topic(1)}"}}, data)[0]

    assert_is(request, "kinesis", "put_record", StreamName="events", Data=data, PartitionKey="remote")


def test_kinesis_without_a_partition_key_spreads(sent):
    action = {"kinesis": {"streamName": "events", "roleArn": ROLE}}

    first = sent(action, {"a": 1})[0].json["PartitionKey"]
    second = sent(action, {"a": 1}, count=2)[1].json["PartitionKey"]

    assert re.fullmatch(UUID, first) and re.fullmatch(UUID, second) and first != second


@pytest.mark.parametrize("separator", ["\n", "\t", "\r\n", ",", None])
def test_firehose_puts_the_separator_behind_each_record(sent, separator):
    action = {"deliveryStreamName": "lake", "roleArn": ROLE, **({"separator": separator} if separator else {})}

    request = sent({"firehose": action}, {"a": 1}, sql="SELECT a")[0]

    assert_is(request, "firehose", "put_record", DeliveryStreamName="lake", Record={"Data": '{"a":1}' + (separator or "")})


def test_firehose_makes_a_batch_of_an_array(sent):
    action = {"firehose": {"deliveryStreamName": "lake", "roleArn": ROLE, "separator": "\n", "batchMode": True}}

    request = sent(action, [{"a": 1}, "x", 2])[0]

    assert_is(request, "firehose", "put_record_batch", DeliveryStreamName="lake",
              Records=[{"Data": b'{"a":1}\n'}, {"Data": b'"x"\n'}, {"Data": b"2\n"}])


def test_firehose_sends_what_a_batch_did_not_take_again(sent, endpoint):
    endpoint.answer(200, {"FailedPutCount": 2, "RequestResponses": [
        {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}, {"RecordId": "1"},
        {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}]})
    endpoint.answer(200, {"FailedPutCount": 0, "RequestResponses": [{"RecordId": "2"}, {"RecordId": "3"}]})

    requests = sent({"firehose": {"deliveryStreamName": "lake", "roleArn": ROLE, "batchMode": True}}, [1, 2, 3], count=2)

    data = [[base64.b64decode(record["Data"]) for record in request.json["Records"]] for request in requests]
    assert data == [[b"1", b"2", b"3"], [b"1", b"3"]]


def test_logs_go_to_a_stream_that_is_made_when_it_is_missing(sent, endpoint):
    endpoint.answer(400, {"__type": "ResourceNotFoundException", "message": "The specified log stream does not exist."})
    before = int(time.time() * 1000)

    put, made, again = sent({"cloudwatchLogs": {"logGroupName": "devices", "roleArn": ROLE}}, {"a": 1}, count=3)

    stream = made.json["logStreamName"]
    assert re.fullmatch("r[0-9a-f]{32}", stream), "the rule's name"
    assert_is(made, "logs", "create_log_stream", logGroupName="devices", logStreamName=stream)
    timestamp = put.json["logEvents"][0]["timestamp"]
    assert before - 1000 <= timestamp <= before + 10_000
    for request in (put, again):
        assert_is(request, "logs", "put_log_events", logGroupName="devices", logStreamName=stream,
                  logEvents=[{"timestamp": timestamp, "message": '{"a": 1}'}])


def test_logs_in_a_batch_are_in_the_order_of_time(sent):
    events = [{"timestamp": 3000, "message": "c"}, {"timestamp": 1000, "message": "a"}, {"timestamp": 2000, "message": "b"}]

    request = sent({"cloudwatchLogs": {"logGroupName": "devices", "roleArn": ROLE, "batchMode": True}}, events)[0]

    assert_is(request, "logs", "put_log_events", logGroupName="devices", logStreamName=request.json["logStreamName"],
              logEvents=[events[1], events[2], events[0]])


def test_cloudwatch_metric(sent):
    action = {"roleArn": ROLE, "metricNamespace": "plant/${topic(1)}", "metricName": "temperature", "metricValue": "${t * 2}",
              "metricUnit": "None", "metricTimestamp": "${at}"}

    request = sent({"cloudwatchMetric": action}, {"t": 21.25, "at": 1700000000})[0]

    when = datetime.datetime.fromtimestamp(1700000000, datetime.timezone.utc)
    assert_is(request, "cloudwatch", "put_metric_data", Namespace="plant/remote",
              MetricData=[{"MetricName": "temperature", "Value": 42.5, "Unit": "None", "Timestamp": when}])
    assert request.scope[2] == "monitoring"


def test_cloudwatch_metric_of_now(sent):
    action = {"roleArn": ROLE, "metricNamespace": "n", "metricName": "m", "metricValue": "1", "metricUnit": "Count"}

    form = sent({"cloudwatchMetric": action}, {})[0].form

    when = datetime.datetime.strptime(form["MetricData.member.1.Timestamp"],
                                      "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    assert abs(when.timestamp() - time.time()) < 20
    assert form["MetricData.member.1.Value"] == "1"


def test_cloudwatch_alarm(sent):
    action = {"roleArn": ROLE, "alarmName": "hot", "stateReason": "${device} said so", "stateValue": "${upper(state)}"}

    request = sent({"cloudwatchAlarm": action}, {"device": "d1", "state": "alarm"})[0]

    assert_is(request, "cloudwatch", "set_alarm_state", AlarmName="hot", StateReason="d1 said so", StateValue="ALARM")


def test_step_functions(sent):
    request = sent({"stepFunctions": {"stateMachineName": "on-${topic(1)}", "executionNamePrefix": "iot-", "roleArn": ROLE}},
                   {"a": 1})[0]

    name = request.json["name"]
    assert re.fullmatch("iot-" + UUID, name)
    assert_is(request, "stepfunctions", "start_execution",
              stateMachineArn=f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:on-remote",
              name=name, input='{"a": 1}')
    assert request.scope[2] == "states"


def test_timestream_writes_a_record_for_each_member_where_the_service_says(sent, endpoint):
    endpoint.answer(200, {"Endpoints": [{"Address": endpoint.address, "CachePeriodInMinutes": 1440}]})
    action = {"roleArn": ROLE, "databaseName": "plant", "tableName": "t_${topic(1)}",
              "dimensions": [{"name": "device", "value": "${device}"}, {"name": "site", "value": "north"}],
              "timestamp": {"value": "${at}", "unit": "SECONDS"}}
    payload = {"device": "d1", "at": 1700000000, "f": 1.5, "b": True, "n": None, "o": {"x": [1]}}

    describe, write = sent({"timestream": action}, payload, count=2)

    assert_is(describe, "timestream-write", "describe_endpoints")
    records = [{"MeasureName": name, "MeasureValue": value, "MeasureValueType": kind} for name, value, kind in (
        ("device", "d1", "VARCHAR"), ("at", "1700000000", "BIGINT"), ("f", "1.5", "DOUBLE"), ("b", "true", "BOOLEAN"),
        ("o", '{"x":[1]}', "VARCHAR"))]
    assert write.operation == "Timestream_20181101.WriteRecords" and write.scope[2] == "timestream"
    assert write.headers["content-type"] == "application/x-amz-json-1.0"
    assert write.json == {
        "DatabaseName": "plant", "TableName": "t_remote", "Records": records,
        "CommonAttributes": {"Dimensions": [{"Name": "device", "Value": "d1"}, {"Name": "site", "Value": "north"}],
                             "Time": "1700000000", "TimeUnit": "SECONDS"}}

    only = sent({"timestream": {**action, "timestamp": None}}, {"device": "d1", "at": 1}, count=3)[2]
    assert only.json["CommonAttributes"]["TimeUnit"] == "MILLISECONDS", "the endpoint is remembered"
    assert abs(int(only.json["CommonAttributes"]["Time"]) - time.time() * 1000) < 20_000


@pytest.mark.parametrize("kind", ["openSearch", "elasticsearch"])
def test_a_document_is_put_into_the_configured_domain(sent, kind):
    action = {"endpoint": "https://search-x.eu-west-3.es.amazonaws.com", "index": "plant-${topic(1)}", "type": "_doc",
              "id": "${id}", "roleArn": ROLE}

    request = sent({kind: action}, {"id": "a/b c?é", "t": 1})[0]

    assert (request.method, request.target) == ("PUT", "/plant-remote/_doc/a%2Fb%20c%3F%C3%A9")
    assert request.headers["content-type"] == "application/json"
    assert request.body == json.dumps({"id": "a/b c?é", "t": 1}).encode()
    assert request.scope[2] == "es"


def test_iot_events(sent):
    request = sent({"iotEvents": {"inputName": "doors", "messageId": "${id}", "roleArn": ROLE}}, {"id": "m-1"})[0]

    assert_is(request, "iotevents-data", "batch_put_message",
              messages=[{"messageId": "m-1", "inputName": "doors", "payload": b'{"id": "m-1"}'}])
    assert request.scope[2] == "ioteventsdata"


def test_iot_events_in_a_batch(sent):
    request = sent({"iotEvents": {"inputName": "doors", "batchMode": True, "roleArn": ROLE}}, [{"a": 1}, {"a": 2}])[0]

    messages = request.json["messages"]
    assert [base64.b64decode(message["payload"]) for message in messages] == [b'{"a":1}', b'{"a":2}']
    assert all(re.fullmatch(UUID, message["messageId"]) for message in messages)
    assert messages[0]["messageId"] != messages[1]["messageId"]


@pytest.mark.parametrize("named", [{"channelName": "raw"}, {"channelArn": "arn:aws:iotanalytics:eu-west-3:1:channel/raw"}])
def test_iot_analytics(sent, named):
    request = sent({"iotAnalytics": {**named, "roleArn": ROLE}}, {"a": 1})[0]

    message_id = request.json["messages"][0]["messageId"]
    assert re.fullmatch(UUID, message_id)
    assert_is(request, "iotanalytics", "batch_put_message", channelName="raw",
              messages=[{"messageId": message_id, "payload": b'{"a": 1}'}])


def test_iot_site_wise(sent):
    values = [("stringValue", "${s}", "text"), ("integerValue", "${i}", 7), ("doubleValue", "${d}", 1.5),
              ("booleanValue", "${b}", True)]
    time_of = {"timeInSeconds": "${floor(at / 1E3)}", "offsetInNanos": "${(at % 1E3) * 1E6}"}
    entries = [{"entryId": f"e{n}", "propertyAlias": "/plant/${topic(1)}/" + kind, "propertyValues": [
        {"value": {kind: text}, "timestamp": time_of, "quality": "GOOD"}]} for n, (kind, text, _) in enumerate(values)]
    ids = {"assetId": str(uuid.uuid4()), "propertyId": str(uuid.uuid4())}
    entries.append({"entryId": "by-id", **ids,
                    "propertyValues": [{"value": {"integerValue": "1"}, "timestamp": {"timeInSeconds": "5"}}]})

    request = sent({"iotSiteWise": {"putAssetPropertyValueEntries": entries, "roleArn": ROLE}},
                   {"s": "text", "i": 7, "d": 1.5, "b": True, "at": 1700000000123})[0]

    wanted = [{"entryId": f"e{n}", "propertyAlias": f"/plant/remote/{kind}", "propertyValues": [
        {"value": {kind: value}, "timestamp": {"timeInSeconds": 1700000000, "offsetInNanos": 123000000}, "quality": "GOOD"}]}
        for n, (kind, _, value) in enumerate(values)]
    wanted.append({"entryId": "by-id", **ids,
                   "propertyValues": [{"value": {"integerValue": 1}, "timestamp": {"timeInSeconds": 5}}]})
    assert_is(request, "iotsitewise", "batch_put_asset_property_value", entries=wanted)


def test_iot_site_wise_takes_ten_entries_at_a_time(sent):
    entry = {"propertyAlias": "/a", "propertyValues": [{"value": {"integerValue": "1"}, "timestamp": {"timeInSeconds": "5"}}]}

    requests = sent({"iotSiteWise": {"putAssetPropertyValueEntries": [entry] * 11, "roleArn": ROLE}}, {}, count=2)

    assert [len(request.json["entries"]) for request in requests] == [10, 1]
    ids = [entry["entryId"] for request in requests for entry in request.json["entries"]]
    assert len(set(ids)) == 11 and all(re.fullmatch(UUID, one) for one in ids)


@pytest.mark.parametrize("timestamp, seconds", [
    ({"value": "${at}"}, 1700000000.5), ({"value": "1700000000", "unit": "SECONDS"}, 1700000000),
    ({"value": "1700000000250000", "unit": "MICROSECONDS"}, 1700000000.25), (None, None)])
def test_location(sent, timestamp, seconds):
    action = {"roleArn": ROLE, "trackerName": "fleet", "deviceId": "${id}", "latitude": "${lat}", "longitude": "${get(p, 0)}",
              **({"timestamp": timestamp} if timestamp else {})}

    request = sent({"location": action}, {"id": "truck 1", "lat": -33.5, "p": [151.25], "at": 1700000000500})[0]

    update = request.json["Updates"][0]
    assert request.target == "/tracking/v0/trackers/fleet/positions" and request.scope[2] == "geo"
    assert (update["DeviceId"], update["Position"]) == ("truck 1", [151.25, -33.5])
    when = datetime.datetime.strptime(update["SampleTime"],
                                      "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc).timestamp()
    assert when == seconds if seconds else abs(when - time.time()) < 20


def test_s3_into_own_buckets(remote_croft, eventually):
    s3 = remote_croft.client("s3")
    s3.create_bucket(Bucket="messages")
    data = bytes(range(256))
    rule = Rule(remote_croft, {"s3": {"bucketName": "messages", "key": "${topic(1)}/a b/${timestamp() > 0}", "roleArn": ROLE,
                                      "cannedAcl": "bucket-owner-full-control"}})

    rule.fire(data)

    eventually(lambda: s3.list_objects_v2(Bucket="messages")["KeyCount"])
    found = s3.get_object(Bucket="messages", Key="remote/a b/true")
    assert found["Body"].read() == data
    assert found["ContentType"] == "application/octet-stream"


# --- what goes wrong ---

def test_a_throttled_request_is_sent_again(sent, endpoint):
    endpoint.answer(400, {"__type": "com.amazonaws.kinesis#ProvisionedThroughputExceededException", "message": "slow"})
    endpoint.answer(503, "<html>busy</html>")

    requests = sent({"kinesis": {"streamName": "events", "partitionKey": "k", "roleArn": ROLE}}, {"a": 1}, count=3)

    assert [request.json["Data"] for request in requests] == [base64.b64encode(b'{"a": 1}').decode()] * 3


def test_a_refusal_is_told_to_the_error_action(remote_croft, endpoint, eventually):
    endpoint.answer(404, "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic &lt;x&gt; does not exist"
                         "</Message></Error><RequestId>1</RequestId></ErrorResponse>")
    rule = Rule(remote_croft, {"sns": {"targetArn": "arn:aws:sns:eu-west-3:1:x", "roleArn": ROLE}})

    rule.fire({"a": 1})

    document = rule.failure(eventually)
    assert document["failures"] == [{
        "failedAction": "SnsAction", "failedResource": "arn:aws:sns:eu-west-3:1:x",
        "errorMessage": "Failed to publish to SNS. The error received was Topic <x> does not exist (Service: sns; Status "
                        f"Code: 404; Error Code: NotFound). Message arrived on: {rule.topic}, Action: sns"}]
    assert base64.b64decode(document["base64OriginalPayload"]) == b'{"a": 1}'
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("action, answer, name, cause", [
    ({"iotEvents": {"inputName": "i"}}, {"BatchPutMessageErrorEntries": [{"messageId": "m",
                                                                          "errorCode": "ResourceNotFoundException",
                                                                        "errorMessage": "no input"}]},
     "IotEventsAction", "no input (Service: iotevents-data; Status Code: 200; Error Code: ResourceNotFoundException)"),
    ({"iotAnalytics": {"channelName": "c"}},
     {"batchPutMessageErrorEntries": [{"messageId": "m", "errorCode": "E", "errorMessage": "no"}]},
     "IotAnalyticsAction", "no (Service: iotanalytics; Status Code: 200; Error Code: E)"),
    ({"iotSiteWise": {"putAssetPropertyValueEntries": [{"propertyAlias": "/a", "propertyValues": [
        {"value": {"integerValue": "1"}, "timestamp": {"timeInSeconds": "5"}}]}]}},
     {"errorEntries": [{"entryId": "e", "errors": [{"errorCode": "TimestampOutOfRangeException", "errorMessage": "old"}]}]},
     "IotSiteWiseAction", "old (Service: iotsitewise; Status Code: 200; Error Code: TimestampOutOfRangeException)"),
    ({"location": {"trackerName": "t", "deviceId": "d", "latitude": "1", "longitude": "2"}},
     {"Errors": [{"DeviceId": "d", "Error": {"Code": "ValidationError", "Message": "far"}}]},
     "LocationAction", "far (Service: location; Status Code: 200; Error Code: ValidationError)"),
    ({"cloudwatchLogs": {"logGroupName": "g"}}, {"rejectedLogEventsInfo": {"tooOldLogEventEndIndex": 1}}, "CloudwatchLogsAction",
     "Log events that are too old or too new were rejected. (Service: logs; Status Code: 200; Error Code: RejectedLogEvents)")],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "")
def test_a_refusal_within_an_answer_fails_the_action(remote_croft, endpoint, eventually, action, answer, name, cause):
    endpoint.answer(200, answer)
    kind, parameters = next(iter(action.items()))
    rule = Rule(remote_croft, {kind: {**parameters, "roleArn": ROLE}})

    rule.fire({"a": 1})

    failure = rule.failure(eventually)["failures"][0]
    assert failure["failedAction"] == name
    assert f". The error received was {cause}. Message arrived on: {rule.topic}, Action: {kind}" in failure["errorMessage"]


@pytest.mark.parametrize("kind, parameters, body", [
    ("firehose", {"deliveryStreamName": "d", "batchMode": True}, "[]"),
    ("firehose", {"deliveryStreamName": "d", "batchMode": True}, "{}"),
    ("firehose", {"deliveryStreamName": "d", "batchMode": True}, '{"FailedPutCount":1,"RequestResponses":[]}'),
    ("iotEvents", {"inputName": "i"}, "<html>"),
    ("location", {"trackerName": "t", "deviceId": "d", "latitude": "1", "longitude": "2"}, "{")])
def test_an_answer_that_tells_nothing_is_a_failure(remote_croft, endpoint, eventually, kind, parameters, body):
    endpoint.answer(200, body)
    rule = Rule(remote_croft, {kind: {**parameters, "roleArn": ROLE}})

    rule.fire([{"a": 1}])

    assert "Error Code: InvalidResponse)" in rule.failure(eventually)["failures"][0]["errorMessage"]
    assert len(endpoint.requests) == 1


def test_a_redirect_is_not_followed(remote_croft, endpoint, eventually):
    endpoint.answer(307, "", location=endpoint.url + "/elsewhere")
    rule = Rule(remote_croft, {"kinesis": {"streamName": "s", "roleArn": ROLE}})

    rule.fire({"a": 1})

    message = rule.failure(eventually)["failures"][0]["errorMessage"]
    assert "HTTP status 307 (Service: kinesis; Status Code: 307; Error Code: HttpError)" in message
    assert len(endpoint.requests) == 1


def test_a_log_group_that_is_missing_fails_the_action(remote_croft, endpoint, eventually):
    for _ in range(2):
        endpoint.answer(400, {"__type": "ResourceNotFoundException", "message": "The specified log group does not exist."})
    rule = Rule(remote_croft, {"cloudwatchLogs": {"logGroupName": "missing", "roleArn": ROLE}})

    rule.fire({"a": 1})

    message = rule.failure(eventually)["failures"][0]["errorMessage"]
    assert "The specified log group does not exist. (Service: logs; Status Code: 400; Error Code: ResourceNotFound" in message
    assert [request.operation for request in endpoint.requests] == ["Logs_20140328.PutLogEvents", "Logs_20140328.CreateLogStream"]


@pytest.mark.parametrize("action, payload, said", [
    ({"firehose": {"deliveryStreamName": "d", "batchMode": True}}, list(range(501)), "more than 500 elements"),
    ({"iotEvents": {"inputName": "i", "batchMode": True}}, list(range(11)), "more than 10 elements"),
    ({"iotAnalytics": {"channelName": "c", "batchMode": True}}, list(range(101)), "more than 100 elements"),
    ({"cloudwatchLogs": {"logGroupName": "g", "batchMode": True}}, {"a": 1}, "must be an array of objects with a timestamp"),
    ({"cloudwatchLogs": {"logGroupName": "g"}}, b"\xff", "is not UTF-8"),
    ({"sns": {"targetArn": "arn:aws:sns:r:1:t"}}, b"\xff", "is not UTF-8"),
    ({"sns": {"targetArn": "arn:aws:sns:r:1:${missing}"}}, {}, "missing"),
    ({"timestream": {"databaseName": "d", "tableName": "t", "dimensions": [{"name": "n", "value": "v"}]}}, [1],
     "must be an object"),
    ({"openSearch": {"endpoint": "https://x", "index": "i", "type": "_doc", "id": "${id}"}}, {"id": ".."}, "cannot be part"),
    ({"openSearch": {"endpoint": "https://x", "index": "i", "type": "_doc", "id": "1"}}, b"text", "not JSON"),
    ({"cloudwatchMetric": {"metricNamespace": "n", "metricName": "m", "metricValue": "${v}", "metricUnit": "None"}},
     {"v": "much"},
     "'metricValue' must be a number, and is 'much'"),
    ({"location": {"trackerName": "t", "deviceId": "d", "latitude": "${lat}", "longitude": "2"}}, {"lat": "north"},
     "'latitude' must be")],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "")
def test_what_cannot_be_sent_is_not_asked_for(remote_croft, endpoint, eventually, action, payload, said):
    kind, parameters = next(iter(action.items()))
    rule = Rule(remote_croft, {kind: {**parameters, "roleArn": ROLE}})

    rule.fire(payload)

    assert said in rule.failure(eventually)["failures"][0]["errorMessage"]
    assert endpoint.requests == []


def test_an_own_bucket_that_is_missing(remote_croft, eventually):
    rule = Rule(remote_croft, {"s3": {"bucketName": "nowhere", "key": "k", "roleArn": ROLE}})

    rule.fire({"a": 1})

    assert rule.failure(eventually)["failures"] == [{
        "failedAction": "S3Action", "failedResource": "nowhere",
        "errorMessage": "Failed to put S3 object. The error received was The specified bucket does not exist (Service: s3; "
                        "Status Code: 404; Error Code: NoSuchBucket). Message arrived on: "
                        f"{rule.topic}, Action: s3, Bucket: nowhere, Key: \"k\""}]


def test_an_own_bucket_allows_no_acls(remote_croft, eventually):
    rule = Rule(remote_croft, {"s3": {"bucketName": "failures", "key": "k", "roleArn": ROLE, "cannedAcl": "public-read"}})

    rule.fire({"a": 1})

    assert "The bucket does not allow ACLs (Service: s3; Status Code: 400; Error Code: AccessControlListNotSupported)" in \
        rule.failure(eventually)["failures"][0]["errorMessage"]


# --- TLS, another S3, and endpoints that are not there ---

@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for 127.0.0.1 that is its own authority -> (certificate, key)."""
    folder = tmp_path_factory.mktemp("authority")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "remote")])
    now = datetime.datetime.utcnow()
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
                   .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(hours=1))
                   .add_extension(x509.SubjectAlternativeName([address]), False)
                   .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256()))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                       serialization.NoEncryption()))
    return str(folder / "cert.pem"), str(folder / "key.pem")


@pytest.fixture(scope="module")
def secure(authority):
    server = RemoteEndpoint(authority)
    yield server
    assert server.faults == []
    server.close()


@pytest.fixture(scope="module")
def distant_croft(tmp_path_factory, secure, authority):
    """Services over TLS, one that is not there, one that never answers, and one with a wrong secret."""
    folder = tmp_path_factory.mktemp("distant")
    silent, wrong = SilentEndpoint(), RemoteEndpoint(secret="another")
    settings = f"authorities = '{authority[0]}'\n" + keys_in(folder)
    for service, url in (("sns", secure.url), ("s3", secure.url), ("es", secure.url.replace("127.0.0.1", "localhost")),
                         ("kinesis", f"http://127.0.0.1:{closed_port()}"), ("firehose", silent.url), ("logs", wrong.url)):
        settings += f"[services.{service}]\nendpoint = '{url}'\ntimeout-ms = {100 if service == 'firehose' else 5000}\n"
    (folder / "croft.toml").write_text(settings)
    server = Croft(folder / "data", "--config", str(folder / "croft.toml"))
    server.wrong = wrong
    yield server
    assert server.stop() == 0, server.output()
    silent.close()
    wrong.close()


def failed(croft, secure, eventually, action):
    """The error message of an action, told by an error action that goes to the S3 that is elsewhere."""
    secure.forget()
    rule = Rule(croft, action)
    rule.fire({"a": 1})
    eventually(lambda: any(request.path == "/failures/" + rule.name for request in secure.requests))
    request = next(request for request in secure.requests if request.method == "PUT")
    return request.json["failures"][0]["errorMessage"]


def test_over_tls_with_an_own_authority(distant_croft, secure, eventually):
    secure.forget()
    rule = Rule(distant_croft, {"sns": {"targetArn": "arn:aws:sns:r:1:t", "roleArn": ROLE}})

    for _ in range(3):
        rule.fire({"a": 1})

    eventually(lambda: len(secure.requests) == 3)
    assert secure.requests[0].form["Message"] == '{"a": 1}'


def test_s3_elsewhere(distant_croft, secure, eventually):
    secure.forget()
    rule = Rule(distant_croft, {"s3": {"bucketName": "my-bucket", "key": "${topic(1)}/a b+é", "roleArn": ROLE,
                                       "cannedAcl": "public-read"}})

    rule.fire(b"\x00\xff")

    eventually(lambda: secure.requests)
    request = secure.requests[0]
    assert (request.method, request.target) == ("PUT", "/my-bucket/remote/a%20b%2B%C3%A9")
    assert (request.headers["x-amz-acl"], request.headers["content-type"]) == ("public-read", "application/octet-stream")
    assert request.body == b"\x00\xff"
    assert request.scope == (KEY_ID, REGION, "s3")


def test_a_certificate_for_another_name_is_refused(distant_croft, secure, eventually):
    message = failed(distant_croft, secure, eventually,
                     {"openSearch": {"endpoint": "https://x", "index": "i", "type": "t", "id": "1", "roleArn": ROLE}})

    assert "no TLS connection to https://localhost:" in message and "hostname mismatch" in message
    assert "Error Code: TlsFailure" in message


def test_a_closed_port(distant_croft, secure, eventually):
    message = failed(distant_croft, secure, eventually, {"kinesis": {"streamName": "s", "roleArn": ROLE}})

    assert "The error received was cannot connect to 127.0.0.1:" in message and "Error Code: ConnectionFailed" in message


def test_a_service_that_does_not_answer(distant_croft, secure, eventually):
    message = failed(distant_croft, secure, eventually, {"firehose": {"deliveryStreamName": "s", "roleArn": ROLE}})

    assert "within 100 ms (Service: firehose; Status Code: 503; Error Code: RequestTimeout)" in message


def test_a_service_that_fails_again_and_again_is_left_alone(distant_croft, secure, eventually):
    secure.forget()
    change = Change(distant_croft)
    rules = [Rule(distant_croft, {"kinesis": {"streamName": "s", "roleArn": ROLE}}) for _ in range(5)]
    for rule in rules:  # each topic has its own lane
        rule.fire({"a": 1})
    eventually(lambda: len(secure.requests) == 5)
    assert all("cannot connect to" in request.json["failures"][0]["errorMessage"] for request in secure.requests)

    started = time.monotonic()
    message = failed(distant_croft, secure, eventually, {"kinesis": {"streamName": "s", "roleArn": ROLE}})

    assert "the service 'kinesis' failed again and again and is not asked for a while" in message
    assert time.monotonic() - started < 0.9, "without a pause"
    for outcome, count in (("failed", 5), ("not_asked", 1), ("success", 0)):
        assert change("croft_service_calls_total", service="kinesis", outcome=outcome) == count, outcome
    assert change("croft_service_retries_total", service="kinesis") == 10
    page = fetch(distant_croft)
    assert page.value("croft_service_left_alone", service="kinesis") == 1
    assert page.value("croft_service_left_alone", service="s3") == 0


def test_croft_ends_while_a_service_does_not_answer(fresh_croft, tmp_path, eventually):
    silent = SilentEndpoint()
    (tmp_path / "croft.toml").write_text(keys_in(tmp_path) + f"[services.kinesis]\nendpoint = '{silent.url}'\n")
    croft = fresh_croft("--config", str(tmp_path / "croft.toml"))
    Rule(croft, {"kinesis": {"streamName": "s", "roleArn": ROLE}}).fire({"a": 1})
    connection, _ = silent.socket.accept()
    assert connection.recv(100).startswith(b"POST / HTTP/1.1\r\n")

    assert croft.stop() == 0, croft.output()

    connection.close()
    silent.close()


def test_the_fake_endpoint_checks_signatures(distant_croft, eventually):
    Rule(distant_croft, {"cloudwatchLogs": {"logGroupName": "g", "roleArn": ROLE}}).fire({"a": 1})

    eventually(lambda: distant_croft.wrong.faults == ["signature"])


# --- creation ---

PARAMETERS = {
    "sns": {"targetArn": "arn:aws:sns:r:1:t"}, "kinesis": {"streamName": "s"}, "firehose": {"deliveryStreamName": "s"},
    "cloudwatchLogs": {"logGroupName": "g"}, "stepFunctions": {"stateMachineName": "m"},
    "cloudwatchMetric": {"metricNamespace": "n", "metricName": "m", "metricValue": "1", "metricUnit": "None"},
    "cloudwatchAlarm": {"alarmName": "a", "stateReason": "r", "stateValue": "OK"},
    "timestream": {"databaseName": "d", "tableName": "t", "dimensions": [{"name": "n", "value": "v"}]},
    "openSearch": {"endpoint": "https://x", "index": "i", "type": "t", "id": "1"},
    "elasticsearch": {"endpoint": "https://x", "index": "i", "type": "t", "id": "1"},
    "iotEvents": {"inputName": "i"}, "iotAnalytics": {"channelName": "c"},
    "iotSiteWise": {"putAssetPropertyValueEntries": [{"propertyAlias": "/a", "propertyValues": [
        {"value": {"integerValue": "1"}, "timestamp": {"timeInSeconds": "5"}}]}]},
    "location": {"trackerName": "t", "deviceId": "d", "latitude": "1", "longitude": "2"},
    "s3": {"bucketName": "b", "key": "k"}}
SERVICE_OF = {"cloudwatchLogs": "logs", "stepFunctions": "stepfunctions", "cloudwatchMetric": "cloudwatch",
              "cloudwatchAlarm": "cloudwatch",
              "timestream": "timestream-write", "openSearch": "es", "elasticsearch": "es", "iotEvents": "iotevents-data",
              "iotAnalytics": "iotanalytics", "iotSiteWise": "iotsitewise"}


def refused(croft, action):
    status, answer = create(croft, "r" + uuid.uuid4().hex, {"sql": "SELECT * FROM 'a'", "actions": [action]})
    assert status == 400, (status, answer)
    return answer["message"]


@pytest.mark.parametrize("kind", sorted(PARAMETERS))
def test_each_parameter_that_the_model_requires_is_required(remote_croft, kind):
    whole = {**PARAMETERS[kind], "roleArn": ROLE}
    assert create(remote_croft, "r" + uuid.uuid4().hex, {"sql": "SELECT * FROM 'a'", "actions": [{kind: whole}]})[0] == 200
    for name in whole:
        without = {n: v for n, v in whole.items() if n != name}
        assert refused(remote_croft, {kind: without}) == f"The parameter '{name}' is required."
    assert refused(remote_croft, {kind: {**whole, "roleArn": "role"}}) == "The roleArn 'role' is not a valid role ARN."


@pytest.mark.parametrize("kind", sorted(set(PARAMETERS) - {"s3"}))
def test_without_an_endpoint_an_action_is_refused(croft, kind):
    service = SERVICE_OF.get(kind, kind)

    with pytest.raises(ClientError) as refusal:
        croft.client("iot").create_topic_rule(ruleName="r", topicRulePayload={
            "sql": "SELECT * FROM 'a'", "actions": [{kind: {**PARAMETERS[kind], "roleArn": ROLE}}]})

    assert refusal.value.response["Error"] == {
        "Code": "InvalidRequestException",
        "Message": f"The action type '{kind}' is not supported by this endpoint: the configuration names no endpoint for it "
                   f"([services.{service}])."}


@pytest.mark.parametrize("kind, wrong, message", [
    ("sns", {"targetArn": "t"}, "The targetArn 't' is not an ARN."),
    ("sns", {"targetArn": "arn:aws:sns:r:1:t.fifo"}, "FIFO topics are not supported by the sns action."),
    ("sns", {"messageFormat": "XML"}, "'messageFormat' must be one of RAW, JSON."),
    ("firehose", {"separator": ";"}, "'separator' must be a newline, a tab, a Windows newline or a comma."),
    ("firehose", {"batchMode": "yes"}, "The parameter 'batchMode' must be true or false."),
    ("cloudwatchAlarm", {"stateValue": "HOT"}, "'stateValue' must be one of OK, ALARM, INSUFFICIENT_DATA."),
    ("stepFunctions", {"executionNamePrefix": "${a}"}, "'executionNamePrefix' cannot have a substitution template."),
    ("stepFunctions", {"executionNamePrefix": "x" * 45}, "'executionNamePrefix' can have at most 44 characters."),
    ("timestream", {"dimensions": []}, "'dimensions' must have 1 to 128 entries."),
    ("timestream", {"timestamp": {"value": "1", "unit": "HOURS"}},
     "'timestamp.unit' must be one of SECONDS, MILLISECONDS, MICROSECONDS, NANOSECONDS."),
    ("timestream", {"timestamp": {"value": "1"}}, "The parameter 'unit' is required."),
    ("openSearch", {"endpoint": "search"},
     "1 validation error detected: Value 'search' at 'endpoint' failed to satisfy constraint: Member must "
                                           "satisfy regular expression pattern: https?://.*"),
    ("iotEvents", {"messageId": "m", "batchMode": True}, "With batchMode a messageId cannot be given."),
    ("iotSiteWise", {"putAssetPropertyValueEntries": [{"assetId": "a", "propertyValues": []}]},
     "An entry must have either a propertyAlias or both an assetId and a propertyId."),
    ("iotSiteWise", {"putAssetPropertyValueEntries": [{"propertyAlias": "/a", "propertyValues": [
        {"value": {"integerValue": "1", "doubleValue": "1"}, "timestamp": {"timeInSeconds": "5"}}]}]},
     "A 'value' must have one of stringValue, integerValue, doubleValue and booleanValue."),
    ("s3", {"cannedAcl": "everyone"}, "'cannedAcl' must be one of private, public-read, public-read-write, aws-exec-read, "
                                      "authenticated-read, bucket-owner-read, bucket-owner-full-control, log-delivery-write.")],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "")
def test_what_a_rule_cannot_say(remote_croft, kind, wrong, message):
    assert refused(remote_croft, {kind: {**PARAMETERS[kind], "roleArn": ROLE, **wrong}}) == message


def test_a_template_deploys_them(remote_croft, endpoint, eventually):
    template = """
Resources:
  Rule:
    Type: AWS::IoT::TopicRule
    Properties:
      RuleName: deployed
      TopicRulePayload:
        Sql: SELECT * FROM 'deployed'
        AwsIotSqlVersion: '2016-03-23'
        Actions:
          - Firehose: {DeliveryStreamName: lake, RoleArn: %(role)s, BatchMode: true, Separator: ","}
          - IotSiteWise:
              RoleArn: %(role)s
              PutAssetPropertyValueEntries:
                - PropertyAlias: /a
                  PropertyValues: [{Value: {IntegerValue: 7}, Timestamp: {TimeInSeconds: 5}}]
          - StepFunctions: {StateMachineName: m, RoleArn: %(role)s}
        ErrorAction:
          S3: {BucketName: failures, Key: deployed, RoleArn: %(role)s, CannedAcl: private}
""" % {"role": ROLE}
    cloudformation = remote_croft.client("cloudformation")

    cloudformation.create_stack(StackName="remote", TemplateBody=template)
    eventually(lambda: cloudformation.describe_stacks(StackName="remote")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE")
    remote_croft.client("iot-data").publish(topic="deployed", qos=1, payload=b"[1]")

    eventually(lambda: len(endpoint.requests) == 3)
    assert [request.operation or request.path for request in endpoint.requests] == [
        "Firehose_20150804.PutRecordBatch", "/properties", "AWSStepFunctions.StartExecution"]
    assert endpoint.requests[1].json["entries"][0]["propertyValues"] == [{"value": {"integerValue": 7},
                                                                          "timestamp": {"timeInSeconds": 5}}]


# --- over a crash ---

# Where a message's number is seen in the request, for the kinds that do not send its payload.
NUMBERED = {"cloudwatchMetric": {"metricName": "${number}"}, "cloudwatchAlarm": {"stateReason": "${number}"},
            "location": {"deviceId": "${number}"},
            "iotSiteWise": {"putAssetPropertyValueEntries": [{"propertyAlias": "/${number}", "propertyValues": [
                {"value": {"integerValue": "1"}, "timestamp": {"timeInSeconds": "5"}}]}]}}

def number_in(request):
    """Of the form n3n, in the body or in what it holds in base64; None in a request that carries no message."""
    body = urllib.parse.unquote(request.body.decode())
    decoded = [base64.b64decode(part + "=" * (-len(part) % 4)).decode(errors="replace")
               for part in re.findall(r"[A-Za-z0-9+/]{12,}", body) if len(part) % 4 != 1]
    found = re.search(r"n(\d)n", " ".join([request.target, body, *decoded]))
    return int(found[1]) if found else None


def numbers_by_service(endpoint):
    """The services as they sign, CloudWatch's two by their actions, and the two names of one domain by their index."""
    numbers = {}
    for request in endpoint.requests[:]:
        number = number_in(request)
        if number is None:
            continue
        service = request.scope[2]
        if service == "monitoring":
            service = request.form["Action"]
        if service == "es":
            service = request.path.split("/")[1]
        numbers.setdefault(service, set()).add(number)
    return numbers


def test_each_is_done_after_a_kill(fresh_croft, tmp_path, endpoint, eventually):
    endpoint.usual["Timestream_20181101.DescribeEndpoints"] = json.dumps(
        {"Endpoints": [{"Address": endpoint.address, "CachePeriodInMinutes": 1440}]})
    settings = keys_in(tmp_path) + "".join(f"[services.{service}]\nendpoint = '{endpoint.url}'\n" for service in SERVICES)
    (tmp_path / "croft.toml").write_text(settings)
    croft = fresh_croft("--config", str(tmp_path / "croft.toml"))
    slow = deploy_slow(croft)
    kinds = sorted(set(PARAMETERS) - {"s3"})
    for first in (0, 9):  # a rule has ten actions
        actions = [{"lambda": {"functionArn": slow}}]
        for kind in kinds[first:first + 9]:
            more = {"id": "${number}", "index": kind.lower()} if "index" in PARAMETERS[kind] else NUMBERED.get(kind, {})
            actions.append({kind: {"roleArn": ROLE, **PARAMETERS[kind], **more}})
        assert create(croft, f"r{first}", {"sql": "SELECT * FROM 'slow'", "awsIotSqlVersion": "2016-03-23",
                                           "actions": actions}) == (200, {})
    with Client(croft, "device", V5) as client:
        for number in range(6):
            client.publish("slow", b'{"number": "n%dn"}' % number, qos=1, packet_id=number + 1)
    croft.kill()
    assert all(len(numbers) < 6 for numbers in numbers_by_service(endpoint).values()), "the crash came too late to tell anything"
    croft.start()

    eventually(lambda: len(numbers_by_service(endpoint)) == len(kinds) and
               all(numbers == set(range(6)) for numbers in numbers_by_service(endpoint).values()), timeout=40)
