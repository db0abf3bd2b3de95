"""ReturnItemCollectionMetrics: the collections of tables with local indexes."""

import pytest


@pytest.fixture(scope="module")
def client(croft):
    client = croft.client("dynamodb")
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "l")]
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    client.create_table(TableName="local", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=attributes, KeySchema=keys,
                        LocalSecondaryIndexes=[{"IndexName": "byl", "Projection": {"ProjectionType": "ALL"},
                                                "KeySchema": [keys[0], {"AttributeName": "l", "KeyType": "RANGE"}]}])
    client.create_table(TableName="without", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=attributes[:2], KeySchema=keys)
    return client


def key(partition, sort="a"):
    return {"pk": {"S": partition}, "sk": {"S": sort}}


def metrics(partition):
    return {"ItemCollectionKey": {"pk": {"S": partition}}, "SizeEstimateRangeGB": [0.0, 1.0]}


SIZE = {"ReturnItemCollectionMetrics": "SIZE"}


def test_single_writes_tell_their_collection(client):
    item = {**key("one"), "l": {"S": "x"}}
    assert client.put_item(TableName="local", Item=item, **SIZE)["ItemCollectionMetrics"] == metrics("one")
    updated = client.update_item(TableName="local", Key=key("one"), UpdateExpression="SET l = :l", ReturnValues="ALL_NEW",
                                 ExpressionAttributeValues={":l": {"S": "y"}}, ReturnConsumedCapacity="TOTAL", **SIZE)
    assert updated["ItemCollectionMetrics"] == metrics("one")
    assert updated["Attributes"] == {**key("one"), "l": {"S": "y"}}
    assert updated["ConsumedCapacity"] == {"TableName": "local", "CapacityUnits": 3.0}
    assert client.delete_item(TableName="local", Key=key("one"), **SIZE)["ItemCollectionMetrics"] == metrics("one")


def test_nothing_is_told_unasked_or_of_a_table_without_local_indexes(client):
    assert "ItemCollectionMetrics" not in client.put_item(TableName="local", Item=key("two"))
    assert "ItemCollectionMetrics" not in client.put_item(TableName="local", Item=key("two"), ReturnItemCollectionMetrics="NONE")
    assert "ItemCollectionMetrics" not in client.put_item(TableName="without", Item=key("two"), **SIZE)
    answer = client.batch_write_item(RequestItems={"without": [{"PutRequest": {"Item": key("three")}}]}, **SIZE)
    assert "ItemCollectionMetrics" not in answer


def test_batches_and_transactions_tell_each_collection_once(client):
    answer = client.batch_write_item(RequestItems={
        "local": [{"PutRequest": {"Item": key("b1", "a")}}, {"PutRequest": {"Item": key("b1", "b")}},
                  {"DeleteRequest": {"Key": key("b2")}}],
        "without": [{"PutRequest": {"Item": key("b1")}}]}, **SIZE)
    assert answer["ItemCollectionMetrics"] == {"local": [metrics("b1"), metrics("b2")]}

    answer = client.transact_write_items(TransactItems=[
        {"Put": {"TableName": "local", "Item": key("t1")}}, {"Delete": {"TableName": "local", "Key": key("t1", "b")}},
        {"Update": {"TableName": "local", "Key": key("t2"), "UpdateExpression": "REMOVE x"}},
        {"Put": {"TableName": "without", "Item": key("t3")}},
        {"ConditionCheck": {"TableName": "local", "Key": key("t4"), "ConditionExpression": "attribute_not_exists(pk)"}}], **SIZE)
    assert answer["ItemCollectionMetrics"] == {"local": [metrics("t1"), metrics("t2")]}
