"""Queues that feed functions: event source mappings, by Lambda's API, by CloudFormation and by SAM."""

import itertools
import json
import time

import botocore.exceptions
import pytest
from conftest import wait_until
from test_compatibility import zip_of

ROLE = "arn:aws:iam::000000000000:role/queues"
ARN = "arn:aws:sqs:us-east-1:000000000000:"

# Tells the queue `seen` what it got; a body that asks for it makes the batch, or its item, fail.
HANDLER = """
import json, os, boto3
sqs = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"])

def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event if "whole" in bodies else bodies))
    if "raise" in bodies:
        raise ValueError("asked to")
    return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in event["Records"] if r["body"] == "item"]}
"""


NUMBERS = itertools.count()


@pytest.fixture
def sqs(client):
    return client("sqs")


@pytest.fixture
def queue(sqs):
    def make(kind="", **attributes):
        if kind:
            attributes["FifoQueue"] = "true"
        return sqs.create_queue(QueueName=f"feed-{next(NUMBERS)}{kind}", Attributes=attributes)["QueueUrl"]

    return make


@pytest.fixture
def seen(queue):
    return queue()


@pytest.fixture
def function(client, seen):
    name = f"fed-{next(NUMBERS)}"
    client("lambda").create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE, Timeout=3,
                                     Code={"ZipFile": zip_of("index.py", HANDLER)}, Environment={"Variables": {"SEEN": seen}})
    return name


@pytest.fixture
def feed(client, function):
    """feed(url, **members): maps a queue to the function; ended with the test."""
    functions, made = client("lambda"), []

    def make(url, **members):
        made.append(functions.create_event_source_mapping(EventSourceArn=arn(url), FunctionName=function, **members)["UUID"])
        return made[-1]

    yield make
    for uuid in made:
        try:
            functions.delete_event_source_mapping(UUID=uuid)
        except functions.exceptions.ResourceNotFoundException:
            pass


def arn(url):
    return ARN + url.rsplit("/", 1)[1]


def told(sqs, seen, wait=10):
    """What the function told next; None when it told nothing."""
    messages = sqs.receive_message(QueueUrl=seen, WaitTimeSeconds=wait).get("Messages", [])
    if not messages:
        return None
    sqs.delete_message(QueueUrl=seen, ReceiptHandle=messages[0]["ReceiptHandle"])
    return json.loads(messages[0]["Body"])


def left(sqs, url):
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])


def refusal(call, **given):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**given)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def test_a_message_becomes_an_event_and_is_deleted(sqs, queue, feed, seen):
    url = queue()
    feed(url)
    sent = sqs.send_message(QueueUrl=url, MessageBody="whole", MessageAttributes={"n": {"DataType": "Number",
                                                                                        "StringValue": "1"}})

    record = told(sqs, seen)["Records"][0]
    attributes = record.pop("attributes")
    assert record.pop("receiptHandle")
    assert record == {"messageId": sent["MessageId"], "body": "whole", "md5OfBody": sent["MD5OfMessageBody"],
                      "md5OfMessageAttributes": sent["MD5OfMessageAttributes"], "eventSource": "aws:sqs",
                      "eventSourceARN": arn(url),
                      "awsRegion": "us-east-1", "messageAttributes": {
                          "n": {"stringValue": "1", "stringListValues": [], "binaryListValues": [], "dataType": "Number"}}}
    assert set(attributes) == {"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"}
    assert attributes["ApproximateReceiveCount"] == "1"
    wait_until(lambda: left(sqs, url) == 0)


def test_what_was_there_before_comes_in_batches(sqs, queue, feed, seen):
    url = queue()
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": str(i)} for i in range(10)])
    feed(url, BatchSize=4)

    batches = [told(sqs, seen) for _ in range(3)]
    assert sorted(len(batch) for batch in batches) == [2, 4, 4]
    assert sorted(body for batch in batches for body in batch) == [str(i) for i in range(10)]
    wait_until(lambda: left(sqs, url) == 0)


def test_a_window_gathers(sqs, queue, feed, seen):
    url = queue()
    feed(url, BatchSize=100, MaximumBatchingWindowInSeconds=1)
    for i in range(15):
        sqs.send_message(QueueUrl=url, MessageBody=str(i))

    assert sorted(told(sqs, seen), key=int) == [str(i) for i in range(15)]


