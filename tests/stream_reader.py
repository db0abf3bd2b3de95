"""Reads a table's stream as KCL does: the shards of a stream, parents before their children, each to its end."""

import time


def shards(streams, arn, limit=100):
    found, more = [], {}
    while True:
        answer = streams.describe_stream(StreamArn=arn, Limit=limit, **more)["StreamDescription"]
        found += answer["Shards"]
        if "LastEvaluatedShardId" not in answer:
            return found
        more = {"ExclusiveStartShardId": answer["LastEvaluatedShardId"]}


class Reader:
    """Everything from the trim horizon on; `records` grows with every step()."""

    def __init__(self, streams, arn, limit=1000):
        self.streams, self.arn, self.limit = streams, arn, limit
        self.records = []
        self.iterators = {}  # of shards begun
        self.done = set()

    def begin(self):
        listed = shards(self.streams, self.arn)
        names = {shard["ShardId"] for shard in listed}
        for shard in listed:
            name, parent = shard["ShardId"], shard.get("ParentShardId")
            if name in self.iterators or name in self.done:
                continue
            if parent in names and parent not in self.done:
                continue  # the parent first, to its end
            self.iterators[name] = self.streams.get_shard_iterator(
                StreamArn=self.arn, ShardId=name, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]

    def step(self):
        """One page of every shard; how many records came."""
        self.begin()
        count = 0
        for name, iterator in list(self.iterators.items()):
            answer = self.streams.get_records(ShardIterator=iterator, Limit=self.limit)
            self.records += answer["Records"]
            count += len(answer["Records"])
            if "NextShardIterator" in answer:
                self.iterators[name] = answer["NextShardIterator"]
            else:
                del self.iterators[name]
                self.done.add(name)
        return count

    def read(self, count, timeout=20):
        """Until there are `count` records, and no more."""
        deadline = time.monotonic() + timeout
        while len(self.records) < count:
            if not self.step():
                assert time.monotonic() < deadline, f"{len(self.records)} of {count} records came"
                time.sleep(0.02)
        self.step()
        return self.records

    def drain(self):
        """Until no shard has more for the moment, children of ended shards included."""
        quiet = 0
        while quiet < 2:
            ended = len(self.done)
            quiet = 0 if self.step() or len(self.done) != ended else quiet + 1
        return self.records


def replay(records):
    """The items by key that the records lead to; checks that each record follows from the one before of its item."""
    items = {}
    for record in records:
        change = record["dynamodb"]
        key = str(sorted((name, str(value)) for name, value in change["Keys"].items()))
        before = items.get(key)
        assert change.get("OldImage") == before, (key, change.get("OldImage"), before)
        name = "REMOVE" if "NewImage" not in change else "INSERT" if before is None else "MODIFY"
        assert record["eventName"] == name
        if "NewImage" in change:
            assert change["NewImage"] != before
            items[key] = change["NewImage"]
        else:
            del items[key]
    return items
