"""Condition, filter, key condition, update and projection expressions by boto3: meaning and refusals. Texts: AWS's, as
observed."""

from decimal import Decimal

import boto3.dynamodb.types
import pytest
from botocore.exceptions import ClientError

write = boto3.dynamodb.types.TypeSerializer().serialize
read = boto3.dynamodb.types.TypeDeserializer().deserialize
KEY = {"p": {"S": "k"}}
ITEM = {"p": "k", "s": "héllo", "n": 5, "t": True, "f": False, "nul": None, "b": b"\x00\x01\x02", "l": [1, "x", {"deep": [9]}],
        "m": {"a": 1, "b": {"c": "d"}}, "ss": {"a", "b"}, "ns": {1, 2, 3}, "bs": {b"x", b"y"}, "five": 5, "hel": "hé",
        "blank": "",
        "e": [], "x.y": 1}


@pytest.fixture(scope="module")
def tables(croft):
    client = croft.client("dynamodb")
    client.create_table(TableName="expr", BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
                        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}])
    client.create_table(TableName="sorted", BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"},
                                              {"AttributeName": "c", "AttributeType": "S"}],
                        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "c", "KeyType": "RANGE"}])
    client.put_item(TableName="expr", Item={name: write(value) for name, value in ITEM.items()})
    return client


def bound(values, names=None):
    out = {"ExpressionAttributeValues": {":" + name: write(value) for name, value in values.items()}} if values else {}
    return {**out, "ExpressionAttributeNames": names} if names else out


@pytest.fixture
def holds(tables):
    """Whether a condition holds of ITEM: a filter finds it, and a write under the same condition is let through."""
    def told(expression, names=None, **values):
        found = tables.scan(TableName="expr", FilterExpression=expression, **bound(values, names))["Count"] == 1
        unchanged = dict(TableName="expr", Key=KEY, UpdateExpression="SET five = five", ConditionExpression=expression)
        try:
            tables.update_item(**unchanged, **bound(values, names))
            assert found
        except ClientError as refused:
            assert refused.response["Error"]["Code"] == "ConditionalCheckFailedException", refused
            assert not found
        return found
    return told


@pytest.fixture
def refusal(tables):
    """The message for a condition, without its head; a filter's is the same."""
    def told(expression, names=None, **values):
        heads = []
        for head, call in (("Invalid ConditionExpression: ", lambda: tables.delete_item(
                TableName="absent", Key=KEY, ConditionExpression=expression, **bound(values, names))),
                           ("Invalid FilterExpression: ", lambda: tables.scan(
                TableName="absent", FilterExpression=expression, **bound(values, names)))):
            with pytest.raises(ClientError) as refused:
                call()
            error = refused.value.response["Error"]
            assert error["Code"] == "ValidationException" and error["Message"].startswith(head), error
            heads.append(error["Message"][len(head):])
        assert heads[0] == heads[1]
        return heads[0]
    return told


