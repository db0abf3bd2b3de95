"""SQS with boto3 (query protocol) and by JSON. Messages and codes are AWS's: its API reference, and recorded answers."""

import hashlib
import itertools
import json
import socket
import subprocess
import threading
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import botocore.httpsession
import pytest
from conftest import wait_until
from sqs_json import json_call

ACCOUNT = "000000000000"
ARN = "arn:aws:sqs:us-east-1:000000000000:"


@pytest.fixture
def sqs(client):
    return client("sqs")


NUMBERS = itertools.count()


@pytest.fixture
def queue(sqs):
    """queue(**attributes) -> the URL of a new queue."""

    def make(kind="", **attributes):
        name = f"queue-{next(NUMBERS)}{kind}"
        if kind:
            attributes["FifoQueue"] = "true"
        return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    return make


def bodies(sqs, url, **more):
    answer = sqs.receive_message(QueueUrl=url, **{"MaxNumberOfMessages": 10, **more})
    return [message["Body"] for message in answer.get("Messages", [])]


def receive_one(sqs, url, **more):
    return sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2, **more)["Messages"][0]


def attributes(sqs, url, *names):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(names) or ["All"]).get("Attributes", {})


def arn(url):
    return ARN + url.rsplit("/", 1)[1]


def refusal(call, *given, **more):
    """(code, status, message)"""
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(*given, **more)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


# --- queues ---

def test_a_queue_has_aws_s_defaults(sqs, croft):
    before = int(time.time())
    url = sqs.create_queue(QueueName="defaults")["QueueUrl"]

    assert url == f"{croft.endpoints['gateway']}/{ACCOUNT}/defaults"
    found = attributes(sqs, url)
    assert before <= int(found.pop("CreatedTimestamp")) == int(found.pop("LastModifiedTimestamp"))
    assert found == {"QueueArn": ARN + "defaults", "ApproximateNumberOfMessages": "0",
                     "ApproximateNumberOfMessagesNotVisible": "0",
                     "ApproximateNumberOfMessagesDelayed": "0", "VisibilityTimeout": "30", "MaximumMessageSize": "262144",
                     "MessageRetentionPeriod": "345600", "DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0",
                     "SqsManagedSseEnabled": "true"}
    assert attributes(sqs, url, "DelaySeconds", "QueueArn", "Policy") == {"DelaySeconds": "0", "QueueArn": ARN + "defaults"}
    assert refusal(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["Nope"]) == (
        "InvalidAttributeName", 400, "Unknown Attribute Nope.")


def test_the_same_name_needs_the_same_attributes(sqs):
    url = sqs.create_queue(QueueName="same", Attributes={"DelaySeconds": "1"})["QueueUrl"]

    assert sqs.create_queue(QueueName="same", Attributes={"DelaySeconds": "1"})["QueueUrl"] == url
    assert sqs.create_queue(QueueName="same")["QueueUrl"] == url
    assert refusal(sqs.create_queue, QueueName="same", Attributes={"DelaySeconds": "2"}) == (
        "QueueAlreadyExists", 400, "A queue already exists with the same name and a different value for attribute DelaySeconds")
    assert attributes(sqs, url, "DelaySeconds") == {"DelaySeconds": "1"}


@pytest.mark.parametrize("name", ["", "a b", "x" * 81, "a.fifo"])
def test_names_are_checked(sqs, name):
    code, status, message = refusal(sqs.create_queue, QueueName=name)
    assert (code, status) == (("InvalidParameterValue", 400) if name else ("MissingParameter", 400))
    assert message == ("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length" if name
                       else "The request must contain the parameter QueueName.")


def test_a_fifo_queue_needs_its_ending(sqs):
    assert refusal(sqs.create_queue, QueueName="plain", Attributes={"FifoQueue": "true"}) == (
        "InvalidParameterValue", 400, "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
        "underscores, "
        "must end with .fifo suffix and be 1 to 80 in length.")


def test_attributes_change(sqs, queue):
    url = queue()
    time.sleep(1.1)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "69", "MaximumMessageSize": "2048"})

    found = attributes(sqs, url)
    assert (found["VisibilityTimeout"], found["MaximumMessageSize"]) == ("69", "2048")
    assert int(found["LastModifiedTimestamp"]) > int(found["CreatedTimestamp"])
    assert refusal(sqs.set_queue_attributes, QueueUrl=url, Attributes={"VisibilityTimeout": "43201"}) == (
        "InvalidAttributeValue", 400, "Invalid value for the parameter VisibilityTimeout.")


