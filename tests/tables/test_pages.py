"""Query and Scan in depth: orders of keys, pages, indexes with their projections, segments, and what others wait meanwhile."""

import os
import random
import statistics
import threading
import time
from decimal import Decimal

import boto3.dynamodb.types
import pytest
from botocore.exceptions import ClientError

serialize = boto3.dynamodb.types.TypeSerializer().serialize


@pytest.fixture(scope="module")
def dynamodb(croft):
    return croft.client("dynamodb")


def make(dynamodb, name, sort=None, local=(), glob=(), types=None):
    """A table with partition key p (S); indexes are (name, partition, sort, projection)."""
    types = {"p": "S", **({"s": sort} if sort else {}), **(types or {})}

    def keys(partition, sort_name):
        schema = [{"AttributeName": partition, "KeyType": "HASH"}]
        return schema + ([{"AttributeName": sort_name, "KeyType": "RANGE"}] if sort_name else [])

    def index(name, partition, sort_name, projection):
        projection = ({"ProjectionType": projection} if isinstance(projection, str)
                      else {"ProjectionType": "INCLUDE", "NonKeyAttributes": projection})
        return {"IndexName": name, "KeySchema": keys(partition, sort_name), "Projection": projection}

    more = {}
    if local:
        more["LocalSecondaryIndexes"] = [index(*one) for one in local]
    if glob:
        more["GlobalSecondaryIndexes"] = [index(*one) for one in glob]
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=keys("p", "s" if sort else None),
                          AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in types.items()], **more)
    return name


def item(**attributes):
    return {name: serialize(value) for name, value in attributes.items()}


def fill(dynamodb, table, items):
    for i in range(0, len(items), 25):
        left = dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": one}} for one in items[i:i + 25]]})
        assert left["UnprocessedItems"] == {}


def pages(call, **request):
    """Every page of a Query or Scan."""
    while True:
        page = call(**request)
        yield page
        if "LastEvaluatedKey" not in page:
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def refused(call, **request):
    with pytest.raises(ClientError) as failure:
        call(**request)
    error = failure.value.response["Error"]
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return error["Code"], error["Message"]


NUMBERS = ["-9.9999999999999999999999999999999999999E+125", "-1E+40", "-100", "-99.5", "-99", "-10", "-9", "-1.5", "-1", "-0.1",
           "-1E-130", "0", "1E-130", "0.1", "0.10000000000000000000000000000000000001", "0.2", "1", "1.5", "2", "9", "10", "11",
           "99",
           "100", "1E+40", "9.9999999999999999999999999999999999999E+125"]


@pytest.fixture(scope="module")
def numbers(dynamodb):
    table = make(dynamodb, "numbers", "N")
    fill(dynamodb, table, [{"p": {"S": "a"}, "s": {"N": n}} for n in reversed(NUMBERS)])
    fill(dynamodb, table, [{"p": {"S": other}, "s": {"N": "5"}} for other in ("", "A", "a\0", "ab", "b") if other])
    return table


def sorted_numbers(dynamodb, table, condition, *values, **more):
    values = {f":{i}": {"N": v} for i, v in enumerate(values)}
    found = [one["s"]["N"] for page in pages(dynamodb.query, TableName=table, KeyConditionExpression="p = :p" + condition,
                                             ExpressionAttributeValues={":p": {"S": "a"}, **values}, **more)
             for one in page["Items"]]
    return [Decimal(n) for n in found]


def test_numbers_are_in_order_from_the_most_negative_to_the_largest(dynamodb, numbers):
    expected = [Decimal(n) for n in NUMBERS]
    assert sorted_numbers(dynamodb, numbers, "") == expected
    assert sorted_numbers(dynamodb, numbers, "", ScanIndexForward=False) == expected[::-1]
    for limit in (1, 3, 7):
        assert sorted_numbers(dynamodb, numbers, "", Limit=limit) == expected
        assert sorted_numbers(dynamodb, numbers, "", Limit=limit, ScanIndexForward=False) == expected[::-1]


