"""ParallelizationFactor of a table's stream: several batches at a time, each of other partition keys.
Source: Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB", polling and batching streams."""

import collections
import json
import sys
import time

import pytest
from botocore.exceptions import ClientError

from conftest import ROOT, wait_until

sys.path.insert(0, str(ROOT / "tests" / "api"))
from test_compatibility import zip_of  # noqa: E402

# Tells a queue what it was given and when it was at work; the key "bad" makes it fail.
HANDLER = """
import json, os, time, boto3
sqs = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"])

def handler(event, context):
    began = time.time()
    changes = [(r["dynamodb"]["Keys"]["p"]["S"], int(r["dynamodb"]["Keys"]["s"]["N"])) for r in event["Records"]]
    if changes[0][0] == "bad":
        raise ValueError("asked to")
    time.sleep(0.1)
    sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps([changes, began, time.time()]))
"""

ATTRIBUTES = [{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "s", "AttributeType": "N"}]
KEYS = [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]


class Fed:
    """A table whose stream feeds a function."""

    def __init__(self, croft, name):
        self.croft, self.name = croft, name
        self.use_clients()
        self.seen = self.sqs.create_queue(QueueName=f"{name}-seen")["QueueUrl"]
        self.stream = self.db.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=KEYS, AttributeDefinitions=ATTRIBUTES,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})["TableDescription"]["LatestStreamArn"]
        self.functions.create_function(
            FunctionName=name, Runtime="python3.11", Handler="index.handler", Timeout=10,
            Code={"ZipFile": zip_of("index.py", HANDLER)}, Role="arn:aws:iam::000000000000:role/streams",
            Environment={"Variables": {"SEEN": self.seen}})

    def use_clients(self):
        self.db, self.sqs, self.functions = (self.croft.client(name) for name in ("dynamodb", "sqs", "lambda"))

    def feed(self, **members):
        self.mapping = self.functions.create_event_source_mapping(EventSourceArn=self.stream, FunctionName=self.name,
                                                                  StartingPosition="TRIM_HORIZON", **members)
        return self.mapping["UUID"]

    def put(self, *keys, numbers=(0,)):
        for number in numbers:
            for key in keys:
                self.db.put_item(TableName=self.name, Item={"p": {"S": key}, "s": {"N": str(number)}})

    def told(self, wait=1):
        """[changes, began, ended] of each batch that was told by now."""
        found = []
        while True:
            answer = self.sqs.receive_message(QueueUrl=self.seen, MaxNumberOfMessages=10, WaitTimeSeconds=wait)
            if "Messages" not in answer:
                return found
            for message in answer["Messages"]:
                found.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.seen, ReceiptHandle=message["ReceiptHandle"])

    def told_changes(self, count):
        batches = []
        deadline = time.monotonic() + 20
        while sum(len(changes) for changes, _, _ in batches) < count:
            assert time.monotonic() < deadline, batches
            batches += self.told()
        return batches


@pytest.fixture
def fed(fresh_croft):
    croft = fresh_croft()
    fed = Fed(croft, "fed")
    yield fed
    if hasattr(fed, "mapping"):
        fed.functions.delete_event_source_mapping(UUID=fed.mapping["UUID"])


def test_batches_run_side_by_side_and_keys_stay_in_order(fed):
    names = [f"k{n}" for n in range(12)]
    fed.put(*names, numbers=range(5))
    fed.feed(ParallelizationFactor=4, BatchSize=3)
    assert fed.mapping["ParallelizationFactor"] == 4
    batches = sorted(fed.told_changes(60), key=lambda batch: batch[1])
    of_key = collections.defaultdict(list)
    for changes, _, _ in batches:
        assert len(changes) <= 3
        for name, number in changes:
            of_key[name].append(number)
    assert of_key == {name: [0, 1, 2, 3, 4] for name in names}
    at_work = [sum(other[1] <= batch[1] < other[2] for other in batches) for batch in batches]
    assert 2 <= max(at_work) <= 4
    for changes, began, ended in batches:  # a key is never in two batches at once
        for others, began_too, ended_too in batches:
            if began < began_too < ended:
                assert not {name for name, _ in changes} & {name for name, _ in others}


def test_one_batch_at_a_time_without_it(fed):
    fed.put(*(f"k{n}" for n in range(6)))
    fed.feed(BatchSize=1)
    batches = sorted(fed.told_changes(6), key=lambda batch: batch[1])
    assert [changes for changes, _, _ in batches] == [[[f"k{n}", 0]] for n in range(6)]
    assert all(one[2] <= two[1] for one, two in zip(batches, batches[1:]))


def test_a_batch_that_fails_holds_up_no_other_keys(fed):
    names = [f"n{n}" for n in range(30)]
    fed.put("bad", *names)
    uuid = fed.feed(ParallelizationFactor=10, BatchSize=1)
    early = []
    wait_until(lambda: early.extend(name for changes, _, _ in fed.told() for name, _ in changes) or len(early) >= 15, timeout=20)
    early += [name for changes, _, _ in fed.told(wait=2) for name, _ in changes]  # whatever else comes
    # Those that share a lane with the one that fails wait for it, also over a restart and with another factor.
    held = set(names) - set(early)
    assert len(early) == len(set(early)) and len(held) <= 15
    assert fed.croft.stop() == 0
    fed.croft.start()
    fed.use_clients()
    assert {name for changes, _, _ in fed.told() for name, _ in changes} & set(early) == set()
    fed.functions.update_event_source_mapping(UUID=uuid, MaximumRetryAttempts=0)
    late = [name for changes, _, _ in fed.told_changes(len(held)) for name, _ in changes]
    assert sorted(late) == sorted(held)


def test_other_lanes_begin_where_the_last_one_stood(fed):
    names = [f"n{n}" for n in range(10)]
    uuid = fed.feed(ParallelizationFactor=5)
    fed.put(*names)
    assert {name for changes, _, _ in fed.told_changes(10) for name, _ in changes} == set(names)
    for factor in (3, 1):
        fed.functions.update_event_source_mapping(UUID=uuid, ParallelizationFactor=factor)
        fed.put(*names, numbers=[factor])
        found = [tuple(change) for changes, _, _ in fed.told_changes(10) for change in changes]
        assert sorted(found) == sorted((name, factor) for name in names)
    with pytest.raises(ClientError) as refused:
        fed.functions.update_event_source_mapping(UUID=uuid, ParallelizationFactor=11)
    assert "less than or equal to 10" in refused.value.response["Error"]["Message"]
