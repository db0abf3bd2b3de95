"""What DynamoDB refuses, in which order and in which words; sizes of items and numbers at their borders; what requests cost.
Texts and borders: AWS's, as observed."""

import pytest
from raw_tables import INVALID, KEY, NULL, SEVERAL, enum, problems, raw, refusal, send, tables


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


PATTERN = "failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
LEAST = "failed to satisfy constraint: Member must have length greater than or equal to 3"


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
