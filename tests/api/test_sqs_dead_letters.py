"""Dead letters of SQS and their way back."""

import json

from conftest import wait_until
from sqs_json import json_call
from sqs_queues import ARN, arn, attributes, bodies, queue, receive_one, refusal, sqs


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
