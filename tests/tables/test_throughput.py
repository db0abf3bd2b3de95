"""Provisioned throughput that is enforced: --tables.throttle."""

import time

import pytest
from botocore.exceptions import ClientError
from conftest import Croft

TABLE = ("The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning "
         "level with the UpdateTable API.")
INDEX = ("The level of configured provisioned throughput for one or more global secondary indexes of the table was exceeded. "
         "Consider increasing your provisioning level for the under-provisioned global secondary indexes with the UpdateTable "
         "API")
EXCEEDED = "ProvisionedThroughputExceededException"


@pytest.fixture(scope="module")
def throttled(tmp_path_factory):
    server = Croft(tmp_path_factory.mktemp("throttled") / "data", "--ephemeral", "--tables.throttle")
    yield server
    assert server.stop() == 0, server.output()


@pytest.fixture(scope="module")
def dynamodb(throttled):
    return throttled.client("dynamodb")


def table(dynamodb, name, read=1000, write=1000, index=None, **more):
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    if index:
        attributes.append({"AttributeName": "kind", "AttributeType": "S"})
        more["GlobalSecondaryIndexes"] = [{
            "IndexName": "by-kind", "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": {"ReadCapacityUnits": index[0], "WriteCapacityUnits": index[1]}}]
    if "BillingMode" not in more:
        more["ProvisionedThroughput"] = {"ReadCapacityUnits": read, "WriteCapacityUnits": write}
    dynamodb.create_table(TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=attributes, **more)


def put(dynamodb, name, key, **attributes):
    dynamodb.put_item(TableName=name, Item={"id": {"S": key}, **attributes})


def refusal(call, **arguments):
    """(code, message, status), or None when it is let in."""
    try:
        call(**arguments)
        return None
    except ClientError as refused:
        response = refused.response
        return response["Error"]["Code"], response["Error"].get("Message"), response["ResponseMetadata"]["HTTPStatusCode"]


def drain(call, **arguments):
    """Uses up what there is."""
    for _ in range(2000):
        if refused := refusal(call, **arguments):
            return refused
    raise AssertionError("never throttled")


def test_writes_are_throttled_and_let_in_again(dynamodb):
    table(dynamodb, "writes", write=4)
    item = {"id": {"S": "a"}}

    assert drain(dynamodb.put_item, TableName="writes", Item=item) == (EXCEEDED, TABLE, 400)
    assert refusal(dynamodb.update_item, TableName="writes", Key=item) == (EXCEEDED, TABLE, 400)
    assert refusal(dynamodb.delete_item, TableName="writes", Key=item) == (EXCEEDED, TABLE, 400)
    assert refusal(dynamodb.get_item, TableName="writes", Key=item) is None, "reads have units of their own"
    time.sleep(0.3)
    assert refusal(dynamodb.put_item, TableName="writes", Item=item) is None


def test_a_rate_is_kept(dynamodb):
    table(dynamodb, "rate", write=50)
    began, let_in = time.monotonic(), 0

    while time.monotonic() - began < 1:
        let_in += refusal(dynamodb.put_item, TableName="rate", Item={"id": {"S": "a"}}) is None

    assert 90 <= let_in <= 50 * (time.monotonic() - began) + 51, "what a second brings, at the start and in that second"


def test_reads_of_every_kind(dynamodb):
    table(dynamodb, "reads", read=2)
    put(dynamodb, "reads", "a", b={"B": bytes(7_000)})
    key = {"id": {"S": "a"}}

    dynamodb.get_item(TableName="reads", Key=key, ConsistentRead=True)  # two units

    assert refusal(dynamodb.get_item, TableName="reads", Key=key) == (EXCEEDED, TABLE, 400)
    assert refusal(dynamodb.scan, TableName="reads") == (EXCEEDED, TABLE, 400)
    assert refusal(dynamodb.query, TableName="reads", KeyConditionExpression="id = :i",
                   ExpressionAttributeValues={":i": {"S": "a"}}) == (EXCEEDED, TABLE, 400)
    put(dynamodb, "reads", "b")


def test_a_large_write_is_paid_for_later(dynamodb):
    table(dynamodb, "debt", write=10)

    put(dynamodb, "debt", "large", b={"B": bytes(19 * 1024)})  # twenty units, of which ten are there

    assert refusal(dynamodb.put_item, TableName="debt", Item={"id": {"S": "a"}}) == (EXCEEDED, TABLE, 400)
    time.sleep(0.5)
    assert refusal(dynamodb.put_item, TableName="debt", Item={"id": {"S": "a"}}) == (EXCEEDED, TABLE, 400)
    time.sleep(0.8)
    assert refusal(dynamodb.put_item, TableName="debt", Item={"id": {"S": "a"}}) is None


def test_a_condition_that_fails_costs_its_write(dynamodb):
    table(dynamodb, "conditions", write=2)
    put(dynamodb, "conditions", "a")

    assert refusal(dynamodb.put_item, TableName="conditions", Item={"id": {"S": "a"}},
                   ConditionExpression="attribute_not_exists(id)")[0] == "ConditionalCheckFailedException"

    assert refusal(dynamodb.put_item, TableName="conditions", Item={"id": {"S": "a"}},
                   ConditionExpression="attribute_not_exists(id)") == (EXCEEDED, TABLE, 400)