def test_queues_are_listed_by_prefix_and_page(sqs):
    for name in ("page-a", "page-b", "page-c", "other"):
        sqs.create_queue(QueueName=name)

    names = [url.rsplit("/", 1)[1] for url in sqs.list_queues(QueueNamePrefix="page-")["QueueUrls"]]
    assert names == ["page-a", "page-b", "page-c"]
    first = sqs.list_queues(QueueNamePrefix="page-", MaxResults=2)
    rest = sqs.list_queues(QueueNamePrefix="page-", MaxResults=2, NextToken=first["NextToken"])
    assert [len(first["QueueUrls"]), len(rest["QueueUrls"]), "NextToken" in rest] == [2, 1, False]
    pages = sqs.get_paginator("list_queues").paginate(QueueNamePrefix="page-", PaginationConfig={"PageSize": 1})
    assert len([url for page in pages for url in page["QueueUrls"]]) == 3
    assert "QueueUrls" not in sqs.list_queues(QueueNamePrefix="none-")


def test_a_deleted_queue_is_gone(sqs, queue):
    url = queue()
    sqs.send_message(QueueUrl=url, MessageBody="a")
    sqs.delete_queue(QueueUrl=url)

    gone = ("AWS.SimpleQueueService.NonExistentQueue", 400, "The specified queue does not exist for this wsdl version.")
    assert refusal(sqs.send_message, QueueUrl=url, MessageBody="a") == gone
    assert refusal(sqs.get_queue_url, QueueName=url.rsplit("/", 1)[1]) == gone
    assert refusal(sqs.delete_queue, QueueUrl=url) == gone
    with pytest.raises(sqs.exceptions.QueueDoesNotExist):
        sqs.purge_queue(QueueUrl=url)
    again = sqs.create_queue(QueueName=url.rsplit("/", 1)[1])["QueueUrl"]
    assert bodies(sqs, again) == []


def test_a_purge_once_a_minute(sqs, queue):
    url = queue()
    sqs.send_message(QueueUrl=url, MessageBody="a")
    sqs.purge_queue(QueueUrl=url)

    assert bodies(sqs, url) == []
    assert refusal(sqs.purge_queue, QueueUrl=url) == (
        "AWS.SimpleQueueService.PurgeQueueInProgress", 403,
        f"Only one PurgeQueue operation on {url.rsplit('/', 1)[1]} is allowed every 60 seconds.")


def test_tags(sqs, queue):
    url = queue()
    sqs.tag_queue(QueueUrl=url, Tags={"a": "1", "b": ""})
    sqs.tag_queue(QueueUrl=url, Tags={"a": "2"})

    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "2", "b": ""}
    sqs.untag_queue(QueueUrl=url, TagKeys=["a", "none"])
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"b": ""}


def test_permissions_are_statements_of_the_policy(sqs, queue):
    url = queue()
    sqs.add_permission(QueueUrl=url, Label="one", AWSAccountIds=["111111111111"], Actions=["ReceiveMessage"])
    sqs.add_permission(QueueUrl=url, Label="two", AWSAccountIds=["111111111111", "222222222222"], Actions=["SendMessage", "*"])

    statement = {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
                 "Action": "SQS:ReceiveMessage", "Resource": arn(url)}
    policy = json.loads(attributes(sqs, url)["Policy"])
    assert (policy["Version"], policy["Id"]) == ("2008-10-17", arn(url) + "/SQSDefaultPolicy")
    assert policy["Statement"][0] == statement
    assert policy["Statement"][1]["Principal"] == {"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]}
    assert policy["Statement"][1]["Action"] == ["SQS:SendMessage", "SQS:*"]
    assert refusal(sqs.add_permission, QueueUrl=url, Label="one", AWSAccountIds=["1"], Actions=["SendMessage"]) == (
        "InvalidParameterValue", 400, "Value one for parameter Label is invalid. Reason: Already exists.")
    assert refusal(sqs.add_permission, QueueUrl=url, Label="x", AWSAccountIds=["1"], Actions=["Nope"])[2].startswith(
        "Value SQS:Nope for parameter ActionName is invalid.")
    sqs.remove_permission(QueueUrl=url, Label="two")
    assert json.loads(attributes(sqs, url)["Policy"])["Statement"] == [statement]
    sqs.remove_permission(QueueUrl=url, Label="one")
    assert "Policy" not in attributes(sqs, url)
    assert refusal(sqs.remove_permission, QueueUrl=url, Label="one") == (
        "InvalidParameterValue", 400, "Value one for parameter Label is invalid. Reason: can't find label.")


# --- messages ---

def test_a_message_and_what_is_told_of_it(sqs, queue, client):
    url = queue()
    body = "h\u00e9llo <&> \U0001f600\r\n\t"
    before = int(time.time() * 1000)
    sent = sqs.send_message(QueueUrl=url, MessageBody=body,
                            MessageSystemAttributes={"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988"}})

    message = receive_one(sqs, url, AttributeNames=["All"])
    assert message["Body"] == body
    assert message["MessageId"] == sent["MessageId"]
    assert message["MD5OfBody"] == sent["MD5OfMessageBody"] == hashlib.md5(body.encode()).hexdigest()
    system = message["Attributes"]
    assert before <= int(system["SentTimestamp"]) <= int(system["ApproximateFirstReceiveTimestamp"]) <= int(time.time() * 1000)
    assert (system["ApproximateReceiveCount"], system["AWSTraceHeader"]) == ("1", "Root=1-5759e988")
    assert system["SenderId"] == client("sts").get_caller_identity()["UserId"]
    assert set(system) == {"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp",
                           "AWSTraceHeader"}
    # "AWSTraceHeader", "String", transport type 1: each string behind its length
    parts = [b"AWSTraceHeader", b"String", b"Root=1-5759e988"]
    packed = b"".join((b"\x01" if i == 2 else b"") + len(p).to_bytes(4, "big") + p for i, p in enumerate(parts))
    assert sent["MD5OfMessageSystemAttributes"] == hashlib.md5(packed).hexdigest()


