"""The rule action `sqs`, and queues that rules fill."""

import base64
import json

import botocore.exceptions
import pytest
from conftest import wait_until

ROLE = "arn:aws:iam::000000000000:role/rules"


@pytest.fixture
def rule(client):
    """rule(name, action, **more): a rule for messages on the topic of its name."""
    iot = client("iot")

    def make(name, action, sql="SELECT *", **more):
        iot.create_topic_rule(ruleName=name, topicRulePayload={
            "sql": f"{sql} FROM '{name}/#'", "awsIotSqlVersion": "2016-03-23", "actions": [{"sqs": {"roleArn": ROLE, **action}}],
            **more})

    return make


@pytest.fixture
def publish(client):
    return lambda topic, payload: client("iot-data").publish(topic=topic, qos=1, payload=payload)


@pytest.fixture
def queue(client):
    sqs = client("sqs")
    return lambda name, **attributes: sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def next_body(client, url):
    sqs = client("sqs")
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages", [])
    if not messages:
        return None
    sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
    return messages[0]["Body"]


def test_the_outgoing_payload_is_the_body(client, rule, publish, queue):
    url = queue("plain")
    rule("plain", {"queueUrl": url}, sql="SELECT temperature, topic() AS t")
    publish("plain/1", b'{"temperature": 21, "other": 1}')

    assert json.loads(next_body(client, url)) == {"temperature": 21, "t": "plain/1"}


def test_base64_carries_any_bytes(client, rule, publish, queue):
    url = queue("bytes")
    rule("bytes", {"queueUrl": url, "useBase64": True})
    publish("bytes/1", b"\x00\xff\xfe")

    assert base64.b64decode(next_body(client, url)) == b"\x00\xff\xfe"


def test_the_queue_may_come_from_a_template(client, rule, publish, queue):
    urls = {name: queue(name) for name in ("to-a", "to-b")}
    rule("chosen", {"queueUrl": urls["to-a"].replace("to-a", "to-${topic(2)}")})
    publish("chosen/b", b'{"n": 1}')
    publish("chosen/a", b'{"n": 2}')

    assert json.loads(next_body(client, urls["to-a"])) == {"n": 2}
    assert json.loads(next_body(client, urls["to-b"])) == {"n": 1}


def test_many_messages_arrive_in_the_order_of_their_client(client, rule, publish, queue):
    url = queue("order")
    rule("order", {"queueUrl": url})
    for i in range(20):
        publish("order/1", json.dumps({"i": i}).encode())
    wait_until(lambda: client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
               ["ApproximateNumberOfMessages"] == "20")

    assert sorted(json.loads(next_body(client, url))["i"] for _ in range(20)) == list(range(20))


@pytest.mark.parametrize("action, payload, message", [
    ({"queueUrl": "https://sqs.us-east-1.amazonaws.com/000000000000/none"}, b'{"a":1}', "The specified queue does not exist."),
    ({"queueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/failing"}, b'{"a":1}', "The specified queue does not exist."),
    ({"queueUrl": "http://h/000000000000/${topic(2)}"}, b'{"a":1}', "The queue 'http://h/000000000000/x.fifo' is a FIFO queue; "
     "the SQS action "
     "sends to standard queues only."),
    ({}, b"\xff", "Invalid characters found. Valid unicode characters are {#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD "
     "| #x10000 to "
     "#x10FFFF}"),
    ({}, b"x" * 1025, "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes."),
])
def test_a_failure_runs_the_error_action(client, rule, publish, queue, action, payload, message):
    failing, errors = queue("failing", MaximumMessageSize="1024"), queue("errors")
    name = "failing" + str(abs(hash(message + str(action))))
    target = {"queueUrl": failing, **action}
    rule(name, target, errorAction={"sqs": {"roleArn": ROLE, "queueUrl": errors}})
    publish(name + "/x.fifo", payload)

    told = json.loads(next_body(client, errors))
    assert told["failures"] == [{"failedAction": "SqsAction", "failedResource": target["queueUrl"], "errorMessage": message}]
    assert base64.b64decode(told["base64OriginalPayload"]) == payload
    client("iot").delete_topic_rule(ruleName=name)


@pytest.mark.parametrize("action, message", [
    ({"queueUrl": "http://h/000000000000/a.fifo"}, "The queue 'http://h/000000000000/a.fifo' is a FIFO queue; the SQS action "
     "sends to standard "
     "queues only."),
    ({"queueUrl": ""}, "The parameter 'queueUrl' is required."),
    ({"queueUrl": "http://h/000000000000/a", "roleArn": "role"}, None),
])
def test_actions_that_are_refused(rule, action, message):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        rule("refused", action)
    error = refused.value.response["Error"]
    assert error["Code"] == "InvalidRequestException"
    assert message is None or error["message" if "message" in error else "Message"] == message


def test_a_template_makes_the_rule_and_its_queue(client, publish):
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="rule-to-queue", Capabilities=["CAPABILITY_IAM"], TemplateBody="""
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: iot.amazonaws.com}, Action: sts:AssumeRole}]
  Rule:
    Type: AWS::IoT::TopicRule
    Properties:
      TopicRulePayload:
        Sql: SELECT * FROM 'templated/#'
        Actions: [{Sqs: {QueueUrl: !Ref Queue, RoleArn: !GetAtt Role.Arn, UseBase64: false}}]
Outputs:
  Url: {Value: !Ref Queue}
""")
    stack = cloudformation.describe_stacks(StackName="rule-to-queue")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    publish("templated/1", b'{"a":1}')

    assert next_body(client, stack["Outputs"][0]["OutputValue"]) == '{"a":1}'
