"""What DynamoDB refuses of items, keys and values, and the form in which it gives them back."""

import pytest
from raw_tables import INVALID, KEY, raw, refusal, send, tables


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
