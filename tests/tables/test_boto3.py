"""Applications on boto3, as they would run on AWS: resource and client, paginators, waiters, batch_writer, conditions."""

import hashlib
import itertools
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary
from botocore.exceptions import ClientError, WaiterError

from raw_tables import schema


@pytest.fixture(scope="module")
def client(croft):
    return croft.client("dynamodb")


@pytest.fixture(scope="module")
def resource(croft):
    return boto3.resource("dynamodb", endpoint_url=croft.endpoints["gateway"], region_name=croft.credentials["region"],
                          aws_access_key_id=croft.credentials["aws_access_key_id"],
                          aws_secret_access_key=croft.credentials["aws_secret_access_key"])


def create(resource, name, keys, indexes=(), local=(), **more):
    """keys and indexes as "p:S s:N"; an index is (name, keys, projection)."""
    types = {}

    def index(name, text, projection):
        projected = {"ProjectionType": projection} if isinstance(projection, str) else \
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": projection}
        return {"IndexName": name, "KeySchema": schema(text, types), "Projection": projected}

    for member, wanted in (("GlobalSecondaryIndexes", indexes), ("LocalSecondaryIndexes", local)):
        if wanted:
            more[member] = [index(*one) for one in wanted]
    key_schema = schema(keys, types)
    return resource.create_table(TableName=name, KeySchema=key_schema, BillingMode="PAY_PER_REQUEST",
                                 AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in types.items()],
                                 **more)


def refused(call, *arguments, **request):
    with pytest.raises(ClientError) as failure:
        call(*arguments, **request)
    return failure.value.response["Error"]["Code"], failure.value.response["Error"]["Message"]


FAILED = ("ConditionalCheckFailedException", "The conditional request failed")


def all_items(call, **request):
    items = []
    while True:
        page = call(**request)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return items
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def test_a_table_from_creation_to_deletion(resource, client):
    table = create(resource, "life", "id:S")
    table.wait_until_exists()
    client.get_waiter("table_exists").wait(TableName="life", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    table.reload()
    assert (table.table_status, table.item_count, table.table_size_bytes) == ("ACTIVE", 0, 0)
    assert table.key_schema == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table.billing_mode_summary["BillingMode"] == "PAY_PER_REQUEST"
    assert table.table_arn == "arn:aws:dynamodb:us-east-1:000000000000:table/life"
    assert refused(create, resource, "life", "id:S") == ("ResourceInUseException", "Table already exists: life")
    assert "life" in [one.name for one in resource.tables.all()]
    table.delete()
    table.wait_until_not_exists()
    assert refused(table.load) == ("ResourceNotFoundException", "Requested resource not found: Table: life not found")
    assert refused(table.get_item, Key={"id": "a"}) == ("ResourceNotFoundException", "Requested resource not found")
    with pytest.raises(WaiterError):
        client.get_waiter("table_exists").wait(TableName="life", WaiterConfig={"Delay": 0, "MaxAttempts": 2})


def test_tables_are_listed_in_pages(resource, client):
    for n in range(7):
        create(resource, f"listed-{n}", "id:S")
    pages = list(client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 3}))
    names = [name for page in pages for name in page["TableNames"]]
    assert names == sorted(names) and {f"listed-{n}" for n in range(7)} <= set(names)
    assert all(len(page["TableNames"]) == 3 for page in pages[:-1])
    assert client.list_tables(ExclusiveStartTableName="listed-4", Limit=2)["TableNames"] == ["listed-5", "listed-6"]


def test_an_index_is_added_and_filled_and_dropped(resource, client):
    table = create(resource, "grown", "id:S")
    with table.batch_writer() as batch:
        for n in range(100):
            batch.put_item({"id": f"i{n}", "n": n, **({"color": "red" if n % 2 else "blue"} if n % 5 else {})})
    table.update(AttributeDefinitions=[{"AttributeName": "color", "AttributeType": "S"},
                                       {"AttributeName": "n", "AttributeType": "N"}],
                 GlobalSecondaryIndexUpdates=[{"Create": {
                     "IndexName": "by-color", "Projection": {"ProjectionType": "ALL"},
                     "KeySchema": [{"AttributeName": "color", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]}}])
    table.wait_until_exists()
    deadline = time.monotonic() + 10
    while client.describe_table(TableName="grown")["Table"]["GlobalSecondaryIndexes"][0]["IndexStatus"] != "ACTIVE":
        assert time.monotonic() < deadline
    red = table.query(IndexName="by-color", KeyConditionExpression=Key("color").eq("red") & Key("n").lt(20))["Items"]
    assert [one["n"] for one in red] == [n for n in range(20) if n % 2 and n % 5]
    table.update(GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "by-color"}}])
    assert refused(table.query, IndexName="by-color", KeyConditionExpression=Key("color").eq("red")) == (
        "ValidationException", "The table does not have the specified index: by-color")