def test_message_attributes_and_their_selection(sqs, queue):
    url = queue(VisibilityTimeout="0")
    sent = sqs.send_message(QueueUrl=url, MessageBody="msg", MessageAttributes={
        "General": {"DataType": "String", "StringValue": "Kenobi"}, "Hello": {"DataType": "String", "StringValue": "There"},
        "Help.Me": {"DataType": "String", "StringValue": "Me"}})
    assert sent["MD5OfMessageAttributes"] == "4c360f3fdafd970e05fae2f149d997f5"

    def selected(*names):
        message = receive_one(sqs, url, MessageAttributeNames=list(names))
        return sorted(message.get("MessageAttributes", {})), message.get("MD5OfMessageAttributes")

    every = (["General", "Hello", "Help.Me"], "4c360f3fdafd970e05fae2f149d997f5")
    assert selected() == ([], None)
    assert selected("All") == selected(".*") == every
    assert selected("Foo", "Help") == ([], None)
    assert selected("General", "Hello") == (["General", "Hello"], "fca026605781cb4126a1e9044df24232")
    assert selected("Hello", "Nope") == (["Hello"], "a311262e065454b75da111d535b8dacd")
    assert selected("Hel.*") == (["Hello", "Help.Me"], "83fee93c1bcd8b9a5a923ffacdc636c7")


def test_binary_attributes(sqs, queue):
    url = queue()
    value = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"
    sqs.send_message(QueueUrl=url, MessageBody="test", MessageAttributes={"attr1": {"DataType": "Binary", "BinaryValue": value}})

    message = receive_one(sqs, url, MessageAttributeNames=["All"])
    assert message["MessageAttributes"] == {"attr1": {"DataType": "Binary", "BinaryValue": value}}
    assert message["MD5OfMessageAttributes"] == "8cbe4db156db8a94db8b801b7addb984"


@pytest.mark.parametrize("given, expected", [
    ({"MessageBody": ""}, ("MissingParameter", 400, "The request must contain the parameter MessageBody.")),
    ({"MessageBody": "a\x01"}, ("InvalidMessageContents", 400, "Invalid characters found. Valid unicode characters are {#x9 | "
                                "#xA | #xD | "
                                "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF}")),
    ({"MessageBody": "x" * 262145}, ("InvalidParameterValue", 400,
                                     "One or more parameters are invalid. Reason: Message must be shorter than 262144 bytes.")),
    ({"DelaySeconds": 901}, ("InvalidParameterValue", 400,
                             "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.")),
    ({"MessageDeduplicationId": "x"}, ("InvalidParameterValue", 400,
                                       "Value x for parameter MessageDeduplicationId is invalid. Reason: The "
                                       "request include parameter that is not valid for this queue type.")),
    ({"MessageAttributes": {"n": {"DataType": "Number", "StringValue": "x"}}},
     ("InvalidParameterValue", 400, "Can't cast the value of message (user) attribute 'n' to a number.")),
    ({"MessageAttributes": {"n": {"DataType": "String", "StringListValues": ["x"]}}},
     ("AWS.SimpleQueueService.UnsupportedOperation", 400, "Message attribute list values in SendMessage operation are not "
      "supported.")),
])
def test_messages_that_are_refused(sqs, queue, given, expected):
    assert refusal(sqs.send_message, QueueUrl=queue(), **{"MessageBody": "a", **given}) == expected


def test_the_largest_message_is_taken(sqs, queue):
    url = queue()
    sqs.send_message(QueueUrl=url, MessageBody="x" * 262144)
    large = queue(MaximumMessageSize="1048576")
    sqs.send_message(QueueUrl=large, MessageBody="y" * 1048576)

    assert len(bodies(sqs, url)[0]) == 262144
    assert len(bodies(sqs, large)[0]) == 1048576