def test_a_failed_batch_comes_again_and_then_is_a_dead_letter(sqs, queue, feed, seen):
    dead = queue()
    url = queue(VisibilityTimeout="3", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn(dead), "maxReceiveCount": 2}))
    feed(url)
    sqs.send_message(QueueUrl=url, MessageBody="raise")

    letter = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=15, AttributeNames=["All"])["Messages"][0]
    assert (letter["Body"], letter["Attributes"]["DeadLetterQueueSourceArn"]) == ("raise", arn(url))
    assert [told(sqs, seen, 1), told(sqs, seen, 1), told(sqs, seen, 1)] == [["raise"], ["raise"], None]
    assert left(sqs, url) == 0


def test_only_reported_items_stay(sqs, queue, feed, seen, client):
    url = queue(VisibilityTimeout="60")
    uuid = feed(url, FunctionResponseTypes=["ReportBatchItemFailures"], Enabled=False)
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": body} for i, body in enumerate(["good", "item",
                                                                                                                "fine"])])
    client("lambda").update_event_source_mapping(UUID=uuid, Enabled=True)

    assert sorted(told(sqs, seen)) == ["fine", "good", "item"]
    wait_until(lambda: left(sqs, url) == 1)


def test_a_fifo_queue_feeds_group_by_group_in_order(sqs, queue, feed, seen):
    url = queue(".fifo", ContentBasedDeduplication="true")
    feed(url, BatchSize=3)
    for i in range(12):
        sqs.send_message(QueueUrl=url, MessageBody=f"{i % 2}:{i}", MessageGroupId=str(i % 2))
    order = {"0": [], "1": []}
    while sum(len(numbers) for numbers in order.values()) < 12:
        for body in told(sqs, seen):
            order[body.split(":")[0]].append(int(body.split(":")[1]))

    assert order == {"0": [0, 2, 4, 6, 8, 10], "1": [1, 3, 5, 7, 9, 11]}
    wait_until(lambda: left(sqs, url) == 0)


def test_mappings_are_shown_changed_and_deleted(client, queue, function, sqs, seen):
    functions, url = client("lambda"), queue()
    made = functions.create_event_source_mapping(EventSourceArn=arn(url), FunctionName=function, BatchSize=5)
    assert (made["State"], made["BatchSize"], made["ResponseMetadata"]["HTTPStatusCode"]) == ("Creating", 5, 202)
    uuid = made["UUID"]

    found = functions.get_event_source_mapping(UUID=uuid)
    assert found["State"] == "Enabled"
    assert found["FunctionArn"] == f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
    assert found["EventSourceArn"] == arn(url)
    assert abs(found["LastModified"].timestamp() - time.time()) < 60
    for filters in ({"FunctionName": function}, {"EventSourceArn": arn(url)}, {"FunctionName": function,
                                                                               "EventSourceArn": arn(url)}):
        assert [m["UUID"] for m in functions.list_event_source_mappings(**filters)["EventSourceMappings"]] == [uuid]
    assert functions.list_event_source_mappings(EventSourceArn=arn(url) + "x")["EventSourceMappings"] == []
    assert refusal(functions.create_event_source_mapping, EventSourceArn=arn(url), FunctionName=function) == (
        "ResourceConflictException", 409, f'An event source mapping with SQS arn (" {arn(url)} ") and function (" {function} '
        f'") already '
        f"exists. Please update or delete the existing mapping with UUID {uuid}")

    assert functions.update_event_source_mapping(UUID=uuid, Enabled=False)["State"] == "Updating"
    assert functions.get_event_source_mapping(UUID=uuid)["State"] == "Disabled"
    sqs.send_message(QueueUrl=url, MessageBody="a")
    assert told(sqs, seen, 1) is None
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert told(sqs, seen) == ["a"]

    assert functions.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    gone = ("ResourceNotFoundException", 404, "The resource you requested does not exist.")
    assert refusal(functions.get_event_source_mapping, UUID=uuid) == gone
    assert refusal(functions.delete_event_source_mapping, UUID=uuid) == gone
    sqs.send_message(QueueUrl=url, MessageBody="b")
    assert told(sqs, seen, 1) is None


