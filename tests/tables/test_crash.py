"""Writers on one table while croft is killed, again and again. After each start an auditor looks at every item, at every row of
every index, and at the counter that all of them share. Each writer has keys of its own, so it knows what must be there: what was
acknowledged last, or what it had asked for when the process died."""

import os
import random
import threading
import time

import botocore.exceptions
from boto3.dynamodb.types import TypeSerializer
from conftest import wait_until

TABLE = "crash"
WRITERS, KEYS, ROUNDS = 4, 40, 12
OLDER = 500  # items that nobody touches, so that a new index is not filled at one go
GONE = (botocore.exceptions.HTTPClientError, botocore.exceptions.ConnectionError)
serialize = TypeSerializer().serialize


def create(client):
    def keys(*names):
        return [{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"))]

    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=keys("p", "s"),
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in (("p", "S"), ("s", "N"), ("g", "S"),
                                                                                    ("h", "N"), ("l", "S"))],
        GlobalSecondaryIndexes=[{"IndexName": "by-g", "KeySchema": keys("g", "h"), "Projection": {"ProjectionType": "ALL"}},
                                {"IndexName": "by-h", "KeySchema": keys("h"), "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        LocalSecondaryIndexes=[{"IndexName": "by-l", "KeySchema": keys("p", "l"),
                                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]}}])


def key_of(key):
    return {"p": {"S": f"writer-{key[0]}-{key[1] % 5}"}, "s": {"N": str(key[1])}}


def attributes(version):
    """What an item holds at a version, beside its key. Some versions are in one index, some in another."""
    found = {"v": version, "text": f"{version} " * (1 + version % 50)}
    if version % 3:
        found["g"] = f"group {version % 4}"
    if version % 5:
        found["h"] = version % 7
    if version % 2:
        found["l"] = f"local {version % 11}"
    return {name: serialize(value) for name, value in found.items()}


def item(key, version):
    return {**key_of(key), **attributes(version)}


class Writer(threading.Thread):
    def __init__(self, number, seed):
        super().__init__()
        self.number, self.random = number, random.Random(f"{seed}-{number}")
        self.keys = [(number, n) for n in range(KEYS)]
        self.acknowledged = dict.fromkeys(self.keys)  # the version, or None for no item
        self.pending, self.is_whole = {}, False       # asked for and not answered; together or not at all
        self.version, self.counted, self.counting = 0, 0, 0
        self.requests, self.failure = 0, None

    def again(self, client):
        """A thread for the next round, with what this one knows."""
        threading.Thread.__init__(self)
        self.client, self.pending, self.counting = client, {}, 0
        return self

    def run(self):
        try:
            while True:
                self.one()
                self.requests += 1
        except GONE:
            pass
        except Exception as failure:
            self.failure = failure

    def one(self):
        operation = self.random.choice([self.put, self.update, self.update, self.delete, self.batch, self.transact, self.count])
        operation()
        self.acknowledged.update(self.pending)
        self.pending = {}

    def ask(self, count, is_whole=False):
        """New versions of some keys, or their deletion."""
        keys = self.random.sample(self.keys, count)
        self.version += 1
        self.is_whole = is_whole
        self.pending = {key: None if self.random.random() < 0.3 else self.version for key in keys}
        return self.pending

    def condition(self, key):
        """The item is as this writer left it."""
        seen = self.acknowledged[key]
        if seen is None:
            return {"ConditionExpression": "attribute_not_exists(v)"}
        return {"ConditionExpression": "v = :seen", "ExpressionAttributeValues": {":seen": {"N": str(seen)}}}

    def put(self):
        self.version += 1
        key = self.random.choice(self.keys)
        self.pending, self.is_whole = {key: self.version}, True
        self.client.put_item(TableName=TABLE, Item=item(key, self.version), **self.condition(key))

    def update(self):
        self.version += 1
        key = self.random.choice(self.keys)
        self.pending, self.is_whole = {key: self.version}, True
        wanted = attributes(self.version)
        names = {"#" + name: name for name in ("v", "text", "g", "h", "l")}
        removed = [f"#{name}" for name in ("g", "h", "l") if name not in wanted]
        condition = self.condition(key)
        self.client.update_item(
            TableName=TABLE, Key=key_of(key), ConditionExpression=condition["ConditionExpression"],
            ExpressionAttributeNames=names,
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in wanted) +
            (" REMOVE " + ", ".join(removed) if removed else ""),
            ExpressionAttributeValues={**{":" + name: value for name, value in wanted.items()},
                                       **condition.get("ExpressionAttributeValues", {})})

    def delete(self):
        key = self.random.choice(self.keys)
        self.pending, self.is_whole = {key: None}, True
        seen = self.acknowledged[key]
        old = self.client.delete_item(TableName=TABLE, Key=key_of(key), ReturnValues="ALL_OLD").get("Attributes")
        assert old == (None if seen is None else item(key, seen)), (key, seen, old)

    def batch(self):
        asked = self.ask(8)
        answer = self.client.batch_write_item(RequestItems={TABLE: [
            {"DeleteRequest": {"Key": key_of(key)}} if version is None else {"PutRequest": {"Item": item(key, version)}}
            for key, version in asked.items()]})
        assert answer["UnprocessedItems"] == {}

    def transact(self):
        asked = self.ask(6, is_whole=True)
        self.client.transact_write_items(TransactItems=[
            {"Delete": {"TableName": TABLE, "Key": key_of(key), **self.condition(key)}} if version is None else
            {"Put": {"TableName": TABLE, "Item": item(key, version), **self.condition(key)}} for key, version in asked.items()])

    def count(self):
        self.counting = 1
        self.client.update_item(TableName=TABLE, Key={"p": {"S": "counter"}, "s": {"N": "0"}}, UpdateExpression="ADD n :one",
                                ExpressionAttributeValues={":one": {"N": "1"}})
        self.counted, self.counting = self.counted + 1, 0

    def audit(self, found):
        """Takes over what is there, if it may be."""
        differing = []
        for key in self.keys:
            there = found.pop((key_of(key)["p"]["S"], key_of(key)["s"]["N"]), None)
            version = int(there["v"]["N"]) if there else None
            assert there is None or there == item(key, version), ("not whole", key, there)
            if version != self.acknowledged[key]:
                differing.append(key)
                assert key in self.pending and version == self.pending[key], (
                    "lost", key, version, self.acknowledged[key], self.pending.get(key))
            self.acknowledged[key] = version
        if self.is_whole and differing:
            left = [key for key, version in self.pending.items() if self.acknowledged[key] != version]
            assert not left, ("half of a transaction", differing, left)