@pytest.mark.parametrize("given, message", [
    ({"MaxNumberOfMessages": 11}, "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if "
     "provided."),
    ({"MaxNumberOfMessages": 0}, "Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if "
     "provided."),
    ({"WaitTimeSeconds": 21}, "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."),
    ({"VisibilityTimeout": 43201}, "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200, "
     "if provided."),
    ({"ReceiveRequestAttemptId": "x"}, "Value x for parameter ReceiveRequestAttemptId is invalid. Reason: The request include "
     "parameter "
     "that is not valid for this queue type."),
])
def test_receives_that_are_refused(sqs, queue, given, message):
    assert refusal(sqs.receive_message, QueueUrl=queue(), **given) == ("InvalidParameterValue", 400, message)


def test_receipt_handles(sqs, queue):
    url, other = queue(), queue()
    sqs.send_message(QueueUrl=url, MessageBody="a")
    first = receive_one(sqs, url, VisibilityTimeout=0)["ReceiptHandle"]
    second = receive_one(sqs, url, VisibilityTimeout=0)["ReceiptHandle"]
    assert first != second

    assert refusal(sqs.delete_message, QueueUrl=url, ReceiptHandle="garbage") == (
        "ReceiptHandleIsInvalid", 404, 'The input receipt handle "garbage" is not a valid receipt handle.')
    assert refusal(sqs.delete_message, QueueUrl=other, ReceiptHandle=second)[0] == "ReceiptHandleIsInvalid"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first)  # an old one succeeds and deletes nothing
    assert attributes(sqs, url)["ApproximateNumberOfMessages"] == "1"
    sqs.delete_message(QueueUrl=url, ReceiptHandle=second)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=second)
    assert attributes(sqs, url)["ApproximateNumberOfMessages"] == "0"


def test_visibility_changes(sqs, queue):
    url = queue()
    sqs.send_message(QueueUrl=url, MessageBody="a")
    handle = receive_one(sqs, url)["ReceiptHandle"]
    assert attributes(sqs, url)["ApproximateNumberOfMessagesNotVisible"] == "1"

    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
    again = receive_one(sqs, url, AttributeNames=["ApproximateReceiveCount"])
    assert again["Attributes"] == {"ApproximateReceiveCount": "2"}
    assert refusal(sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=1) == (
        "InvalidParameterValue", 400, f"Value {handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist "
        f"or is "
        "not available for visibility timeout change.")
    assert refusal(sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=again["ReceiptHandle"],
                   VisibilityTimeout=43201)[0] == (
        "InvalidParameterValue")


def test_delay_of_a_message_and_when_it_ends(sqs, queue):
    url = queue()
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=1)
    assert attributes(sqs, url)["ApproximateNumberOfMessagesDelayed"] == "1"
    assert bodies(sqs, url) == []

    start = time.monotonic()
    assert bodies(sqs, url, WaitTimeSeconds=5) == ["later"]
    assert time.monotonic() - start < 1.3


# --- long polls ---

def test_a_long_poll_ends_with_the_message(sqs, client, queue):
    url = queue()
    found = []
    waiting = threading.Thread(target=lambda: found.append((bodies(client("sqs"), url, WaitTimeSeconds=20), time.monotonic())))
    waiting.start()
    time.sleep(0.5)
    sent = time.monotonic()
    sqs.send_message(QueueUrl=url, MessageBody="a")
    waiting.join()

    assert found[0][0] == ["a"]
    assert found[0][1] - sent < 0.5


def test_a_long_poll_ends_with_its_time(sqs, queue):
    url = queue(ReceiveMessageWaitTimeSeconds="1")
    start = time.monotonic()
    assert bodies(sqs, url) == []
    assert 1.0 <= time.monotonic() - start < 1.5
    start = time.monotonic()
    assert bodies(sqs, url, WaitTimeSeconds=0) == []
    assert time.monotonic() - start < 0.5


def test_each_message_wakes_one_of_those_who_wait(sqs, client, queue):
    url = queue()
    found = []
    waiting = [threading.Thread(target=lambda: found.append(bodies(client("sqs"), url, WaitTimeSeconds=3))) for _ in range(4)]
    for thread in waiting:
        thread.start()
    time.sleep(0.7)
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": str(i)} for i in range(3)])
    for thread in waiting:
        thread.join()

    assert sorted(body for some in found for body in some) == ["0", "1", "2"]