@pytest.mark.parametrize("border", ["-1E+41", "-99.5", "-1", "-0.05", "0", "-0", "0.15", "10", "10.0", "1E+1", "9E+125"])
def test_comparisons_of_numbers(dynamodb, numbers, border):
    at = Decimal(border)
    every = [Decimal(n) for n in NUMBERS]
    assert sorted_numbers(dynamodb, numbers, " AND s < :0", border) == [n for n in every if n < at]
    assert sorted_numbers(dynamodb, numbers, " AND s <= :0", border) == [n for n in every if n <= at]
    assert sorted_numbers(dynamodb, numbers, " AND s > :0", border) == [n for n in every if n > at]
    assert sorted_numbers(dynamodb, numbers, " AND s >= :0", border) == [n for n in every if n >= at]
    assert sorted_numbers(dynamodb, numbers, " AND s = :0", border) == [n for n in every if n == at]
    assert sorted_numbers(dynamodb, numbers, " AND s BETWEEN :0 AND :1", border, "9.5E+125", ScanIndexForward=False) == \
        [n for n in every if n >= at and n <= Decimal("9.5E+125")][::-1]


BINARIES = [b"\x00", b"\x00\x00", b"\x00\x01", b"\x00\xff", b"\x01", b"\x7f", b"\x80", b"\xfe", b"\xff", b"\xff\x00", b"\xff\xff"]


def test_binary_is_in_order_of_unsigned_bytes(dynamodb):
    table = make(dynamodb, "binaries", "B")
    fill(dynamodb, table, [{"p": {"S": "a"}, "s": {"B": b}} for b in reversed(BINARIES)])

    def found(condition, value, **more):
        answer = dynamodb.query(TableName=table, KeyConditionExpression="p = :p AND " + condition,
                                ExpressionAttributeValues={":p": {"S": "a"}, ":v": {"B": value}}, **more)
        return [one["s"]["B"] for one in answer["Items"]]

    assert found("s >= :v", b"\x00") == BINARIES
    assert found("s < :v", b"\x80") == [b for b in BINARIES if b < b"\x80"]
    assert found("s > :v", b"\xff", ScanIndexForward=False) == [b"\xff\xff", b"\xff\x00"]
    assert found("begins_with(s, :v)", b"\x00") == [b"\x00", b"\x00\x00", b"\x00\x01", b"\x00\xff"]
    assert found("begins_with(s, :v)", b"\xff") == [b"\xff", b"\xff\x00", b"\xff\xff"]
    assert found("begins_with(s, :v)", b"\xff\xff") == [b"\xff\xff"]


def test_texts_are_in_order_of_their_utf8(dynamodb):
    table = make(dynamodb, "texts", "S")
    texts = ["\0", "\0a", " ", "A", "Z", "a", "a\0", "a\0b", "a!", "aa", "b", "z", "~", "é", "日", "\uffff", "😀"]
    assert sorted(texts, key=str.encode) == texts
    fill(dynamodb, table, [item(p="a", s=text) for text in texts])

    def found(condition, value, **more):
        answer = dynamodb.query(TableName=table, KeyConditionExpression="p = :p AND " + condition,
                                ExpressionAttributeValues={":p": {"S": "a"}, ":v": {"S": value}}, **more)
        return [one["s"]["S"] for one in answer["Items"]]

    assert found("s >= :v", "\0") == texts
    assert found("begins_with(s, :v)", "a") == ["a", "a\0", "a\0b", "a!", "aa"]
    assert found("begins_with(s, :v)", "a\0", ScanIndexForward=False) == ["a\0b", "a\0"]
    assert found("s > :v", "\uffff") == ["😀"]


@pytest.mark.parametrize("kind, values", [("S", ["", "a", "ab", "b"]), ("N", ["1", "10", "-1"]),
                                          ("B", [b"\x00", b"\x00\x01", b"\xff"])])
