"""The console's Queues screen, and the pages that it looks into queues with."""

import json
import time

import pytest
from console_page import ask, browser, passed

ARN = "arn:aws:sqs:us-east-1:000000000000:"


def queue(sqs, name, dead=None, receives=1, **attributes):
    if dead:
        attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": ARN + dead, "maxReceiveCount": receives})
    return sqs.create_queue(QueueName=name, Attributes={key: str(value) for key, value in attributes.items()})["QueueUrl"]


def seen(croft, name, after=""):
    return ask(croft, "GET", f"/_croft/queues/{name}/messages" + (f"?after={after}" if after else "")).json


def fill(sqs):
    """What queues.mjs begins with."""
    attributes = {"kind": {"DataType": "String", "StringValue": "alarm"},
                  "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01\xff"}}
    queue(sqs, "jobs-dead")
    jobs = queue(sqs, "jobs", dead="jobs-dead")
    for n in (1, 2, 3):
        sqs.send_message(QueueUrl=jobs, MessageBody=f"job {n}", MessageAttributes=attributes)
    sqs.send_message(QueueUrl=jobs, MessageBody="later", DelaySeconds=900)
    hostile = queue(sqs, "hostile")
    markup = "<img src=x onerror=alert(1)>"
    sqs.send_message(QueueUrl=hostile, MessageBody=json.dumps({markup: markup}), MessageAttributes={
        "kind": {"DataType": "String", "StringValue": markup}})
    sqs.send_message(QueueUrl=hostile, MessageBody="hidden\u202etxt.exe")
    orders = queue(sqs, "orders.fifo", FifoQueue="true")
    for n in (1, 2):
        sqs.send_message(QueueUrl=orders, MessageBody=f"order {n}", MessageGroupId="a", MessageDeduplicationId=str(n))
    return jobs


def bury(sqs, source, count):
    for n in range(count):
        sqs.send_message(QueueUrl=source, MessageBody=f"letter {n}")
    for _ in range(2):
        sqs.receive_message(QueueUrl=source, MaxNumberOfMessages=10, VisibilityTimeout=0)


def test_queues(fresh_croft):
    croft = fresh_croft()
    sqs = croft.client("sqs")
    jobs = fill(sqs)
    queue(sqs, "back-dead")
    bury(sqs, queue(sqs, "back", dead="back-dead"), 2)
    sent = queue(sqs, "sent")
    assert len(passed(browser(croft, "queues.mjs"))) == 9

    # The page looked at these again and again: each is received here for the first time, and none is a dead letter.
    received = sqs.receive_message(QueueUrl=jobs, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
    assert [(one["Body"], one["Attributes"]["ApproximateReceiveCount"]) for one in received] == [("job 1", "1"), ("job 3", "1")]
    message = sqs.receive_message(QueueUrl=sent, MessageAttributeNames=["All"])["Messages"][0]
    assert message["Body"] == "hello from the page"
    assert message["MessageAttributes"] == {"kind": {"DataType": "String", "StringValue": "<img src=x onerror=alert(1)>"},
                                            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01\xff"}}
    assert sorted(one["Body"] for one in sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="back")["QueueUrl"],
                                                             MaxNumberOfMessages=10)["Messages"]) == ["letter 0", "letter 1"]


def test_looking_receives_nothing(croft):
    sqs = croft.client("sqs")
    url = queue(sqs, "looked-at", VisibilityTimeout=60)
    sqs.send_message(QueueUrl=url, MessageBody="a", MessageAttributes={"n": {"DataType": "Number", "StringValue": "7"}})
    sqs.send_message(QueueUrl=url, MessageBody="b", DelaySeconds=60)
    first = sqs.receive_message(QueueUrl=url)["Messages"][0]
    sqs.send_message(QueueUrl=url, MessageBody="c")
    for _ in range(3):
        looked = seen(croft, "looked-at")
        states = {one["Body"]: (one["State"], one["Attributes"]["ApproximateReceiveCount"]) for one in looked["messages"]}
        assert states == {"a": ("inFlight", "1"), "b": ("delayed", "0"), "c": ("visible", "0")}
        assert "next" not in looked
    shown = next(one for one in looked["messages"] if one["Body"] == "a")
    assert shown["MessageId"] == first["MessageId"] and shown["MD5OfBody"] == first["MD5OfBody"]
    assert shown["MessageAttributes"] == {"n": {"DataType": "Number", "StringValue": "7"}}
    assert abs(shown["VisibleTimestamp"] / 1000 - time.time() - 60) < 20
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    row = next(one for one in ask(croft, "GET", "/_croft/queues").json["queues"] if one["name"] == "looked-at")
    oldest = row.pop("oldestSent")
    assert row == {"name": "looked-at", "fifo": False, "visible": 1, "inFlight": 0, "delayed": 1}
    assert abs(oldest / 1000 - time.time()) < 20


def test_a_handle_of_a_look_deletes_its_message_until_it_is_received(croft):
    sqs = croft.client("sqs")
    url = queue(sqs, "cleared.fifo", FifoQueue="true")
    for body in ("a", "b"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=body)
    a, b = seen(croft, "cleared.fifo")["messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=a["ReceiptHandle"])
    assert [one["Body"] for one in seen(croft, "cleared.fifo")["messages"]] == ["b"]
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)
    with pytest.raises(sqs.exceptions.ClientError, match="The receipt handle has expired"):
        sqs.delete_message(QueueUrl=url, ReceiptHandle=b["ReceiptHandle"])
    with pytest.raises(sqs.exceptions.ClientError, match="not available for visibility timeout change"):
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=seen(croft, "cleared.fifo")["messages"][0]["ReceiptHandle"],
                                      VisibilityTimeout=5)


def test_messages_come_in_pages_of_a_hundred_and_no_more_than_a_megabyte(croft):
    sqs = croft.client("sqs")
    url = queue(sqs, "many")
    for n in range(12):
        sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(m), "MessageBody": f"{10 * n + m}"} for m in range(10)])
    first = seen(croft, "many")
    second = seen(croft, "many", first["next"])
    assert [one["Body"] for one in first["messages"] + second["messages"]] == [str(n) for n in range(120)]
    assert len(first["messages"]) == 100 and "next" not in second
    large = queue(sqs, "large")
    for _ in range(6):
        sqs.send_message(QueueUrl=large, MessageBody="x" * 250_000)
    first = seen(croft, "large")
    assert len(first["messages"]) == 5 and len(seen(croft, "large", first["next"])["messages"]) == 1


@pytest.mark.parametrize("path, status, code, message", [
    ("none/messages", 400, "QueueDoesNotExist", "The specified queue does not exist."),
    ("pages/messages?after=1", 400, "InvalidParameterValueException", "There is no such place in a queue."),
    ("pages/messages?after=-1.5", 400, "InvalidParameterValueException", "There is no such place in a queue."),
    ("pages/messages?after=1.5x", 400, "InvalidParameterValueException", "There is no such place in a queue."),
    ("pages/messages?after=99999999999999999999.1", 400, "InvalidParameterValueException", "There is no such place in a queue."),
    ("pages", 404, "NotFound", "croft has no such page."),
    ("messages", 404, "NotFound", "croft has no such page."),
    ("/messages", 404, "NotFound", "croft has no such page."),
])
def test_what_is_not_there_is_refused(croft, path, status, code, message):
    queue(croft.client("sqs"), "pages")
    refused = ask(croft, "GET", "/_croft/queues/" + path)
    assert (refused.status, refused.json) == (status, {"code": code, "message": message})
    assert ask(croft, "POST", "/_croft/queues/pages/messages").status == 405