def test_a_client_that_hung_up_gets_no_message(sqs, croft, queue):
    url = queue()
    host, port = croft.endpoints["gateway"].removeprefix("http://").split(":")
    body = json.dumps({"QueueUrl": url, "WaitTimeSeconds": 20}).encode()
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", {
        "X-Amz-Target": "AmazonSQS.ReceiveMessage", "Content-Type": "application/x-amz-json-1.0"}, body)
    keys = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"], croft.credentials["aws_secret_access_key"])
    botocore.auth.SigV4Auth(keys, "sqs", croft.credentials["region"]).add_auth(request)
    head = "POST / HTTP/1.1\r\nHost: " + f"{host}:{port}\r\nContent-Length: {len(body)}\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in request.headers.items()) + "\r\n"
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + body)
        time.sleep(0.3)
    time.sleep(0.1)

    sqs.send_message(QueueUrl=url, MessageBody="a")
    assert bodies(sqs, url, WaitTimeSeconds=1) == ["a"]
    assert attributes(sqs, url)["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_a_stop_ends_long_polls(fresh_croft):
    server = fresh_croft()
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName="a")["QueueUrl"]
    found = []
    waiting = threading.Thread(target=lambda: found.append(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages")))
    waiting.start()
    time.sleep(0.4)
    start = time.monotonic()

    assert server.stop() == 0
    waiting.join()
    assert found == [None]
    assert time.monotonic() - start < 5


# --- batches ---

def test_a_batch_fails_entry_by_entry(sqs, queue):
    url = queue()
    answer = sqs.send_message_batch(QueueUrl=url, Entries=[
        {"Id": "good", "MessageBody": "a", "MessageAttributes": {"k": {"DataType": "String", "StringValue": "v"}}},
        {"Id": "bad", "MessageBody": "\x01"}, {"Id": "late", "MessageBody": "b", "DelaySeconds": 901}])

    assert [entry["Id"] for entry in answer["Successful"]] == ["good"]
    assert answer["Successful"][0]["MD5OfMessageBody"] == hashlib.md5(b"a").hexdigest()
    failed = {entry["Id"]: (entry["Code"], entry["SenderFault"]) for entry in answer["Failed"]}
    assert failed == {"bad": ("InvalidMessageContents", True), "late": ("InvalidParameterValue", True)}
    assert bodies(sqs, url) == ["a"]


def test_batches_of_handles(sqs, queue):
    url = queue()
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": str(i)} for i in range(3)])
    handles = [m["ReceiptHandle"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]]
    changed = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[
        {"Id": "a", "ReceiptHandle": handles[0], "VisibilityTimeout": 0},
        {"Id": "b", "ReceiptHandle": "x", "VisibilityTimeout": 0},
        {"Id": "c", "ReceiptHandle": handles[1], "VisibilityTimeout": 43201}])
    deleted = sqs.delete_message_batch(QueueUrl=url, Entries=[
        {"Id": "a", "ReceiptHandle": handles[1]}, {"Id": "b", "ReceiptHandle": "x"}, {"Id": "c", "ReceiptHandle": handles[2]}])

    assert [entry["Id"] for entry in changed["Successful"]] == ["a"]
    assert sorted((e["Id"], e["Code"]) for e in changed["Failed"]) == [
        ("b", "ReceiptHandleIsInvalid"), ("c", "InvalidParameterValue")]
    assert [entry["Id"] for entry in deleted["Successful"]] == ["a", "c"]
    assert [(e["Id"], e["Code"]) for e in deleted["Failed"]] == [("b", "ReceiptHandleIsInvalid")]
    assert bodies(sqs, url) == ["0"]


@pytest.mark.parametrize("entries, expected", [
    ([{"Id": str(i)} for i in range(11)], ("TooManyEntriesInBatchRequest",
                                           "Maximum number of entries per request are 10. You have sent 11.")),
    ([{"Id": "a"}, {"Id": "a"}], ("BatchEntryIdsNotDistinct", "Id a repeated.")),
    ([{"Id": "a:b"}], ("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and "
                       "underscores. It can "
                       "be at most 80 letters long.")),
    ([{"Id": "x" * 81}], ("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and "
                          "underscores. It "
                          "can be at most 80 letters long.")),
])
def test_batches_that_are_refused(sqs, queue, entries, expected):
    url = queue()
    for call, more in ((sqs.send_message_batch, {"MessageBody": "a"}), (sqs.delete_message_batch, {"ReceiptHandle": "a"}),
                       (sqs.change_message_visibility_batch, {"ReceiptHandle": "a", "VisibilityTimeout": 1})):
        given = [{**entry, **more} for entry in entries]
        assert refusal(call, QueueUrl=url, Entries=given) == ("AWS.SimpleQueueService." + expected[0], 400, expected[1])


def test_a_batch_has_a_size_and_is_not_empty(sqs, queue, croft):
    url = queue()
    entries = [{"Id": "1", "MessageBody": "a" * 262144}, {"Id": "2", "MessageBody": "b"}]
    assert refusal(sqs.send_message_batch, QueueUrl=url, Entries=entries) == (
        "AWS.SimpleQueueService.BatchRequestTooLong", 400, "Batch requests cannot be longer than 262144 bytes. You have sent "
        "262145 bytes.")
    small = queue(MaximumMessageSize="1024")
    entries = [{"Id": str(i), "MessageBody": "a" * 1024} for i in range(3)]
    assert len(sqs.send_message_batch(QueueUrl=small, Entries=entries)["Successful"]) == 3
    status, body, _ = json_call(croft, "DeleteMessageBatch", QueueUrl=url, Entries=[])
    assert (status, body) == (400, {"__type": "com.amazonaws.sqs#EmptyBatchRequest",
                                    "message": "There should be at least one DeleteMessageBatchRequestEntry in the request."})


# --- dead letters ---

def redrive(url, receives):
    return json.dumps({"deadLetterTargetArn": arn(url), "maxReceiveCount": receives})


def test_dead_letters(sqs, queue):
    dead = queue()
    url = queue(RedrivePolicy=redrive(dead, 2), VisibilityTimeout="0")
    sent = sqs.send_message(QueueUrl=url, MessageBody="a")
    for _ in range(2):
        assert bodies(sqs, url) == ["a"]
    assert bodies(sqs, url) == []

    letter = receive_one(sqs, dead, AttributeNames=["All"])
    assert letter["MessageId"] == sent["MessageId"]
    assert letter["Attributes"]["DeadLetterQueueSourceArn"] == arn(url)
    assert letter["Attributes"]["ApproximateReceiveCount"] == "3"
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
    assert json.loads(attributes(sqs, url)["RedrivePolicy"]) == {"deadLetterTargetArn": arn(dead), "maxReceiveCount": 2}
    assert refusal(sqs.set_queue_attributes, QueueUrl=url, Attributes={"RedrivePolicy": redrive(dead + "x", 1)}) == (
        "InvalidParameterValue", 400, f"Value {redrive(dead + 'x', 1)} for parameter RedrivePolicy is invalid. Reason: Dead "
        f"letter "
        "target does not exist.")


def test_dead_letters_move_back(sqs, queue, croft):
    dead = queue()
    url = queue(RedrivePolicy=redrive(dead, 1), VisibilityTimeout="0")
    for i in range(3):
        sqs.send_message(QueueUrl=url, MessageBody=str(i))
    assert len(bodies(sqs, url)) == 3
    assert bodies(sqs, url) == []

    status, started, _ = json_call(croft, "StartMessageMoveTask", SourceArn=arn(dead))
    assert status == 200 and started["TaskHandle"]
    task = wait_until(lambda: next((t for t in json_call(croft, "ListMessageMoveTasks", SourceArn=arn(dead))[1]["Results"]
                                    if t["Status"] != "RUNNING"), None))
    assert {name: task[name] for name in task if name != "StartedTimestamp"} == {
        "Status": "COMPLETED", "SourceArn": arn(dead), "ApproximateNumberOfMessagesMoved": 3,
        "ApproximateNumberOfMessagesToMove": 3}
    assert sorted(bodies(sqs, url)) == ["0", "1", "2"]


def test_move_tasks_that_are_refused_or_cancelled(sqs, queue, croft):
    dead = queue()
    url = queue(RedrivePolicy=redrive(dead, 1), VisibilityTimeout="0")

    def answer(operation, **members):
        status, body, headers = json_call(croft, operation, **members)
        return headers.get("x-amzn-query-error"), status, body.get("message")

    assert answer("StartMessageMoveTask", SourceArn=arn(url)) == (
        "InvalidParameterValue;Sender", 400, "Source queue must be configured as a Dead Letter Queue.")
    assert answer("StartMessageMoveTask", SourceArn=ARN + "none") == (
        "ResourceNotFoundException;Sender", 404, "The resource that you specified for the SourceArn parameter doesn't exist.")
    assert answer("StartMessageMoveTask", SourceArn=arn(dead), DestinationArn=ARN + "none") == (
        "ResourceNotFoundException;Sender", 404, "The resource that you specified for the DestinationArn parameter doesn't "
        "exist.")
    assert answer("CancelMessageMoveTask", TaskHandle="x") == (
        "InvalidParameterValue;Sender", 400, "Value for parameter TaskHandle is invalid.")
    for i in range(5):
        sqs.send_message(QueueUrl=dead, MessageBody=str(i))
    handle = json_call(croft, "StartMessageMoveTask", SourceArn=arn(dead), DestinationArn=arn(url),
                       MaxNumberOfMessagesPerSecond=1)[1]["TaskHandle"]
    assert answer("StartMessageMoveTask", SourceArn=arn(dead)) == (
        "InvalidParameterValue;Sender", 400,
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
    wait_until(lambda: attributes(sqs, url)["ApproximateNumberOfMessages"] == "1")
    assert json_call(croft, "CancelMessageMoveTask", TaskHandle=handle)[0] == 200
    task = wait_until(lambda: next((t for t in json_call(croft, "ListMessageMoveTasks", SourceArn=arn(dead))[1]["Results"]
                                    if t["Status"] == "CANCELLED"), None))
    assert (task["MaxNumberOfMessagesPerSecond"], task["DestinationArn"]) == (1, arn(url))
    assert int(attributes(sqs, dead)["ApproximateNumberOfMessages"]) >= 3


# --- FIFO ---

def send_fifo(sqs, url, body, group="g", **more):
    return sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, **more)


def test_a_fifo_queue_keeps_the_order_of_each_group(sqs, queue):
    url = queue(".fifo", ContentBasedDeduplication="true")
    numbers = [send_fifo(sqs, url, str(i))["SequenceNumber"] for i in range(5)]
    send_fifo(sqs, url, "other", "h")

    assert numbers == sorted(numbers) and {len(number) for number in numbers} == {20}
    first = receive_one(sqs, url, AttributeNames=["All"])
    assert first["Body"] == "0"
    assert first["Attributes"]["SequenceNumber"] == numbers[0]
    assert first["Attributes"]["MessageGroupId"] == "g"
    assert first["Attributes"]["MessageDeduplicationId"] == hashlib.sha256(b"0").hexdigest()
    assert bodies(sqs, url) == ["other"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    assert bodies(sqs, url) == ["1", "2", "3", "4"]


def test_a_fifo_queue_takes_a_message_once(sqs, queue):
    url = queue(".fifo")
    first = send_fifo(sqs, url, "a", MessageDeduplicationId="1")
    again = send_fifo(sqs, url, "b", MessageDeduplicationId="1")

    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    assert bodies(sqs, url) == ["a"]


def test_what_a_fifo_queue_asks_for(sqs, queue):
    url = queue(".fifo")
    missing_id = "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"
    assert refusal(sqs.send_message, QueueUrl=url, MessageBody="a") == (
        "MissingParameter", 400, "The request must contain the parameter MessageGroupId.")
    assert refusal(send_fifo, sqs, url, "a") == ("InvalidParameterValue", 400, missing_id)
    assert refusal(send_fifo, sqs, url, "a", MessageDeduplicationId="1", DelaySeconds=2) == (
        "InvalidParameterValue", 400,
        "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue "
        "type.")
    assert refusal(sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "a"}]) == (
        "InvalidParameterValue", 400, "The request must contain the parameter MessageGroupId.")
    assert refusal(sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "a", "MessageGroupId": "g"}]) == (
        "InvalidParameterValue", 400, missing_id)