def test_partition_keys_of_every_type_do_not_mix(dynamodb, kind, values):
    table = make(dynamodb, f"partitions-{kind}", "N", types={"p": kind})
    values = [v for v in values if v != ""]
    fill(dynamodb, table, [{"p": {kind: v}, "s": {"N": str(n)}} for v in values for n in range(3)])
    for v in values:
        answer = dynamodb.query(TableName=table, KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {kind: v}})
        assert [(one["p"][kind], one["s"]["N"]) for one in answer["Items"]] == [(v, "0"), (v, "1"), (v, "2")]


def test_between_that_is_upside_down_is_refused(dynamodb, numbers):
    assert refused(dynamodb.query, TableName=numbers, KeyConditionExpression="p = :p AND s BETWEEN :a AND :b",
                   ExpressionAttributeValues={":p": {"S": "a"}, ":a": {"N": "2"}, ":b": {"N": "1"}}) == (
        "ValidationException",
        "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
        "lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}")


# Items of p = "p0".."p4", s = 0..19. k sorts the indexes and is there for even s only; size and note are not of any key.
@pytest.fixture(scope="module")
def indexed(dynamodb):
    table = make(dynamodb, "indexed", "N",
                 local=[("local-keys", "p", "k", "KEYS_ONLY"), ("local-some", "p", "k", ["size"]),
                        ("local-all", "p", "k", "ALL")],
                 glob=[("global-keys", "g", "k", "KEYS_ONLY"), ("global-some", "g", "k", ["size"]),
                       ("global-all", "g", "k", "ALL"),
                       ("global-alone", "g", None, "KEYS_ONLY")],
                 types={"k": "S", "g": "S"})
    fill(dynamodb, table, [
        item(p=f"p{p}", s=s, size=s * 10, note=f"note {s}", g=f"g{s % 3}", **({"k": f"k{19 - s:02}"} if s % 2 == 0 else {}))
        for p in range(5) for s in range(20)])
    return table


def names(answer):
    return sorted({name for one in answer["Items"] for name in one})


KEYS = ["g", "k", "p", "s"]
LOCAL_KEYS = ["k", "p", "s"]


@pytest.mark.parametrize("index, select, expected", [
    ("local-keys", None, LOCAL_KEYS), ("local-keys", "ALL_PROJECTED_ATTRIBUTES", LOCAL_KEYS),
    ("local-keys", "ALL_ATTRIBUTES", ["g", "k", "note", "p", "s", "size"]),
    ("local-some", None, ["k", "p", "s", "size"]), ("local-some", "ALL_ATTRIBUTES", ["g", "k", "note", "p", "s", "size"]),
    ("local-all", None, ["g", "k", "note", "p", "s", "size"]),
    ("global-keys", None, KEYS), ("global-keys", "ALL_PROJECTED_ATTRIBUTES", KEYS), ("global-some", None, KEYS + ["size"]),
    ("global-all", None, ["g", "k", "note", "p", "s", "size"]), ("global-all", "ALL_ATTRIBUTES", ["g", "k", "note", "p", "s",
                                                                                                  "size"]),
    ("global-alone", None, ["g", "p", "s"])])
def test_what_an_index_gives_without_a_projection(dynamodb, indexed, index, select, expected):
    select = {"Select": select} if select else {}
    partition = ("g", "g0") if index.startswith("global") else ("p", "p1")
    request = dict(TableName=indexed, IndexName=index, **select)
    query = dynamodb.query(KeyConditionExpression="#p = :p", ExpressionAttributeNames={"#p": partition[0]},
                           ExpressionAttributeValues={":p": {"S": partition[1]}}, **request)
    assert (names(query), query["Count"] > 0) == (expected, True)
    assert names(dynamodb.scan(**request)) == expected