@pytest.mark.parametrize("expression, values, expected", [
    ("n = :v", {"v": 5}, True), ("n = :v", {"v": "5"}, False), ("n <> :v", {"v": "5"}, True), ("absent <> :v", {"v": 5}, True),
    ("absent = :v", {"v": 5}, False), ("nul = :v", {"v": None}, True), ("t = :v", {"v": True}, True),
    ("ss = :v", {"v": {"b", "a"}}, True), ("l = :v", {"v": [1, "x", {"deep": [9]}]}, True), ("m = :v", {"v": {"a": 1}}, False),
    ("n = five", {}, True), ("n < :v", {"v": 6}, True), ("n < :v", {"v": "z"}, False), ("s < :v", {"v": "i"}, True),
    ("b < :v", {"v": b"\x00\x01\xff"}, True), ("t < n", {}, False), ("ss >= ns", {}, False), (":v > n", {"v": 6}, True),
    ("m.a = :v", {"v": 1}, True), ("m.b.c = :v", {"v": "d"}, True), ("l[2].deep[0] = :v", {"v": 9}, True),
    ("l[3] = :v", {"v": 1}, False), ("l[9].x.y[3] = :v", {"v": 1}, False), ("s.x = :v", {"v": 1}, False),
    ("n BETWEEN :a AND :z", {"a": 5, "z": 5}, True), ("n BETWEEN :a AND :z", {"a": 6, "z": 7}, False),
    ("n BETWEEN :a AND :z", {"a": "a", "z": "z"}, False), ("n BETWEEN m.a AND five", {}, True),
    (":v BETWEEN m.a AND n", {"v": 3}, True),
    ("n IN (:a)", {"a": 5}, True), ("n IN (:a, :z)", {"a": "5", "z": 6}, False), ("n IN (:a, five)", {"a": 1}, True),
    ("ss IN (:a)", {"a": {"a", "b"}}, True), ("absent IN (:a)", {"a": 1}, False),
    ("attribute_exists(nul)", {}, True), ("attribute_exists(m.b.c)", {}, True), ("attribute_exists(m.z)", {}, False),
    ("attribute_not_exists(l[3])", {}, True), ("attribute_not_exists(l[0])", {}, False),
    ("attribute_type(nul, :v)", {"v": "NULL"}, True), ("attribute_type(l[2], :v)", {"v": "M"}, True),
    ("attribute_type(absent, :v)", {"v": "S"}, False), ("attribute_type(bs, :v)", {"v": "BS"}, True),
    ("begins_with(s, :v)", {"v": "hé"}, True), ("begins_with(s, hel)", {}, True), ("begins_with(s, :v)", {"v": ""}, True),
    ("begins_with(b, :v)", {"v": b"\x00\x01"}, True), ("begins_with(n, :v)", {"v": "5"}, False),
    ("begins_with(:v, hel)", {"v": "hélas"}, True),
    ("contains(s, :v)", {"v": "llo"}, True), ("contains(s, :v)", {"v": 5}, False), ("contains(ss, :v)", {"v": "a"}, True),
    ("contains(ss, :v)", {"v": "ab"}, False), ("contains(ns, :v)", {"v": 3}, True), ("contains(bs, :v)", {"v": b"x"}, True),
    ("contains(l, :v)", {"v": {"deep": [9]}}, True), ("contains(l, m.a)", {}, True), ("contains(s, hel)", {}, True),
    ("contains(b, :v)", {"v": b"\x01\x02"}, True), ("contains(:v, s)", {"v": "say héllo"}, True),
    ("contains(m, :v)", {"v": "a"}, False),
    ("contains(n, :v)", {"v": 5}, False), ("contains(absent, :v)", {"v": 5}, False),
    ("size(s) = :v", {"v": 5}, True), ("size(b) = :v", {"v": 3}, True), ("size(l) = :v", {"v": 3}, True),
    ("size(m) = :v", {"v": 2}, True),
    ("size(ss) = :v", {"v": 2}, True), ("size(bs) = :v", {"v": 2}, True), ("size(e) = :v", {"v": 0}, True),
    ("size(blank) = :v", {"v": 0}, True),
    ("size(n) = :v", {"v": 1}, False), ("size(t) < :v", {"v": 9}, False), ("size(nul) <> :v", {"v": 9}, True),
    ("size(absent) = :v", {"v": 0}, False), ("size(ss) < size(ns)", {}, True), ("size(ns) = size(l)", {}, True),
    ("size(s) BETWEEN :a AND size(s)", {"a": 1}, True), ("n IN (size(s))", {}, True), ("size(:v) = n", {"v": "abcde"}, True),
    # Precedence: comparisons, functions, NOT, AND, OR.
    ("n = :a OR n = :v AND n = :v", {"a": 5, "v": 6}, True), ("(n = :a OR n = :v) AND n = :v", {"a": 5, "v": 6}, False),
    ("NOT n = :v AND n = :a", {"a": 5, "v": 6}, True), ("NOT (n = :v AND n = :a)", {"a": 5, "v": 6}, True),
    ("NOT n = :a OR n = :a", {"a": 5}, True), ("not NOT n = :a", {"a": 5}, True),
    ("n between :a and :z And t = :t", {"a": 1, "z": 9,
     "t": True},
      True),
    ("(n) = (:a) and ((s) > :v)", {"a": 5, "v": "a"}, True), ("NOT contains(l, :v)", {"v": 7}, True),
    ("attribute_exists(p)AND(n=:a)", {"a": 5}, True),
])
def test_conditions(holds, expression, values, expected):
    assert holds(expression, **values) == expected


