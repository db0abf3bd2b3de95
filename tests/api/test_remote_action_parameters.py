"""Rules with actions to services elsewhere: what they have to say."""

import uuid

import pytest
from botocore.exceptions import ClientError
from remote_rules import PARAMETERS, ROLE, create, endpoint, endpoint_of_module, remote_croft

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
