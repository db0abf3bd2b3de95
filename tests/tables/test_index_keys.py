"""Global indexes whose key has several attributes: up to four of the partition key and four of the sort key. Order,
conditions and texts: AWS's, as observed; the texts of key schemas that are refused are croft's."""

import itertools
import random

import pytest
from botocore.exceptions import ClientError

ALL = {"ProjectionType": "ALL"}


def attributes(text):
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in (part.split(":") for part in text.split())]


def schema(partition, sort=""):
    return [{"AttributeName": name, "KeyType": kind}
            for names, kind in ((partition, "HASH"), (sort, "RANGE")) for name in names.split()]


def index(name, partition, sort="", projection=ALL):
    return {"IndexName": name, "KeySchema": schema(partition, sort), "Projection": projection}


def create(db, name, types, *indexes, keys=("pk", ""), **more):
    db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=schema(*keys),
                    AttributeDefinitions=attributes(types), GlobalSecondaryIndexes=list(indexes), **more)


def message_of(call, **request):
    with pytest.raises(ClientError) as refused:
        call(**request)
    error = refused.value.response["Error"]
    assert error["Code"] == "ValidationException", error
    return error["Message"]


@pytest.fixture(scope="module")
def db(croft):
    return croft.client("dynamodb")


def text(**values):
    return {name: {"S": value} for name, value in values.items()}


@pytest.fixture(scope="module")
def tournament(db):
    create(db, "matches", "pk:S h:S a:S b:S c:S d:S", index("long", "h", "a b c d"),
           index("wide", "h a", "b", {"ProjectionType": "KEYS_ONLY"}))
    for pk, a, b, c, d in (("p1", "T", "live", "b", "r1"), ("p2", "T", "live", "a", "r2"), ("p3", "T", "live", "a", "r1"),
                           ("p4", "T", "draft", "c", "r1"), ("p5", "F", "live", "a", "r0")):
        db.put_item(TableName="matches", Item=text(pk=pk, h="o1", a=a, b=b, c=c, d=d, rest="x"))
    db.put_item(TableName="matches", Item=text(pk="p6", h="o1", a="T", b="live", d="r1"))  # no c: only in the other index
    return "matches"


VALUES = {":h": "o1", ":a": "T", ":b": "live", ":c": "a", ":d": "r", ":x": "r1", ":y": "r1"}


def asked(condition, index="long", **more):
    return dict(TableName="matches", IndexName=index, KeyConditionExpression=condition, **more, ExpressionAttributeValues={
        name: {"S": value} for name, value in VALUES.items() if name in condition + more.get("FilterExpression", "")})


@pytest.mark.parametrize("condition, found", [
    ("h = :h", "p5 p4 p3 p2 p1"), ("h = :h AND a = :a", "p4 p3 p2 p1"), ("h = :h AND a = :a AND b = :b", "p3 p2 p1"),
    ("h = :h AND a = :a AND b = :b AND c = :c", "p3 p2"), ("h = :h AND a = :a AND b = :b AND c > :c", "p1"),
    ("h = :h AND a = :a AND b = :b AND c = :c AND begins_with(d, :d)", "p3 p2"),
    ("h = :h AND a = :a AND b = :b AND c = :c AND d BETWEEN :x AND :y", "p3"), ("h = :h AND a = :a AND b < :b", "p4"),
    ("h = :h AND a = :a AND b <= :b", "p4 p3 p2 p1"), ("h = :h AND a < :a", "p5"), ("b = :b AND :h = h AND a = :a", "p3 p2 p1"),
])
def test_conditions_name_the_sort_keys_from_the_first_on(db, tournament, condition, found):
    items = db.query(**asked(condition))["Items"]
    assert [item["pk"]["S"] for item in items] == found.split()
    back = db.query(**asked(condition, ScanIndexForward=False))["Items"]
    assert [item["pk"]["S"] for item in back] == found.split()[::-1]


EQUALITY = ("RANGE key attributes {} must have equality conditions specified in the query because a condition is present on "
            "key attribute {}")