def test_projections_of_an_index(dynamodb, indexed):
    def query(index, partition, projection):
        return dict(TableName=indexed, IndexName=index, KeyConditionExpression="#p = :p", ProjectionExpression=projection,
                    ExpressionAttributeNames={"#p": partition[0], **({"#s": "size"} if "#s" in projection else {})},
                    ExpressionAttributeValues={":p": {"S": partition[1]}})

    answer = dynamodb.query(**query("local-keys", ("p", "p1"), "note, k"))
    assert answer["Items"][0] == item(note="note 18", k="k01")
    assert answer["Count"] == answer["ScannedCount"] == 10
    assert refused(dynamodb.query, **query("global-some", ("g", "g0"), "#s, note")) == (
        "ValidationException",
        "One or more parameter values were invalid: Global secondary index global-some does not project [note]")
    assert dynamodb.query(**query("global-some", ("g", "g0"), "#s, p"))["Count"] == 20
    assert refused(dynamodb.query, TableName=indexed, IndexName="global-keys", Select="ALL_ATTRIBUTES",
                   KeyConditionExpression="g = :g", ExpressionAttributeValues={":g": {"S": "g0"}}) == (
        "ValidationException",
        "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global "
        "secondary index global-keys because its projection type is not ALL")


@pytest.mark.parametrize("select, projection, message", [
    ("SPECIFIC_ATTRIBUTES", None,
     "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"),
    ("COUNT", "k", "Cannot specify the ProjectionExpression when choosing to get only the Count"),
    ("ALL_ATTRIBUTES", "k", "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"),
    ("ALL_PROJECTED_ATTRIBUTES", "k", "Cannot specify the ProjectionExpression when choosing to get ALL_PROJECTED_ATTRIBUTES"),
    ("ALL_PROJECTED_ATTRIBUTES", None, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")])
def test_select_that_does_not_fit(dynamodb, indexed, select, projection, message):
    more = {"ProjectionExpression": projection} if projection else {}
    assert refused(dynamodb.query, TableName=indexed, Select=select, KeyConditionExpression="p = :p",
                   ExpressionAttributeValues={":p": {"S": "p1"}}, **more) == (
        "ValidationException", "1 validation error detected: " + message)


def test_select_that_fits(dynamodb, indexed):
    def query(**more):
        return dynamodb.query(TableName=indexed, KeyConditionExpression="p = :p",
                              ExpressionAttributeValues={":p": {"S": "p1"}}, **more)

    assert query(Select="COUNT", Limit=7)["Count"] == 7 and "Items" not in query(Select="COUNT")
    assert names(query(Select="SPECIFIC_ATTRIBUTES", ProjectionExpression="note")) == ["note"]
    counted = dynamodb.query(TableName=indexed, IndexName="local-keys", KeyConditionExpression="p = :p", Select="COUNT",
                             FilterExpression="s > :n", ExpressionAttributeValues={":p": {"S": "p1"}, ":n": {"N": "9"}})
    assert (counted["Count"], counted["ScannedCount"]) == (5, 10)


def test_an_index_is_read_both_ways_page_by_page(dynamodb, indexed):
    for index, partition, keys in (("local-some", "p", {"p", "s", "k"}), ("global-some", "g", {"g", "k", "p", "s"}),
                                   ("global-alone", "g", {"g", "p", "s"})):
        request = dict(TableName=indexed, IndexName=index, KeyConditionExpression="#p = :p",
                       ExpressionAttributeNames={"#p": partition}, ExpressionAttributeValues={":p": {"S": partition + "1"}})
        whole = dynamodb.query(**request)["Items"]
        if index != "global-alone":
            assert [one["k"]["S"] for one in whole] == sorted(one["k"]["S"] for one in whole)
        assert dynamodb.query(ScanIndexForward=False, **request)["Items"] == whole[::-1]
        for forward in (True, False):
            read = list(pages(dynamodb.query, Limit=3, ScanIndexForward=forward, **request))
            assert [one for page in read for one in page["Items"]] == (whole if forward else whole[::-1])
            assert all(set(page["LastEvaluatedKey"]) == keys for page in read[:-1])
            assert {page["Count"] for page in read[:-1]} == {3}


def test_reading_goes_on_after_a_key_that_is_gone(dynamodb):
    table = make(dynamodb, "gone", "N", glob=[("by-g", "g", "s", "ALL")], types={"g": "S"})
    fill(dynamodb, table, [item(p="a", s=n, g="g") for n in range(10)])
    for index, value in (({}, "a"), ({"IndexName": "by-g"}, "g")):
        request = dict(TableName=table, KeyConditionExpression=("g" if index else "p") + " = :p",
                       ExpressionAttributeValues={":p": {"S": value}}, **index)
        up = dynamodb.query(Limit=4, **request)
        down = dynamodb.query(Limit=4, ScanIndexForward=False, **request)
        for key in (up["LastEvaluatedKey"], down["LastEvaluatedKey"]):
            dynamodb.delete_item(TableName=table, Key={"p": key["p"], "s": key["s"]})
        rest = dynamodb.query(ExclusiveStartKey=up["LastEvaluatedKey"], **request)["Items"]
        assert [one["s"]["N"] for one in rest] == ["4", "5", "7", "8", "9"]
        rest = dynamodb.query(ExclusiveStartKey=down["LastEvaluatedKey"], ScanIndexForward=False, **request)["Items"]
        assert [one["s"]["N"] for one in rest] == ["5", "4", "2", "1", "0"]
        fill(dynamodb, table, [item(p="a", s=n, g="g") for n in (3, 6)])


def test_start_keys_that_do_not_fit(dynamodb, indexed, numbers):
    query = dict(TableName=numbers, KeyConditionExpression="p = :p AND s < :s",
                 ExpressionAttributeValues={":p": {"S": "a"}, ":s": {"N": "5"}})
    assert refused(dynamodb.query, ExclusiveStartKey=item(p="b", s=1), **query) == (
        "ValidationException", "The provided starting key is outside query boundaries based on provided conditions")
    assert refused(dynamodb.query, ExclusiveStartKey=item(p="a", s=6), **query) == (
        "ValidationException", "The provided starting key does not match the range key predicate")
    assert refused(dynamodb.query, ExclusiveStartKey=item(p="a"), **query) == (
        "ValidationException", "The provided starting key is invalid")
    assert refused(dynamodb.scan, TableName=numbers, ExclusiveStartKey=item(p="a", s="x")) == (
        "ValidationException", "The provided starting key is invalid: The provided key element does not match the schema")
    assert refused(dynamodb.scan, TableName=indexed, IndexName="global-keys", ExclusiveStartKey=item(p="p1", s=1))[0] == \
        "ValidationException"


def test_reads_of_an_index_that_are_refused(dynamodb, indexed):
    query = dict(TableName=indexed, KeyConditionExpression="g = :g", ExpressionAttributeValues={":g": {"S": "g0"}})
    assert refused(dynamodb.query, IndexName="none", **query) == (
        "ValidationException", "The table does not have the specified index: none")
    assert refused(dynamodb.query, IndexName="global-all", ConsistentRead=True, **query) == (
        "ValidationException", "Consistent reads are not supported on global secondary indexes")
    assert refused(dynamodb.scan, TableName=indexed, IndexName="global-all", ConsistentRead=True) == (
        "ValidationException", "Consistent reads are not supported on global secondary indexes")
    assert dynamodb.scan(TableName=indexed, IndexName="local-all", ConsistentRead=True)["Count"] == 50
    assert refused(dynamodb.query, TableName=indexed, IndexName="local-all", KeyConditionExpression="p = :p",
                   FilterExpression="k = :p", ExpressionAttributeValues={":p": {"S": "p1"}}) == (
        "ValidationException", "Filter Expression can only contain non-primary key attributes: Primary key attribute: k")


def test_capacity_of_reads_by_index(dynamodb, indexed):
    def consumed(index, partition, **more):
        return dynamodb.query(TableName=indexed, IndexName=index, KeyConditionExpression="#p = :p",
                              ExpressionAttributeNames={"#p": partition[0]}, ReturnConsumedCapacity="INDEXES",
                              ExpressionAttributeValues={":p": {"S": partition[1]}}, **more)["ConsumedCapacity"]

    assert consumed("global-keys", ("g", "g0")) == {
        "TableName": indexed, "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.0},
        "GlobalSecondaryIndexes": {"global-keys": {"CapacityUnits": 0.5}}}
    # Ten items are fetched from the table besides, each counted by itself.
    assert consumed("local-keys", ("p", "p0"), Select="ALL_ATTRIBUTES", ConsistentRead=True) == {
        "TableName": indexed, "CapacityUnits": 11.0, "Table": {"CapacityUnits": 10.0},
        "LocalSecondaryIndexes": {"local-keys": {"CapacityUnits": 1.0}}}


def test_capacity_of_writes_to_indexes(dynamodb):
    table = make(dynamodb, "writes", glob=[("by-g", "g", None, "ALL")], types={"g": "S"})

    def put(**attributes):
        answer = dynamodb.put_item(TableName=table, ReturnConsumedCapacity="INDEXES", Item=item(p="a", **attributes))
        of_index = answer["ConsumedCapacity"].get("GlobalSecondaryIndexes", {}).get("by-g", {"CapacityUnits": 0})
        return answer["ConsumedCapacity"]["Table"]["CapacityUnits"], of_index["CapacityUnits"]

    assert put() == (1, 0)
    assert put(g="x") == (1, 1)
    assert put(g="x") == (1, 0)
    assert put(g="y") == (1, 2)
    assert put(g="y", big="b" * 3000) == (3, 3)
    assert put(g="y", big="b") == (3, 3)
    assert put(big="b") == (1, 1)


def random_items(chance):
    """What a table holds after some hundred writes by every way there is, and what it should hold."""
    for _ in range(600):
        key = (f"p{chance.randrange(4)}", chance.choice([-1, 1]) * chance.randrange(30) * Decimal("0.5"))
        new = {"n": chance.randrange(50), "text": chance.choice("abc") * chance.randrange(1, 60)}
        if chance.random() < 0.7:
            new["g"] = f"g{chance.randrange(3)}"
        if chance.random() < 0.7:
            new["k"] = chance.choice([-1, 1]) * chance.randrange(20)
        yield chance.choice(["put", "put", "update", "delete"]), key, new


def write_all(dynamodb, table, changes):
    model = {}
    for kind, (p, s), new in changes:
        key = item(p=p, s=s)
        if kind == "delete":
            dynamodb.delete_item(TableName=table, Key=key)
            model.pop((p, s), None)
        elif kind == "put":
            dynamodb.put_item(TableName=table, Item={**key, **item(**new)})
            model[p, s] = {"p": p, "s": s, **new}
        else:
            names = {"#" + name: name for name in ("n", "text", "g", "k")}
            removed = [f"#{name}" for name in ("g", "k") if name not in new]
            dynamodb.update_item(TableName=table, Key=key, ExpressionAttributeNames=names,
                                 UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in new) +
                                 (" REMOVE " + ", ".join(removed) if removed else ""),
                                 ExpressionAttributeValues={":" + name: serialize(value) for name, value in new.items()})
            model[p, s] = {"p": p, "s": s, **new}
    return list(model.values())


def random_query(chance):
    """A Query's parameters, and the same as a predicate."""
    index, partition, sort = chance.choice([(None, "p", "s"), ("local", "p", "k"), ("global", "g", "k"),
                                            ("global-keys", "g", "k")])
    wanted = f"{partition}{chance.randrange(4)}"
    low, high = sorted([chance.randrange(-20, 20), chance.randrange(-20, 20)])
    text, check = chance.choice([
        ("", lambda v: True), (" AND #s = :a", lambda v: v == low), (" AND #s < :a", lambda v: v < low),
        (" AND #s <= :a", lambda v: v <= low),
        (" AND #s > :a", lambda v: v > low), (" AND #s >= :a", lambda v: v >= low),
        (" AND #s BETWEEN :a AND :b", lambda v: low <= v <= high)])
    values = {":p": wanted, **({":a": low} if ":a" in text else {}), **({":b": high} if ":b" in text else {})}
    request = {"KeyConditionExpression": "#p = :p" + text, "ScanIndexForward": chance.random() < 0.5,
               "ExpressionAttributeNames": {"#p": partition, **({"#s": sort} if text else {})}}
    filters = lambda one: True
    if chance.random() < 0.5 and index != "global-keys":
        limit = chance.randrange(50)
        request["FilterExpression"], values[":n"] = "n < :n", limit
        filters = lambda one: one["n"] < limit
    if chance.random() < 0.7:
        request["Limit"] = chance.randrange(1, 12)
    if index:
        request["IndexName"] = index
    request["ExpressionAttributeValues"] = {name: serialize(value) for name, value in values.items()}

    def fits(one):
        return one.get(partition) == wanted and sort in one and check(one[sort])

    return request, fits, filters, sort


def test_random_queries_find_what_a_model_finds(dynamodb):
    seed = int(os.environ.get("CROFT_PAGES_SEED", time.time_ns() % 1_000_000))
    print(f"CROFT_PAGES_SEED={seed}")
    chance = random.Random(seed)
    table = make(dynamodb, "random", "N", local=[("local", "p", "k", "ALL")],
                 glob=[("global", "g", "k", "ALL"), ("global-keys", "g", "k", "KEYS_ONLY")], types={"g": "S", "k": "N"})
    model = write_all(dynamodb, table, random_items(chance))
    deserialize = boto3.dynamodb.types.TypeDeserializer().deserialize
    for _ in range(250):
        request, fits, filters, sort = random_query(chance)
        read = list(pages(dynamodb.query, TableName=table, **request))
        found = [{name: deserialize(value) for name, value in one.items()} for page in read for one in page["Items"]]
        expected = [one for one in model if fits(one)]
        assert sum(page["ScannedCount"] for page in read) == len(expected), request
        if request.get("IndexName") == "global-keys":
            expected = [{name: one[name] for name in ("p", "s", "g", "k")} for one in expected]
        order = [one[sort] for one in found]
        assert order == sorted(order, reverse=not request["ScanIndexForward"]), request
        by_key = lambda one: (one["p"], one["s"])
        assert sorted(found, key=by_key) == sorted(filter(filters, expected), key=by_key), request
        if "Limit" in request:
            assert all(page["ScannedCount"] == request["Limit"] for page in read[:-1])


# 60 items of 40 KB: three pages of 1 MB.
@pytest.fixture(scope="module")
def large(dynamodb):
    table = make(dynamodb, "large", "N", local=[("by-k", "p", "k", "KEYS_ONLY")], types={"k": "N"})
    for n in range(60):
        dynamodb.put_item(TableName=table, Item=item(p="a", s=n, k=-n, text="x" * 40_000, tenth=n % 10))
    return table


def test_a_page_ends_at_one_megabyte(dynamodb, large):
    query = dict(TableName=large, KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "a"}})
    read = list(pages(dynamodb.query, **query))
    assert [page["Count"] for page in read] == [27, 27, 6]
    assert [one["s"]["N"] for page in read for one in page["Items"]] == [str(n) for n in range(60)]
    read = list(pages(dynamodb.query, ScanIndexForward=False, **query))
    assert [one["s"]["N"] for page in read for one in page["Items"]] == [str(n) for n in range(59, -1, -1)]