def test_names_stand_for_one_step(holds):
    assert holds("#xy = :v", {"#xy": "x.y"}, v=1)
    assert holds("m.#b.#c = :v", {"#b": "b", "#c": "c"}, v="d")
    assert not holds("#mb = :v", {"#mb": "m.b"}, v=1)
    assert holds("#l[0] = :_1", {"#l": "l"}, _1=1)


@pytest.mark.parametrize("expression, values, message", [
    ("", {}, "The expression can not be empty;"),
    ("n = ", {}, 'Syntax error; token: "<EOF>", near: "="'), ("n == :v", {"v": 1}, 'Syntax error; token: "=", near: "== :v"'),
    ("n = :v)", {"v": 1}, 'Syntax error; token: ")", near: ":v)"'), ("n = 5", {}, 'Syntax error; token: "5", near: "= 5"'),
    ("_n = :v", {"v": 1}, 'Syntax error; token: "_", near: "_n"'), ("n + five = :v", {"v": 1},
     'Syntax error; token: "+", near: "n + five"'),
    ("l[x] = :v", {"v": 1}, 'Syntax error; token: "x", near: "[x]"'), ("n IN ()", {}, 'Syntax error; token: ")", near: "()"'),
    ("((n = :v))", {"v": 1}, "The expression has redundant parentheses;"),
    ("((n)) = :v", {"v": 1}, "The expression has redundant parentheses;"),
    ("nope(n)", {}, "Invalid function name; function: nope"), ("SIZE(n) = :v", {"v": 1}, "Invalid function name; function: SIZE"),
    ("if_not_exists(n, :v) = :v", {"v": 1}, "The function is not allowed in a condition expression; function: if_not_exists"),
    ("size(n)", {}, "The function is not allowed to be used this way in an expression; function: size"),
    ("contains(s, :v) = :t", {"v": "a", "t": True},
     "The function is not allowed to be used this way in an expression; function: contains"),
    ("data = :v", {"v": 1}, "Attribute name is a reserved keyword; reserved keyword: data"),
    ("m.Value = :v", {"v": 1}, "Attribute name is a reserved keyword; reserved keyword: Value"),
    ("#none = :v", {"v": 1}, "An expression attribute name used in the document path is not defined; attribute name: #none"),
    ("n = :none", {"v": 1}, "An expression attribute value used in expression is not defined; attribute value: :none"),
    ("contains(s)", {},
     "Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1"),
    ("attribute_exists(n, s)", {},
     "Incorrect number of operands for operator or function; operator or function: attribute_exists, "
                                   "number of operands: 2"),
    ("attribute_exists(:v)", {"v": 1}, "Operator or function requires a document path; operator or function: attribute_exists"),
    ("attribute_not_exists(size(s))", {},
     "Operator or function requires a document path; operator or function: attribute_not_exists"),
    ("begins_with(s, :v)", {"v": 1},
     "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"),
    ("size(:v) = n", {"v": 1}, "Incorrect operand type for operator or function; operator or function: size, operand type: N"),
    ("attribute_type(s, :v)", {"v": 1},
     "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N"),
    ("attribute_type(s, n)", {},
     "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: "
                                 "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"),
    ("attribute_type(s, :v)", {"v": "X"},
     "Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
    ("n > :v", {"v": True}, "Incorrect operand type for operator or function; operator or function: >, operand type: BOOL"),
    ("size(s) <= :v", {"v": {"a"}},
     "Incorrect operand type for operator or function; operator or function: <=, operand type: SS"),
    ("attribute_exists(s) OR NOT (:v >= n)", {"v": [1]},
     "Incorrect operand type for operator or function; operator or function: >=, operand type: L"),
    ("n BETWEEN :v AND :w", {"v": None, "w": None},
     "Incorrect operand type for operator or function; operator or function: BETWEEN, operand type: NULL"),
    ("n BETWEEN :v AND :w", {"v": 1, "w": "a"},
     "The BETWEEN operator requires same data type for lower and upper bounds; lower bound "
     "operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {S:a}"),
    ("n BETWEEN :v AND :w", {"v": 2, "w": 1},
     "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower "
     "bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"),
    ("contains(s, s)", {},
     "The first operand must be distinct from the remaining operands for this operator or function; operator: "
     "contains, first operand: [s]"),
    ("l[2].deep = l[2].deep", {},
     "The first operand must be distinct from the remaining operands for this operator or function; operator: "
     "=, first operand: [l, [2], deep]"),
    ("l[99999999999] = :v", {"v": 1}, "List index is not within the allowable range; index: [99999999999]"),
])
def test_conditions_are_checked(refusal, expression, values, message):
    assert refusal(expression, **values) == message


def test_limits(refusal, tables):
    size = "Expression size has exceeded the maximum allowed size;"
    assert refusal("n" * 4092 + " = :v", v=1) == size + " expression size: 4097"
    path = {"TableName": "absent", "Key": KEY}

    def message(call):
        with pytest.raises(ClientError) as refused:
            call()
        return refused.value.response["Error"]["Message"]
    assert message(lambda: tables.get_item(**path, ProjectionExpression="n" * 4097)) == "Invalid ProjectionExpression: " + size
    assert message(lambda: tables.update_item(**path,
                                              UpdateExpression="REMOVE " + "n" * 4090)) == "Invalid UpdateExpression: " + size
    assert message(lambda: tables.query(TableName="absent", KeyConditionExpression="n" * 4097)) == (
        "Invalid KeyConditionExpression: " + size)
    assert tables.get_item(TableName="expr", Key=KEY, ProjectionExpression="n" * 4096)["Item"] == {}
    assert refusal(" OR ".join(["n=:v"] * 151), v=1) == "The expression contains too many operators; operator count: 301"
    assert tables.scan(TableName="expr", FilterExpression=" OR ".join(["n=:v"] * 150), **bound({"v": 5}))["Count"] == 1
    assert tables.scan(TableName="expr", FilterExpression="n=:v" + " OR (n=:v" * 149 + ")" * 149, **bound({"v": 5}))["Count"] == 1
    values = {f"v{i}": i for i in range(101)}
    wide = lambda count: "n IN (" + ",".join(f":v{i}" for i in range(count)) + ")"
    assert refusal(wide(101), **values) == (
        "Too many operands for the operator or function; operator or function: IN, number of operands: 101")
    assert tables.scan(TableName="expr", FilterExpression=wide(100), **bound({f"v{i}": i for i in range(100)}))["Count"] == 1
    assert refusal("n" + ".x" * 32 + " = :v", v=1) == "The document path has too many nesting levels; nesting levels: 33"
    assert refusal("(" * 4000).startswith(("Syntax error", "The expression has redundant parentheses;"))
    long = "#" + "a" * 254
    assert tables.get_item(TableName="expr", Key=KEY, ProjectionExpression=long,
                           ExpressionAttributeNames={long: "n"})["Item"] == {"n": {"N": "5"}}
    big = "x" * (1024 * 1024)
    assert message(lambda: tables.scan(TableName="absent", FilterExpression="s = :a OR s = :b",
                                       **bound({"a": big, "b": big + "y"}))) == "ExpressionAttributeValues exceeds max size"


BEFORE = {"n": 5, "s": "text", "l": [0, 1, 2, 3], "m": {"x": 5, "y": ["q"]}, "ss": {"b", "c"}, "ns": {1, 2}}


@pytest.fixture
def updated(tables):
    def told(expression, names=None, **values):
        tables.put_item(TableName="expr", Item={"p": {"S": "u"}, **{name: write(value) for name, value in BEFORE.items()}})
        try:
            answer = tables.update_item(TableName="expr", Key={"p": {"S": "u"}}, UpdateExpression=expression,
                                        ReturnValues="ALL_NEW", **bound(values, names))
        finally:
            tables.delete_item(TableName="expr", Key={"p": {"S": "u"}})
        after = {name: read(value) for name, value in answer["Attributes"].items() if name != "p"}
        return {name: after.get(name) for name in after.keys() | BEFORE.keys() if after.get(name) != BEFORE.get(name)}
    return told


@pytest.mark.parametrize("expression, values, changed", [
    ("SET s = :v, z = n", {"v": 1}, {"s": 1, "z": 5}), ("set n = n + :v", {"v": 1}, {"n": 6}),
    ("SET n = :v - n", {"v": 1}, {"n": -4}),
    ("SET n = (n + :v)", {"v": 1}, {"n": 6}), ("SET n = (m.x) - (:v)", {"v": 1}, {"n": 4}),
    ("SET s = n, n = s", {}, {"s": 5, "n": "text"}),
    ("SET z = if_not_exists(z, :v)", {"v": 1}, {"z": 1}), ("SET n = if_not_exists(n, :v)", {"v": 1}, {}),
    ("SET z = if_not_exists(z, :v) + :v", {"v": 1}, {"z": 2}), ("SET z = if_not_exists(z, if_not_exists(y, :v))", {"v": 1},
     {"z": 1}),
    ("SET l = list_append(l, :v)", {"v": [4]}, {"l": [0, 1, 2, 3, 4]}),
    ("SET l = list_append(:v, l)", {"v": [4]}, {"l": [4, 0, 1, 2,
     3]}),
    ("SET z = list_append(if_not_exists(z, :e), :v)", {"v": [4], "e": []}, {"z": [4]}),
    ("SET m.x = m.x + :v", {"v": 1}, {"m": {"x": 6, "y": ["q"]}}), ("SET m.y[0] = :v", {"v": 1}, {"m": {"x": 5, "y": [1]}}),
    ("SET m.y[9] = :v", {"v": 1}, {"m": {"x": 5, "y": ["q", 1]}}),
    ("SET l[20] = :v, l[10] = :w", {"v": 1, "w": 2}, {"l": [0, 1, 2, 3,
     2,
      1]}),
    ("REMOVE s, z, m.x", {}, {"s": None, "m": {"y": ["q"]}}), ("REMOVE l[1], l[2]", {}, {"l": [0, 3]}), ("REMOVE l[9]", {}, {}),
    ("REMOVE l[0] SET l[3] = :v", {"v": 9}, {"l": [1, 2, 9]}), ("REMOVE s SET z = s", {}, {"s": None, "z": "text"}),
    ("ADD n :v, z :w", {"v": -2, "w": 7}, {"n": 3, "z": 7}),
    ("ADD ss :v, z :v", {"v": {"a", "b"}}, {"ss": {"a", "b", "c"}, "z": {"a", "b"}}),
    ("ADD m.x :v", {"v": 1}, {"m": {"x": 6, "y": ["q"]}}), ("ADD m.z :v", {"v": 1}, {"m": {"x": 5, "y": ["q"], "z": 1}}),
    ("ADD l[0] :v", {"v": 8}, {"l": [8, 1, 2, 3]}), ("DELETE ss :v", {"v": {"b", "x"}}, {"ss": {"c"}}),
    ("DELETE ss :v, z :v", {"v": {"b", "c"}}, {"ss": None}), ("DELETE ns :v SET z = ns", {"v": {1}}, {"ns": {2}, "z": {1, 2}}),
    ("SET a = :v REMOVE s ADD n :w DELETE ss :x", {"v": 1, "w": 1, "x": {"b"}}, {"a": 1, "s": None, "n": 6, "ss": {"c"}}),
    ("SET m.#a = :v", {"v": 1}, {"m": {"x": 5, "y": ["q"], "a.b": 1}}),
])
def test_updates(updated, expression, values, changed):
    assert updated(expression, {"#a": "a.b"} if "#a" in expression else None, **values) == changed


@pytest.mark.parametrize("expression, values, message", [
    ("SET n = s + :v", {"v": 1}, "An operand in the update expression has an incorrect data type"),
    ("SET z = list_append(s, :v)", {"v": []}, "An operand in the update expression has an incorrect data type"),
    ("ADD s :v", {"v": 1}, "An operand in the update expression has an incorrect data type"),
    ("ADD ss :v", {"v": {1}}, "An operand in the update expression has an incorrect data type"),
    ("DELETE ss :v", {"v": {1}}, "An operand in the update expression has an incorrect data type"),
    ("SET z = absent", {}, "The provided expression refers to an attribute that does not exist in the item"),
    ("SET n = absent + :v", {"v": 1}, "The provided expression refers to an attribute that does not exist in the item"),
    ("SET absent.a = :v", {"v": 1}, "The document path provided in the update expression is invalid for update"),
    ("SET s[0] = :v", {"v": 1}, "The document path provided in the update expression is invalid for update"),
    ("SET l.x = :v", {"v": 1}, "The document path provided in the update expression is invalid for update"),
    ("SET l[9].x = :v", {"v": 1}, "The document path provided in the update expression is invalid for update"),
    ("ADD absent.a :v", {"v": 1}, "The document path provided in the update expression is invalid for update"),
    ("REMOVE absent.a", {}, "The document path provided in the update expression is invalid for update"),
    ("SET p = :v", {"v": 1},
     "One or more parameter values were invalid: Cannot update attribute p. This attribute is part of the key"),
    ("SET n = :v + :v", {"v": Decimal("9E125")},
     "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    ("ADD n :v", {"v": Decimal("1E40")}, "Attempting to store more than 38 significant digits in a Number"),
])
def test_updates_that_do_not_fit_the_item(updated, expression, values, message):
    with pytest.raises(ClientError) as refused:
        updated(expression, **values)
    assert (refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]) == ("ValidationException",
     message)


OVERLAP = "Two document paths {} with each other; must remove or rewrite one of these paths; path one: {}, path two: {}"


@pytest.mark.parametrize("expression, values, message", [
    ("", {}, "The expression can not be empty;"), ("whatever", {}, 'Syntax error; token: "whatever", near: "whatever"'),
    ("INVALID SYNTAX HERE", {}, 'Syntax error; token: "INVALID", near: "INVALID SYNTAX"'),
    ("SET a", {}, 'Syntax error; token: "<EOF>", near: "a"'), ("SET a = b / c", {}, 'Syntax error; token: "/", near: "b / c"'),
    ("SET a = (b.c).d + e", {}, 'Syntax error; token: ".", near: ").d"'),
    ("SET a = b + c + d", {}, 'Syntax error; token: "+", near: "c + d"'),
    ("ADD a = b", {}, 'Syntax error; token: "=", near: "a = b"'), ("DELETE a b", {}, 'Syntax error; token: "b", near: "a b"'),
    ("REMOVE a = b", {}, 'Syntax error; token: "=", near: "a = b"'), ("SET a = :v, REMOVE b", {"v": 1},
     'Syntax error; token: "REMOVE", near: ", REMOVE b"'),
    ("SET a = if_not_exists(a, :v + :v)", {"v": 1}, 'Syntax error; token: "+", near: ":v + :v"'),
    ("SET abOrt = :v", {"v": 1}, "Attribute name is a reserved keyword; reserved keyword: abOrt"),
    ("SET a = nope(a)", {}, "Invalid function name; function: nope"),
    ("SET a = LIST_APPEND(a, a)", {}, "Invalid function name; function: LIST_APPEND"),
    ("SET a = size(a)", {}, "The function is not allowed in an update expression; function: size"),
    ("SET a = list_append(list_append(a, b), c)", {},
     "The function is not allowed to be used this way in an expression; function: list_append"),
    ("SET a = :v REMOVE b SET c = :v", {"v": 1}, 'The "SET" section can only be used once in an update expression;'),
    ("SET #x = :none", {}, "An expression attribute name used in the document path is not defined; attribute name: #x"),
    ("SET a = :none", {}, "An expression attribute value used in expression is not defined; attribute value: :none"),
    ("SET a = :v REMOVE a", {"v": 1}, OVERLAP.format("overlap", "[a]", "[a]")),
    ("SET a.b = :v, a.b.c.d = :v", {"v": 1}, OVERLAP.format("overlap", "[a, b]", "[a, b, c, d]")),
    ("SET a[1][1] = :v, a[1] = :v", {"v": 1}, OVERLAP.format("overlap", "[a, [1], [1]]", "[a, [1]]")),
    ("SET a.b = :v, a[1] = :v", {"v": 1}, OVERLAP.format("conflict", "[a, b]", "[a, [1]]")),
    ("SET a = list_append(a)", {},
     "Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1"),
    ("SET a = if_not_exists(:v, c)", {"v": 1},
     "Operator or function requires a document path; operator or function: if_not_exists"),
    ("SET a = if_not_exists(if_not_exists(a, b), c)", {},
     "Operator or function requires a document path; operator or function: if_not_exists"),
    ("SET a = list_append(a, :v)", {"v": 1},
     "Incorrect operand type for operator or function; operator or function: list_append, operand type: N"),
    ("SET a = a - :v", {"v": "x"}, "Incorrect operand type for operator or function; operator or function: -, operand type: S"),
    ("ADD a :v", {"v": "x"},
     "Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"),
    ("ADD a :v", {"v": [1]},
     "Incorrect operand type for operator or function; operator: ADD, operand type: LIST, typeSet: ALLOWED_FOR_ADD_OPERAND"),
    ("DELETE a :v", {"v": 1},
     "Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: "
     "ALLOWED_FOR_DELETE_OPERAND"),
    ("DELETE a :v", {"v": None},
     "Incorrect operand type for operator or function; operator: DELETE, operand type: NULL, typeSet: "
     "ALLOWED_FOR_DELETE_OPERAND"),
])
def test_updates_are_checked(tables, expression, values, message):
    with pytest.raises(ClientError) as refused:
        tables.update_item(TableName="absent", Key=KEY, UpdateExpression=expression, **bound(values))
    assert refused.value.response["Error"]["Message"] == "Invalid UpdateExpression: " + message


@pytest.mark.parametrize("expression, chosen", [
    ("s, n", {"s": "héllo", "n": 5}), ("absent", {}), ("m.a, m.b.c", {"m": {"a": 1, "b": {"c": "d"}}}),
    ("m.b", {"m": {"b": {"c": "d"}}}),
    ("l[2], l[0]", {"l": [1, {"deep": [9]}]}), ("l[2].deep[0], l[9]", {"l": [{"deep": [9]}]}), ("s.x, n[0], m[0], l.a", {}),
])
def test_projections(tables, expression, chosen):
    wanted = {name: write(value) for name, value in chosen.items()}
    got = tables.get_item(TableName="expr", Key=KEY, ProjectionExpression=expression)
    assert got["Item"] == wanted
    assert tables.scan(TableName="expr", ProjectionExpression=expression)["Items"] == [wanted]
    batch = tables.batch_get_item(RequestItems={"expr": {"Keys": [KEY], "ProjectionExpression": expression}})
    assert batch["Responses"]["expr"] == [wanted]


@pytest.mark.parametrize("expression, message", [
    ("", "The expression can not be empty;"), ("a,", 'Syntax error; token: "<EOF>", near: ","'),
    ("a..b", 'Syntax error; token: ".", near: "..b"'),
    ("a b", 'Syntax error; token: "b", near: "a b"'), (":v", 'Syntax error; token: ":v", near: ":v"'),
    ("a[-1]", 'Syntax error; token: "-", near: "[-1"'), ("size(a)", 'Syntax error; token: "(", near: "size(a"'),
    ("name", "Attribute name is a reserved keyword; reserved keyword: name"),
    ("#x", "An expression attribute name used in the document path is not defined; attribute name: #x"),
    ("a, a", OVERLAP.format("overlap", "[a]", "[a]")), ("a[0], a", OVERLAP.format("overlap", "[a, [0]]", "[a]")),
    ("a.b, a[0]", OVERLAP.format("conflict", "[a, b]", "[a, [0]]")),
])
def test_projections_are_checked(tables, expression, message):
    with pytest.raises(ClientError) as refused:
        tables.get_item(TableName="absent", Key=KEY, ProjectionExpression=expression)
    assert refused.value.response["Error"]["Message"] == "Invalid ProjectionExpression: " + message


@pytest.mark.parametrize("expression, message", [
    ("p = :p OR c = :c", "Invalid operator used in KeyConditionExpression: OR"),
    ("NOT p = :p AND c = :c", "Invalid operator used in KeyConditionExpression: NOT"),
    ("p = :p AND c <> :c", "Invalid operator used in KeyConditionExpression: <>"),
    ("p = :p AND c IN (:c)", "Invalid operator used in KeyConditionExpression: IN"),
    ("p = :p AND contains(c, :c)", "Invalid operator used in KeyConditionExpression: contains"),
    ("p = :p AND attribute_exists(c) AND c = :c", "Invalid operator used in KeyConditionExpression: attribute_exists"),
    ("p = :p AND size(c) = :c", "KeyConditionExpressions cannot contain nested operations"),
    ("p = :p AND :c BETWEEN c AND c",
     "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its "
     "first operand"),
    ("p = :p AND begins_with(:c, c)",
     "Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as "
     "its first operand"),
    ("p = c AND c = :c AND p = :p",
     "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"),
    (":p = :c", "Invalid condition in KeyConditionExpression: No key attribute specified"),
    ("p = :p AND c.x = :c",
     "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes"),
    ("p = :p AND p = :c", "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"),
    ("p = :p AND c = :c AND x = :c",
     "The number of query conditions (3) exceeds the number of key attributes defined in the schema (2)"),
    ("c = :c AND x = :p", "Query condition missed key schema element: p"),
    ("p = :p AND x = :c", "Query condition missed key schema element: c"),
    ("p > :p AND c = :c", "Query key condition not supported"),
])
def test_key_conditions_are_checked(tables, expression, message):
    with pytest.raises(ClientError) as refused:
        tables.query(TableName="sorted", KeyConditionExpression=expression, **bound({"p": "p", "c": "c"}))
    assert refused.value.response["Error"]["Message"] == message


def test_key_conditions(tables):
    for c in ("a", "ab", "b", "ba", "c", "ÿÿ", "cÿbÿ"):
        tables.put_item(TableName="sorted", Item={"p": {"S": "p"}, "c": {"S": c}})

    def found(expression, names=None, **values):
        answer = tables.query(TableName="sorted", KeyConditionExpression=expression, **bound({"p": "p", **values}, names))
        return [item["c"]["S"] for item in answer["Items"]]
    everything = ["a", "ab", "b", "ba", "c", "cÿbÿ", "ÿÿ"]
    assert found("p = :p") == found(":p = p") == found("((p = :p))") == everything
    assert found("p = :p AND c = :c", c="b") == found("(p = :p) AND ((c = :c))", c="b") == found("(c = :c AND p = :p)",
     c="b") == ["b"]
    assert found("p = :p AND c < :c", c="b") == found("p = :p AND :c > c", c="b") == ["a", "ab"]
    assert found("p = :p AND c <= :c", c="b") == ["a", "ab", "b"]
    assert found("p = :p AND c > :c", c="b") == ["ba", "c", "cÿbÿ", "ÿÿ"]
    assert found("p = :p AND :c <= c", c="c") == ["c", "cÿbÿ", "ÿÿ"]
    assert found("p = :p AND c BETWEEN :c AND :d", c="ab", d="ba") == ["ab", "b", "ba"]
    assert found("p = :p AND begins_with(c, :c)", c="b") == ["b", "ba"]
    assert found("p = :p AND begins_with(#c, :c)", {"#c": "c"}, c="cÿ") == ["cÿbÿ"]
    assert found("p = :p AND begins_with(c, :c)", c="ÿ") == ["ÿÿ"]
