"""A table's ARN in place of its name: taken everywhere, and told where it was asked with.
Source: DynamoDB API Reference, ConsumedCapacity ("If you had specified the ARN of a table in the input, you'll see the table
ARN in the response") and BatchGetItem, Responses."""

import botocore.exceptions
import pytest


@pytest.fixture(scope="module")
def db(croft):
    return croft.client("dynamodb")


@pytest.fixture(scope="module")
def arn(db):
    table = db.create_table(TableName="named", BillingMode="PAY_PER_REQUEST",
                            KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}],
                            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in "pcl"],
                            LocalSecondaryIndexes=[{"IndexName": "loc", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [
                                {"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "l", "KeyType": "RANGE"}]}])
    return table["TableDescription"]["TableArn"]


def key(n):
    return {"p": {"S": "k"}, "c": {"S": str(n)}}


@pytest.mark.parametrize("by_arn", [False, True])
def test_consumed_capacity_has_what_was_asked(db, arn, by_arn):
    table = arn if by_arn else "named"
    asked = {"TableName": table, "ReturnConsumedCapacity": "TOTAL"}
    item = {**key(1), "v": {"N": "1"}}
    answers = [db.put_item(**asked, Item=item), db.get_item(**asked, Key=key(1)),
               db.update_item(**asked, Key=key(1), UpdateExpression="ADD v :v", ExpressionAttributeValues={":v": {"N": "1"}}),
               db.query(**asked, KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": {"S": "k"}}),
               db.scan(**asked), db.delete_item(**asked, Key=key(1))]
    assert [answer["ConsumedCapacity"]["TableName"] for answer in answers] == [table] * 6
    assert answers[3]["Items"] == answers[4]["Items"] == [{**item, "v": {"N": "2"}}]
    wrote = db.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": item}}], ReturnConsumedCapacity="TOTAL",
                                    ReturnItemCollectionMetrics="SIZE")
    assert [one["TableName"] for one in wrote["ConsumedCapacity"]] == [table]
    assert list(wrote["ItemCollectionMetrics"]) == [table]
    got = db.transact_get_items(TransactItems=[{"Get": {"TableName": table, "Key": key(1)}}], ReturnConsumedCapacity="TOTAL")
    assert [one["TableName"] for one in got["ConsumedCapacity"]] == [table] and got["Responses"] == [{"Item": item}]


@pytest.mark.parametrize("by_arn", [False, True])
def test_batches_answer_under_what_was_asked(db, arn, by_arn):
    table = arn if by_arn else "named"
    wrote = db.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": key(n)}} for n in range(2)]},
                                ReturnConsumedCapacity="TOTAL", ReturnItemCollectionMetrics="SIZE")
    assert wrote["UnprocessedItems"] == {} and list(wrote["ItemCollectionMetrics"]) == [table]
    assert [one["TableName"] for one in wrote["ConsumedCapacity"]] == [table]
    got = db.batch_get_item(RequestItems={table: {"Keys": [key(0), key(1)]}}, ReturnConsumedCapacity="TOTAL")
    assert list(got["Responses"]) == [table] and len(got["Responses"][table]) == 2
    assert [one["TableName"] for one in got["ConsumedCapacity"]] == [table]


def test_what_a_batch_leaves_is_asked_for_again_under_the_arn(db, arn):
    db.batch_write_item(RequestItems={arn: [{"PutRequest": {"Item": {**key(n), "v": {"B": b"x" * 390_000}}}} for n in range(25)]})
    db.batch_write_item(RequestItems={arn: [{"PutRequest": {"Item": {**key(n), "v": {"B": b"x" * 390_000}}}}
                                            for n in range(25, 50)]})
    request, found = {arn: {"Keys": [key(n) for n in range(50)], "ProjectionExpression": "c"}}, []
    rounds = 0
    while request:
        answer = db.batch_get_item(RequestItems=request)
        found += [item["c"]["S"] for item in answer["Responses"][arn]]
        request, rounds = answer["UnprocessedKeys"], rounds + 1
        assert set(request) <= {arn}
    assert sorted(found, key=int) == [str(n) for n in range(50)] and rounds == 2


def test_one_table_by_name_and_by_arn(db, arn):
    db.put_item(TableName="named", Item=key(1))
    db.put_item(TableName=arn, Item=key(2))
    got = db.batch_get_item(RequestItems={"named": {"Keys": [key(1)], "ProjectionExpression": "c"},
                                          arn: {"Keys": [key(2)], "ProjectionExpression": "c"}})
    assert got["Responses"] == {"named": [{"c": {"S": "1"}}], arn: [{"c": {"S": "2"}}]}
    with pytest.raises(botocore.exceptions.ClientError, match="Provided list of item keys contains duplicates"):
        db.batch_write_item(RequestItems={"named": [{"PutRequest": {"Item": key(1)}}], arn: [{"PutRequest": {"Item": key(1)}}]})
    with pytest.raises(botocore.exceptions.ClientError, match="cannot include multiple operations on one item"):
        db.transact_write_items(TransactItems=[{"Delete": {"TableName": "named", "Key": key(1)}},
                                               {"Delete": {"TableName": arn, "Key": key(1)}}])


def test_descriptions_have_the_name(db, arn):
    assert db.describe_table(TableName=arn)["Table"]["TableName"] == "named"
    for not_a_table in (arn + "/index/loc", arn.replace(":table/", ":stream/")):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            db.describe_table(TableName=not_a_table)
        assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_tables_of_other_accounts_and_regions_are_refused(croft, db, arn):
    other = arn.replace(":000000000000:", ":111122223333:")
    far, strange = arn.replace(":us-east-1:", ":eu-west-1:"), arn.replace(":dynamodb:", ":sqs:")
    db.put_item(TableName="named", Item=key(7))
    user = croft.client("sts").get_caller_identity()["Arn"]
    query = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "k"}}}
    for call, operation, request in (
            (db.get_item, "GetItem", lambda name: {"TableName": name, "Key": key(7)}),
            (db.put_item, "PutItem", lambda name: {"TableName": name, "Item": key(8)}),
            (db.query, "Query", lambda name: {"TableName": name, **query}),
            (db.describe_table, "DescribeTable", lambda name: {"TableName": name}),
            (db.delete_table, "DeleteTable", lambda name: {"TableName": name}),
            (db.list_tags_of_resource, "ListTagsOfResource", lambda name: {"ResourceArn": name}),
            (db.batch_get_item, "BatchGetItem", lambda name: {"RequestItems": {name: {"Keys": [key(7)]}}}),
            (db.batch_write_item, "BatchWriteItem", lambda name: {"RequestItems": {name: [{"DeleteRequest": {"Key": key(7)}}]}}),
            (db.transact_get_items, "TransactGetItems",
             lambda name: {"TransactItems": [{"Get": {"TableName": "named", "Key": key(7)}}, {"Get": {"TableName": name,
                                                                                                     "Key": key(8)}}]}),
            (db.transact_write_items, "TransactWriteItems",
             lambda name: {"TransactItems": [{"Delete": {"TableName": name, "Key": key(7)}}]})):
        action = f"dynamodb:{operation}"
        for name, code, message in (
                (other, "AccessDeniedException", f"User: {user} is not authorized to perform: {action} on resource: {other} "
                                                 f"because no resource-based policy allows the {action} action"),
                (far, "ValidationException", f"Invalid TableArn: Invalid ResourceArn provided as input {far}"),
                (strange, "ValidationException", f"Invalid TableArn: Invalid ResourceArn provided as input {strange}")):
            with pytest.raises(botocore.exceptions.ClientError) as refused:
                call(**request(name))
            assert refused.value.response["Error"] == {"Code": code, "Message": message}
            assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert db.get_item(TableName="named", Key=key(7))["Item"] == key(7)