def test_what_a_filter_drops_counts_for_the_page(dynamodb, large):
    for call, more in ((dynamodb.scan, {}), (dynamodb.query, {"KeyConditionExpression": "p = :p"})):
        values = {":t": {"N": "3"}, **({":p": {"S": "a"}} if more else {})}
        read = list(pages(call, TableName=large, FilterExpression="tenth = :t", ProjectionExpression="s",
                          ExpressionAttributeValues=values, **more))
        assert [page["ScannedCount"] for page in read] == [27, 27, 6]
        assert [one["s"]["N"] for page in read for one in page["Items"]] == ["3", "13", "23", "33", "43", "53"]
    nothing = list(pages(dynamodb.scan, TableName=large, FilterExpression="tenth = :t", Select="COUNT",
                         ExpressionAttributeValues={":t": {"N": "99"}}))
    assert [(page["Count"], page["ScannedCount"]) for page in nothing] == [(0, 27), (0, 27), (0, 6)]


def test_items_fetched_for_a_local_index_count_for_the_page(dynamodb, large):
    query = dict(TableName=large, IndexName="by-k", KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "a"}})
    assert dynamodb.query(**query)["Count"] == 60
    read = list(pages(dynamodb.query, Select="ALL_ATTRIBUTES", **query))
    assert [one["s"]["N"] for page in read for one in page["Items"]] == [str(n) for n in range(59, -1, -1)]
    assert [page["Count"] for page in read] == [27, 27, 6]


