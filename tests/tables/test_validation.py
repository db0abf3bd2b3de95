"""What DynamoDB refuses, in which order and in which words; sizes of items and numbers at their borders; what requests cost.
Texts and borders: AWS's, as observed."""

import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
import pytest

INVALID = "One or more parameter values were invalid: "


def create(client, name, keys, **more):
    """keys and indexes as "p:S c:N"."""
    types = {}

    def schema(text):
        out = []
        for part, kind in zip(text.split(), ("HASH", "RANGE")):
            attribute, types[attribute] = part.split(":")
            out.append({"AttributeName": attribute, "KeyType": kind})
        return out

    request = {"KeySchema": schema(keys)}
    for member in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if member in more:
            request[member] = [{"IndexName": index, "KeySchema": schema(index_keys), "Projection": projection}
                               for index, index_keys, projection in more[member]]
    client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **request, AttributeDefinitions=[
        {"AttributeName": attribute, "AttributeType": kind} for attribute, kind in types.items()])


ALL = {"ProjectionType": "ALL"}


@pytest.fixture(scope="module")
def tables(croft):
    client = croft.client("dynamodb")
    create(client, "one", "p:S")
    create(client, "two", "p:S c:N")
    create(client, "bin", "p:B")
    create(client, "indexed", "p:S c:S", GlobalSecondaryIndexes=[
        ("inc", "g:S", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["proj"]})],
        LocalSecondaryIndexes=[("loc", "p:S l:S", ALL)])
    return client


@pytest.fixture(scope="module")
def raw(croft, tables):
    """Sends what botocore would not: (status, document)."""
    session = botocore.httpsession.URLLib3Session()
    credentials = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"],
                                                   croft.credentials["aws_secret_access_key"])

    def call(operation, body):
        request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", {
            "X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0"},
            json.dumps(body).encode())
        botocore.auth.SigV4Auth(credentials, "dynamodb", croft.credentials["region"]).add_auth(request)
        answer = session.send(request.prepare())
        return answer.status_code, json.loads(answer.content)
    return call


@pytest.fixture(scope="module")
def send(raw):
    """The answer, or (code, message)."""
    def call(operation, body):
        status, document = raw(operation, body)
        if status == 200:
            return document
        assert status == 400, document
        return document["__type"].split("#")[1], document.get("message", document.get("Message"))
    return call


@pytest.fixture
def refusal(send):
    """The message of a ValidationException."""
    def told(operation, body):
        answer = send(operation, body)
        assert isinstance(answer, tuple) and answer[0] == "ValidationException", answer
        return answer[1]
    return told


@pytest.fixture
def problems(refusal):
    """The messages of "N validation errors detected"."""
    def told(operation, body):
        message = refusal(operation, body)
        head, _, rest = message.partition(" detected: ")
        found = rest.split("; ")
        assert head == f"{len(found)} validation error{'s' if len(found) > 1 else ''}"
        return found
    return told


KEY = {"p": {"S": "k"}}


