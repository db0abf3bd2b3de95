"""Actions to services elsewhere that fail, and what becomes of them over a crash of croft."""

import base64
import json
import re
import urllib.parse

import pytest
from mqtt_wire import V5, Client
from remote_rules import PARAMETERS, ROLE, SERVICES, Rule, create, endpoint, endpoint_of_module, keys_in, remote_croft, sent
from slow_function import deploy_slow


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