@pytest.fixture(scope="module")
def many(dynamodb):
    """20,000 small items, of which each third is in the index."""
    table = make(dynamodb, "many", glob=[("by-g", "g", None, "KEYS_ONLY")], types={"g": "N"})
    fill(dynamodb, table, [item(p=f"item-{n}", n=n, **({"g": n} if n % 3 == 0 else {})) for n in range(20_000)])
    return table


@pytest.mark.parametrize("segments", [1, 2, 7, 1000])
def test_segments_cover_every_item_once(dynamodb, many, segments):
    found = [one["n"]["N"] for segment in range(segments)
             for page in pages(dynamodb.scan, TableName=many, Segment=segment, TotalSegments=segments) for one in page["Items"]]
    assert sorted(map(int, found)) == list(range(20_000))


def test_segments_of_an_index_and_with_pages(dynamodb, many):
    found = [one["g"]["N"] for segment in range(16)
             for page in pages(dynamodb.scan, TableName=many, IndexName="by-g", Segment=segment, TotalSegments=16, Limit=200)
             for one in page["Items"]]
    assert sorted(map(int, found)) == list(range(0, 20_000, 3))
    for segments, segment in ((1_000_000, 0), (1_000_000, 999_999)):
        assert dynamodb.scan(TableName=many, Segment=segment, TotalSegments=segments)["Count"] <= 20
    last = dynamodb.scan(TableName=many, Segment=0, TotalSegments=4, Limit=1)["LastEvaluatedKey"]
    assert refused(dynamodb.scan, TableName=many, Segment=3, TotalSegments=4, ExclusiveStartKey=last) == (
        "ValidationException",
        "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. "
        "TotalSegments: 4 Segment: 3")