@pytest.mark.parametrize("name, condition, message", [
    ("long", "h = :h AND a = :a AND c = :c", EQUALITY.format("b", "c")),
    ("long", "h = :h AND a = :a AND b > :b AND c = :c", EQUALITY.format("b", "c")),
    ("long", "h = :h AND b = :b", EQUALITY.format("a", "b")),
    ("wide", "h = :h", "Query condition missed key schema element: a"),
    ("wide", "a = :a AND b = :b", "Query condition missed key schema element: h"),
    ("wide", "h = :h AND a > :a", "Query key condition not supported"),
    ("wide", "h = :h AND a = :a AND c = :c", "Query condition missed key schema element: b"),
    ("wide", "h = :h AND a = :a AND b = :b AND c = :c",
     "The number of query conditions (4) exceeds the number of key attributes defined in the schema (3)"),
    ("long", "h = :h AND a > :a AND a < :b", "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one "
                                             "condition per key"),
])
def test_conditions_that_are_refused(db, tournament, name, condition, message):
    assert message_of(db.query, **asked(condition, name)) == message


def test_keys_are_told_with_a_page_and_asked_for_with_the_next(db, tournament):
    first = db.query(**asked("h = :h AND a = :a", Limit=2))
    assert [item["pk"]["S"] for item in first["Items"]] == ["p4", "p3"]
    assert first["LastEvaluatedKey"] == text(pk="p3", h="o1", a="T", b="live", c="a", d="r1")
    rest = db.query(**asked("h = :h AND a = :a", ExclusiveStartKey=first["LastEvaluatedKey"]))
    assert [item["pk"]["S"] for item in rest["Items"]] == ["p2", "p1"]
    assert message_of(db.query, **asked("h = :h AND a = :a", ExclusiveStartKey=text(pk="p3", h="o1", a="T"))) == (
        "The provided starting key is invalid")
    other = text(pk="p3", h="o2", a="T", b="live", c="a", d="r1")
    assert message_of(db.query, **asked("h = :h", ExclusiveStartKey=other)) == (
        "The provided starting key is outside query boundaries based on provided conditions")
    pages, start = [], {}
    while True:
        page = db.scan(TableName="matches", IndexName="long", Limit=2, **start)
        pages += [item["pk"]["S"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}
    assert sorted(pages) == ["p1", "p2", "p3", "p4", "p5"]


def test_filters_and_projections(db, tournament):
    for attribute in ("h", "c", "d"):
        assert message_of(db.query, **asked("h = :h", FilterExpression=f"{attribute} = :c")) == (
            f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {attribute}")
    found = db.query(**asked("h = :h", FilterExpression="pk <> :c"))
    assert (found["Count"], found["ScannedCount"]) == (5, 5)
    keys = db.query(**asked("h = :h AND a = :a", "wide"))["Items"]
    assert [item["pk"]["S"] for item in keys] == ["p4", "p1", "p2", "p3", "p6"]
    assert keys[0] == text(pk="p4", h="o1", a="T", b="draft")


def test_an_item_comes_and_goes_with_its_keys(db):
    create(db, "sparse", "pk:S h:S i:N r:N s:B", index("idx", "h i", "r s"))
    key = {"pk": {"S": "k"}}

    def found():
        return db.query(TableName="sparse", IndexName="idx", KeyConditionExpression="h = :h AND i = :i",
                        ExpressionAttributeValues={":h": {"S": "h"}, ":i": {"N": "1"}})["Items"]
    db.put_item(TableName="sparse", Item={**key, "h": {"S": "h"}, "i": {"N": "1"}, "r": {"N": "10"}})
    assert found() == []
    update = dict(TableName="sparse", Key=key)
    db.update_item(**update, UpdateExpression="SET s = :s", ExpressionAttributeValues={":s": {"B": b"\0"}})
    assert len(found()) == 1
    for name, value in (("i", "2"), ("i", "1")):
        db.update_item(**update, UpdateExpression="SET #n = :v", ExpressionAttributeNames={"#n": name},
                       ExpressionAttributeValues={":v": {"N": value}})
        assert len(found()) == (1 if value == "1" else 0)
    for name, value, kind in (("i", {"S": "x"}, "S"), ("s", {"S": "x"}, "S")):
        item = {**key, "h": {"S": "h"}, name: value}
        expected = {"i": "N", "s": "B"}[name]
        assert message_of(db.put_item, TableName="sparse", Item=item) == (
            f"One or more parameter values were invalid: Type mismatch for Index Key {name} Expected: {expected} "
            f"Actual: {kind} IndexName: idx")
    assert message_of(db.put_item, TableName="sparse", Item={**key, "s": {"B": b""}}).endswith("IndexName: idx, IndexKey: s")
    assert message_of(db.update_item, **update, UpdateExpression="SET i.x = :v",
                      ExpressionAttributeValues={":v": {"N": "1"}}).endswith("are not allowed: IndexKey: i")
    db.update_item(**update, UpdateExpression="REMOVE r")
    assert found() == []
    # Numbers in the order of numbers.
    for n in (100, 5, 50, 1000, -7):
        db.put_item(TableName="sparse", Item={"pk": {"S": str(n)}, "h": {"S": "h"}, "i": {"N": "1"}, "r": {"N": str(n)},
                                              "s": {"B": b"\1"}})
    assert [item["r"]["N"] for item in found()] == ["-7", "5", "50", "100", "1000"]


def test_all_range_keys_together_have_1024_bytes(db):
    create(db, "sized", "pk:S h:S r:S s:S", index("idx", "h", "r s"))
    item = text(pk="k", h="h", r="x" * 512)
    db.put_item(TableName="sized", Item={**item, **text(s="y" * 512)})
    assert message_of(db.put_item, TableName="sized", Item={**item, **text(s="y" * 513)}) == (
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes")


def test_a_table_tells_them_and_makes_one_for_items_that_are_there(fresh_croft, eventually):
    croft = fresh_croft()
    db = croft.client("dynamodb")
    create(db, "later", "pk:S a:S b:S", index("first", "a b"))
    for n in range(5):
        db.put_item(TableName="later", Item=text(pk=f"k{n}", a="x", b="y", c=f"c{n}"))
    db.update_table(TableName="later", AttributeDefinitions=attributes("a:S b:S c:S"),
                    GlobalSecondaryIndexUpdates=[{"Create": index("second", "a b", "c")}])

    def indexes():
        table = db.describe_table(TableName="later")["Table"]
        return {one["IndexName"]: one for one in table["GlobalSecondaryIndexes"]}
    eventually(lambda: indexes()["second"]["IndexStatus"] == "ACTIVE")
    croft.kill()
    croft.start()
    db = croft.client("dynamodb")
    assert indexes()["first"]["KeySchema"] == schema("a b")
    assert indexes()["second"]["KeySchema"] == schema("a b", "c")
    page = db.query(TableName="later", IndexName="second", KeyConditionExpression="a = :a AND b = :b AND c >= :c",
                    ExpressionAttributeValues={f":{name}": value for name, value in text(a="x", b="y", c="c3").items()})
    assert [item["pk"]["S"] for item in page["Items"]] == ["k3", "k4"]


@pytest.mark.parametrize("types, wanted, message", [
    ("pk:S a:S b:S", schema("a", "b a"), "Invalid KeySchema: Duplicate attribute: a"),
    ("pk:S a:S", schema("a a"), "Invalid KeySchema: Duplicate attribute: a"),
    ("pk:S a:S b:S", schema("", "a b"), "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"),
    ("pk:S a:S b:S c:S", schema("a", "b") + schema("c"),
     "Invalid KeySchema: All HASH key attributes must come before the RANGE key attributes"),
    ("pk:S a:S b:S c:S d:S e:S", schema("a b c d e"),
     "Invalid KeySchema: A global secondary index has at most 4 HASH and 4 RANGE key attributes"),
    ("pk:S a:S b:S c:S d:S e:S f:S", schema("a", "b c d e f"),
     "Invalid KeySchema: A global secondary index has at most 4 HASH and 4 RANGE key attributes"),
    ("pk:S a:S", schema("a b"), "One or more parameter values were invalid: Some index key attributes are not defined in "
                                "AttributeDefinitions. Keys: [a, b], AttributeDefinitions: [pk, a]"),
])
def test_key_schemas_that_are_refused(db, types, wanted, message):
    refused = {"IndexName": "idx", "KeySchema": wanted, "Projection": ALL}
    with pytest.raises(ClientError) as error:
        create(db, "refused", types, refused)
    assert error.value.response["Error"]["Message"] == message


def test_tables_and_local_indexes_have_two_attributes(db):
    with pytest.raises(ClientError) as error:
        create(db, "refused", "pk:S a:S b:S", index("idx", "a"), keys=("pk", "a b"))
    assert error.value.response["Error"]["Message"].endswith(
        "' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2")
    with pytest.raises(ClientError) as error:
        create(db, "refused", "pk:S a:S b:S", index("idx", "a"), keys=("pk", "a"),
               LocalSecondaryIndexes=[index("loc", "pk", "a b")])
    assert "at 'localSecondaryIndexes.1.member.keySchema' failed to satisfy constraint" in (
        error.value.response["Error"]["Message"])


def test_partiql_does_not_read_them(db, tournament):
    refused = "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE keys."
    for statement in ("SELECT * FROM matches.long WHERE h = 'o1'", "SELECT * FROM matches.wide", "SELECT * FROM matches.wide "
                      "WHERE h = 5", "SELECT pk FROM matches.wide WHERE h = 'o1' AND a = 'T' ORDER BY b DESC"):
        assert message_of(db.execute_statement, Statement=statement) == refused
    answers = db.batch_execute_statement(Statements=[
        {"Statement": "SELECT * FROM matches.wide WHERE h = 'o1' AND a = 'T' AND b = 'live'"},
        {"Statement": "SELECT * FROM matches WHERE pk = 'p1'"}])["Responses"]
    assert answers[0]["Error"] == {"Code": "ValidationError", "Message": refused}
    assert answers[1]["Item"]["pk"] == {"S": "p1"}


def test_legacy_conditions(db, tournament):
    def equal(value):
        return {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": value}]}
    query = dict(TableName="matches", IndexName="long")
    found = db.query(**query, KeyConditions={"h": equal("o1"), "a": equal("T"), "b": equal("live"), "c": {
        "ComparisonOperator": "GE", "AttributeValueList": [{"S": "b"}]}})
    assert [item["pk"]["S"] for item in found["Items"]] == ["p1"]
    assert message_of(db.query, **query, KeyConditions={"h": equal("o1"), "b": equal("x")}) == EQUALITY.format("a", "b")


def test_random_queries_find_what_a_model_finds(db):
    """Texts whose bytes end where others go on: no value of one attribute is taken for part of the next."""
    create(db, "random", "pk:S h:S i:S r:S s:S", index("idx", "h i", "r s"))
    chance, letters = random.Random(5), ("\0", "\1", "\0\1", "a", "ab", "b")
    items = [text(pk=str(n), **{name: chance.choice(letters) for name in "hirs"}) for n in range(200)]
    for begin in range(0, len(items), 25):
        db.batch_write_item(RequestItems={"random": [{"PutRequest": {"Item": item}} for item in items[begin:begin + 25]]})
    tests = {"=": lambda a, b: a == b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
             ">=": lambda a, b: a >= b}

    def value(item, name):
        return item[name]["S"].encode()
    for h, i in itertools.product(letters, letters):
        sign, r, s = chance.choice(list(tests)), chance.choice(letters), chance.choice(letters)
        both = chance.random() < 0.5
        expected = [item for item in items if value(item, "h") == h.encode() and value(item, "i") == i.encode()
                    and (value(item, "r") == r.encode() and tests[sign](value(item, "s"), s.encode()) if both
                         else tests[sign](value(item, "r"), r.encode()))]
        page = db.query(TableName="random", IndexName="idx", ScanIndexForward=True, KeyConditionExpression=(
            f"h = :h AND i = :i AND r = :r AND s {sign} :s" if both else f"h = :h AND i = :i AND r {sign} :r"),
            ExpressionAttributeValues={f":{name}": {"S": bound} for name, bound in
                                       (("h", h), ("i", i), ("r", r), *((("s", s),) if both else ()))})
        order = [(value(item, "r"), value(item, "s")) for item in page["Items"]]
        assert order == sorted(order)
        assert sorted(item["pk"]["S"] for item in page["Items"]) == sorted(item["pk"]["S"] for item in expected)
