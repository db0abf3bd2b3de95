"""Receivers of SQS that wait."""

import json
import socket
import threading
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
from sqs_queues import attributes, bodies, queue, sqs


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