def test_long_scans_give_way(croft, many):
    """A small read beside scans of 20,000 rows with a filter waits for parts of them, not for all."""
    stop = threading.Event()
    long_scan = dict(TableName=many, FilterExpression=" OR ".join(f"contains(p, :s{i})" for i in range(100)), Select="COUNT",
                     ExpressionAttributeValues={f":s{i}": {"S": f"no {i}"} for i in range(100)})

    def scan():
        client = croft.client("dynamodb")
        while not stop.is_set():
            client.scan(**long_scan)

    client, waits = croft.client("dynamodb"), []
    begin = time.monotonic()
    assert client.scan(**long_scan)["ScannedCount"] == 20_000
    alone = time.monotonic() - begin
    scanners = [threading.Thread(target=scan) for _ in range(4)]
    for thread in scanners:
        thread.start()
    try:
        for n in range(200):
            begin = time.monotonic()
            assert client.get_item(TableName=many, Key=item(p=f"item-{n}"))["Item"]["n"] == {"N": str(n)}
            waits.append(time.monotonic() - begin)
    finally:
        stop.set()
        for thread in scanners:
            thread.join()
    print(f"a scan {alone:.3f} s, reads beside it {statistics.median(waits):.4f} s, at most {max(waits):.4f} s")
    assert statistics.median(waits) < alone / 4
