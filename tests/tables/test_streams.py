"""DynamoDB Streams: what a reader sees of the changes of a table."""

import concurrent.futures
import datetime
import random
import re
import time

import botocore.exceptions
import pytest

from conftest import Croft
from stream_reader import Reader, replay, shards

KEYS = [{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]
ATTRIBUTES = [{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "s", "AttributeType": "N"}]


def make(client, name, view="NEW_AND_OLD_IMAGES", **more):
    if view:
        more["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
    table = client("dynamodb").create_table(TableName=name, KeySchema=KEYS, AttributeDefinitions=ATTRIBUTES,
                                            BillingMode="PAY_PER_REQUEST", **more)["TableDescription"]
    return table.get("LatestStreamArn")


def item(p, s, **more):
    return {"p": {"S": p}, "s": {"N": str(s)}, **more}


def refusal(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        call(**arguments)
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = failure.value.response["Error"]
    return error["Code"], error["Message"]


def refused(call, code, message, **arguments):
    assert refusal(call, **arguments) == (code, message)


def iterator(streams, arn, kind="TRIM_HORIZON", shard=0, **more):
    return streams.get_shard_iterator(StreamArn=arn, ShardId=shards(streams, arn)[shard]["ShardId"],
                                      ShardIteratorType=kind, **more)["ShardIterator"]


def test_a_description_tells_of_the_stream(client):
    db = client("dynamodb")
    arn = make(client, "described", "NEW_IMAGE")
    table = db.describe_table(TableName="described")["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", table["LatestStreamLabel"])
    assert table["LatestStreamArn"] == arn == table["TableArn"] + "/stream/" + table["LatestStreamLabel"]

    make(client, "without", None, StreamSpecification={"StreamEnabled": False})
    table = db.describe_table(TableName="without")["Table"]
    assert not {"StreamSpecification", "LatestStreamArn", "LatestStreamLabel"} & table.keys()


def test_specifications_that_are_refused(client):
    db = client("dynamodb")
    make(client, "spec", None)

    def create(**specification):
        return refusal(db.create_table, TableName="never", KeySchema=KEYS, AttributeDefinitions=ATTRIBUTES,
                       BillingMode="PAY_PER_REQUEST", StreamSpecification=specification)

    def update(**specification):
        return refusal(db.update_table, TableName="spec", StreamSpecification=specification)

    invalid = "One or more parameter values were invalid: "
    assert create(StreamEnabled=True) == (
        "ValidationException", invalid + "Table is being created with a stream enabled, UpdateViewType is required")
    assert create(StreamEnabled=False, StreamViewType="KEYS_ONLY") == (
        "ValidationException",
        invalid + "Table is being created with a stream disabled, UpdateViewType should not be specified")
    assert create(StreamEnabled=True, StreamViewType="ALL") == (
        "ValidationException", "1 validation error detected: Value 'ALL' at 'streamSpecification.streamViewType' failed "
        "to satisfy constraint: Member must satisfy enum value set: [NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY]")
    assert update(StreamEnabled=True) == (
        "ValidationException", invalid + "If stream is being enabled then UpdateViewType is required")
    assert update(StreamEnabled=False, StreamViewType="KEYS_ONLY") == (
        "ValidationException", invalid + "If stream is being disabled, then UpdateViewType must not be specified")
    assert update(StreamEnabled=False) == (
        "ValidationException", "Table has no stream to disable: TableName: spec")
    db.update_table(TableName="spec", StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    assert update(StreamEnabled=True, StreamViewType="NEW_IMAGE") == (
        "ValidationException", "Table already has an enabled stream: TableName: spec")


def test_a_stream_that_is_disabled_and_enabled_again(client):
    db, streams = client("dynamodb"), client("dynamodbstreams")
    first = make(client, "again")
    db.put_item(TableName="again", Item=item("a", 1))
    off = db.update_table(TableName="again", StreamSpecification={"StreamEnabled": False})["TableDescription"]
    assert "StreamSpecification" not in off
    assert off["LatestStreamArn"] == first  # it can still be read
    db.put_item(TableName="again", Item=item("a", 2))
    on = db.update_table(TableName="again", StreamSpecification={
        "StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})["TableDescription"]
    second = on["LatestStreamArn"]
    assert second != first
    db.put_item(TableName="again", Item=item("a", 3))

    assert streams.describe_stream(StreamArn=first)["StreamDescription"]["StreamStatus"] == "DISABLED"
    assert streams.describe_stream(StreamArn=second)["StreamDescription"]["StreamStatus"] == "ENABLED"
    old = Reader(streams, first)
    assert [r["dynamodb"]["Keys"]["s"]["N"] for r in old.read(1)] == ["1"]
    assert not old.iterators  # its shard is over
    assert [r["dynamodb"]["Keys"]["s"]["N"] for r in Reader(streams, second).read(1)] == ["3"]
    assert [s["StreamArn"] for s in streams.list_streams(TableName="again")["Streams"]] == [first, second]


def test_the_form_of_records(client, croft):
    db, streams = client("dynamodb"), client("dynamodbstreams")
    arn = make(client, "forms")
    began = int(time.time())
    db.put_item(TableName="forms", Item=item("a", 1, data={"M": {"b": {"B": b"\x00\xff"}, "n": {"NS": ["1", "2.5"]}}}))
    db.update_item(TableName="forms", Key=item("a", 1), UpdateExpression="SET x = :x REMOVE #d",
                   ExpressionAttributeNames={"#d": "data"}, ExpressionAttributeValues={":x": {"BOOL": True}})
    db.delete_item(TableName="forms", Key=item("a", 1))
    raw = []
    streams.meta.events.register("before-parse.dynamodbstreams.GetRecords", lambda **k: raw.append(k["response_dict"]))
    answer = streams.get_records(ShardIterator=iterator(streams, arn))
    insert, modify, remove = answer["Records"]

    assert insert.keys() == {"eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb"}
    assert re.fullmatch(r"[0-9a-f]{32}", insert["eventID"])
    assert len({r["eventID"] for r in answer["Records"]}) == 3
    assert [r["eventName"] for r in answer["Records"]] == ["INSERT", "MODIFY", "REMOVE"]
    for record in answer["Records"]:
        assert record["eventVersion"] == "1.1"
        assert record["eventSource"] == "aws:dynamodb"
        assert record["awsRegion"] == "us-east-1"
        assert record["dynamodb"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"
        assert record["dynamodb"]["Keys"] == item("a", 1)
        moment = record["dynamodb"]["ApproximateCreationDateTime"]
        assert began <= moment.timestamp() <= time.time() and moment.microsecond == 0
        assert re.fullmatch(r"[1-9]\d{20,39}", record["dynamodb"]["SequenceNumber"])
    old = item("a", 1, data={"M": {"b": {"B": b"\x00\xff"}, "n": {"NS": ["1", "2.5"]}}})
    new = item("a", 1, x={"BOOL": True})
    assert insert["dynamodb"]["NewImage"] == old and "OldImage" not in insert["dynamodb"]
    assert (modify["dynamodb"]["OldImage"], modify["dynamodb"]["NewImage"]) == (old, new)
    assert remove["dynamodb"]["OldImage"] == new and "NewImage" not in remove["dynamodb"]
    # p, a, s and 1: 1+1+1+2; x and its value: 1+1.
    assert remove["dynamodb"]["SizeBytes"] == 5 + 7
    numbers = [r["dynamodb"]["SequenceNumber"] for r in answer["Records"]]
    assert numbers == sorted(numbers, key=int) and len(set(numbers)) == 3
    assert streams.get_records(ShardIterator=iterator(streams, arn))["Records"] == answer["Records"]  # the same ids


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_views(client, view):
    db, streams = client("dynamodb"), client("dynamodbstreams")
    arn = make(client, "view-" + view, view)
    db.put_item(TableName="view-" + view, Item=item("a", 1, v={"N": "1"}))
    db.put_item(TableName="view-" + view, Item=item("a", 1, v={"N": "2"}))
    db.delete_item(TableName="view-" + view, Key=item("a", 1))
    images = [{k: v["v"]["N"] for k, v in r["dynamodb"].items() if k.endswith("Image")}
              for r in Reader(streams, arn).read(3)]
    old, new = view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES"), view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")
    assert images == [{**({"NewImage": "1"} if new else {})},
                      {**({"NewImage": "2"} if new else {}), **({"OldImage": "1"} if old else {})},
                      {**({"OldImage": "2"} if old else {})}]


def test_writes_that_change_nothing_leave_no_record(client):
    db, streams = client("dynamodb"), client("dynamodbstreams")
    arn = make(client, "same")
    whole = item("a", 1, n={"N": "1.50"}, l={"SS": ["b", "a"]})
    db.put_item(TableName="same", Item=whole)
    db.put_item(TableName="same", Item=item("a", 1, l={"SS": ["a", "b"]}, n={"N": "1.5"}))
    db.update_item(TableName="same", Key=item("a", 1), UpdateExpression="SET n = :n",
                   ExpressionAttributeValues={":n": {"N": "1.5"}})
    db.update_item(TableName="same", Key=item("a", 1), UpdateExpression="REMOVE nothing")
    db.batch_write_item(RequestItems={"same": [{"PutRequest": {"Item": whole}}]})
    db.delete_item(TableName="same", Key=item("nobody", 1))
    with pytest.raises(db.exceptions.ConditionalCheckFailedException):
        db.put_item(TableName="same", Item=item("a", 1), ConditionExpression="attribute_not_exists(p)")
    db.put_item(TableName="same", Item=item("a", 2))
    records = Reader(streams, arn).read(2)
    assert [(r["eventName"], r["dynamodb"]["Keys"]["s"]["N"]) for r in records] == [("INSERT", "1"), ("INSERT", "2")]


def test_pages_of_records(client):
    db, streams = client("dynamodb"), client("dynamodbstreams")
    arn = make(client, "pages", "KEYS_ONLY")
    for n in range(0, 100, 25):
        db.batch_write_item(RequestItems={"pages": [{"PutRequest": {"Item": item("a", n + k)}} for k in range(25)]})
    at, seen = iterator(streams, arn), []
    for wanted in (1, 9, 90):
        answer = streams.get_records(ShardIterator=at, Limit=wanted)
        assert len(answer["Records"]) == wanted
        seen += [int(r["dynamodb"]["Keys"]["s"]["N"]) for r in answer["Records"]]
        at = answer["NextShardIterator"]
    assert seen == list(range(100))
    answer = streams.get_records(ShardIterator=at)
    assert answer["Records"] == [] and answer["NextShardIterator"] != at
    refused(streams.get_records, "ValidationException", "1 validation error detected: Value '1001' at 'limit' failed to "
            "satisfy constraint: Member must have value less than or equal to 1000", ShardIterator=at, Limit=1001)


def test_a_page_has_at_most_a_megabyte(client):
    db, streams = client("dynamodb"), client("dynamodbstreams")
    arn = make(client, "large", "NEW_IMAGE")
    for n in range(5):
        db.put_item(TableName="large", Item=item("a", n, d={"S": "x" * 390_000}))
    at, sizes = iterator(streams, arn), []
    while sum(sizes) < 5:
        answer = streams.get_records(ShardIterator=at)
        sizes.append(len(answer["Records"]))
        at = answer["NextShardIterator"]
    assert sizes == [2, 2, 1]


def test_kinds_of_iterators(client):
    db, streams = client("dynamodb"), client("dynamodbstreams")
    arn = make(client, "kinds", "KEYS_ONLY")
    for n in range(3):
        db.put_item(TableName="kinds", Item=item("a", n))
    latest = iterator(streams, arn, "LATEST")
    db.put_item(TableName="kinds", Item=item("a", 3))

    def numbers(at):
        return [int(r["dynamodb"]["Keys"]["s"]["N"]) for r in streams.get_records(ShardIterator=at)["Records"]]

    records = streams.get_records(ShardIterator=iterator(streams, arn))["Records"]
    second = records[1]["dynamodb"]["SequenceNumber"]
    assert numbers(iterator(streams, arn)) == [0, 1, 2, 3]
    assert numbers(latest) == [3]
    assert numbers(iterator(streams, arn, "AT_SEQUENCE_NUMBER", SequenceNumber=second)) == [1, 2, 3]
    assert numbers(iterator(streams, arn, "AFTER_SEQUENCE_NUMBER", SequenceNumber=second)) == [2, 3]
    start = shards(streams, arn)[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    assert numbers(iterator(streams, arn, "AT_SEQUENCE_NUMBER", SequenceNumber=start)) == [0, 1, 2, 3]


def test_requests_that_are_refused(client):
    streams = client("dynamodbstreams")
    arn = make(client, "refusing")
    shard = shards(streams, arn)[0]["ShardId"]
    other = arn[:-3] + "%03d" % ((int(arn[-3:]) + 1) % 1000)
    missing = f"Requested resource not found: Stream: {other} not found"
    refused(streams.describe_stream, "ResourceNotFoundException", missing, StreamArn=other)
    refused(streams.get_shard_iterator, "ResourceNotFoundException", missing, StreamArn=other, ShardId=shard,
            ShardIteratorType="LATEST")
    refused(streams.describe_stream, "ResourceNotFoundException",
            "Requested resource not found: Stream: arn:aws:dynamodb:eu-west-1:000000000000:table/t/stream/x not found",
            StreamArn="arn:aws:dynamodb:eu-west-1:000000000000:table/t/stream/x")
    unknown = shard[:-8] + "00000000"
    refused(streams.get_shard_iterator, "ResourceNotFoundException",
            f"Requested resource not found: Shard: {unknown} in Stream: {arn} not found", StreamArn=arn,
            ShardId=unknown, ShardIteratorType="LATEST")
    ask = dict(StreamArn=arn, ShardId=shard)
    refused(streams.get_shard_iterator, "ValidationException", "1 validation error detected: Value 'NOW' at "
            "'shardIteratorType' failed to satisfy constraint: Member must satisfy enum value set: [TRIM_HORIZON, LATEST, "
            "AT_SEQUENCE_NUMBER, AFTER_SEQUENCE_NUMBER]", ShardIteratorType="NOW", **ask)
    assert refusal(streams.get_shard_iterator, ShardIteratorType="AT_SEQUENCE_NUMBER", **ask)[0] == "ValidationException"
    refused(streams.get_shard_iterator, "ValidationException", "Invalid SequenceNumber for the shard",
            ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber="1" + "0" * 20, **ask)
    refused(streams.get_shard_iterator, "ValidationException", "Invalid SequenceNumber for the shard",
            ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber="x" * 21, **ask)
    good = streams.get_shard_iterator(ShardIteratorType="LATEST", **ask)["ShardIterator"]
    for broken in ("nonsense", good[:-2] + "AA", arn + "|1|", good.replace("refusing", "kinds000")):
        refused(streams.get_records, "ValidationException", "Invalid ShardIterator", ShardIterator=broken)
    code, message = refusal(client("dynamodbstreams").describe_stream, StreamArn="arn:aws:dynamodb:x/stream/1-padding-000")
    assert (code, message) == ("ResourceNotFoundException",
                               "Requested resource not found: Stream: arn:aws:dynamodb:x/stream/1-padding-000 not found")


def test_lists_of_streams(fresh_croft):
    croft = fresh_croft("--ephemeral")
    client, streams = croft.client, croft.client("dynamodbstreams")
    assert streams.list_streams()["Streams"] == []
    arns = [make(client, "list-" + n, "KEYS_ONLY") for n in "abcde"]
    make(client, "other", None)
    whole = streams.list_streams()
    assert [s["StreamArn"] for s in whole["Streams"]] == arns and "LastEvaluatedStreamArn" not in whole
    assert whole["Streams"][1] == {"StreamArn": arns[1], "TableName": "list-b",
                                   "StreamLabel": arns[1].rsplit("/", 1)[1]}
    seen, more = [], {}
    while True:
        page = streams.list_streams(Limit=2, **more)
        seen.append([s["StreamArn"] for s in page["Streams"]])
        if "LastEvaluatedStreamArn" not in page:
            break
        more = {"ExclusiveStartStreamArn": page["LastEvaluatedStreamArn"]}
    assert seen == [arns[:2], arns[2:4], arns[4:]]
    assert [s["StreamArn"] for s in streams.list_streams(TableName="list-c")["Streams"]] == [arns[2]]
    assert streams.list_streams(TableName="other")["Streams"] == []


def test_the_stream_of_a_removed_table_can_be_read(client):
    db, streams = client("dynamodb"), client("dynamodbstreams")
    arn = make(client, "removed")
    db.put_item(TableName="removed", Item=item("a", 1))
    at = iterator(streams, arn)
    db.delete_table(TableName="removed")
    second = make(client, "removed")
    db.put_item(TableName="removed", Item=item("b", 1))
    answer = streams.get_records(ShardIterator=at)
    assert [r["dynamodb"]["Keys"] for r in answer["Records"]] == [item("a", 1)]
    assert "NextShardIterator" not in answer
    shown = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert shown["StreamStatus"] == "DISABLED" and shown["KeySchema"] == KEYS
    assert [r["dynamodb"]["Keys"] for r in Reader(streams, second).read(1)] == [item("b", 1)]


def test_an_index_and_a_stream_are_not_changed_together(client):
    db = client("dynamodb")
    make(client, "together", None)
    refused(db.update_table, "ValidationException", "One or more parameter values were invalid: You cannot create or "
            "delete index while changing stream status", TableName="together",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}, AttributeDefinitions=ATTRIBUTES,
            GlobalSecondaryIndexUpdates=[{"Create": {
                "IndexName": "by-s", "KeySchema": [{"AttributeName": "s", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"}}}])


def write_at_random(db, table, worker, seconds, partitions=5):
    """Changes of all kinds to items that other workers change too; how many writes were sent."""
    choose, until, count = random.Random(worker), time.monotonic() + seconds, 0
    while time.monotonic() < until:
        def some():
            return item("p%d" % choose.randrange(partitions), choose.randrange(4))

        kind = choose.randrange(5)
        value = {"v": {"S": f"{worker}-{count}"}}
        if kind == 0:
            db.put_item(TableName=table, Item={**some(), **value})
        elif kind == 1:
            db.update_item(TableName=table, Key=some(), UpdateExpression="ADD n :one",
                           ExpressionAttributeValues={":one": {"N": "1"}})
        elif kind == 2:
            db.delete_item(TableName=table, Key=some())
        else:
            keys = {(k["p"]["S"], k["s"]["N"]): k for k in (some() for _ in range(4))}
            if kind == 3:
                db.batch_write_item(RequestItems={table: [
                    {"PutRequest": {"Item": {**k, **value}}} if choose.random() < 0.7 else {"DeleteRequest": {"Key": k}}
                    for k in keys.values()]})
            else:
                db.transact_write_items(TransactItems=[
                    {"Put": {"TableName": table, "Item": {**k, **value}}} if choose.random() < 0.7
                    else {"Delete": {"TableName": table, "Key": k}} for k in keys.values()])
        count += 1
    return count


def items_of(db, table):
    found = {}
    for page in db.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for one in page["Items"]:
            found[str(sorted((name, str(one[name])) for name in ("p", "s")))] = one
    return found


def test_a_reader_sees_every_change_once_and_in_order(fresh_croft):
    croft = fresh_croft("--ephemeral", "--streams.shard-seconds", "1")
    db, streams = croft.client("dynamodb"), croft.client("dynamodbstreams")
    arn = make(croft.client, "busy")
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(write_at_random, croft.client("dynamodb"), "busy", n, 3.5) for n in range(4)]
        reader = Reader(streams, arn, limit=50)
        while not all(w.done() for w in writers):
            reader.step()
        assert sum(w.result() for w in writers) > 100
    reader.drain()
    numbers = [int(r["dynamodb"]["SequenceNumber"]) for r in reader.records]
    assert numbers == sorted(set(numbers))
    assert len({r["eventID"] for r in reader.records}) == len(numbers)
    assert replay(reader.records) == items_of(db, "busy")

    seen = shards(streams, arn, limit=2)
    assert len(seen) >= 3 and len(reader.done) >= 2
    assert "ParentShardId" not in seen[0] and re.fullmatch(r"shardId-\d{20}-[0-9a-f]{8}", seen[0]["ShardId"])
    assert [s["ParentShardId"] for s in seen[1:]] == [s["ShardId"] for s in seen[:-1]]
    for shard, child in zip(seen, seen[1:]):
        assert int(shard["SequenceNumberRange"]["EndingSequenceNumber"]) + 1 == int(
            child["SequenceNumberRange"]["StartingSequenceNumber"])
    assert "EndingSequenceNumber" not in seen[-1]["SequenceNumberRange"]
    # One that begins behind everything ends with its shard.
    answer = streams.get_records(ShardIterator=iterator(streams, arn, "LATEST", shard=0))
    assert answer["Records"] == [] and "NextShardIterator" not in answer


def test_old_changes_are_trimmed(fresh_croft):
    croft = fresh_croft("--ephemeral", "--streams.shard-seconds", "1", "--streams.kept-seconds", "2")
    db, streams = croft.client("dynamodb"), croft.client("dynamodbstreams")
    arn = make(croft.client, "trimmed", "KEYS_ONLY")
    db.put_item(TableName="trimmed", Item=item("a", 1))
    at = iterator(streams, arn)
    answer = streams.get_records(ShardIterator=at)
    number = answer["Records"][0]["dynamodb"]["SequenceNumber"]
    old = shards(streams, arn)[0]["ShardId"]
    by_number = streams.get_shard_iterator(StreamArn=arn, ShardId=old, ShardIteratorType="AT_SEQUENCE_NUMBER",
                                           SequenceNumber=number)["ShardIterator"]
    time.sleep(3.2)
    db.put_item(TableName="trimmed", Item=item("a", 2))
    text = "The operation attempted to read past the oldest stream record in a shard."
    refused(streams.get_records, "TrimmedDataAccessException", text, ShardIterator=by_number)
    refused(streams.get_records, "TrimmedDataAccessException", text, ShardIterator=at)  # its shard is gone
    assert old not in [s["ShardId"] for s in shards(streams, arn)]
    assert [r["dynamodb"]["Keys"] for r in Reader(streams, arn).read(1)] == [item("a", 2)]


def test_streams_survive_a_kill(fresh_croft):
    croft = fresh_croft("--streams.shard-seconds", "1")
    arn = make(croft.client, "killed")
    acknowledged, records = {}, []
    reader = None
    for round_number in range(3):
        db, streams = croft.client("dynamodb"), croft.client("dynamodbstreams")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            def write(worker):
                count = 0
                while True:
                    key = item(f"{round_number}-{worker}", count)
                    try:
                        db.put_item(TableName="killed", Item=key)
                    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                        return
                    acknowledged[str(key)] = True
                    count += 1

            writers = [pool.submit(write, n) for n in range(4)]
            reader = Reader(streams, arn)
            reader.iterators, reader.done, reader.records = ({}, set(), [])
            time.sleep(0.3)
            reader.step()
            croft.kill()
            for writer in writers:
                writer.result()
        seen = {r["eventID"]: r for r in reader.records}
        croft.start()
        streams = croft.client("dynamodbstreams")
        records = Reader(streams, arn).drain()
        ids = [r["eventID"] for r in records]
        assert len(set(ids)) == len(ids)
        assert seen.keys() <= set(ids)  # what a reader saw is still there, by the same id
    streamed = {str(r["dynamodb"]["Keys"]) for r in records}
    assert acknowledged.keys() <= streamed
    assert replay(records) == items_of(croft.client("dynamodb"), "killed")
    numbers = [int(r["dynamodb"]["SequenceNumber"]) for r in records]
    assert numbers == sorted(numbers)
    assert croft.stop() == 0


def test_a_stream_and_its_iterators_survive_a_restart(fresh_croft):
    croft = fresh_croft()
    arn = make(croft.client, "restarted")
    croft.client("dynamodb").put_item(TableName="restarted", Item=item("a", 1))
    before = iterator(croft.client("dynamodbstreams"), arn, "LATEST")
    assert croft.stop() == 0
    croft.start()
    db, streams = croft.client("dynamodb"), croft.client("dynamodbstreams")
    db.put_item(TableName="restarted", Item=item("a", 2))
    assert [r["dynamodb"]["Keys"]["s"]["N"] for r in Reader(streams, arn).read(2)] == ["1", "2"]
    assert [r["dynamodb"]["Keys"]["s"]["N"] for r in streams.get_records(ShardIterator=before)["Records"]] == ["2"]
    assert db.describe_table(TableName="restarted")["Table"]["LatestStreamArn"] == arn
