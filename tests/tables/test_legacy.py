"""The legacy parameters of DynamoDB (Expected, AttributeUpdates, KeyConditions, QueryFilter, ScanFilter, AttributesToGet)
by boto3. Texts: AWS's, as observed."""

import boto3
import boto3.dynamodb.types
import botocore.config
import pytest
from botocore.exceptions import ClientError

INVALID = "One or more parameter values were invalid: "
write = boto3.dynamodb.types.TypeSerializer().serialize
read = boto3.dynamodb.types.TypeDeserializer().deserialize


@pytest.fixture(scope="module")
def dynamodb(croft):
    client = boto3.client("dynamodb", endpoint_url=croft.endpoints["gateway"], region_name=croft.credentials["region"],
                          aws_access_key_id=croft.credentials["aws_access_key_id"],
                          aws_secret_access_key=croft.credentials["aws_secret_access_key"],
                          config=botocore.config.Config(retries={"max_attempts": 0}, parameter_validation=False))
    client.create_table(TableName="old", BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"},
                                              {"AttributeName": "c", "AttributeType": "N"}],
                        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}])
    client.create_table(TableName="one", BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
                        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}])
    return client


def message(call, code="ValidationException"):
    with pytest.raises(ClientError) as refused:
        call()
    assert refused.value.response["Error"]["Code"] == code, refused.value
    return refused.value.response["Error"]["Message"]


def item(**attributes):
    return {name: write(value) for name, value in attributes.items()}


def plain(attributes):
    return {name: read(value) for name, value in attributes.items()}


KEY = {"p": {"S": "k"}}
STORED = {"p": "k", "n": 5, "s": "hello", "b": b"hi there", "l": [2, 4, "x"], "ns": {2, 4, 7}, "m": {"x": 1}, "t": True,
          "nul": None}


def condition(operator, *values):
    return {"ComparisonOperator": operator, "AttributeValueList": [write(value) for value in values]}


@pytest.mark.parametrize("attribute, expected, holds", [
    ("n", condition("EQ", 5), True), ("n", condition("EQ", 6), False), ("n", condition("EQ", "5"), False),
    ("ns", condition("EQ", {7, 2, 4}), True), ("l", condition("EQ", [2, 4, "x"]), True), ("m", condition("EQ", {"x": 1}), True),
    ("t", condition("EQ", True), True), ("nul", condition("EQ", None), True), ("absent", condition("EQ", 5), False),
    ("n", condition("NE", 6), True), ("n", condition("NE", 5), False), ("n", condition("NE", "5"), True),
    ("absent", condition("NE", 5), True), ("m", condition("NE", {"x": 1}), False),
    ("n", condition("LE", 5), True), ("n", condition("LE", 4), False), ("s", condition("LE", "z"), True),
    ("n", condition("LT", 6), True), ("n", condition("LT", 5), False), ("n", condition("LT", "6"), False),
    ("n", condition("GE", 5), True), ("b", condition("GE", b"hi"), True), ("b", condition("GE", b"zz"), False),
    ("n", condition("GT", 4), True), ("n", condition("GT", 5), False), ("absent", condition("GT", 4), False),
    ("nul", condition("NOT_NULL"), True), ("absent", condition("NOT_NULL"), False),
    ("nul", condition("NULL"), False), ("absent", {"ComparisonOperator": "NULL"}, True),
    ("s", condition("CONTAINS", "ell"), True), ("s", condition("CONTAINS", 5), False), ("ns", condition("CONTAINS", 4), True),
    ("l", condition("CONTAINS", "x"), True), ("b", condition("CONTAINS", b"the"), True),
    ("absent", condition("CONTAINS", 1), False),
    ("s", condition("NOT_CONTAINS", "ell"), False), ("s", condition("NOT_CONTAINS", 5), True),
    ("ns", condition("NOT_CONTAINS", 5), True), ("absent", condition("NOT_CONTAINS", 5), False),
    ("s", condition("BEGINS_WITH", "he"), True), ("b", condition("BEGINS_WITH", b"hi"), True),
    ("n", condition("BEGINS_WITH", "5"), False), ("s", condition("BEGINS_WITH", "lo"), False),
    ("n", condition("IN", 1, 5), True), ("n", condition("IN", 1, 2), False), ("ns", condition("IN", 2, 4, 7), False),
    ("n", condition("BETWEEN", 5, 6), True), ("n", condition("BETWEEN", 6, 7), False),
    ("s", condition("BETWEEN", "a", "z"), True),
    ("n", condition("BETWEEN", "a", "z"), False), ("absent", condition("BETWEEN", 0, 9), False),
    ("n", {"Value": {"N": "5.0"}}, True), ("n", {"Value": {"N": "6"}, "Exists": True}, False),
    ("absent", {"Exists": False}, True), ("n", {"Exists": False}, False), ("absent", {"Value": {"N": "1"}}, False),
    ("n", {"ComparisonOperator": "LT", "Value": {"N": "6"}}, True),
])
def test_expected_holds_by_operator(dynamodb, attribute, expected, holds):
    dynamodb.put_item(TableName="one", Item=item(**STORED))
    put = dict(TableName="one", Item=item(**STORED), Expected={attribute: expected})
    if holds:
        dynamodb.put_item(**put)
    else:
        assert message(lambda: dynamodb.put_item(**put), "ConditionalCheckFailedException") == "The conditional request failed"


