"""Messages of SQS, one by one and in batches. Messages and codes are AWS's: its API reference, and recorded answers."""

import hashlib
import time

import pytest
from sqs_json import json_call
from sqs_queues import attributes, bodies, queue, receive_one, refusal, sqs


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