def test_an_attempt_is_repeated(sqs, queue):
    url = queue(".fifo", ContentBasedDeduplication="true")
    send_fifo(sqs, url, "a")
    handles = {receive_one(sqs, url, ReceiveRequestAttemptId="try")["ReceiptHandle"] for _ in range(2)}

    assert len(handles) == 1


def test_a_waiting_receiver_gets_a_group_that_turns_free(sqs, client, queue):
    url = queue(".fifo", ContentBasedDeduplication="true")
    send_fifo(sqs, url, "1")
    send_fifo(sqs, url, "2")
    first = receive_one(sqs, url)
    found = []
    waiting = threading.Thread(target=lambda: found.append(bodies(client("sqs"), url, WaitTimeSeconds=10)))
    waiting.start()
    time.sleep(0.4)
    start = time.monotonic()
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    waiting.join()

    assert found == [["2"]]
    assert time.monotonic() - start < 0.5


# --- protocols ---

def test_json_and_query_serve_the_same_queues(sqs, croft, queue):
    url = queue()
    status, sent, headers = json_call(croft, "SendMessage", QueueUrl=url, MessageBody="a", DelaySeconds=0,
                                      MessageAttributes={"n": {"DataType": "Number", "StringValue": "1"}})
    assert (status, headers["Content-Type"]) == (200, "application/x-amz-json-1.0")
    assert set(sent) == {"MessageId", "MD5OfMessageBody", "MD5OfMessageAttributes"}

    message = receive_one(sqs, url, MessageAttributeNames=["n"], VisibilityTimeout=0)
    assert message["MessageAttributes"] == {"n": {"DataType": "Number", "StringValue": "1"}}
    status, received, _ = json_call(croft, "ReceiveMessage", QueueUrl=url, MaxNumberOfMessages=10,
                                    MessageSystemAttributeNames=["ApproximateReceiveCount"], MessageAttributeNames=["All"])
    assert received["Messages"][0]["Attributes"] == {"ApproximateReceiveCount": "2"}
    assert received["Messages"][0]["MessageAttributes"] == {"n": {"DataType": "Number", "StringValue": "1"}}
    assert json_call(croft, "DeleteMessage", QueueUrl=url, ReceiptHandle=received["Messages"][0]["ReceiptHandle"])[:2] == (200,
                                                                                                                           {})
    assert json_call(croft, "ReceiveMessage", QueueUrl=url)[:2] == (200, {})


