"""An index that is made while its table is used."""

import threading
import time

from botocore.exceptions import ClientError
from table_calls import ONE_INDEX, attribute, described, dynamodb, global_index, make, new_index, refusal, update, update_refusal


def fill(client, name, count, start=0):
    for first in range(start, start + count, 25):
        client.batch_write_item(RequestItems={name: [
            {"PutRequest": {"Item": {"id": {"S": str(n)}, "g": {"S": f"g{n % 7}"}, "n": {"N": str(n)}}}}
            for n in range(first, min(first + 25, start + count))]})


def rows(client, name, of="byg"):
    pages = client.get_paginator("scan").paginate(TableName=name, IndexName=of)
    return {item["id"]["S"]: item for page in pages for item in page["Items"]}


def items(client, name):
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return {item["id"]["S"]: item for page in pages for item in page["Items"]}


def test_the_answer_does_not_wait_for_the_rows_and_writers_do_not_either(dynamodb, eventually):
    name = make(dynamodb)
    fill(dynamodb, name, 4000)

    answer = update(dynamodb, name, **new_index())
    made = answer["GlobalSecondaryIndexes"][0]
    assert (answer["TableStatus"], made["IndexStatus"], made["Backfilling"]) == ("UPDATING", "CREATING", False)
    assert (made["ItemCount"], made["IndexSizeBytes"]) == (0, 0)
    for n in range(0, 60, 3):  # among the rows that are being made
        dynamodb.delete_item(TableName=name, Key={"id": {"S": str(n)}})
        dynamodb.update_item(TableName=name, Key={"id": {"S": str(n + 1)}}, UpdateExpression="SET g = :g",
                             ExpressionAttributeValues={":g": {"S": "moved"}})
        dynamodb.put_item(TableName=name, Item={"id": {"S": f"new-{n}"}, "g": {"S": "new"}})
    eventually(lambda: global_index(dynamodb, name)["IndexStatus"] == "ACTIVE", what="the index")

    assert rows(dynamodb, name) == items(dynamodb, name)
    ready = global_index(dynamodb, name)
    assert "Backfilling" not in ready and ready["ItemCount"] == 4000
    assert described(dynamodb, name)["TableStatus"] == "ACTIVE"


def test_while_an_index_is_made(dynamodb, eventually):
    name = make(dynamodb)
    fill(dynamodb, name, 6000)
    update(dynamodb, name, **new_index())

    seen = global_index(dynamodb, name)
    if seen["IndexStatus"] == "CREATING":  # on a slow machine; 6,000 rows take some time
        assert seen["Backfilling"] is True
        assert described(dynamodb, name)["TableStatus"] == "ACTIVE"
        code, message = refusal(dynamodb.scan, TableName=name, IndexName="byg", Limit=1)
        assert (code, message) == ("ValidationException", "Cannot read from backfilling global secondary index: byg")
    assert update_refusal(dynamodb, name, **new_index()) == (
        "ValidationException", "Attempting to create an index which already exists")
    if global_index(dynamodb, name)["IndexStatus"] == "CREATING":
        other = update_refusal_or_none(dynamodb, name, **new_index("byn", "n2"))
        assert other in (None, ("LimitExceededException", ONE_INDEX))
    update(dynamodb, name, TableClass="STANDARD_INFREQUENT_ACCESS")  # other settings are taken meanwhile
    indexes = lambda: described(dynamodb, name)["GlobalSecondaryIndexes"]  # noqa: E731
    eventually(lambda: all(one["IndexStatus"] == "ACTIVE" for one in indexes()), what="the index")
    assert len(rows(dynamodb, name)) == 6000


def update_refusal_or_none(client, name, **members):
    try:
        client.update_table(TableName=name, **members)
    except ClientError as refused:
        return refused.response["Error"]["Code"], refused.response["Error"]["Message"]
    return None


def test_an_index_can_be_deleted_while_it_is_made_and_made_again(dynamodb, eventually):
    name = make(dynamodb)
    fill(dynamodb, name, 3000)
    for turn in range(3):
        update(dynamodb, name, **new_index())
        gone = update(dynamodb, name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "byg"}}])
        assert (gone["TableStatus"], gone["GlobalSecondaryIndexes"][0]["IndexStatus"]) == ("UPDATING", "DELETING")
        assert "GlobalSecondaryIndexes" not in described(dynamodb, name)
        assert described(dynamodb, name)["AttributeDefinitions"] == [attribute("id")]
    update(dynamodb, name, **new_index())
    eventually(lambda: global_index(dynamodb, name)["IndexStatus"] == "ACTIVE", what="the index")

    assert rows(dynamodb, name) == items(dynamodb, name)
    assert refusal(dynamodb.scan, TableName=name, IndexName="other") == (
        "ValidationException", "The table does not have the specified index: other")


def test_an_index_survives_kills_while_it_is_made(fresh_croft, eventually):
    server = fresh_croft()
    client = server.client("dynamodb")
    name = make(client, "kept")
    fill(client, name, 8000)
    update(client, name, **new_index())
    interrupted = 0
    for turn in range(4):
        server.kill()
        server.start()
        client = server.client("dynamodb")
        interrupted += global_index(client, name)["IndexStatus"] == "CREATING"
        client.put_item(TableName=name, Item={"id": {"S": f"turn-{turn}"}, "g": {"S": "turn"}})
    eventually(lambda: global_index(client, name)["IndexStatus"] == "ACTIVE", what="the index")

    assert rows(client, name) == items(client, name)
    assert global_index(client, name)["ItemCount"] == len(items(client, name)) == 8004
    assert interrupted > 0


def test_writers_at_full_speed_lose_no_row(croft, eventually):
    client = croft.client("dynamodb")
    name = make(client)
    fill(client, name, 2000)
    stop, faults = threading.Event(), []

    def write(place):
        own = croft.client("dynamodb")
        n = place
        try:
            while not stop.is_set():
                key = {"id": {"S": str(n % 2000)}}
                if n % 3 == 0:
                    own.delete_item(TableName=name, Key=key)
                else:
                    own.put_item(TableName=name, Item={**key, "g": {"S": f"w{n % 5}"}, "n": {"N": str(n)}})
                n += 7
        except Exception as fault:  # noqa: BLE001 - told below
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    update(client, name, **new_index())
    eventually(lambda: global_index(client, name)["IndexStatus"] == "ACTIVE", what="the index")
    time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()

    assert faults == []
    assert rows(client, name) == items(client, name)
    assert global_index(client, name)["ItemCount"] == len(items(client, name))
