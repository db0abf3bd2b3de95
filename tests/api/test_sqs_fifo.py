"""FIFO queues of SQS."""

import hashlib
import threading
import time

from sqs_queues import bodies, queue, receive_one, refusal, sqs


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