@pytest.mark.parametrize("operation, members, status, kind, query_code, message", [
    ("GetQueueUrl", {"QueueName": "nope"}, 400, "com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
     "The specified queue does not exist."),
    ("ReceiveMessage", {"MaxNumberOfMessages": 11}, 400, "com.amazon.coral.service#InvalidParameterValueException",
     "InvalidParameterValue",
     "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."),
    ("SendMessage", {"MessageBody": ""}, 400, "com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter",
     "The request must contain the parameter MessageBody."),
    ("SendMessageBatch", {"Entries": []}, 400, "com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest",
     "There should be at least one SendMessageBatchRequestEntry in the request."),
    ("Nope", {}, 400, "com.amazon.coral.service#UnknownOperationException", "InvalidAction", None),
    ("SendMessage", {"MessageBody": 5}, 400, "com.amazon.coral.service#SerializationException", "MalformedInput", None),
    ("ReceiveMessage", {"QueueUrl": "x"}, 404, "com.amazonaws.sqs#InvalidAddress", "InvalidAddress",
     "The address x is not valid for this endpoint."),
    ("ReceiveMessage", {"QueueUrl": "http://h/111111111111/a"}, 400, "com.amazonaws.sqs#QueueDoesNotExist",
     "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist."),
])
def test_json_errors(croft, sqs, queue, operation, members, status, kind, query_code, message):
    answered, body, headers = json_call(croft, operation, **{"QueueUrl": queue(), **members})

    assert (answered, body["__type"], headers["x-amzn-query-error"]) == (status, kind, query_code + ";Sender")
    if message:
        assert body["message"] == message