def fill(client):
    older = [item(("older", n), n) for n in range(OLDER)]
    for i in range(0, OLDER, 25):
        client.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": one}} for one in older[i:i + 25]]})


def change_index(client, wait):
    """Makes one more index in one round, and drops it in a later one; the kill comes in between, before or after."""
    try:
        time.sleep(wait)
        indexes = client.describe_table(TableName=TABLE)["Table"]["GlobalSecondaryIndexes"]
        there = any(index["IndexName"] == "late" for index in indexes)
        change = {"Delete": {"IndexName": "late"}} if there else {"Create": {
            "IndexName": "late", "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"},
                                               {"AttributeName": "g", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["v"]}}}
        client.update_table(TableName=TABLE, GlobalSecondaryIndexUpdates=[change], AttributeDefinitions=[
            {"AttributeName": "h", "AttributeType": "N"}, {"AttributeName": "g", "AttributeType": "S"}])
    except GONE:
        pass


def rows(client, **request):
    return [row for page in client.get_paginator("scan").paginate(TableName=TABLE, **request) for row in page["Items"]]


def as_set(items):
    out = [tuple(sorted((name, *value.items()) for name, value in one.items())) for one in items]
    assert len(set(out)) == len(out), "a row is there twice"
    return set(out)


def settled(client):
    """The table, once no index is being made or deleted; one that a kill left half made is finished after the start."""
    table = client.describe_table(TableName=TABLE)["Table"]
    busy = table["TableStatus"] != "ACTIVE" or any(index["IndexStatus"] != "ACTIVE" for index in table["GlobalSecondaryIndexes"])
    return None if busy else table


def audit_indexes(client, items):
    """Each index has the rows of exactly those items that have its keys, with what it projects."""
    described = wait_until(lambda: settled(client), what="the indexes being filled or gone")
    projected = {"by-g": None, "by-h": ["p", "s", "h"], "by-l": ["p", "s", "l", "text"], "late": ["p", "s", "h", "g", "v"]}
    for index in described["GlobalSecondaryIndexes"] + described["LocalSecondaryIndexes"]:
        name, keys = index["IndexName"], [key["AttributeName"] for key in index["KeySchema"]]
        expected = [{n: value for n, value in one.items() if projected[name] is None or n in projected[name]}
                    for one in items if all(key in one for key in keys)]
        assert as_set(rows(client, IndexName=name)) == as_set(expected), name
    return len(described["GlobalSecondaryIndexes"])


def test_nothing_acknowledged_is_lost_and_nothing_is_half(fresh_croft):
    seed = int(os.environ.get("CROFT_CRASH_SEED", time.time_ns() % 1_000_000))
    print(f"CROFT_CRASH_SEED={seed}")
    chance = random.Random(seed)
    croft = fresh_croft()
    create(croft.client("dynamodb"))
    fill(croft.client("dynamodb"))
    writers = [Writer(number, seed) for number in range(WRITERS)]
    index_counts = set()
    for _ in range(ROUNDS):
        client = croft.client("dynamodb")
        writers = [writer.again(client) for writer in writers]
        kill_after = chance.uniform(0.02, 0.4)
        changer = threading.Thread(target=change_index, args=(client, max(0, kill_after - chance.uniform(0, 0.04))))
        for thread in [*writers, changer]:
            thread.start()
        time.sleep(kill_after)
        croft.kill()
        for thread in [*writers, changer]:
            thread.join()
        assert [writer.failure for writer in writers] == [None] * WRITERS

        croft.start()
        client = croft.client("dynamodb")
        items = rows(client, ConsistentRead=True)
        found = {(one["p"]["S"], one["s"]["N"]): one for one in items}
        assert len(found) == len(items)
        counter = found.pop(("counter", "0"), None)
        for writer in writers:
            writer.audit(found)
        for n in range(OLDER):
            key = ("older", n)
            assert found.pop((key_of(key)["p"]["S"], key_of(key)["s"]["N"]), None) == item(key, n)
        assert found == {}, "items that nobody wrote"
        count, counted = int(counter["n"]["N"]) if counter else 0, sum(writer.counted for writer in writers)
        assert counted <= count <= counted + sum(writer.counting for writer in writers)
        writers[0].counted += count - counted  # what was not answered and is there
        index_counts.add(audit_indexes(client, items))
    assert sum(writer.requests for writer in writers) > 5 * ROUNDS
    assert index_counts == {2, 3}
    assert croft.stop() == 0