@pytest.mark.parametrize("expected, problem", [
    ({}, "Value must be provided when Exists is null for Attribute: a"),
    ({"Exists": True}, "Value must be provided when Exists is true for Attribute: a"),
    ({"Exists": False, "Value": {"S": "x"}}, "Value cannot be used when Exists is false for Attribute: a"),
    ({"AttributeValueList": [{"S": "x"}]}, "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"),
    ({"ComparisonOperator": "EQ", "Exists": True}, "Exists and ComparisonOperator cannot be used together for Attribute: a"),
    ({"ComparisonOperator": "EQ", "Value": {"S": "x"}, "AttributeValueList": [{"S": "x"}]},
     "Value and AttributeValueList cannot be used together for Attribute: a"),
    ({"ComparisonOperator": "EQ"}, "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a"),
    (condition("EQ"), "Invalid number of argument(s) for the EQ ComparisonOperator"),
    (condition("LT", 1, 2), "Invalid number of argument(s) for the LT ComparisonOperator"),
    (condition("NULL", 1), "Invalid number of argument(s) for the NULL ComparisonOperator"),
    (condition("NOT_NULL", 1), "Invalid number of argument(s) for the NOT_NULL ComparisonOperator"),
    (condition("IN"), "Invalid number of argument(s) for the IN ComparisonOperator"),
    (condition("BETWEEN", 1), "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
    (condition("BETWEEN", 1, 2, 3), "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
    (condition("IN", 1, "a"), "AttributeValues inside AttributeValueList must be of same type"),
    (condition("LT", True), "ComparisonOperator LT is not valid for BOOL AttributeValue type"),
    (condition("CONTAINS", [1]), "ComparisonOperator CONTAINS is not valid for L AttributeValue type"),
    (condition("NOT_CONTAINS", {1}), "ComparisonOperator NOT_CONTAINS is not valid for NS AttributeValue type"),
    (condition("BEGINS_WITH", 3), "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"),
    (condition("IN", [1]), "ComparisonOperator IN is not valid for L AttributeValue type"),
])
def test_expected_is_checked(dynamodb, expected, problem):
    for call in (lambda: dynamodb.put_item(TableName="none", Item=KEY, Expected={"a": expected}),
                 lambda: dynamodb.delete_item(TableName="none", Key=KEY, Expected={"a": expected}),
                 lambda: dynamodb.update_item(TableName="none", Key=KEY, Expected={"a": expected})):
        assert message(call) == INVALID + problem


def test_bounds_in_the_wrong_order(dynamodb):
    assert message(lambda: dynamodb.scan(TableName="one", ScanFilter={"n": condition("BETWEEN", 2, 1)})) == (
        "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound")


def test_conditions_are_joined(dynamodb):
    both = {"n": condition("EQ", 5), "s": condition("EQ", "other")}
    put = dict(TableName="one", Item=item(**STORED), Expected=both)
    dynamodb.put_item(TableName="one", Item=item(**STORED))
    message(lambda: dynamodb.put_item(**put), "ConditionalCheckFailedException")
    message(lambda: dynamodb.put_item(**put, ConditionalOperator="AND"), "ConditionalCheckFailedException")
    dynamodb.put_item(**put, ConditionalOperator="OR")
    dynamodb.put_item(TableName="one", Item=item(**STORED), Expected={})  # as good as none


WITHOUT = "ConditionalOperator cannot be used without Filter or Expected"
TWO = "ConditionalOperator can only be used when Filter or Expected has two or more elements"


def test_conditional_operator_needs_conditions(dynamodb):
    assert message(lambda: dynamodb.put_item(TableName="one", Item=KEY, ConditionalOperator="OR")) == WITHOUT
    assert message(lambda: dynamodb.put_item(TableName="one", Item=KEY, ConditionalOperator="OR", Expected={})) == WITHOUT
    assert message(lambda: dynamodb.put_item(TableName="one", Item=KEY, ConditionalOperator="OR",
                                             Expected={"a": condition("NULL")})) == TWO
    assert message(lambda: dynamodb.delete_item(TableName="one", Key=KEY, ConditionalOperator="AND")) == WITHOUT
    assert message(lambda: dynamodb.update_item(TableName="one", Key=KEY, ConditionalOperator="AND")) == WITHOUT
    assert message(lambda: dynamodb.scan(TableName="one", ConditionalOperator="AND", AttributesToGet=["a", "b"])) == WITHOUT
    assert message(lambda: dynamodb.scan(TableName="one", ConditionalOperator="AND",
                                         ScanFilter={"a": condition("NULL")})) == TWO
    assert message(lambda: dynamodb.query(TableName="one", ConditionalOperator="AND")) == WITHOUT
    assert message(lambda: dynamodb.query(TableName="one", ConditionalOperator="and")) == (
        "1 validation error detected: Value 'and' at 'conditionalOperator' failed to satisfy constraint: Member must satisfy "
        "enum value set: [OR, AND]")


def mixed(old, new):
    return ("Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {" +
            old + "} Expression parameters: {" + new + "}")


def test_old_and_new_parameters_do_not_mix(dynamodb):
    both = {"a": condition("NULL"), "b": condition("NULL")}
    keys = {"p": condition("EQ", "k")}
    assert message(lambda: dynamodb.put_item(TableName="one", Item=KEY, Expected=both, ConditionalOperator="OR",
                                             ConditionExpression="a = a")) == mixed("Expected, ConditionalOperator",
                                              "ConditionExpression")
    assert message(lambda: dynamodb.update_item(
        TableName="one", Key=KEY, Expected=both, ConditionalOperator="OR", AttributeUpdates={}, UpdateExpression="",
        ConditionExpression="")) == mixed("AttributeUpdates, Expected, ConditionalOperator",
                                          "UpdateExpression, ConditionExpression")
    assert message(lambda: dynamodb.delete_item(TableName="one", Key=KEY, Expected=both, ConditionExpression="a = a")) == mixed(
        "Expected", "ConditionExpression")
    assert message(lambda: dynamodb.get_item(TableName="one", Key=KEY, AttributesToGet=["a"], ProjectionExpression="a")) == (
        mixed("AttributesToGet", "ProjectionExpression"))
    assert message(lambda: dynamodb.query(
        TableName="one", KeyConditions=keys, QueryFilter=both, ConditionalOperator="AND", AttributesToGet=["a"],
        KeyConditionExpression="p = :p", FilterExpression="a = :p", ProjectionExpression="a")) == mixed(
            "AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions",
            "ProjectionExpression, FilterExpression, KeyConditionExpression")
    assert message(lambda: dynamodb.query(TableName="one", KeyConditions=keys, QueryFilter=both, ProjectionExpression="a")) == (
        mixed("QueryFilter", "ProjectionExpression"))
    assert message(lambda: dynamodb.scan(TableName="one", ScanFilter=both, FilterExpression="a = :p")) == mixed(
        "ScanFilter", "FilterExpression")
    assert message(lambda: dynamodb.batch_get_item(RequestItems={"one": {
        "Keys": [KEY], "AttributesToGet": ["a"], "ProjectionExpression": "a"}})) == mixed("AttributesToGet",
         "ProjectionExpression")


def test_key_conditions_may_stand_beside_a_filter_expression(dynamodb):
    dynamodb.put_item(TableName="one", Item=item(**STORED))
    found = dynamodb.query(TableName="one", KeyConditions={"p": condition("EQ", "k")}, FilterExpression="n = :n",
                           ProjectionExpression="s", ExpressionAttributeValues={":n": {"N": "5"}})
    assert found["Items"] == [{"s": {"S": "hello"}}]


def update(dynamodb, updates, **more):
    return dynamodb.update_item(TableName="one", Key=KEY, AttributeUpdates=updates, **more)


def after(dynamodb, before, updates):
    dynamodb.put_item(TableName="one", Item=item(p="k", **before))
    found = plain(update(dynamodb, updates, ReturnValues="ALL_NEW")["Attributes"])
    assert found.pop("p") == "k"
    return found


def test_attribute_updates_change_by_action_and_type(dynamodb):
    put, add, delete = "PUT", "ADD", "DELETE"
    change = lambda action, value: {"Action": action, "Value": write(value)}
    assert after(dynamodb, {"a": 1, "b": 2}, {"a": change(put, "x"), "z": {"Value": {"N": "3"}}}) == {"a": "x", "b": 2, "z": 3}
    assert after(dynamodb, {"a": 1, "b": 2}, {"a": {"Action": delete}, "nix": {"Action": delete}}) == {"b": 2}
    assert after(dynamodb, {"a": 7}, {"a": change(add, -2), "b": change(add, 4)}) == {"a": 5, "b": 4}
    assert after(dynamodb, {"a": {1, 2}}, {"a": change(add, {2, 3}), "b": change(add, {"x"})}) == {"a": {1, 2, 3}, "b": {"x"}}
    assert after(dynamodb, {"a": [1, "x"]}, {"a": change(add, [1]), "b": change(add, [2])}) == {"a": [1, "x", 1], "b": [2]}
    assert after(dynamodb, {"a": {1, 2, 3}}, {"a": change(delete, {2, 9})}) == {"a": {1, 3}}
    assert after(dynamodb, {"a": {1, 2}, "b": 1}, {"a": change(delete, {1, 2})}) == {"b": 1}
    assert after(dynamodb, {"a.b": 1}, {"a.b": change(add, 1)}) == {"a.b": 2}  # a name, no path


def test_attribute_updates_make_items(dynamodb):
    def made(updates, key):
        dynamodb.update_item(TableName="one", Key={"p": {"S": key}}, **updates)
        return "Item" in dynamodb.get_item(TableName="one", Key={"p": {"S": key}})
    assert made({"AttributeUpdates": {}}, "m1") and made({}, "m2")
    assert made({"AttributeUpdates": {"a": {"Value": {"S": "x"}}}}, "m3")
    assert made({"AttributeUpdates": {"a": {"Action": "ADD", "Value": {"N": "1"}}}}, "m4")
    assert not made({"AttributeUpdates": {"a": {"Action": "DELETE"}}}, "m5")
    assert not made({"AttributeUpdates": {"a": {"Action": "DELETE", "Value": {"SS": ["x"]}}}}, "m6")
    answer = dynamodb.update_item(TableName="one", Key={"p": {"S": "m7"}}, AttributeUpdates={}, ReturnValues="UPDATED_NEW")
    assert "Attributes" not in answer


def test_attribute_updates_are_checked(dynamodb):
    assert message(lambda: update(dynamodb, {"a": {}})) == (
        INVALID + "Only DELETE action is allowed when no attribute value is specified")
    for value in ({"S": "1"}, {"N": "1"}, {"B": b"b"}, {"NULL": True}, {"BOOL": True}, {"M": {}}, {"L": []}):
        kind = next(iter(value))
        assert message(lambda: update(dynamodb, {"a": {"Action": "DELETE", "Value": value}})) == (
            INVALID + "DELETE action with value is not supported for the type " + kind)
        if kind not in ("N", "L"):
            assert message(lambda: update(dynamodb, {"a": {"Action": "ADD", "Value": value}})) == (
                INVALID + "ADD action is not supported for the type " + kind)
    assert message(lambda: update(dynamodb, {"p": {"Value": {"S": "x"}}})) == (
        INVALID + "Cannot update attribute p. This attribute is part of the key")
    assert message(lambda: update(dynamodb, {"a": {"Action": "NONE", "Value": {"S": "x"}}})).startswith(
        "1 validation error detected: Value 'NONE' at 'attributeUpdates.a.member.action' failed to satisfy constraint: ")
    dynamodb.put_item(TableName="one", Item=item(p="k", s="text", ss={"a"}))
    for bad in ({"s": {"Action": "ADD", "Value": {"N": "1"}}}, {"ss": {"Action": "DELETE", "Value": {"NS": ["1"]}}},
                {"ss": {"Action": "ADD", "Value": {"L": []}}}):
        assert message(lambda: update(dynamodb, bad)) == "Type mismatch for attribute to update"


def test_attribute_updates_with_expected(dynamodb):
    dynamodb.put_item(TableName="one", Item=item(p="k", version=3))
    bump = {"version": {"Action": "ADD", "Value": {"N": "1"}}}
    update(dynamodb, bump, Expected={"version": {"Value": {"N": "3"}}})
    message(lambda: update(dynamodb, bump, Expected={"version": {"Value": {"N": "3"}}}), "ConditionalCheckFailedException")
    answer = update(dynamodb, bump, Expected={"version": condition("GE", 4)}, ReturnValues="UPDATED_OLD")
    assert plain(answer["Attributes"]) == {"version": 4}


@pytest.fixture(scope="module")
def partition(dynamodb):
    for n in range(12):
        dynamodb.put_item(TableName="old", Item=item(p="q", c=n, odd=bool(n % 2), text=f"t{n:02}"))
    dynamodb.put_item(TableName="old", Item=item(p="other", c=1))


def found(dynamodb, sort=None, **more):
    conditions = {"p": condition("EQ", "q"), **({"c": sort} if sort else {})}
    return [int(i["c"]["N"]) for i in dynamodb.query(TableName="old", KeyConditions=conditions, **more)["Items"]]


def test_key_conditions(dynamodb, partition):
    assert found(dynamodb) == list(range(12))
    assert found(dynamodb, condition("EQ", 3)) == [3]
    assert found(dynamodb, condition("LT", 2)) == [0, 1]
    assert found(dynamodb, condition("LE", 2)) == [0, 1, 2]
    assert found(dynamodb, condition("GT", 9)) == [10, 11]
    assert found(dynamodb, condition("GE", 9), ScanIndexForward=False) == [11, 10, 9]
    assert found(dynamodb, condition("BETWEEN", 4, 6)) == [4, 5, 6]


def test_key_conditions_are_checked(dynamodb, partition):
    def refusal(table="old", **conditions):
        return message(lambda: dynamodb.query(TableName=table, KeyConditions=conditions))
    p = condition("EQ", "q")
    assert refusal() == "Conditions can be of length 1 or 2 only"
    assert refusal(p=p, c=condition("EQ", 1), x=condition("EQ", 1)) == (
        "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)")
    assert refusal(c=condition("EQ", 3)) == "Query condition missed key schema element: p"
    assert refusal(p=p, x=condition("EQ", 1)) == "Query condition missed key schema element: c"
    assert refusal("one", p=p, x=condition("EQ", 1)) == (
        "The number of query conditions (2) exceeds the number of key attributes defined in the schema (1)")
    assert refusal(p=condition("EQ", 1)) == INVALID + "Condition parameter type does not match schema type"
    for operator in ("LE", "LT", "GE", "GT", "BEGINS_WITH"):
        assert refusal(p=condition(operator, "q")) == "Query key condition not supported"
    assert refusal(p=condition("BETWEEN", "q", "q")) == "Query key condition not supported"
    for operator in ("IN", "CONTAINS", "NOT_CONTAINS", "NE"):
        assert refusal(p=condition(operator, "q")) == "Attempted conditional constraint is not an indexable operation"
    for operator in ("NULL", "NOT_NULL"):
        assert refusal(p=condition(operator)) == "Attempted conditional constraint is not an indexable operation"
    assert refusal(p=condition("EQ")) == INVALID + "Invalid number of argument(s) for the EQ ComparisonOperator"
    assert refusal(p=p, c=condition("BEGINS_WITH", 1)) == (
        INVALID + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type")
    assert refusal(p=condition("eq", "q")) == (
        "1 validation error detected: Value 'eq' at 'keyConditions.p.member.comparisonOperator' failed to satisfy constraint: "
        "Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, "
        "CONTAINS]")
    assert refusal(p={}) == ("1 validation error detected: Value null at 'keyConditions.p.member.comparisonOperator' failed to "
                             "satisfy constraint: Member must not be null")
    assert message(lambda: dynamodb.query(TableName="old")) == (
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")


def test_filters(dynamodb, partition):
    odd = {"odd": condition("EQ", True)}
    assert found(dynamodb, QueryFilter=odd) == [1, 3, 5, 7, 9, 11]
    assert found(dynamodb, QueryFilter={}) == list(range(12))
    assert found(dynamodb, QueryFilter={**odd, "text": condition("GT", "t08")}) == [9, 11]
    assert found(dynamodb, QueryFilter={**odd, "text": condition("GT", "t08")}, ConditionalOperator="OR") == [
        1, 3, 5, 7, 9, 10, 11]
    counted = dynamodb.query(TableName="old", KeyConditions={"p": condition("EQ", "q")}, QueryFilter=odd, Select="COUNT")
    assert (counted["Count"], counted["ScannedCount"]) == (6, 12)
    scanned = dynamodb.scan(TableName="old", ScanFilter={"c": condition("LT", 2), "p": condition("EQ", "q")})
    assert sorted(int(i["c"]["N"]) for i in scanned["Items"]) == [0, 1]
    for name, value in (("p", "q"), ("c", 1)):
        assert message(lambda: found(dynamodb, QueryFilter={name: condition("EQ", value)})) == (
            "QueryFilter can only contain non-primary key attributes: Primary key attribute: " + name)
    assert message(lambda: dynamodb.query(
        TableName="old", KeyConditionExpression="p = :p", FilterExpression="c = :p",
        ExpressionAttributeValues={":p": {"S": "q"}})) == (
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: c")


def test_attributes_to_get(dynamodb, partition):
    key = item(p="q", c=1)
    assert dynamodb.get_item(TableName="old", Key=key, AttributesToGet=["text", "absent"])["Item"] == item(text="t01")
    got = dynamodb.batch_get_item(RequestItems={"old": {"Keys": [key], "AttributesToGet": ["c"]}})
    assert got["Responses"]["old"] == [item(c=1)]
    page = dynamodb.query(TableName="old", KeyConditions={"p": condition("EQ", "q")}, QueryFilter={"odd": condition("EQ", True)},
                          AttributesToGet=["text"], Select="SPECIFIC_ATTRIBUTES")
    assert page["Items"][0] == item(text="t01")
    assert dynamodb.scan(TableName="old", AttributesToGet=["p"], Limit=1)["Items"][0].keys() == {"p"}
    for call in (lambda: dynamodb.get_item(TableName="none", Key=key, AttributesToGet=["a", "b", "a"]),
                 lambda: dynamodb.scan(TableName="none", AttributesToGet=["a", "a"]),
                 lambda: dynamodb.batch_get_item(RequestItems={"none": {"Keys": [key], "AttributesToGet": ["a", "a"]}})):
        assert message(call) == INVALID + "Duplicate value in attribute name: a"
    assert message(lambda: dynamodb.get_item(TableName="old", Key=key, AttributesToGet=[])) == (
        "1 validation error detected: Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have length "
        "greater than or equal to 1")
    for operation, head in (("query", "1 validation error detected: "), ("scan", "")):
        keys = {"KeyConditions": {"p": condition("EQ", "q")}} if operation == "query" else {}
        for select, shown in (("COUNT", "only the Count"), ("ALL_ATTRIBUTES", "ALL_ATTRIBUTES")):
            assert message(lambda: getattr(dynamodb, operation)(
                TableName="old", AttributesToGet=["p"], Select=select, **keys)) == (
                    head + "Cannot specify the AttributesToGet when choosing to get " + shown)