def test_a_request_may_go_to_the_queue_s_address(croft, queue, sqs):
    url = queue()
    path = url.removeprefix(croft.endpoints["gateway"])
    assert json_call(croft, "SendMessage", path, QueueUrl=url, MessageBody="a")[0] == 200
    assert bodies(sqs, url) == ["a"]

    def query(method, text):
        is_post = method == "POST"
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if is_post else {}
        target, body = (url, text.encode()) if is_post else (url + "?" + text, b"")
        request = botocore.awsrequest.AWSRequest(method, target, headers, body)
        keys = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"],
                                                croft.credentials["aws_secret_access_key"])
        botocore.auth.SigV4Auth(keys, "sqs", croft.credentials["region"]).add_auth(request)
        return botocore.httpsession.URLLib3Session().send(request.prepare())

    start = b'<SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><SendMessageResult><MessageId>'
    for method, body in (("POST", "by+post"), ("GET", "by%20get")):
        answer = query(method, f"Action=SendMessage&Version=2012-11-05&MessageBody={body}")
        assert answer.status_code == 200, answer.content
        assert start in answer.content
    assert bodies(sqs, url) == ["by post", "by get"]
    answer = query("POST", "Action=ReceiveMessage&Version=2012-11-05&MaxNumberOfMessages=11")
    assert answer.status_code == 400 and answer.headers["Content-Type"] == "text/xml"
    assert b"<Error><Type>Sender</Type><Code>InvalidParameterValue</Code><Message>Value 11 for" in answer.content


def test_the_aws_cli(croft, tmp_path):
    def aws(*arguments):
        done = subprocess.run(["aws", "--endpoint-url", croft.endpoints["gateway"], "--output", "json", "sqs", *arguments],
                              env=croft.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")

    url = aws("create-queue", "--queue-name", "cli", "--attributes", "VisibilityTimeout=5", "--tags", "team=a")["QueueUrl"]
    aws("send-message", "--queue-url", url, "--message-body", "hello", "--message-attributes",
        '{"n": {"DataType": "String", "StringValue": "v"}}')
    message = aws("receive-message", "--queue-url", url, "--attribute-names", "All", "--message-attribute-names", "All",
                  "--wait-time-seconds", "1")["Messages"][0]
    assert (message["Body"], message["MessageAttributes"]["n"]["StringValue"]) == ("hello", "v")
    aws("delete-message", "--queue-url", url, "--receipt-handle", message["ReceiptHandle"])
    assert aws("get-queue-attributes", "--queue-url", url, "--attribute-names", "All")["Attributes"]["VisibilityTimeout"] == "5"
    assert aws("list-queues", "--queue-name-prefix", "cli")["QueueUrls"] == [url]
    assert aws("list-queue-tags", "--queue-url", url)["Tags"] == {"team": "a"}
