"""A client and queues for the tests of SQS with boto3."""

import itertools

import botocore.exceptions
import pytest

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
