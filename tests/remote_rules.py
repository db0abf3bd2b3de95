"""A croft whose rules reach an endpoint that records, for the tests of actions to services elsewhere."""

import json
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
import pytest
from conftest import Croft
from remote_endpoint import ACCOUNT, KEY_ID, REGION, SECRET, TOKEN, RemoteEndpoint

ROLE = "arn:aws:iam::000000000000:role/rules"
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