@pytest.mark.parametrize("members, code, message", [
    ({"BatchSize": 11}, "InvalidParameterValueException",
     "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"),
    ({"MaximumBatchingWindowInSeconds": 301}, "ValidationException", "1 validation error detected: Value '301' at "
     "'maximumBatchingWindowInSeconds' failed to satisfy constraint: Member must have value less than or equal to 300"),
    ({"StartingPosition": "LATEST"}, "InvalidParameterValueException", "StartingPosition is not supported by croft."),
    ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}, "InvalidParameterValueException",
     "FilterCriteria is not supported by croft."),
    ({"EventSourceArn": ARN + "none"}, "InvalidParameterValueException",
     "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The "
     "specified "
     "queue does not exist for this wsdl version."),
    ({"EventSourceArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}, "InvalidParameterValueException",
     "Unrecognized event source, croft takes sqs and dynamodb. Unsupported source arn: arn:aws:kinesis:us-east-1:000000000000:stream/s"),
    ({"FunctionName": "none"}, "ResourceNotFoundException",
     "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none"),
])
def test_mappings_that_are_refused(client, queue, function, members, code, message):
    given = {"EventSourceArn": arn(queue()), "FunctionName": function, **members}
    assert refusal(client("lambda").create_event_source_mapping, **given)[::2] == (code, message)


def test_the_queue_must_hide_as_long_as_the_function_runs(client, queue, function):
    assert refusal(client("lambda").create_event_source_mapping, EventSourceArn=arn(queue(VisibilityTimeout="2")),
                   FunctionName=function) == (
        "InvalidParameterValueException", 400, "Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds")


def test_a_mapping_outlives_a_restart(fresh_croft):
    server = fresh_croft()
    sqs, functions = server.client("sqs"), server.client("lambda")
    url, seen = (sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("in", "out"))
    functions.create_function(FunctionName="f", Runtime="python3.11", Handler="index.handler", Role=ROLE,
                              Code={"ZipFile": zip_of("index.py", HANDLER)}, Environment={"Variables": {"SEEN": seen}})
    functions.create_event_source_mapping(EventSourceArn=arn(url), FunctionName="f", BatchSize=7)
    assert server.stop() == 0, server.output()

    server.start()
    sqs, functions = server.client("sqs"), server.client("lambda")
    assert functions.list_event_source_mappings()["EventSourceMappings"][0]["BatchSize"] == 7
    sqs.send_message(QueueUrl=url, MessageBody="a")
    assert told(sqs, seen) == ["a"]
    assert server.stop() == 0, server.output()


SAM = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Queue: {Type: AWS::SQS::Queue}
  Seen: {Type: AWS::SQS::Queue}
  Fed:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      InlineCode: |
%s
      Environment: {Variables: {SEEN: !Ref Seen}}
      Events:
        Mail:
          Type: SQS
          Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 5, ScalingConfig: {MaximumConcurrency: 2}}
Outputs:
  Queue: {Value: !Ref Queue}
  Seen: {Value: !Ref Seen}
  Mapping: {Value: !Ref FedMail}
""" % "\n".join("        " + line for line in HANDLER.splitlines())


def test_a_sam_function_with_a_queue(client, sqs):
    cloudformation, functions = client("cloudformation"), client("lambda")
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
    cloudformation.create_stack(StackName="fed", TemplateBody=SAM, Capabilities=capabilities)
    stack = cloudformation.describe_stacks(StackName="fed")["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    out = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    role = next(r["PhysicalResourceId"] for r in cloudformation.list_stack_resources(StackName="fed")["StackResourceSummaries"]
                if r["ResourceType"] == "AWS::IAM::Role")
    attached = [p["PolicyName"] for p in client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]]
    assert "AWSLambdaSQSQueueExecutionRole" in attached

    sqs.send_message(QueueUrl=out["Queue"], MessageBody="a")
    assert told(sqs, out["Seen"]) == ["a"]
    assert functions.get_event_source_mapping(UUID=out["Mapping"])["BatchSize"] == 5
    cloudformation.update_stack(StackName="fed", TemplateBody=SAM.replace(", BatchSize: 5", ""), Capabilities=capabilities)
    assert functions.get_event_source_mapping(UUID=out["Mapping"])["BatchSize"] == 10
    cloudformation.delete_stack(StackName="fed")
    assert functions.list_event_source_mappings(EventSourceArn=arn(out["Queue"]))["EventSourceMappings"] == []
