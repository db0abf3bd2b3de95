"""What was answered survives kill -9: messages that were taken, deletes, order; counts and handles over restarts."""

import collections
import json
import random
import threading

import botocore.exceptions
import pytest
from conftest import wait_until

FAILURES = (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError)


class Books:
    """What clients know: which bodies were accepted and deleted, by answers that arrived, and which deletes were asked for."""

    def __init__(self):
        self.lock = threading.Lock()
        self.accepted, self.deleted, self.tried = set(), set(), set()

    def add(self, kind, bodies):
        with self.lock:
            getattr(self, kind).update(bodies)


def sender(server, url, books, name, group, stop):
    sqs, number = server.client("sqs"), 0
    while not stop.is_set():
        bodies = [f"{name}:{number + i}" for i in range(random.randint(1, 10))]
        number += len(bodies)
        more = {"MessageGroupId": group} if group else {}
        try:
            sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": b, **more} for i, b in enumerate(bodies)])
        except FAILURES:
            return
        books.add("accepted", bodies)


def receiver(server, url, books, stop):
    sqs = server.client("sqs")
    while not stop.is_set():
        try:
            messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1,
                                           VisibilityTimeout=1).get("Messages", [])
            if not messages or random.random() < 0.05:  # some come again
                continue
            chosen = messages if random.random() < 0.95 else messages[:3]
            books.add("tried", [m["Body"] for m in chosen])
            answer = sqs.delete_message_batch(QueueUrl=url, Entries=[
                {"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(chosen)])
            books.add("deleted", [chosen[int(entry["Id"])]["Body"] for entry in answer.get("Successful", [])])
        except FAILURES:
            return


def everything(server, url):
    """The bodies that are left, each once, in the order in which they come."""
    sqs, found = server.client("sqs"), []
    while True:
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=2,
                                       VisibilityTimeout=600).get("Messages", [])
        if not messages:
            return found
        found += [m["Body"] for m in messages]
        sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i,
                                                        m in enumerate(messages)])


@pytest.mark.parametrize("kind", ["standard", "fifo"])
def test_a_killed_croft_loses_nothing_that_it_accepted(fresh_croft, kind):
    server, books = fresh_croft(), Books()
    name, attributes = ("q.fifo", {"FifoQueue": "true", "ContentBasedDeduplication": "true"}) if kind == "fifo" else ("q", {})
    server.client("sqs").create_queue(QueueName=name, Attributes=attributes)
    for turn in range(3):
        url = server.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        stop = threading.Event()
        threads = [threading.Thread(target=sender, args=(server, url, books, f"{turn}-{i}", f"g{i}" if kind == "fifo" else "",
                                                         stop))
                   for i in range(3)]
        threads += [threading.Thread(target=receiver, args=(server, url, books, stop)) for _ in range(3)]
        before = len(books.deleted)
        for thread in threads:
            thread.start()
        wait_until(lambda: len(books.deleted) > before + 150, what="some deletes")
        server.kill()
        stop.set()
        for thread in threads:
            thread.join()
        server.start()

    left = everything(server, server.client("sqs").get_queue_url(QueueName=name)["QueueUrl"])

    assert books.accepted - books.tried - set(left) == set()  # nothing is lost
    assert set(left) & books.deleted == set()  # what was deleted stays deleted
    assert len(left) == len(set(left))
    if kind == "fifo":
        groups = collections.defaultdict(list)
        for body in left:
            groups[body.split(":")[0]].append(int(body.split(":")[1]))
        for numbers in groups.values():
            assert numbers == sorted(numbers)
    assert server.stop() == 0, server.output()


def test_a_restart_keeps_queues_states_and_handles(fresh_croft):
    server = fresh_croft()
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "600"}, tags={"a": "b"})["QueueUrl"]
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead", "maxReceiveCount": 9})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    for body in ("in flight", "waiting"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.send_message(QueueUrl=url, MessageBody="delayed", DelaySeconds=600)
    handle = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert server.stop() == 0

    server.start()
    sqs = server.client("sqs")
    url = sqs.get_queue_url(QueueName="q")["QueueUrl"]
    assert sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] == before
    assert [before[f"ApproximateNumberOfMessages{kind}"] for kind in ("", "NotVisible", "Delayed")] == ["1", "1", "1"]
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "b"}
    sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
    assert [m["Body"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]] == ["waiting"]
    assert sqs.get_queue_url(QueueName="dead")["QueueUrl"].rsplit("/", 1)[1] == dead.rsplit("/", 1)[1]
    assert server.stop() == 0, server.output()


def test_a_croft_in_memory_has_queues_too(fresh_croft):
    server = fresh_croft("--ephemeral")
    sqs = server.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="a")

    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "a"
    assert server.stop() == 0, server.output()