@pytest.mark.parametrize("value, message", [
    ({"S": 5}, "NUMBER_VALUE cannot be converted to String"), ({"S": 5.5}, "DECIMAL_VALUE cannot be converted to String"),
    ({"S": True}, "TRUE_VALUE cannot be converted to String"), ({"N": False}, "FALSE_VALUE cannot be converted to String"),
    ({"S": ["a"]}, "Unrecognized collection type class java.lang.String"),
    ({"N": {"a": 1}}, "Start of structure or map found where not expected"),
    ({"B": 5}, "only base-64-encoded strings are convertible to bytes"),
    ({"B": ["a"]}, "Unrecognized collection type class java.nio.ByteBuffer"),
    ({"B": "abc"}, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
    ({"B": "ab?="}, "Invalid last non-pad Base64 character dectected"),
    ({"BOOL": "maybe"}, "Unexpected token received from parser"), ({"NULL": 1}, "NUMBER_VALUE cannot be converted to Boolean"),
    ({"SS": "a"}, "Unexpected field type"), ({"NS": [1]}, "NUMBER_VALUE cannot be converted to String"),
    ({"L": {}}, "Start of structure or map found where not expected"), ({"L": [1]}, "Unexpected value type in payload"),
    ({"M": []}, "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"),
    ("text", "Unexpected value type in payload"),
    (["a"], "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue"),
    ({"M": {"a": {"L": [{"S": 1}]}}}, "NUMBER_VALUE cannot be converted to String"),
])
def test_wrong_json_types_come_first(send, value, message):
    # Everything else about these requests is wrong, too.
    for operation, body in (("PutItem", {"Item": {"a": value}}), ("GetItem", {"Key": {"a": value}}),
                            ("Query", {"ExclusiveStartKey": {"a": value}}),
                            ("BatchGetItem", {"RequestItems": {"x": {"Keys": [{"a": value}]}}}),
                            ("BatchWriteItem", {"RequestItems": {"x": [{"PutRequest": {"Item": {"a": value}}}]}}),
                            ("UpdateItem", {"ExpressionAttributeValues": {":a": value}}),
                            ("TransactWriteItems", {"TransactItems": [{"Put": {"Item": {"a": value}}}]}),
                            ("TransactWriteItems", {"TransactItems": [{"ConditionCheck": {"Key": {"a": value}}}]}),
                            ("TransactGetItems", {"TransactItems": [{"Get": {"Key": {"a": value}}}]}),
                            ("Scan", {"ScanFilter": {"a": {"AttributeValueList": [value]}}})):
        assert send(operation, {"TableName": "x!", "ReturnConsumedCapacity": "hi", **body}) == (
            "SerializationException", message), operation


def test_wrong_json_types_of_members(send):
    def serialization(operation, body):
        kind, message = send(operation, body)
        assert kind == "SerializationException"
        return message
    assert serialization("PutItem", {"TableName": 5}) == "NUMBER_VALUE cannot be converted to String"
    assert serialization("PutItem", {"TableName": {}}) == "Start of structure or map found where not expected"
    assert serialization("PutItem", {"Item": "x"}) == "Unexpected field type"
    assert serialization("Scan", {"Limit": "5"}) == "STRING_VALUE cannot be converted to Integer"
    assert serialization("Scan", {"Limit": True}) == "TRUE_VALUE cannot be converted to Integer"
    assert serialization("GetItem", {"ConsistentRead": 1.5}) == "DECIMAL_VALUE cannot be converted to Boolean"
    assert serialization("GetItem", {"AttributesToGet": "a"}) == "Unexpected field type"
    assert serialization("GetItem", {"ExpressionAttributeNames": {"#a": 5}}) == "NUMBER_VALUE cannot be converted to String"
    assert serialization("GetItem", {"ExpressionAttributeNames": []}) == (
        "Unrecognized collection type java.util.Map<java.lang.String, java.lang.String>")
    assert serialization("PutItem", {"Expected": {"a": 1}}) == "Unexpected value type in payload"
    assert serialization("PutItem", {"Expected": {"a": {"Value": "x"}}}) == "Unexpected field type"
    assert serialization("UpdateItem", {"AttributeUpdates": []}) == (
        "Unrecognized collection type java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValueUpdate>")
    assert serialization("BatchWriteItem", {"RequestItems": {"x": [{"PutRequest": 5}]}}) == "Unexpected field type"


NULL = "failed to satisfy constraint: Member must not be null"
PATTERN = "failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
LEAST = "failed to satisfy constraint: Member must have length greater than or equal to 3"


def enum(value, member, names):
    return f"Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: [{names}]"


def test_problems_of_members_are_told_together(problems):
    for operation, member in (("PutItem", "item"), ("GetItem", "key"), ("UpdateItem", "key"), ("DeleteItem", "key")):
        assert problems(operation, {}) == [f"Value null at 'tableName' {NULL}", f"Value null at '{member}' {NULL}"]
        assert problems(operation, {"TableName": "a;"}) == [
            f"Value 'a;' at 'tableName' {PATTERN}", f"Value 'a;' at 'tableName' {LEAST}", f"Value null at '{member}' {NULL}"]
        assert problems(operation, {"TableName": "a" * 256}) == [
            f"Value '{'a' * 256}' at 'tableName' failed to satisfy constraint: Member must have length less than or equal to 255",
            f"Value null at '{member}' {NULL}"]
        # The empty name is told alone.
        assert problems(operation, {"TableName": "", "ReturnValues": "hi"}) == [
            "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1"]
    consumed = enum("hi", "returnConsumedCapacity", "INDEXES, TOTAL, NONE")
    name = f"Value 'abc;' at 'tableName' {PATTERN}"
    metrics = enum("hi", "returnItemCollectionMetrics", "SIZE, NONE")
    values = enum("hi", "returnValues", "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW")
    bad = {"TableName": "abc;", "ReturnConsumedCapacity": "hi", "ReturnItemCollectionMetrics": "hi", "ReturnValues": "hi"}
    null_item, null_key = f"Value null at 'item' {NULL}", f"Value null at 'key' {NULL}"
    assert problems("PutItem", bad) == [consumed, name, null_item, values, metrics]
    assert problems("UpdateItem", bad) == [consumed, name, metrics, values, null_key]
    assert problems("DeleteItem", bad) == [consumed, name, values, metrics, null_key]
    assert problems("PutItem", {"TableName": "abc", "Item": {}, "ReturnValuesOnConditionCheckFailure": "hi"}) == [
        enum("hi", "returnValuesOnConditionCheckFailure", "ALL_OLD, NONE")]
    operators = "IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS"
    assert problems("Scan", {"TableName": "abc;", "Select": "hi", "IndexName": "a", "TotalSegments": 0, "Segment": -1, "Limit": 0,
                             "ReturnConsumedCapacity": "hi", "ConditionalOperator": "hi", "AttributesToGet": [],
                             "ScanFilter": {"a": {"ComparisonOperator": "hi"}}}) == [
        enum("hi", "select", "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES"),
        f"Value 'a' at 'indexName' {LEAST}",
        "Value '0' at 'totalSegments' failed to satisfy constraint: Member must have value greater than or equal to 1",
        consumed, name, enum("hi", "conditionalOperator", "OR, AND"),
        enum("hi", "scanFilter.a.member.comparisonOperator", operators),
        "Value '-1' at 'segment' failed to satisfy constraint: Member must have value greater than or equal to 0",
        "Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
        "Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length greater than or equal to 1"]
    # No more than ten.
    assert len(problems("Query", {"TableName": "a;", "Select": "hi", "IndexName": "a;", "ReturnConsumedCapacity": "hi",
                                  "QueryFilter": {"a": {}, "b": {}}, "ConditionalOperator": "hi", "AttributesToGet": [],
                                  "Limit": 0, "KeyConditions": {"a": {}, "b": {}}})) == 10
    assert problems("Scan", {"TableName": "abc", "TotalSegments": 1000001, "Segment": 1000000}) == [
        "Value '1000001' at 'totalSegments' failed to satisfy constraint: Member must have value less than or equal to 1000000",
        "Value '1000000' at 'segment' failed to satisfy constraint: Member must have value less than or equal to 999999"]


EMPTY = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
SEVERAL = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
NUMBER = "The parameter cannot be converted to a numeric value"
DIGITS = "Attempting to store more than 38 significant digits in a Number"
OVERFLOW = "Number overflow. Attempting to store a number with magnitude larger than supported range"
UNDERFLOW = "Number underflow. Attempting to store a number with magnitude smaller than supported range"


@pytest.mark.parametrize("value, message", [
    ({}, EMPTY), ({"a": ""}, EMPTY), ({"M": {"a": {}}}, EMPTY), ({"L": [{}]}, EMPTY), ({"L": [{"a": {}}]}, EMPTY),
    ({"S": "a", "N": "1"}, SEVERAL),
    ({"SS": []}, INVALID + "An string set  may not be empty"), ({"NS": []}, INVALID + "An number set  may not be empty"),
    ({"BS": []}, INVALID + "Binary sets should not be empty"), ({"M": {"a": {"SS": []}}},
     INVALID + "An string set  may not be empty"),
    ({"SS": ["a", "a"]}, INVALID + "Input collection [a, a] contains duplicates."),
    ({"BS": ["Yg==", "Yg=="]}, INVALID + "Input collection [Yg==, Yg==]of type BS contains duplicates."),
    ({"NS": ["1", "1.0"]}, "Input collection contains duplicates"),
    ({"N": ""}, NUMBER), ({"N": "b"}, NUMBER + ": b"), ({"NS": ["1", ""]}, NUMBER), ({"NS": ["1", "b"]}, NUMBER + ": b"),
    ({"N": "NaN"}, NUMBER + ": NaN"), ({"N": "-Infinity"}, NUMBER + ": -Infinity"), ({"N": "0x10"}, NUMBER + ": 0x10"),
    ({"N": "123456789012345678901234567890123456789"}, DIGITS), ({"N": "-1.23456789012345678901234567890123456789"}, DIGITS),
    ({"N": "1e126"}, OVERFLOW), ({"N": "-1e126"}, OVERFLOW), ({"N": "1e-131"}, UNDERFLOW), ({"N": "-1e-131"}, UNDERFLOW),
])
def test_values_are_checked_before_the_table_is_looked_for(refusal, value, message):
    absent = {"TableName": "absent"}
    assert refusal("PutItem", {**absent, "Item": {"a": value}, "ReturnValues": "ALL_NEW"}) == message
    assert refusal("GetItem", {**absent, "Key": {"a": value}, "ProjectionExpression": ""}) == message
    assert refusal("UpdateItem", {**absent, "Key": {"a": value}, "UpdateExpression": "",
                                  "ExpressionAttributeNames": {}}) == message
    assert refusal("UpdateItem", {**absent, "Key": KEY, "AttributeUpdates": {"a": {"Value": value}}}) == message
    assert refusal("DeleteItem", {**absent, "Key": KEY, "Expected": {"a": {"Value": value}}}) == message
    assert refusal("BatchGetItem", {"RequestItems": {"absent": {"Keys": [{"a": value}]}}}) == message
    assert refusal("BatchWriteItem", {"RequestItems": {"absent": [{"DeleteRequest": {"Key": {"a": value}}}]}}) == message
    filtered = {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [value]}}
    assert refusal("Scan", {**absent, "ScanFilter": filtered, "ExclusiveStartKey": {"a": {}}}) == message
    assert refusal("Query", {**absent, "KeyConditions": filtered}) == message
    assert refusal("PutItem", {**absent, "Item": KEY, "ConditionExpression": "", "ExpressionAttributeValues": {":b": value}}) == (
        f"ExpressionAttributeValues contains invalid value: {message} for key :b")
    bare = any(part in message for part in ("duplicates", "number set", "numeric value", "significant digits", "magnitude"))
    for operation in ("Scan", "Query"):
        assert refusal(operation, {**absent, "ExclusiveStartKey": {"a": value}}) == (
            message if bare else "The provided starting key is invalid: " + message)


