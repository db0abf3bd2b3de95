"""Values, members and filters that Debian's botocore would not send, or does not know."""

import time

import pytest
from signed_json import call, dynamodb, refused_by_dynamodb
from stream_reader import shards

KEYS = {"AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}


@pytest.fixture(scope="module")
def table(croft):
    return croft.client("dynamodb").create_table(TableName="plain", **KEYS)["TableDescription"]


@pytest.fixture(scope="module")
def sorted_table(croft, table):
    for kind, name in (("S", "texts"), ("B", "bytes")):
        dynamodb(croft, "CreateTable", TableName=name, BillingMode="PAY_PER_REQUEST",
                 KeySchema=KEYS["KeySchema"] + [{"AttributeName": "c", "KeyType": "RANGE"}],
                 AttributeDefinitions=KEYS["AttributeDefinitions"] + [{"AttributeName": "c", "AttributeType": kind}])


def nested(levels):
    value = {"S": "leaf"}
    for level in range(levels):
        value = {"L": [value]} if level % 2 else {"M": {"n": value}}
    return value


TOO_DEEP = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"


@pytest.mark.parametrize("levels", [32, 63, 100, 120])
def test_documents_far_too_deep_are_refused_as_those_a_little_too_deep(croft, table, levels):
    item = {"p": {"S": "k"}, "d": nested(levels)}
    for operation, request in (
            ("PutItem", {"TableName": "plain", "Item": item}),
            ("BatchWriteItem", {"RequestItems": {"plain": [{"PutRequest": {"Item": item}}]}}),
            ("TransactWriteItems", {"TransactItems": [{"Put": {"TableName": "plain", "Item": item}}]})):
        assert refused_by_dynamodb(croft, operation, **request) == ("ValidationException", TOO_DEEP)
    update = {"TableName": "plain", "Key": {"p": {"S": "k"}}, "UpdateExpression": "SET d = :d",
              "ExpressionAttributeValues": {":d": item["d"]}}
    code, message = refused_by_dynamodb(croft, "UpdateItem", **update)
    assert code == "ValidationException" and TOO_DEEP in message
    assert "Item" not in dynamodb(croft, "GetItem", TableName="plain", Key={"p": {"S": "k"}})


@pytest.mark.parametrize("condition, values", [
    ("c = :c", [""]), ("c > :c", [""]), (":c <= c", [""]), ("begins_with(c, :c)", [""]), ("c BETWEEN :c AND :d", ["", "z"]),
])
def test_a_sort_key_is_not_compared_with_an_empty_text(croft, sorted_table, condition, values):
    for kind, name in (("S", "texts"), ("B", "bytes")):
        bound = {f":{letter}": {kind: value if kind == "S" else "eg==" if value else ""}
                 for letter, value in zip("cd", values)}
        assert refused_by_dynamodb(croft, "Query", TableName=name, KeyConditionExpression=f"p = :p AND {condition}",
                                   ExpressionAttributeValues={":p": {"S": "k"}, **bound}) == (
            "ValidationException", "One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                                   f"contain an empty {'string' if kind == 'S' else 'binary'} value. Key: c")


def test_a_sort_key_is_not_compared_with_more_than_1024_bytes(croft, sorted_table):
    query = {"TableName": "texts", "KeyConditionExpression": "p = :p AND c <= :c"}
    def values(size):
        return {":p": {"S": "k"}, ":c": {"S": "x" * size}}
    assert dynamodb(croft, "Query", **query, ExpressionAttributeValues=values(1024))["Count"] == 0
    assert refused_by_dynamodb(croft, "Query", **query, ExpressionAttributeValues=values(1025)) == (
        "ValidationException", "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the "
                               "size limit of 1024 bytes")


def test_no_document_is_read_without_end(croft, table):
    item = {"p": {"S": "k"}, "d": nested(300)}
    code, message = refused_by_dynamodb(croft, "PutItem", TableName="plain", Item=item)
    assert code == "SerializationException" and message.endswith("too deep")


def test_what_croft_has_no_tables_of_is_refused(croft, table):
    vectors = [{"IndexName": "near"}]
    for operation, member, value, more in (
            ("CreateTable", "VectorIndexes", vectors, {"TableName": "vectors", **KEYS}),
            ("CreateTable", "GlobalTableSourceArn", table["TableArn"], {"TableName": "vectors", **KEYS}),
            ("UpdateTable", "VectorIndexUpdates", vectors, {"TableName": "plain"}),
            ("UpdateTable", "DisassociationProtectionEnabled", True, {"TableName": "plain"}),
            ("ExportTableToPointInTime", "FilterSpecification", {}, {"TableArn": table["TableArn"], "S3Bucket": "exports"})):
        assert refused_by_dynamodb(croft, operation, **more, **{member: value}) == (
            "ValidationException", f"{member} is not supported")
    assert "vectors" not in dynamodb(croft, "ListTables")["TableNames"]


def test_an_index_names_20_attributes_and_no_more(croft, table):
    def create(name, count):
        return {"TableName": name, **KEYS, "GlobalSecondaryIndexes": [{
            "IndexName": "wide", "KeySchema": KEYS["KeySchema"], "Projection": {
                "ProjectionType": "INCLUDE", "NonKeyAttributes": [f"a{n}" for n in range(count)]}}]}
    assert dynamodb(croft, "CreateTable", **create("twenty", 20))["TableDescription"]["TableName"] == "twenty"
    code, message = refused_by_dynamodb(croft, "CreateTable", **create("more", 21))
    assert code == "ValidationException" and message.endswith(
        "' at 'globalSecondaryIndexes.1.member.projection.nonKeyAttributes' failed to satisfy constraint: Member must have "
        "length less than or equal to 20")
    dynamodb(croft, "DeleteTable", TableName="twenty")


def test_the_children_of_a_shard(fresh_croft):
    croft = fresh_croft("--ephemeral", "--streams.shard-seconds", "1")
    db, streams = croft.client("dynamodb"), croft.client("dynamodbstreams")
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    arn = db.create_table(TableName="family", StreamSpecification=stream, **KEYS)["TableDescription"]["LatestStreamArn"]
    deadline = time.monotonic() + 10
    while len(shards(streams, arn)) < 3:
        assert time.monotonic() < deadline
        db.put_item(TableName="family", Item={"p": {"S": str(deadline)}})
        time.sleep(0.1)
    ids = [shard["ShardId"] for shard in shards(streams, arn)]

    def asked(**members):
        return call(croft, "dynamodb", "DynamoDBStreams_20120810.DescribeStream", {"StreamArn": arn, **members})
    for parent, child in ((ids[0], ids[1]), (ids[1], ids[2])):
        status, answer = asked(ShardFilter={"Type": "CHILD_SHARDS", "ShardId": parent})
        found = answer["StreamDescription"]["Shards"]
        assert (status, [(shard["ShardId"], shard["ParentShardId"]) for shard in found]) == (200, [(child, parent)])
    status, answer = asked(ShardFilter={"Type": "CHILD_SHARDS", "ShardId": "shardId-00000000000000000000-00000000"})
    assert (status, answer["StreamDescription"]["Shards"]) == (200, [])
    status, answer = asked(ShardFilter={"Type": "PARENTS"})
    assert (status, answer["message"]) == (
        400, "2 validation errors detected: Value 'PARENTS' at 'shardFilter.type' failed to satisfy constraint: Member must "
             "satisfy enum value set: [CHILD_SHARDS]; Value null at 'shardFilter.shardId' failed to satisfy constraint: Member "
             "must not be null")


def test_an_item_and_its_rows_in_local_indexes_have_400_kb_together(croft):
    local = [{"IndexName": name, "Projection": projection, "KeySchema": KEYS["KeySchema"] + [
        {"AttributeName": sort, "KeyType": "RANGE"}]} for name, sort, projection in (
            ("all", "l", {"ProjectionType": "ALL"}), ("keys", "k", {"ProjectionType": "KEYS_ONLY"}))]
    dynamodb(croft, "CreateTable", TableName="heavy", BillingMode="PAY_PER_REQUEST", LocalSecondaryIndexes=local,
             KeySchema=KEYS["KeySchema"] + [{"AttributeName": "c", "KeyType": "RANGE"}],
             AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in "pclk"])
    key, most = {"p": {"S": "p"}, "c": {"S": "c"}}, 400 * 1024

    def put(size, **more):
        return {"TableName": "heavy", "Item": {**key, **more, "b": {"S": "x" * (size - len("ppccb"))}}}
    too_large = ("ValidationException", "Item size has exceeded the maximum allowed size")
    in_all, in_keys = {"l": {"S": "l"}}, {"k": {"S": "k"}}
    for more, largest in (({}, most), (in_all, most // 2 - len("ll")), (in_keys, most - 2 * len("kk") - len("ppcc")),
                          ({**in_all, **in_keys}, (most - len("ppcckk")) // 2 - len("llkk"))):
        assert dynamodb(croft, "PutItem", **put(largest, **more)) == {}
        assert refused_by_dynamodb(croft, "PutItem", **put(largest + 1, **more)) == too_large
    over = put(most // 2, **in_all)
    batch = {"heavy": [{"PutRequest": {"Item": over["Item"]}}]}
    assert refused_by_dynamodb(croft, "BatchWriteItem", RequestItems=batch) == too_large
    assert dynamodb(croft, "PutItem", **put(most // 2)) == {}
    update = {"TableName": "heavy", "Key": key, "UpdateExpression": "SET l = :l",
              "ExpressionAttributeValues": {":l": in_all["l"]}}
    assert refused_by_dynamodb(croft, "UpdateItem", **update) == (
        "ValidationException", "Item size to update has exceeded the maximum allowed size")