def test_an_index_throttles_the_writes_that_touch_it(dynamodb):
    table(dynamodb, "indexed", index=(1, 1))
    put(dynamodb, "indexed", "a", kind={"S": "x"})

    refused = refusal(dynamodb.put_item, TableName="indexed", Item={"id": {"S": "b"}, "kind": {"S": "x"}})

    assert refused == (EXCEEDED, INDEX, 400)
    assert refusal(dynamodb.put_item, TableName="indexed", Item={"id": {"S": "b"}}) is None, "it is not in the index"
    assert refusal(dynamodb.delete_item, TableName="indexed", Key={"id": {"S": "a"}}) == (EXCEEDED, INDEX, 400)
    assert "kind" in dynamodb.get_item(TableName="indexed", Key={"id": {"S": "a"}})["Item"], "nothing was written"
    reading = {"TableName": "indexed", "IndexName": "by-kind"}
    assert drain(dynamodb.scan, **reading) == (EXCEEDED, INDEX, 400)
    assert refusal(dynamodb.scan, TableName="indexed") is None


def test_a_batch_says_what_was_not_written(dynamodb):
    table(dynamodb, "batch", write=5)
    table(dynamodb, "other")
    requests = [{"PutRequest": {"Item": {"id": {"S": f"{n:02}"}, "n": {"N": str(n)}}}} for n in range(20)]
    deletion = {"DeleteRequest": {"Key": {"id": {"S": "none"}}}}

    left = dynamodb.batch_write_item(RequestItems={"batch": requests + [deletion], "other": requests[:2]})["UnprocessedItems"]

    assert list(left) == ["batch"]
    assert left["batch"] == (requests + [deletion])[5:]
    assert dynamodb.scan(TableName="batch", Select="COUNT")["Count"] == 5
    assert dynamodb.scan(TableName="other", Select="COUNT")["Count"] == 2
    assert refusal(dynamodb.batch_write_item, RequestItems={"batch": requests}) == (EXCEEDED, TABLE, 400), "nothing could be done"


def test_a_batch_says_what_was_not_read(dynamodb):
    table(dynamodb, "batch-get", read=2)
    keys = [{"id": {"S": str(n)}} for n in range(6)]
    for key in keys:
        dynamodb.put_item(TableName="batch-get", Item=key)
    wanted = {"batch-get": {"Keys": keys, "ConsistentRead": True}}

    answer = dynamodb.batch_get_item(RequestItems=wanted)

    assert answer["Responses"] == {"batch-get": keys[:2]}
    assert answer["UnprocessedKeys"] == {"batch-get": {"Keys": keys[2:], "ConsistentRead": True}}
    assert refusal(dynamodb.batch_get_item, RequestItems=wanted) == (EXCEEDED, TABLE, 400)


def test_the_sdk_finishes_a_batch(throttled, dynamodb):
    import boto3
    table(dynamodb, "patient", write=40)
    resource = boto3.resource("dynamodb", endpoint_url=throttled.endpoints["gateway"], region_name="us-east-1",
                              aws_access_key_id=throttled.credentials["aws_access_key_id"],
                              aws_secret_access_key=throttled.credentials["aws_secret_access_key"])

    with resource.Table("patient").batch_writer() as batch:
        for n in range(70):
            batch.put_item(Item={"id": str(n)})

    assert dynamodb.scan(TableName="patient", Select="COUNT")["Count"] == 70


def test_transactions_are_cancelled_whole(dynamodb):
    table(dynamodb, "narrow", read=2, write=2)
    table(dynamodb, "wide")
    writes = [{"Put": {"TableName": name, "Item": {"id": {"S": "a"}}}} for name in ("wide", "narrow")]
    gets = [{"Get": {"TableName": name, "Key": {"id": {"S": "a"}}}} for name in ("wide", "narrow")]

    dynamodb.transact_write_items(TransactItems=writes)  # two units of each
    with pytest.raises(ClientError) as refused:
        dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": "wide", "Item": {"id": {"S": "b"}}}}, writes[1]])
    dynamodb.transact_get_items(TransactItems=gets)
    with pytest.raises(ClientError) as unread:
        dynamodb.transact_get_items(TransactItems=gets)

    for one in (refused, unread):
        assert one.value.response["Error"]["Code"] == "TransactionCanceledException"
        assert one.value.response["Error"]["Message"].endswith("[None, ProvisionedThroughputExceeded]")
        assert one.value.response["CancellationReasons"][1] == {"Code": "ProvisionedThroughputExceeded", "Message": TABLE}
    assert "Item" not in dynamodb.get_item(TableName="wide", Key={"id": {"S": "b"}})


def test_updated_throughput_holds_from_then_and_on_demand_has_none(dynamodb):
    table(dynamodb, "changing", write=1)
    item = {"id": {"S": "a"}}
    drain(dynamodb.put_item, TableName="changing", Item=item)

    dynamodb.update_table(TableName="changing", ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1000})
    time.sleep(0.05)
    for _ in range(20):
        dynamodb.put_item(TableName="changing", Item=item)
    table(dynamodb, "on-demand", BillingMode="PAY_PER_REQUEST")
    for _ in range(200):
        dynamodb.put_item(TableName="on-demand", Item=item)


def test_validation_comes_before_throttling(dynamodb):
    table(dynamodb, "validated", write=1)
    drain(dynamodb.put_item, TableName="validated", Item={"id": {"S": "a"}})

    assert refusal(dynamodb.put_item, TableName="validated", Item={"id": {"N": "1"}})[0] == "ValidationException"


def test_nothing_is_throttled_unless_it_is_asked_for(croft):
    dynamodb = croft.client("dynamodb")
    table(dynamodb, "free", read=1, write=1)

    for _ in range(50):
        put(dynamodb, "free", "a")
        dynamodb.get_item(TableName="free", Key={"id": {"S": "a"}})