def test_attribute_names(refusal, tables):
    large = "Attribute name is too large, must be less than 65536 bytes"
    for name, message in (("", "Empty attribute name"), ("n" * 65536, large)):
        assert refusal("PutItem", {"TableName": "one", "Item": {**KEY, name: {"S": "x"}}}) == message
        assert refusal("PutItem", {"TableName": "one", "Item": {**KEY, "m": {"L": [{"M": {name: {"S": "x"}}}]}}}) == message
        assert refusal("BatchWriteItem", {"RequestItems": {"one": [{"PutRequest": {"Item": {**KEY,
         name: {"S": "x"}}}}]}}) == message
        assert refusal("UpdateItem", {"TableName": "one", "Key": KEY,
                                      "AttributeUpdates": {name: {"Value": {"S": "x"}}}}) == message
        assert refusal("GetItem", {"TableName": "one", "Key": KEY, "AttributesToGet": [name]}) == message
        assert refusal("UpdateItem", {"TableName": "one", "Key": KEY, "UpdateExpression": "REMOVE #n",
                                      "ExpressionAttributeNames": {"#n": name}}) == (
            f"ExpressionAttributeNames contains invalid value: {message} for key #n")
    longest = "n" * 65535
    tables.put_item(TableName="one", Item={**KEY, longest: {"S": "x"}})
    assert tables.get_item(TableName="one", Key=KEY)["Item"][longest] == {"S": "x"}


