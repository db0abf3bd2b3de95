"""What DynamoDB says that requests cost."""

from raw_tables import tables


def test_what_reads_and_writes_cost(tables):
    def units(answer):
        return answer["ConsumedCapacity"]["CapacityUnits"]
    def put(size, wanted="TOTAL"):
        return tables.put_item(TableName="one", Item={"p": {"S": "cost"}, "b": {"S": "x" * (size - 6)}},
                               ReturnConsumedCapacity=wanted)
    get = dict(TableName="one", Key={"p": {"S": "cost"}}, ReturnConsumedCapacity="TOTAL")
    for size, write, read in ((1024, 1, 1), (1025, 2, 1), (4096, 4, 1), (4097, 5, 2), (10_000, 10, 3)):
        tables.delete_item(TableName="one", Key={"p": {"S": "cost"}})
        assert units(put(size)) == write
        assert (units(tables.get_item(**get)), units(tables.get_item(**get, ConsistentRead=True))) == (read / 2, read)
    assert units(put(100)) == 10  # the larger of old and new
    assert units(tables.get_item(**{**get, "Key": {"p": {"S": "nothing"}}})) == 0.5
    assert units(tables.delete_item(**{**get, "Key": {"p": {"S": "nothing"}}})) == 1
    assert put(100, "NONE").get("ConsumedCapacity") is None
    assert put(100, "INDEXES")["ConsumedCapacity"] == {"TableName": "one", "CapacityUnits": 1, "Table": {"CapacityUnits": 1}}


def test_what_writes_of_indexes_cost(tables):
    def cost(operation, **request):
        answer = operation(TableName="indexed", ReturnConsumedCapacity="INDEXES", **request)["ConsumedCapacity"]
        assert answer["Table"] == {"CapacityUnits": 1}
        parts = [answer.get(f"{kind}SecondaryIndexes", {}).get(name, {}).get("CapacityUnits", 0)
                 for kind, name in (("Global", "inc"), ("Local", "loc"))]
        assert answer["CapacityUnits"] == 1 + sum(parts)
        assert ("GlobalSecondaryIndexes" in answer) == bool(parts[0]) and ("LocalSecondaryIndexes" in answer) == bool(parts[1])
        return tuple(parts)
    key = {"p": {"S": "i"}, "c": {"S": "1"}}
    full = {**key, "g": {"S": "g"}, "l": {"S": "l"}, "proj": {"S": "p"}, "other": {"S": "o"}}
    assert cost(tables.put_item, Item={**key, "other": {"S": "o"}}) == (0, 0)
    assert cost(tables.put_item, Item=full) == (1, 1)
    assert cost(tables.put_item, Item=full) == (0, 0)  # nothing changes in them
    update = lambda expression, **values: cost(tables.update_item, Key=key, UpdateExpression=expression, **(
        {"ExpressionAttributeValues": {f":{k}": {"S": v} for k, v in values.items()}} if values else {}))
    assert update("SET #o = :v".replace("#o", "rest"), v="new") == (0, 1)
    assert update("SET proj = :v", v="new") == (1, 1)
    assert update("SET g = :v", v="moved") == (2, 1)
    assert update("SET l = :v", v="moved") == (0, 2)
    assert update("REMOVE g") == (1, 1)
    assert cost(tables.put_item, Item=full) == (1, 2)
    assert cost(tables.delete_item, Key=key) == (1, 1)
    answer = tables.batch_write_item(ReturnConsumedCapacity="INDEXES", RequestItems={
        "indexed": [{"PutRequest": {"Item": {**full, "c": {"S": str(n)}}}} for n in range(3)]})["ConsumedCapacity"]
    assert answer == [{"TableName": "indexed", "CapacityUnits": 9, "Table": {"CapacityUnits": 3},
                       "GlobalSecondaryIndexes": {"inc": {"CapacityUnits": 3}},
                       "LocalSecondaryIndexes": {"loc": {"CapacityUnits": 3}}}]


def test_what_queries_cost(tables):
    for n in range(12):
        tables.put_item(TableName="two", Item={"p": {"S": "cost"}, "c": {"N": str(n)}, "b": {"S": "x" * 1000},
                                               "n": {"N": str(n)}})
    def query(**more):
        values = {":p": {"S": "cost"}, **more.pop("values", {})}
        answer = tables.query(TableName="two", KeyConditionExpression="p = :p", ExpressionAttributeValues=values,
                              ReturnConsumedCapacity="TOTAL", **more)
        return answer["Count"], answer["ConsumedCapacity"]["CapacityUnits"]
    size = sum(1 + 4 + 1 + (1 if n == 0 else 2) + 1 + 1000 + 1 + (1 if n == 0 else 2) for n in range(12))
    blocks = -(-size // 4096)
    assert query() == (12, blocks / 2) and query(ConsistentRead=True) == (12, blocks)
    assert query(FilterExpression="n = :n", values={":n": {"N": "3"}}) == (1, blocks / 2)  # before the filter
    assert query(ProjectionExpression="c", Select="SPECIFIC_ATTRIBUTES") == (12, blocks / 2)
    assert query(Select="COUNT") == (12, blocks / 2)
    assert query(Limit=1) == (1, 0.5)
