"""Queues of SQS with boto3 (query protocol) and by JSON. Texts are AWS's: its API reference, and recorded answers."""

import json
import subprocess
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
import pytest
from sqs_json import json_call
from sqs_queues import ARN, arn, attributes, bodies, queue, receive_one, refusal, sqs

ACCOUNT = "000000000000"


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