def test_keys(refusal, send):
    schema = "The provided key element does not match the schema"
    for key in ({}, {"x": {"S": "a"}}, {"p": {"N": "1"}}, {**KEY, "x": {"S": "a"}}):
        assert refusal("GetItem", {"TableName": "one", "Key": key}) == schema
        assert refusal("DeleteItem", {"TableName": "one", "Key": key}) == schema
        assert refusal("UpdateItem", {"TableName": "one", "Key": key}) == schema
        assert refusal("BatchGetItem", {"RequestItems": {"one": {"Keys": [key]}}}) == schema
        assert refusal("BatchWriteItem", {"RequestItems": {"one": [{"DeleteRequest": {"Key": key}}]}}) == schema
    assert refusal("PutItem", {"TableName": "one", "Item": {}}) == INVALID + "Missing the key p in the item"
    assert refusal("PutItem", {"TableName": "two", "Item": KEY}) == INVALID + "Missing the key c in the item"
    assert refusal("PutItem", {"TableName": "one", "Item": {"p": {"N": "1"}}}) == (
        INVALID + "Type mismatch for key p expected: S actual: N")
    for bad in ({"p": {"N": "5"}}, {"p": {"L": []}}, {"x": {"S": "a"}}):  # told otherwise by a batch
        assert refusal("BatchWriteItem", {"RequestItems": {"one": [{"PutRequest": {"Item": bad}}]}}) == schema
    empty = ("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty {} "
             "value. Key: p")
    for table, value, kind in (("one", {"S": ""}, "string"), ("bin", {"B": ""}, "binary")):
        assert refusal("PutItem", {"TableName": table, "Item": {"p": value}}) == empty.format(kind)
        assert refusal("GetItem", {"TableName": table, "Key": {"p": value}}) == empty.format(kind)
        assert refusal("BatchWriteItem",
                       {"RequestItems": {table: [{"PutRequest": {"Item": {"p": value}}}]}}) == empty.format(kind)
        assert refusal("Query", {"TableName": table, "KeyConditionExpression": "p = :p",
                                 "ExpressionAttributeValues": {":p": value}}) == empty.format(kind)
    assert refusal("GetItem", {"TableName": "one", "Key": {"p": {"S": "x" * 2049}}}) == (
        INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes")
    assert refusal("PutItem", {"TableName": "indexed", "Item": {"p": {"S": "x"}, "c": {"S": "x" * 1025}}}) == (
        INVALID + "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
    assert send("GetItem", {"TableName": "one", "Key": {"p": {"S": "x" * 2048}}}) == {}


def test_index_keys(refusal):
    item = {"p": {"S": "x"}, "c": {"S": "x"}}
    assert refusal("PutItem", {"TableName": "indexed", "Item": {**item, "g": {"N": "5"}}}) == (
        INVALID + "Type mismatch for Index Key g Expected: S Actual: N IndexName: inc")
    assert refusal("BatchWriteItem", {"RequestItems": {"indexed": [{"PutRequest": {"Item": {**item, "l": {"L": []}}}}]}}) == (
        INVALID + "Type mismatch for Index Key l Expected: S Actual: L IndexName: loc")
    assert refusal("PutItem", {"TableName": "indexed", "Item": {**item, "g": {"S": ""}}}) == (
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The "
        "AttributeValue for a key attribute cannot contain an empty string value. IndexName: inc, IndexKey: g")


def test_items_are_as_large_as_400_kb_and_no_larger(tables, send, refusal):
    largest = 400 * 1024
    def padded(total, **more):
        used = sum(len(name) + size for name, (_, size) in more.items()) + len("p") + len("k") + len("b")
        return {**KEY, **{name: value for name, (value, _) in more.items()}, "b": {"S": "x" * (total - used)}}
    cases = [{}, {"n": ({"N": "3.14159"}, 5)}, {"n": ({"N": "-1E125"}, 3)}, {"n": ({"N": "0"}, 1)}, {"n": ({"N": "100.5"}, 4)},
             {"t": ({"BOOL": True}, 1), "z": ({"NULL": True}, 1)}, {"y": ({"B": "AAAA"}, 3)},
             {"l": ({"L": [{"S": "aa"}] * 10}, 3 + 10 * 3)}, {"m": ({"M": {"kk": {"S": "v"}}}, 3 + 1 + 3)},
             {"s": ({"SS": ["aa", "b"]}, 3)}, {"ns": ({"NS": ["1", "22"]}, 4)}, {"u": ({"S": "é€"}, 5)}]
    for more in cases:
        assert send("PutItem", {"TableName": "one", "Item": padded(largest, **more)}) == {}, more
        over = padded(largest + 1, **more)
        assert refusal("PutItem", {"TableName": "one", "Item": over}) == "Item size has exceeded the maximum allowed size", more
    over = padded(largest + 1)
    assert refusal("BatchWriteItem", {"RequestItems": {"one": [{"PutRequest": {"Item": over}}]}}) == (
        "Item size has exceeded the maximum allowed size")
    assert refusal("UpdateItem", {"TableName": "one", "Key": KEY, "UpdateExpression": "SET b = :b, c = :c",
                                  "ExpressionAttributeValues": {":b": over["b"], ":c": {"S": "x"}}}) == (
        "Item size to update has exceeded the maximum allowed size")
    # Only then: the table is looked for first.
    assert send("PutItem", {"TableName": "absent", "Item": over})[0] == "ResourceNotFoundException"


def test_documents_are_32_levels_deep(send, refusal):
    def nested(levels):
        value = {"S": "leaf"}
        for level in range(levels):
            value = {"L": [value]} if level % 2 else {"M": {"n": value}}
        return value
    message = ("Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit")
    assert send("PutItem", {"TableName": "one", "Item": {**KEY, "d": nested(31)}}) == {}
    assert refusal("PutItem", {"TableName": "one", "Item": {**KEY, "d": nested(32)}}) == message
    send("PutItem", {"TableName": "one", "Item": {**KEY, "d": nested(20)}})
    assert refusal("UpdateItem", {"TableName": "one", "Key": KEY, "UpdateExpression": "SET e = d, d[0].n[0] = :d",
                                  "ExpressionAttributeValues": {":d": nested(29)}}) == (
        "Nesting Levels have exceeded supported limits")
    assert send("UpdateItem", {"TableName": "one", "Key": KEY, "UpdateExpression": "SET e = d, d[0].n[0] = :d",
                               "ExpressionAttributeValues": {":d": nested(28)}}) == {}


def test_an_update_writes_400_kb_less_its_actions(tables, send, refusal):
    """What the update writes and its actions are limited, too: 3 bytes, 19 for each SET, 2 for each REMOVE."""
    largest = 400 * 1024
    tables.put_item(TableName="one", Item={**KEY, "r": {"S": "x"}})

    def update(size, expression="SET b = :b", **more):
        values = {":b": {"S": "x" * size}, **more}
        return {"TableName": "one", "Key": KEY, "UpdateExpression": expression, "ExpressionAttributeValues": values}
    too_large = "Item size to update has exceeded the maximum allowed size"
    for actions, written, request in (
            (3 + 19, 1, update), (3 + 19 + 2, 1, lambda size: update(size, "SET b = :b REMOVE r")),
            (3 + 2 * 19, 1 + 2, lambda size: update(size, "SET b = :b, c = :c", **{":c": {"S": "y"}}))):
        fits = largest - actions - written
        assert send("UpdateItem", request(fits)) == {}
        assert refusal("UpdateItem", request(fits + 1)) == too_large
    # Transactions measure the item alone: its key and "b".
    transaction = update(largest - len("pk") - len("b"))
    tables.put_item(TableName="one", Item=KEY)
    assert refusal("UpdateItem", transaction) == too_large
    assert send("TransactWriteItems", {"TransactItems": [{"Update": transaction}]}) == {}
    # A long key leaves the item's own limit.
    long_key = {"p": {"S": "k" * 100}}
    for over, answer in ((0, {}), (1, None)):
        request = {**update(largest - 101 - 1 + over), "Key": long_key}
        assert (send("UpdateItem", request) if answer == {} else refusal("UpdateItem", request)) == (too_large if over else {})


def test_keys_are_scalars(refusal, tables):
    def scalars(key, kind="Key"):
        return f"Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: {kind}: {key}"
    two, key = {"TableName": "two"}, {"p": {"S": "k"}, "c": {"N": "1"}}
    values = {"ExpressionAttributeValues": {":v": {"S": "v"}}}
    for path, message in (("p.x", scalars("p")), ("#c[0]", scalars("c")), ("z, p[1].y", scalars("p"))):
        names = {"ExpressionAttributeNames": {"#c": "c"}} if "#" in path else {}
        projection = {"ProjectionExpression": path, **names}
        assert refusal("GetItem", {**two, "Key": key, **projection}) == message
        assert refusal("BatchGetItem", {"RequestItems": {"two": {"Keys": [key], **projection}}}) == message
        assert refusal("Scan", {**two, **projection}) == message
        assert refusal("Query", {**two, "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "k"}},
                                 **projection}) == message
    assert refusal("Scan", {**two, "FilterExpression": "attribute_exists(p.x)"}) == scalars("p")
    condition = {"ConditionExpression": "z = :v OR attribute_exists(c[1])", **values}
    assert refusal("PutItem", {**two, "Item": key, **condition}) == scalars("c")
    assert refusal("DeleteItem", {**two, "Key": key, **condition}) == scalars("c")
    assert refusal("UpdateItem", {**two, "Key": key, **condition}) == scalars("c")
    update = {**two, "Key": key, "UpdateExpression": "SET z = if_not_exists(p.x, :v)", **values}
    assert refusal("UpdateItem", update) == scalars("p")
    assert refusal("UpdateItem", {**two, "Key": key, "UpdateExpression": "SET p.x = :v", **values}) == (
        INVALID + "Cannot update attribute p. This attribute is part of the key")

    indexed, key = {"TableName": "indexed"}, {"p": {"S": "k"}, "c": {"S": "1"}}
    update = {**indexed, "Key": key, "UpdateExpression": "SET g.x = :v", **values}
    assert refusal("UpdateItem", update) == scalars("g", "IndexKey")
    assert refusal("GetItem", {**indexed, "Key": key, "ProjectionExpression": "l[0]"}) == scalars("l", "IndexKey")
    query = {**indexed, "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "k"}}}
    assert refusal("Query", {**query, "FilterExpression": "attribute_exists(g.x)"}) == scalars("g", "IndexKey")
    # A key of the queried schema is told as one, whatever the path.
    assert refusal("Query", {**query, "FilterExpression": "attribute_exists(c.x)"}) == (
        "Filter Expression can only contain non-primary key attributes: Primary key attribute: c")


def test_flags_may_be_words(tables, send):
    for word, flag in (("yes", True), ("TRUE", True), ("1", True), ("no", False), ("False", False), ("0", False)):
        assert send("PutItem", {"TableName": "one", "Item": {**KEY, "f": {"BOOL": word}}}) == {}
        assert tables.get_item(TableName="one", Key=KEY)["Item"]["f"] == {"BOOL": flag}
        assert send("GetItem", {"TableName": "one", "Key": KEY, "ConsistentRead": word})["Item"]["f"] == {"BOOL": flag}


def test_sets_with_nulls_and_values_of_several_types(refusal):
    for value, message in (({"SS": ["a", None]}, INVALID + "An string set may not have a null string as a member"),
                           ({"NS": ["1", None]}, INVALID + "An number set may not have a null string as a member"),
                           ({"BS": ["QQ==", None]}, INVALID + "Binary sets may not contain null values"),
                           ({"S": "", "N": ""}, "The parameter cannot be converted to a numeric value"),
                           ({"S": "a", "N": "1"}, "Supplied AttributeValue has more than one datatypes set, must contain "
                                                  "exactly one of the supported datatypes")):
        assert refusal("PutItem", {"TableName": "one", "Item": {**KEY, "a": value}}) == message
        assert refusal("PutItem", {"TableName": "one", "Item": {**KEY, "a": {"L": [{"M": {"x": value}}]}}}) == message


@pytest.mark.parametrize("text, stored", [
    ("0042.1200", "42.12"), ("1.0", "1"), ("-0", "0"), ("+7", "7"), (".5", "0.5"), ("1.5E2", "150"), ("1E125", "1" + "0" * 125),
    ("1e-3", "0.001"), ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
    ("9.9999999999999999999999999999999999999E+125", "99999999999999999999999999999999999999" + "0" * 88),
    ("-1E-130", "-0." + "0" * 129 + "1"),
])
def test_numbers_come_back_in_one_form(tables, text, stored):
    tables.put_item(TableName="one", Item={**KEY, "n": {"N": text}, "s": {"NS": [text]}})
    item = tables.get_item(TableName="one", Key=KEY)["Item"]
    assert (item["n"], item["s"]) == ({"N": stored}, {"NS": [stored]})


def test_return_values(refusal, tables, raw):
    for operation, body in (("PutItem", {"Item": KEY}), ("DeleteItem", {"Key": KEY})):
        for values in ("ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"):
            assert refusal(operation, {"TableName": "one", **body, "ReturnValues": values}) == (
                "ReturnValues can only be ALL_OLD or NONE")
    stored = {**KEY, "v": {"N": "1"}}
    tables.put_item(TableName="one", Item=stored)
    for operation, body in (("PutItem", {"Item": KEY}), ("DeleteItem", {"Key": KEY}),
                            ("UpdateItem", {"Key": KEY, "UpdateExpression": "REMOVE v"})):
        body = {"TableName": "one", **body, "ConditionExpression": "v > :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}
        for wanted, item in (("ALL_OLD", {"Item": stored}), ("NONE", {})):
            status, document = raw(operation, {**body, "ReturnValuesOnConditionCheckFailure": wanted})
            assert status == 400 and document == {
                "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
                "message": "The conditional request failed", **item}


def test_updated_attributes_are_told_by_their_paths(tables):
    tables.put_item(TableName="one", Item={**KEY, "a": {"M": {"b": {"S": "x"}, "c": {"L": [{"N": "1"}, {"N": "2"}]}}}})

    def told(values, expression, **bound):
        answer = tables.update_item(TableName="one", Key=KEY, UpdateExpression=expression, ReturnValues=values,
                                    **({"ExpressionAttributeValues": bound} if bound else {}))
        return answer.get("Attributes")

    def update(values, expression, number):
        return told(values, expression, **{":v": {"N": number}})
    assert update("UPDATED_OLD", "SET a.b = :v", "1") == {"a": {"M": {"b": {"S": "x"}}}}
    assert update("UPDATED_NEW", "SET a.c[1] = :v", "3") == {"a": {"M": {"c": {"L": [{"N": "3"}]}}}}
    assert update("UPDATED_OLD", "SET a.c[1] = :v, a.b = :v", "4") == {
        "a": {"M": {"b": {"N": "1"}, "c": {"L": [{"N": "3"}]}}}}
    assert update("UPDATED_OLD", "SET a.z = :v", "5") is None
    assert update("UPDATED_NEW", "SET a.y = :v", "6") == {"a": {"M": {"y": {"N": "6"}}}}
    assert update("UPDATED_NEW", "SET a.c[100] = :v", "7") is None  # it has become [2]
    assert told("UPDATED_OLD", "REMOVE a.c[0], a.c[9]") == {"a": {"M": {"c": {"L": [{"N": "1"}]}}}}
    assert told("UPDATED_NEW", "REMOVE a.b") is None
    assert set(told("ALL_NEW", "REMOVE a.z")) == {"p", "a"}


def test_expression_parameters(refusal):
    one = {"TableName": "one"}
    names = "ExpressionAttributeNames can only be specified when using expressions"
    values = "ExpressionAttributeValues can only be specified when using expressions"
    key_conditions = {"p": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "k"}]}}
    bodies = {"PutItem": {"Item": KEY}, "DeleteItem": {"Key": KEY}, "UpdateItem": {"Key": KEY}, "GetItem": {"Key": KEY},
              "Scan": {},
              "Query": {"KeyConditions": key_conditions}}
    tails = {"PutItem": ": ConditionExpression is null", "DeleteItem": ": ConditionExpression is null",
             "UpdateItem": ": UpdateExpression and ConditionExpression are null", "Scan": ": FilterExpression is null",
             "Query": ""}
    for operation, body in bodies.items():
        assert refusal(operation, {**one, **body, "ExpressionAttributeNames": {"#a": "b"}}) == names
        if operation in tails:
            assert refusal(operation, {**one, **body,
                                       "ExpressionAttributeValues": {":a": {"S": ""}}}) == values + tails[operation]
    assert refusal("Scan", {**one, "ProjectionExpression": "a", "ExpressionAttributeValues": {":a": {"S": ""}}}) == (
        values + ": FilterExpression is null")
    both = {"UpdateExpression": "", "ConditionExpression": ""}
    update = {**one, "Key": KEY, **both}
    assert refusal("UpdateItem", {**update, "ExpressionAttributeNames": {}, "ExpressionAttributeValues": {}}) == (
        "ExpressionAttributeNames must not be empty")
    assert refusal("UpdateItem", {**update, "ExpressionAttributeNames": {"a": "a"}, "ExpressionAttributeValues": {}}) == (
        'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"')
    assert refusal("UpdateItem", {**update, "ExpressionAttributeValues": {}}) == "ExpressionAttributeValues must not be empty"
    assert refusal("UpdateItem", {**update, "ExpressionAttributeValues": {":b": {"a": ""}, "b": {"S": "a"}}}) == (
        'ExpressionAttributeValues contains invalid key: Syntax error; key: "b"')
    assert refusal("UpdateItem", update) == "Invalid UpdateExpression: The expression can not be empty;"
    assert refusal("UpdateItem", {**one, "Key": KEY, "ConditionExpression": ""}) == (
        "Invalid ConditionExpression: The expression can not be empty;")
    query = {**one, "KeyConditionExpression": "", "FilterExpression": "", "ProjectionExpression": ""}
    assert refusal("Query", query) == "Invalid KeyConditionExpression: The expression can not be empty;"
    assert refusal("Scan", {**one, "FilterExpression": "", "ProjectionExpression": ""}) == (
        "Invalid FilterExpression: The expression can not be empty;")
    unused = {"ExpressionAttributeNames": {"#a": "a", "#b": "b"},
              "ExpressionAttributeValues": {":a": {"S": "a"}, ":b": {"S": "b"}, ":c": {"S": "c"}}}
    assert refusal("UpdateItem", {**one, "Key": KEY, "UpdateExpression": "REMOVE a", "ConditionExpression": "#b = :b",
                                  **unused}) == (
        "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}")
    assert refusal("UpdateItem", {**one, "Key": KEY, "UpdateExpression": "REMOVE #a", "ConditionExpression": "#b = :b",
                                  **unused}) == (
        "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a, :c}")
    # Expressions are looked at before the table is looked for.
    assert refusal("GetItem", {"TableName": "absent", "Key": KEY, "ProjectionExpression": "a, a.b"}) == (
        "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; "
        "path one: [a], path two: [a, b]")
    assert refusal("BatchGetItem", {"RequestItems": {"absent": {"Keys": [KEY], "ProjectionExpression": "a..b"}}}) == (
        'Invalid ProjectionExpression: Syntax error; token: ".", near: "..b"')


def test_select(refusal, tables):
    key = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "k"}}}
    for operation, head, body in (("Query", "1 validation error detected: ", key), ("Scan", "", {})):
        body = {"TableName": "one", **body}
        assert refusal(operation, {**body, "Select": "SPECIFIC_ATTRIBUTES"}) == (
            head + "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
        for select, shown in (("ALL_ATTRIBUTES", "ALL_ATTRIBUTES"), ("COUNT", "only the Count"),
                              ("ALL_PROJECTED_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")):
            assert refusal(operation, {**body, "Select": select, "ProjectionExpression": "a"}) == (
                head + "Cannot specify the ProjectionExpression when choosing to get " + shown)
        assert refusal(operation, {**body, "Select": "ALL_PROJECTED_ATTRIBUTES"}) == (
            head + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
    indexed = {"TableName": "indexed", "IndexName": "inc", "ConsistentRead": True}
    g = {"KeyConditionExpression": "g = :p", "ExpressionAttributeValues": {":p": {"S": "k"}}}
    for operation, body in (("Query", g), ("Scan", {})):
        assert refusal(operation, {**indexed, **body}) == "Consistent reads are not supported on global secondary indexes"
        assert refusal(operation, {"TableName": "indexed", "IndexName": "inc", "Select": "ALL_ATTRIBUTES", **body}) == (
            INVALID + "Select type ALL_ATTRIBUTES is not supported for global secondary index inc because its projection type is "
            "not ALL")
        assert refusal(operation, {"TableName": "indexed", "IndexName": "none", **body}) == (
            "The table does not have the specified index: none")
    assert tables.query(TableName="indexed", IndexName="loc", Select="ALL_ATTRIBUTES", **key)["Count"] == 0
    assert tables.scan(TableName="indexed", IndexName="inc", Select="ALL_PROJECTED_ATTRIBUTES")["Count"] == 0


def test_segments(refusal, send):
    scan = {"TableName": "absent"}
    assert refusal("Scan", {**scan, "Segment": 0}) == (
        "The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
    assert refusal("Scan", {**scan, "TotalSegments": 4}) == (
        "The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
    assert refusal("Scan", {**scan, "Segment": 5, "TotalSegments": 5}) == (
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 5 is not less than "
        "TotalSegments: 5")
    assert send("Scan", {**scan, "Segment": 4, "TotalSegments": 5})[0] == "ResourceNotFoundException"


def test_starting_keys(refusal):
    p = {"KeyConditionExpression": "p = :p", "ExpressionAttributeValues": {":p": {"S": "k"}}}
    def query(start, expression="p = :p", table="two", **values):
        bound = {":p": {"S": "k"}, **{f":{name}": value for name, value in values.items()}}
        return refusal("Query", {"TableName": table, "KeyConditionExpression": expression, "ExpressionAttributeValues": bound,
                                 "ExclusiveStartKey": start})
    invalid = "The provided starting key is invalid"
    for start in ({}, KEY, {"p": {"S": "k"}, "x": {"N": "1"}}, {**KEY, "c": {"N": "1"}, "x": {"N": "1"}}):
        assert query(start) == invalid
        assert refusal("Scan", {"TableName": "two", "ExclusiveStartKey": start}) == (
            invalid + ": The provided key element does not match the schema")
    other = {"p": {"S": "other"}, "c": {"N": "1"}}
    assert query(other) == "The provided starting key is outside query boundaries based on provided conditions"
    assert query({**KEY, "c": {"N": "1"}}, "p = :p AND c > :c", c={"N": "1"}) == (
        "The provided starting key does not match the range key predicate")
    for table, index in (("indexed", "inc"), ("indexed", "loc")):
        assert refusal("Scan", {"TableName": table, "IndexName": index, "ExclusiveStartKey": KEY}).startswith(invalid)
    del p


def test_batches(refusal, problems, send):
    assert refusal("BatchGetItem", {"RequestItems": {}}) == "The requestItems parameter is required for BatchGetItem"
    assert refusal("BatchWriteItem", {"RequestItems": {}}) == "The requestItems parameter is required for BatchWriteItem"
    for operation in ("BatchGetItem", "BatchWriteItem"):
        assert problems(operation, {}) == [f"Value null at 'requestItems' {NULL}"]
        assert problems(operation, {"ReturnConsumedCapacity": "hi"}) == [
            enum("hi", "returnConsumedCapacity", "INDEXES, TOTAL, NONE"), f"Value null at 'requestItems' {NULL}"]
    keys = [{"p": {"S": f"k{n}"}} for n in range(101)]
    assert problems("BatchGetItem", {"RequestItems": {"one": {}}}) == [f"Value null at 'requestItems.one.member.keys' {NULL}"]
    assert problems("BatchGetItem", {"RequestItems": {"one": {"Keys": []}}}) == [
        "Value '[]' at 'requestItems.one.member.keys' failed to satisfy constraint: Member must have length greater than or "
        "equal to 1"]
    assert problems("BatchGetItem", {"RequestItems": {"one": {"Keys": keys}}})[0].endswith(
        "' at 'requestItems.one.member.keys' failed to satisfy constraint: Member must have length less than or equal to 100")
    assert refusal("BatchGetItem", {"RequestItems": {"one": {"Keys": keys[:60]}, "bin": {"Keys": keys[:60]}}}) == (
        "Too many items requested for the BatchGetItem call")
    for table in ("one", "absent"):
        assert refusal("BatchGetItem", {"RequestItems": {table: {"Keys": [KEY, KEY]}}}) == (
            "Provided list of item keys contains duplicates")
    assert refusal("BatchGetItem", {"RequestItems": {"one": {"Keys": [KEY], "ProjectionExpression": "a"},
                                                     "two": {"Keys": [KEY], "AttributesToGet": ["a"]}}}).startswith(
        "Can not use both expression and non-expression parameters in the same request: ")
    put, delete = {"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": KEY}}
    limits = ("' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length "
              "less than or equal to 25, Member must have length greater than or equal to 1]")
    many = [{"PutRequest": {"Item": key}} for key in keys[:26]]
    for requests in ([], many):
        found, = problems("BatchWriteItem", {"RequestItems": {"one": requests}})
        assert found.startswith("Value '{one=[") and found.endswith(limits)
    assert refusal("BatchWriteItem", {"RequestItems": {"one": many[:20], "two": many[:20]}}) == (
        "Too many items requested for the BatchWriteItem call")
    assert refusal("BatchWriteItem", {"RequestItems": {"one": [put, delete]}}) == "Provided list of item keys contains duplicates"
    for request in ({}, {**put, **delete}):
        assert refusal("BatchWriteItem", {"RequestItems": {"one": [request]}}) == SEVERAL
    assert problems("BatchWriteItem", {"RequestItems": {"one": [put, {"DeleteRequest": {}}, {"PutRequest": {}}]}}) == [
        f"Value null at 'requestItems.one.member.2.member.deleteRequest.key' {NULL}",
        f"Value null at 'requestItems.one.member.3.member.putRequest.item' {NULL}"]
    found, = problems("BatchWriteItem", {"RequestItems": {"a;": [put]}})
    assert "Map keys must satisfy constraint: [Member must have length less than or equal to 255, " in found
    assert send("BatchWriteItem", {"RequestItems": {"absent": [put]}}) == (
        "ResourceNotFoundException", "Requested resource not found")


def test_a_batch_answers_16_mb(tables):
    big = {"S": "x" * (390 * 1024)}
    keys = [{"p": {"S": f"big{n}"}} for n in range(45)]
    for key in keys:
        tables.put_item(TableName="one", Item={**key, "b": big})
    answer = tables.batch_get_item(RequestItems={"one": {"Keys": keys}})
    got, left = len(answer["Responses"]["one"]), answer["UnprocessedKeys"]["one"]["Keys"]
    assert 40 <= got <= 43 and got + len(left) == 45
    rest = tables.batch_get_item(RequestItems=answer["UnprocessedKeys"])
    assert len(rest["Responses"]["one"]) == len(left) and rest["UnprocessedKeys"] == {}
    for key in keys:
        tables.delete_item(TableName="one", Key=key)


def test_table_arns_are_names(tables, refusal):
    arn = tables.describe_table(TableName="one")["Table"]["TableArn"]
    tables.put_item(TableName="one", Item={**KEY, "v": {"S": "x"}})
    assert tables.get_item(TableName=arn, Key=KEY)["Item"]["v"] == {"S": "x"}
    tables.batch_write_item(RequestItems={arn: [{"PutRequest": {"Item": {"p": {"S": "by-arn"}}}}]})
    assert "Item" in tables.get_item(TableName="one", Key={"p": {"S": "by-arn"}})
    assert "at 'tableName' failed to satisfy constraint" in refusal("GetItem", {"TableName": arn + "/index/x", "Key": KEY})


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
