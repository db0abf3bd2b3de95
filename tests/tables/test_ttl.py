"""Time to live: items that expire."""

import concurrent.futures
import random
import time

import botocore.exceptions
import pytest

from conftest import wait_until
from stream_reader import Reader, replay

KEYS = [{"AttributeName": "p", "KeyType": "HASH"}]
ATTRIBUTES = [{"AttributeName": "p", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}]


def make(db, name, ttl="expires", **more):
    arn = db.create_table(TableName=name, KeySchema=KEYS, AttributeDefinitions=ATTRIBUTES, BillingMode="PAY_PER_REQUEST",
                          GlobalSecondaryIndexes=[{"IndexName": "by-g", "Projection": {"ProjectionType": "ALL"},
                                                   "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}],
                          **more)["TableDescription"].get("LatestStreamArn")
    if ttl:
        enable(db, name, ttl)
    return arn


def enable(db, name, attribute="expires"):
    answer = db.update_time_to_live(TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": attribute})
    assert answer["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": attribute}
    wait_until(lambda: state(db, name)["TimeToLiveStatus"] == "ENABLED", what="ENABLED")


def state(db, name):
    return db.describe_time_to_live(TableName=name)["TimeToLiveDescription"]


def names(db, table, **more):
    return sorted(i["p"]["S"] for i in db.scan(TableName=table, ConsistentRead=not more, **more)["Items"])


def refused(message, call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as failure:
        call(**arguments)
    assert failure.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    error = failure.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("ValidationException", message)


def item(name, expires=None, **more):
    return {"p": {"S": name}, **({"expires": {"N": str(expires)}} if expires is not None else {}), **more}


def test_switching_it_on_and_off(client):
    db = client("dynamodb")
    make(db, "switch", None)
    change = db.update_time_to_live

    def specification(enabled, name):
        return {"TableName": "switch", "TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": name}}

    assert state(db, "switch") == {"TimeToLiveStatus": "DISABLED"}
    refused("TimeToLive is already disabled", change, **specification(False, "a"))
    change(**specification(True, "a"))
    assert state(db, "switch")["AttributeName"] == "a"
    assert state(db, "switch")["TimeToLiveStatus"] in ("ENABLING", "ENABLED")
    refused("TimeToLive is already enabled", change, **specification(True, "a"))
    refused("TimeToLive is active on a different AttributeName: current AttributeName is a", change,
            **specification(True, "b"))
    refused("TimeToLive is active on a different AttributeName: current AttributeName is a", change,
            **specification(False, "b"))
    wait_until(lambda: state(db, "switch") == {"TimeToLiveStatus": "ENABLED", "AttributeName": "a"}, what="ENABLED")
    change(**specification(False, "a"))
    assert state(db, "switch") == {"TimeToLiveStatus": "DISABLED"}
    change(**specification(True, "b"))
    with pytest.raises(db.exceptions.ResourceNotFoundException) as missing:
        change(TableName="no-such", TimeToLiveSpecification={"Enabled": True, "AttributeName": "a"})
    assert missing.value.response["Error"]["Message"] == "Requested resource not found: Table: no-such not found"


def test_specifications_that_are_refused(croft):
    import boto3
    import botocore.config
    db = boto3.client("dynamodb", endpoint_url=croft.endpoints["gateway"], region_name="us-east-1",
                      aws_access_key_id=croft.credentials["aws_access_key_id"],
                      aws_secret_access_key=croft.credentials["aws_secret_access_key"],
                      config=botocore.config.Config(parameter_validation=False, retries={"max_attempts": 0}))
    make(db, "refusing", None)
    at = "at 'timeToLiveSpecification"
    refused(f"1 validation error detected: Value null {at}' failed to satisfy constraint: Member must not be null",
            db.update_time_to_live, TableName="refusing")
    refused(f"1 validation error detected: Value null {at}.attributeName' failed to satisfy constraint: Member must not "
            "be null", db.update_time_to_live, TableName="refusing", TimeToLiveSpecification={"Enabled": True})
    refused(f"1 validation error detected: Value null {at}.enabled' failed to satisfy constraint: Member must not be null",
            db.update_time_to_live, TableName="refusing", TimeToLiveSpecification={"AttributeName": "a"})
    long = "a" * 256
    refused(f"1 validation error detected: Value '{long}' {at}.attributeName' failed to satisfy constraint: Member must "
            "have length less than or equal to 255", db.update_time_to_live, TableName="refusing",
            TimeToLiveSpecification={"Enabled": True, "AttributeName": long})


def test_items_that_are_due_go_and_the_others_stay(client):
    db = client("dynamodb")
    arn = make(db, "due", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    now = int(time.time())
    year = 365 * 24 * 3600
    gone = {"past": now - 10, "soon": now + 2, "fraction": f"{now - 10}.75", "years": now - 4 * year}
    kept = {"later": now + 1000, "ancient": now - 6 * year, "milliseconds": now * 1000, "zero": 0, "negative": -5,
            "huge": "1E100"}
    for name, second in (gone | kept).items():
        db.put_item(TableName="due", Item=item(name, second, g={"S": "g"}))
    db.put_item(TableName="due", Item={**item("text"), "expires": {"S": str(now - 10)}})
    db.put_item(TableName="due", Item=item("none"))
    assert "soon" in names(db, "due")
    wait_until(lambda: not gone.keys() & set(names(db, "due")), timeout=6, what="the deletion of all that is due")
    assert time.time() >= now + 2
    assert names(db, "due") == sorted([*kept, "text", "none"])
    assert names(db, "due", IndexName="by-g") == sorted(kept)
    assert db.describe_table(TableName="due")["Table"]["ItemCount"] == len(kept) + 2

    records = Reader(client("dynamodbstreams"), arn).drain()
    removed = [r for r in records if r["eventName"] == "REMOVE"]
    assert sorted(r["dynamodb"]["Keys"]["p"]["S"] for r in removed) == sorted(gone)
    for record in removed:
        assert record["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
        assert record["dynamodb"]["OldImage"]["g"] == {"S": "g"}
    assert all("userIdentity" not in r for r in records if r["eventName"] != "REMOVE")


def test_an_item_that_is_changed_in_time_stays(client):
    db = client("dynamodb")
    make(db, "prolonged")
    soon = int(time.time()) + 1
    for name in ("prolonged", "removed", "replaced", "batch", "gone"):
        db.put_item(TableName="prolonged", Item=item(name, soon))
    db.update_item(TableName="prolonged", Key=item("prolonged"), UpdateExpression="SET expires = :t",
                   ExpressionAttributeValues={":t": {"N": str(soon + 1000)}})
    db.update_item(TableName="prolonged", Key=item("removed"), UpdateExpression="REMOVE expires")
    db.put_item(TableName="prolonged", Item=item("replaced"))
    db.batch_write_item(RequestItems={"prolonged": [{"PutRequest": {"Item": item("batch", soon + 1000)}}]})
    wait_until(lambda: "gone" not in names(db, "prolonged"), timeout=6, what="the deletion")
    time.sleep(1.2)
    assert names(db, "prolonged") == ["batch", "prolonged", "removed", "replaced"]
    db.update_item(TableName="prolonged", Key=item("prolonged"), UpdateExpression="SET expires = :t",
                   ExpressionAttributeValues={":t": {"N": "%d" % (time.time() - 5)}})
    wait_until(lambda: names(db, "prolonged") == ["batch", "removed", "replaced"], timeout=6, what="the deletion")


def test_items_from_before_it_was_switched_on(client):
    db = client("dynamodb")
    make(db, "before", None)
    past = int(time.time()) - 100
    for n in range(0, 2500, 25):
        db.batch_write_item(RequestItems={"before": [
            {"PutRequest": {"Item": item(f"i{n + k}", past if (n + k) % 2 else past + 10_000)}} for k in range(25)]})
    enable(db, "before")
    wait_until(lambda: db.describe_table(TableName="before")["Table"]["ItemCount"] == 1250, what="the deletion of one half")
    left = names(db, "before")
    assert left == sorted(f"i{n}" for n in range(0, 2500, 2))


def test_nothing_expires_when_it_is_switched_off(client):
    db = client("dynamodb")
    make(db, "off")
    soon = int(time.time()) + 1
    db.put_item(TableName="off", Item=item("a", soon))
    db.update_time_to_live(TableName="off", TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires"})
    time.sleep(2.5)
    assert names(db, "off") == ["a"]
    db.put_item(TableName="off", Item=item("b", soon))
    enable(db, "off", "other")
    time.sleep(1.5)
    assert names(db, "off") == ["a", "b"]


def test_filling_and_deleting_go_on_after_a_kill(fresh_croft):
    croft = fresh_croft()
    db = croft.client("dynamodb")
    make(db, "killed", None)
    past = int(time.time()) - 100
    for n in range(0, 1500, 25):
        db.batch_write_item(RequestItems={"killed": [
            {"PutRequest": {"Item": item(f"i{n + k}", past if (n + k) % 3 else past + 10_000, g={"S": "g"})}}
            for k in range(25)]})
    db.update_time_to_live(TableName="killed", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    croft.kill()
    croft.start()
    db = croft.client("dynamodb")
    assert state(db, "killed")["AttributeName"] == "expires"
    wait_until(lambda: db.describe_table(TableName="killed")["Table"]["ItemCount"] == 500, what="the deletion")
    wait_until(lambda: state(db, "killed")["TimeToLiveStatus"] == "ENABLED", what="ENABLED")
    assert names(db, "killed") == names(db, "killed", IndexName="by-g") == sorted(f"i{n}" for n in range(0, 1500, 3))
    assert croft.stop() == 0


def test_expiry_among_concurrent_writers(client):
    """Each item's history is whole: what expired was due, and what was prolonged did not go."""
    db = client("dynamodb")
    arn = make(db, "race", StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})

    def write(worker):
        mine, choose, until = client("dynamodb"), random.Random(worker), time.monotonic() + 3
        while time.monotonic() < until:
            mine.put_item(TableName="race", Item=item(f"i{choose.randrange(10)}", int(time.time()) + choose.randrange(-2, 2),
                                                      v={"S": str(choose.random())}))

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(write, n) for n in range(3)]:
            done.result()
    wait_until(lambda: names(db, "race") == [], timeout=8, what="the end of all items")
    records = Reader(client("dynamodbstreams"), arn).drain()
    assert replay(records) == {}
    expired = [r for r in records if r["eventName"] == "REMOVE"]
    assert len(expired) >= 10
    for record in expired:
        change = record["dynamodb"]
        assert change["ApproximateCreationDateTime"].timestamp() > int(change["OldImage"]["expires"]["N"])