# Every type, as the resource gives it back.
def test_every_type_there_and_back(resource):
    table = create(resource, "types", "id:S")
    item = {"id": "all", "text": "héllo 😀 \0\n\"", "empty": "", "whole": Decimal(5), "exact": Decimal("0.1"),
            "large": Decimal("99999999999999999999999999999999999999"), "small": Decimal("1E-130"),
            "negative": Decimal("-1.5E+30"),
            "bytes": b"\0\1\xff", "none": None, "yes": True, "no": False, "list": [1, "a", [None, {"deep": b"x"}], {}],
            "map": {"a": {"b": {"c": [1]}}}, "texts": {"a", "b"}, "numbers": {Decimal(1), Decimal("-2.5")},
            "binaries": {b"\0", b"\xff"}, "no list": [], "no map": {}}
    table.put_item(Item=item)
    found = table.get_item(Key={"id": "all"}, ConsistentRead=True)["Item"]
    assert found["bytes"] == Binary(b"\0\1\xff") and found["binaries"] == {Binary(b"\0"), Binary(b"\xff")}
    assert found["list"][2][1]["deep"] == Binary(b"x")
    for name in ("bytes", "binaries", "list"):
        del found[name], item[name]
    assert found == item


@pytest.mark.parametrize("item, message", [
    ({"s": {"SS": []}}, "One or more parameter values were invalid: An string set  may not be empty"),
    ({"s": {"SS": ["a", "a"]}},
     "One or more parameter values were invalid: Input collection [a, a] contains duplicates."),
    ({"n": {"N": "1" * 39}}, "Attempting to store more than 38 significant digits in a Number"),
    ({"n": {"N": "1E+126"}}, "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    ({"n": {"N": "1E-131"}}, "Number underflow. Attempting to store a number with magnitude smaller than supported range"),
    ({"n": {"N": "x"}}, "The parameter cannot be converted to a numeric value: x"),
    ({"id": {"S": ""}},
     "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string "
     "value. Key: id"),
    ({"id": {"N": "1"}}, "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N")])
def test_items_that_are_refused(resource, client, item, message):
    name = "refusing"
    if name not in client.list_tables(ExclusiveStartTableName="refusin")["TableNames"]:
        create(resource, name, "id:S")
    assert refused(client.put_item, TableName=name, Item={"id": {"S": "a"}, **item}) == ("ValidationException", message)
    assert "Item" not in client.get_item(TableName=name, Key={"id": {"S": "a"}})


# A todo application: one list per user, done items in a sparse index.
@pytest.fixture(scope="module")
def todo(resource):
    table = create(resource, "todo", "user:S created:S", [("open", "user:S due:S", "ALL")],
                   [("by-title", "user:S title:S", "KEYS_ONLY")])
    with table.batch_writer() as batch:
        for user, n in itertools.product(("ann", "bob"), range(12)):
            batch.put_item({"user": user, "created": f"2026-01-{n + 1:02}", "title": f"task {11 - n:02}", "priority": n % 4,
                            **({"due": f"2026-02-{n + 1:02}"} if n % 3 else {"done": True})})
    return table


def test_todo_lists_what_is_open_by_due_date(todo):
    def titles(**more):
        return [one["title"] for one in todo.query(KeyConditionExpression=Key("user").eq("ann"), **more)["Items"]]

    assert titles(IndexName="open") == [f"task {11 - n:02}" for n in range(12) if n % 3]
    assert titles(IndexName="open", ScanIndexForward=False, Limit=2) == ["task 00", "task 01"]
    assert titles(IndexName="by-title") == [f"task {n:02}" for n in range(12)]
    assert titles(FilterExpression=Attr("done").eq(True)) == ["task 11", "task 08", "task 05", "task 02"]
    assert titles(FilterExpression=Attr("done").not_exists() & Attr("priority").is_in([0, 2])) == [
        "task 09", "task 07", "task 03", "task 01"]


def test_todo_completes_an_item_once(todo):
    key = {"user": "bob", "created": "2026-01-02"}

    def complete():
        return todo.update_item(Key=key, UpdateExpression="SET done = :yes REMOVE due",
                                ConditionExpression=Attr("done").not_exists(),
                                ExpressionAttributeValues={":yes": True}, ReturnValues="ALL_OLD")["Attributes"]

    assert complete()["due"] == "2026-02-02"
    assert refused(complete) == FAILED
    left = todo.query(IndexName="open", KeyConditionExpression=Key("user").eq("bob"))["Items"]
    assert [one["due"] for one in left] == [f"2026-02-{n + 1:02}" for n in range(2, 12) if n % 3]
    assert todo.scan(IndexName="open", Select="COUNT")["Count"] == 15


def test_todo_pages_with_filters(todo, client):
    """The paginator goes on through pages that a filter leaves empty."""
    request = dict(TableName="todo", KeyConditionExpression="#u = :u", FilterExpression="priority = :p",
                   ExpressionAttributeNames={"#u": "user"}, ExpressionAttributeValues={":u": {"S": "ann"}, ":p": {"N": "3"}})
    pages = list(client.get_paginator("query").paginate(**request, PaginationConfig={"PageSize": 2}))
    assert [page["Count"] for page in pages] == [0, 1, 0, 1, 0, 1, 0]
    assert [page["ScannedCount"] for page in pages] == [2, 2, 2, 2, 2, 2, 0]
    items = client.get_paginator("query").paginate(**request, PaginationConfig={"PageSize": 5, "MaxItems": 2}).build_full_result()
    assert [one["created"]["S"] for one in items["Items"]] == ["2026-01-04", "2026-01-08"]
    rest = client.get_paginator("query").paginate(
        **request, PaginationConfig={"PageSize": 5, "StartingToken": items["NextToken"]}).build_full_result()
    assert [one["created"]["S"] for one in rest["Items"]] == ["2026-01-12"]


# Single-table design: customers, their orders and the orders' lines in one table; GSI1 is overloaded.
@pytest.fixture(scope="module")
def shop(resource):
    table = create(resource, "shop", "PK:S SK:S", [("GSI1", "GSI1PK:S GSI1SK:S", "ALL"),
                                                   ("GSI2", "GSI2PK:S", ["total", "status"])])
    with table.batch_writer() as batch:
        for c in range(3):
            batch.put_item({"PK": f"CUST#{c}", "SK": "PROFILE", "type": "customer", "GSI1PK": "CUSTOMERS",
                            "GSI1SK": f"name {2 - c}"})
            for o in range(4):
                order = f"ORDER#{c}-{o}"
                status = "open" if o % 2 else "paid"
                batch.put_item({"PK": f"CUST#{c}", "SK": order, "type": "order", "status": status, "total": c * 100 + o,
                                "GSI1PK": order,
                                "GSI1SK": "HEAD", **({"GSI2PK": f"STATUS#{status}"} if status == "open" else {})})
                for line in range(2):
                    batch.put_item({"PK": order, "SK": f"LINE#{line}", "type": "line", "quantity": line + 1, "GSI1PK": order,
                                    "GSI1SK": f"LINE#{line}"})
    return table


def test_single_table_access_patterns(shop):
    def query(index=None, **more):
        return shop.query(**({"IndexName": index} if index else {}), **more)["Items"]

    of_customer = query(KeyConditionExpression=Key("PK").eq("CUST#1"))
    assert [one["SK"] for one in of_customer] == ["ORDER#1-0", "ORDER#1-1", "ORDER#1-2", "ORDER#1-3", "PROFILE"]
    orders = query(KeyConditionExpression=Key("PK").eq("CUST#1") & Key("SK").begins_with("ORDER#"), ScanIndexForward=False,
                   Limit=2)
    assert [one["total"] for one in orders] == [103, 102]
    whole = query("GSI1", KeyConditionExpression=Key("GSI1PK").eq("ORDER#2-3"))
    assert [(one["type"], one["GSI1SK"]) for one in whole] == [("order", "HEAD"), ("line", "LINE#0"), ("line", "LINE#1")]
    names = query("GSI1", KeyConditionExpression=Key("GSI1PK").eq("CUSTOMERS") & Key("GSI1SK").between("name 0", "name 1"))
    assert [one["PK"] for one in names] == ["CUST#2", "CUST#1"]
    open_orders = query("GSI2", KeyConditionExpression=Key("GSI2PK").eq("STATUS#open"))
    assert sorted(one["total"] for one in open_orders) == [1, 3, 101, 103, 201, 203]
    assert set(open_orders[0]) == {"PK", "SK", "GSI2PK", "total", "status"}


def test_a_paid_order_leaves_the_sparse_index(shop):
    key = {"PK": "CUST#0", "SK": "ORDER#0-1"}
    changed = shop.update_item(Key=key, UpdateExpression="SET #s = :paid REMOVE GSI2PK",
                               ExpressionAttributeNames={"#s": "status"},
                               ExpressionAttributeValues={":paid": "paid", ":open": "open"}, ConditionExpression="#s = :open",
                               ReturnValues="UPDATED_NEW", ReturnConsumedCapacity="INDEXES")
    assert changed["Attributes"] == {"status": "paid"}
    assert changed["ConsumedCapacity"] == {
        "TableName": "shop", "CapacityUnits": 3.0, "Table": {"CapacityUnits": 1.0},
        "GlobalSecondaryIndexes": {"GSI1": {"CapacityUnits": 1.0}, "GSI2": {"CapacityUnits": 1.0}}}
    assert shop.scan(IndexName="GSI2", Select="COUNT")["Count"] == 5


def test_counters_lose_nothing(resource, croft):
    table = create(resource, "counters", "id:S")

    def count(_):
        own = croft.client("dynamodb")
        return [int(own.update_item(TableName="counters", Key={"id": {"S": "c"}},
                                    UpdateExpression="ADD n :one SET seen = if_not_exists(seen, :zero) + :one",
                                    ExpressionAttributeValues={":one": {"N": "1"}, ":zero": {"N": "0"}},
                                    ReturnValues="UPDATED_NEW")["Attributes"]["n"]["N"]) for _ in range(50)]

    with ThreadPoolExecutor(4) as pool:
        numbers = [n for part in pool.map(count, range(4)) for n in part]
    assert sorted(numbers) == list(range(1, 201))
    assert table.get_item(Key={"id": "c"})["Item"] == {"id": "c", "n": 200, "seen": 200}


def test_optimistic_locking_lets_one_of_many_win(resource, croft):
    table = create(resource, "versions", "id:S")
    table.put_item(Item={"id": "doc", "version": 0, "edits": []})
    wins = []

    def edit(who):
        own = croft.client("dynamodb")
        for _ in range(20):
            seen = own.get_item(TableName="versions", Key={"id": {"S": "doc"}}, ConsistentRead=True)["Item"]
            try:
                own.update_item(TableName="versions", Key={"id": {"S": "doc"}}, ConditionExpression="version = :seen",
                                UpdateExpression="SET version = version + :one, edits = list_append(edits, :edit)",
                                ExpressionAttributeValues={":seen": seen["version"], ":one": {"N": "1"},
                                                           ":edit": {"L": [{"S": who}]}})
                wins.append(who)
            except own.exceptions.ConditionalCheckFailedException:
                pass

    threads = [threading.Thread(target=edit, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    document = table.get_item(Key={"id": "doc"})["Item"]
    assert document["version"] == len(document["edits"]) == len(wins) >= 20
    assert sorted(document["edits"]) == sorted(wins)


def test_conditions_of_the_resource(resource):
    table = create(resource, "conditions", "id:S")
    table.put_item(Item={"id": "a", "n": 5, "tags": {"x", "y"}, "list": [1, {"k": "v"}], "name": "anna"})

    def holds(condition):
        try:
            table.update_item(Key={"id": "a"}, UpdateExpression="SET touched = :t", ConditionExpression=condition,
                              ExpressionAttributeValues={":t": 1})
            return True
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ConditionalCheckFailedException"
            return False

    for condition in (Attr("n").eq(5), Attr("n").ne(4), Attr("n").lt(6), Attr("n").lte(5), Attr("n").gt(4), Attr("n").gte(5),
                      Attr("n").between(5, 5), Attr("n").is_in([1, 5]), Attr("tags").contains("x"),
                      Attr("name").begins_with("an"),
                      Attr("name").contains("nn"), Attr("n").attribute_type("N"), Attr("tags").size().eq(2),
                      Attr("list[1].k").eq("v"),
                      Attr("id").exists() & Attr("none").not_exists(), Attr("n").eq(1) | Attr("n").eq(5), ~Attr("n").eq(1)):
        assert holds(condition) and not holds(~condition), condition
    failed = refused(table.put_item, Item={"id": "a"}, ConditionExpression=Attr("id").not_exists())
    assert failed == FAILED
    assert table.get_item(Key={"id": "a"})["Item"]["name"] == "anna"


@pytest.mark.parametrize("values, expected", [
    ("NONE", None), ("ALL_OLD", {"id": "r", "a": 1, "m": {"x": 1, "y": 2}}), ("ALL_NEW", {"id": "r", "a": 2,
                                                                                          "m": {"x": 5, "y": 2}, "b": "new"}),
    ("UPDATED_OLD", {"a": 1, "m": {"x": 1}}), ("UPDATED_NEW", {"a": 2, "m": {"x": 5}, "b": "new"})])
def test_return_values(resource, client, values, expected):
    if "returning" not in client.list_tables(ExclusiveStartTableName="returnin")["TableNames"]:
        create(resource, "returning", "id:S")
    table = resource.Table("returning")
    table.put_item(Item={"id": "r", "a": 1, "m": {"x": 1, "y": 2}})
    answer = table.update_item(Key={"id": "r"}, UpdateExpression="SET a = a + :one, m.x = :five, b = :new", ReturnValues=values,
                               ExpressionAttributeValues={":one": 1, ":five": 5, ":new": "new"})
    assert answer.get("Attributes") == expected


def test_updates_of_lists_maps_and_sets(resource):
    table = create(resource, "updates", "id:S")
    table.put_item(Item={"id": "u", "steps": [0, 1, 2, 3], "facts": {"a": 1}, "set": {1, 2, 3}, "n": 1})

    def update(expression, **values):
        return table.update_item(Key={"id": "u"}, UpdateExpression=expression, ReturnValues="ALL_NEW",
                                 **({"ExpressionAttributeValues": {":" + k: v for k,
                                                                   v in values.items()}} if values else {}))["Attributes"]

    assert update("REMOVE steps[1], steps[3] SET steps[9] = :x", x="end")["steps"] == [0, 2, "end"]
    assert update("SET steps = list_append(:x, steps)", x=["first"])["steps"] == ["first", 0, 2, "end"]
    assert update("SET facts.b = if_not_exists(facts.b, :x), facts.a = facts.a - :y", x=[], y=3)["facts"] == {"a": -2, "b": []}
    changed = table.update_item(Key={"id": "u"}, UpdateExpression="DELETE #s :x ADD n :y", ExpressionAttributeNames={"#s": "set"},
                                ExpressionAttributeValues={":x": {1, 9}, ":y": Decimal("0.5")},
                                ReturnValues="ALL_NEW")["Attributes"]
    assert (changed["set"], changed["n"]) == ({2, 3}, Decimal("1.5"))
    gone = table.update_item(Key={"id": "u"}, UpdateExpression="DELETE #s :x", ExpressionAttributeNames={"#s": "set"},
                             ExpressionAttributeValues={":x": {2, 3}}, ReturnValues="ALL_NEW")["Attributes"]
    assert "set" not in gone
    assert refused(table.update_item, Key={"id": "u"}, UpdateExpression="SET id = :x", ExpressionAttributeValues={":x": "v"}) == (
        "ValidationException",
        "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key")


def test_batch_writer_sends_what_fits_and_drops_what_is_repeated(resource):
    table = create(resource, "batches", "id:S n:N")
    with table.batch_writer(overwrite_by_pkeys=["id", "n"]) as batch:
        for n in range(130):
            batch.put_item({"id": "a", "n": n % 100, "v": n})
        batch.delete_item({"id": "a", "n": 99})
    items = all_items(table.query, KeyConditionExpression=Key("id").eq("a"))
    assert [(one["n"], one["v"]) for one in items] == [(n, n + 100 if n < 30 else n) for n in range(99)]


def test_batches_of_several_tables(resource, client):
    for name in ("first", "second"):
        create(resource, name, "id:S")
    requests = {name: [{"PutRequest": {"Item": {"id": f"{name}-{n}", "n": n}}} for n in range(12)] for name in ("first",
                                                                                                                "second")}
    written = resource.batch_write_item(RequestItems=requests, ReturnConsumedCapacity="TOTAL")
    assert written["UnprocessedItems"] == {}
    assert sorted((one["TableName"], one["CapacityUnits"]) for one in written["ConsumedCapacity"]) == [("first", 12.0),
                                                                                                       ("second", 12.0)]
    got = resource.batch_get_item(RequestItems={
        "first": {"Keys": [{"id": "first-3"}, {"id": "none"}, {"id": "first-1"}], "ProjectionExpression": "n"},
        "second": {"Keys": [{"id": "second-0"}], "ConsistentRead": True}})
    assert sorted(one["n"] for one in got["Responses"]["first"]) == [1, 3]
    assert got["Responses"]["second"] == [{"id": "second-0", "n": 0}] and got["UnprocessedKeys"] == {}
    assert refused(resource.batch_get_item, RequestItems={"first": {"Keys": [{"id": "a"}, {"id": "a"}]}}) == (
        "ValidationException", "Provided list of item keys contains duplicates")
    deletes = [{"DeleteRequest": {"Key": {"id": {"S": str(n)}}}} for n in range(26)]
    code, message = refused(client.batch_write_item, RequestItems={"first": deletes})
    assert code == "ValidationException" and message.endswith(
        "at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or "
        "equal to 25, Member must have length greater than or equal to 1]"), message
    assert refused(client.batch_get_item, RequestItems={"none": {"Keys": [{"id": {"S": "a"}}]}}) == (
        "ResourceNotFoundException", "Requested resource not found")


def test_a_batch_get_of_more_than_16_mb_is_taken_up_again(resource):
    table = create(resource, "heavy", "id:N")
    blob = os.urandom(390_000)
    for n in range(50):
        table.put_item(Item={"id": n, "blob": blob})
    wanted, got, rounds = {"heavy": {"Keys": [{"id": n} for n in range(50)]}}, {}, 0
    while wanted:
        answer = resource.batch_get_item(RequestItems=wanted)
        assert sum(len(one["blob"].value) for one in answer["Responses"]["heavy"]) <= 16 * 1024 * 1024 + 400 * 1024
        got.update((int(one["id"]), hashlib.sha256(one["blob"].value).digest()) for one in answer["Responses"]["heavy"])
        wanted, rounds = answer["UnprocessedKeys"], rounds + 1
    assert rounds == 2 and got == {n: hashlib.sha256(blob).digest() for n in range(50)}


def test_items_up_to_400_kb(resource, client):
    table = create(resource, "big", "id:S", [("by-k", "k:S", "ALL")])
    room = 400 * 1024 - len("id") - len("a") - len("text")
    table.put_item(Item={"id": "a", "text": "x" * room})
    assert len(table.get_item(Key={"id": "a"})["Item"]["text"]) == room
    assert refused(table.put_item, Item={"id": "b", "text": "x" * (room + 1)}) == (
        "ValidationException", "Item size has exceeded the maximum allowed size")
    assert refused(table.update_item, Key={"id": "a"}, UpdateExpression="SET k = :k", ExpressionAttributeValues={":k": "k"}) == (
        "ValidationException", "Item size to update has exceeded the maximum allowed size")
    table.put_item(Item={"id": "c", "k": "k", "blob": os.urandom(380_000), "text": "é" * 5_000})
    found = table.query(IndexName="by-k", KeyConditionExpression=Key("k").eq("k"))["Items"][0]
    assert len(found["blob"].value) == 380_000 and found["text"] == "é" * 5_000
    assert client.put_item(TableName="big", Item={"id": {"S": "d"}, "t": {"S": "x" * 10_000}},
                           ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"] == {"TableName": "big", "CapacityUnits": 10.0}


def test_a_parallel_scan_has_every_item_once_while_others_write(resource, croft):
    table = create(resource, "scanned", "id:S")
    with table.batch_writer() as batch:
        for n in range(2_000):
            batch.put_item({"id": f"{n:04}", "n": n})
    stop = threading.Event()

    def write():
        own, n = croft.client("dynamodb"), 0
        while not stop.is_set():
            own.update_item(TableName="scanned", Key={"id": {"S": f"{n % 2_000:04}"}}, UpdateExpression="ADD writes :one",
                            ExpressionAttributeValues={":one": {"N": "1"}})
            n += 7

    def segment(number):
        own = croft.client("dynamodb")
        pages = own.get_paginator("scan").paginate(TableName="scanned", Segment=number, TotalSegments=8, Limit=100)
        return [one["id"]["S"] for page in pages for one in page["Items"]]

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with ThreadPoolExecutor(8) as pool:
            parts = list(pool.map(segment, range(8)))
    finally:
        stop.set()
        writer.join()
    assert sorted(one for part in parts for one in part) == [f"{n:04}" for n in range(2_000)]
    assert all(100 < len(part) < 400 for part in parts)


def test_tags(resource, client):
    arn = create(resource, "tagged", "id:S", Tags=[{"Key": "team", "Value": "a"}]).table_arn
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "b"}, {"Key": "cost", "Value": ""}])
    client.untag_resource(ResourceArn=arn, TagKeys=["none"])
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    assert sorted((tag["Key"], tag["Value"]) for page in pages for tag in page["Tags"]) == [("cost", ""), ("team", "b")]


# An order takes from the stock, uses up a voucher and counts for the customer, or nothing happens.
def place(resource, order, product, quantity, voucher=None):
    actions = [
        {"Put": {"TableName": "orders", "Item": {"PK": f"ORDER#{order}", "product": product, "quantity": quantity},
                 "ConditionExpression": "attribute_not_exists(PK)"}},
        {"Update": {"TableName": "orders", "Key": {"PK": f"PRODUCT#{product}"}, "UpdateExpression": "SET stock = stock - :n",
                    "ConditionExpression": "stock >= :n", "ExpressionAttributeValues": {":n": quantity},
                    "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
        {"Update": {"TableName": "customers", "Key": {"id": "ann"}, "UpdateExpression": "ADD orders :one",
                    "ExpressionAttributeValues": {":one": 1}}}]
    if voucher:
        actions.append({"Delete": {"TableName": "orders", "Key": {"PK": f"VOUCHER#{voucher}"},
                                   "ConditionExpression": "attribute_exists(PK)"}})
    return resource.meta.client.transact_write_items(TransactItems=actions, ClientRequestToken=f"token-{order}")


def test_orders_are_placed_whole_or_not(resource):
    orders = create(resource, "orders", "PK:S")
    customers = create(resource, "customers", "id:S")
    orders.put_item(Item={"PK": "PRODUCT#tea", "stock": 5})
    orders.put_item(Item={"PK": "VOUCHER#v1"})
    place(resource, 1, "tea", 2, voucher="v1")
    place(resource, 1, "tea", 2, voucher="v1")  # the same again, as after a timeout: no second effect
    with pytest.raises(ClientError) as failure:
        place(resource, 2, "tea", 4)
    assert failure.value.response["Error"] == {
        "Code": "TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
                   "[None, ConditionalCheckFailed, None]"}
    assert failure.value.response["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed",
         "Item": {"PK": {"S": "PRODUCT#tea"}, "stock": {"N": "3"}}},
        {"Code": "None"}]
    with pytest.raises(ClientError) as failure:
        place(resource, 3, "tea", 1, voucher="v1")
    assert [reason["Code"] for reason in failure.value.response["CancellationReasons"]] == \
        ["None", "None", "None", "ConditionalCheckFailed"]
    got = resource.meta.client.transact_get_items(TransactItems=[
        {"Get": {"TableName": "orders", "Key": {"PK": "PRODUCT#tea"}}}, {"Get": {"TableName": "customers", "Key": {"id": "ann"}}},
        {"Get": {"TableName": "orders", "Key": {"PK": "ORDER#1"}, "ProjectionExpression": "quantity"}},
        {"Get": {"TableName": "orders", "Key": {"PK": "ORDER#2"}}}])["Responses"]
    assert [one.get("Item") for one in got] == [{"PK": "PRODUCT#tea", "stock": 3}, {"id": "ann", "orders": 1}, {"quantity": 2},
                                                None]
    assert sorted(one["PK"] for one in orders.scan()["Items"]) == ["ORDER#1", "PRODUCT#tea"]
    assert customers.scan()["Count"] == 1


def test_statements_of_partiql(resource):
    table = create(resource, "devices", "room:S id:N", [("by-kind", "kind:S id:N", "ALL")])
    client = resource.meta.client
    for n in range(30):
        client.execute_statement(Statement="INSERT INTO devices VALUE {'room': ?, 'id': ?, 'kind': ?, 'tags': ?}",
                                 Parameters=[f"r{n % 2}", n, "lamp" if n % 3 else "lock", {"a", "b"}])
    assert refused(client.execute_statement, Statement="INSERT INTO devices VALUE {'room': 'r0', 'id': 0}") == (
        "DuplicateItemException", "Duplicate primary key exists in table")
    seen, request = [], {"Statement": "SELECT id FROM devices WHERE room = ? AND id > ?", "Parameters": ["r1", 4], "Limit": 4}
    while True:
        page = client.execute_statement(**request)
        seen += [one["id"] for one in page["Items"]]
        if "NextToken" not in page:
            break
        request["NextToken"] = page["NextToken"]
    assert seen == list(range(5, 30, 2))
    locks = client.execute_statement(
        Statement="SELECT * FROM devices.\"by-kind\" WHERE kind = 'lock' AND id BETWEEN 3 AND 9")["Items"]
    assert [(one["room"], one["id"], one["tags"]) for one in locks] == [(f"r{n % 2}", n, {"a", "b"}) for n in (3, 6, 9)]
    client.execute_statement(Statement="UPDATE devices SET \"on\" = true SET color = 'red' WHERE room = 'r0' AND id = 2")
    client.execute_statement(Statement="DELETE FROM devices WHERE room = 'r0' AND id = 4")
    assert table.get_item(Key={"room": "r0", "id": 2})["Item"]["color"] == "red"
    batch = client.batch_execute_statement(Statements=[
        {"Statement": "SELECT color FROM devices WHERE room = 'r0' AND id = 2"},
        {"Statement": "SELECT * FROM devices WHERE room = 'r0' AND id = 4"}])["Responses"]
    assert [one.get("Item") for one in batch] == [{"color": "red"}, None]


# A view that follows a table by its stream, as a function behind it would.
def follow(streams, arn, view):
    """Reads all there is and applies it; how many records that was."""
    count = 0
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"],
                                              ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while iterator:
            page = streams.get_records(ShardIterator=iterator, Limit=100)
            for record in page["Records"]:
                change = record["dynamodb"]
                key = change["Keys"]["id"]["S"]
                assert change.get("OldImage") == view.get(key)
                kind = "REMOVE" if "NewImage" not in change else "MODIFY" if "OldImage" in change else "INSERT"
                assert record["eventName"] == kind
                view.pop(key, None)
                if "NewImage" in change:
                    view[key] = change["NewImage"]
            count += len(page["Records"])
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return count


def test_a_view_follows_its_table_by_the_stream(resource, croft):
    table = create(resource, "streamed", "id:S", StreamSpecification={"StreamEnabled": True,
                                                                      "StreamViewType": "NEW_AND_OLD_IMAGES"})

    def write(number):
        own = croft.client("dynamodb")
        for n in range(60):
            key = {"id": {"S": f"{number}-{n % 7}"}}
            if n % 5 == 4:
                own.delete_item(TableName="streamed", Key=key)
            elif n % 3:
                own.put_item(TableName="streamed", Item={**key, "n": {"N": str(n)}})
            else:
                own.update_item(TableName="streamed", Key=key, UpdateExpression="ADD n :n",
                                ExpressionAttributeValues={":n": {"N": "1"}})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    view = {}
    count = follow(croft.client("dynamodbstreams"), table.latest_stream_arn, view)
    items = croft.client("dynamodb").scan(TableName="streamed")["Items"]
    assert view == {one["id"]["S"]: one for one in items} and 100 < count <= 240


def test_sessions_expire(resource, client):
    table = create(resource, "sessions", "id:S", [("by-user", "user:S", "ALL")])
    client.update_time_to_live(TableName="sessions", TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"})
    assert client.describe_time_to_live(TableName="sessions")["TimeToLiveDescription"]["AttributeName"] == "until"
    now = int(time.time())
    for name, until in (("old", now - 10), ("soon", now + 1), ("later", now + 3600), ("text", str(now - 10))):
        table.put_item(Item={"id": name, "user": "ann", "until": until})
    deadline = time.monotonic() + 20
    while table.scan()["Count"] > 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert sorted(one["id"] for one in table.scan()["Items"]) == ["later", "text"]
    assert table.query(IndexName="by-user", KeyConditionExpression=Key("user").eq("ann"), Select="COUNT")["Count"] == 2


def test_a_backup_brings_back_what_was_deleted(resource, client):
    table = create(resource, "kept", "id:N", [("by-kind", "kind:S", "ALL")])
    with table.batch_writer() as batch:
        for n in range(100):
            batch.put_item({"id": n, "kind": f"k{n % 3}"})
    arn = client.create_backup(TableName="kept", BackupName="before")["BackupDetails"]["BackupArn"]
    deadline = time.monotonic() + 20
    while client.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupStatus"] != "AVAILABLE":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    with table.batch_writer() as batch:
        for n in range(100):
            batch.delete_item({"id": n})
    client.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
    restored = resource.Table("restored")
    while restored.table_status != "ACTIVE":
        assert time.monotonic() < deadline
        time.sleep(0.05)
        restored.reload()
    assert sorted(one["id"] for one in restored.scan()["Items"]) == list(range(100))
    assert restored.query(IndexName="by-kind", KeyConditionExpression=Key("kind").eq("k1"), Select="COUNT")["Count"] == 33
    assert table.scan()["Count"] == 0
