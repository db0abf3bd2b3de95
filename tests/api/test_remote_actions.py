"""Rule actions for AWS services that croft does not run: what is sent is what boto3 sends, signed with the configured key."""

import base64
import datetime
import json
import re
import time
import uuid

import pytest
from remote_endpoint import ACCOUNT, KEY_ID, REGION, TOKEN, as_botocore_sends
from remote_rules import ROLE, Rule, endpoint, endpoint_of_module, remote_croft, sent

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"


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
