"""PartiQL as boto3 and the AWS CLI speak it. Texts and answers are those that AWS gives."""

import json
import subprocess
import urllib.error
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest

MALFORMED = "Statement wasn't well formed, can't be processed: "
CANCELLED = "Transaction cancelled, please refer cancellation reasons for specific reasons "


@pytest.fixture(scope="module")
def dynamodb(croft):
    """Tables "things" (pk, sk), "numbers" (pk N), and "indexed" with indexes of several projections."""
    client = croft.client("dynamodb")
    strings = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "g", "l")]
    key = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
    client.create_table(TableName="things", BillingMode="PAY_PER_REQUEST", KeySchema=key, AttributeDefinitions=strings[:2])
    client.create_table(TableName="numbers", BillingMode="PAY_PER_REQUEST", KeySchema=key[:1],
                        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "N"}])
    of_g, of_l = [{"AttributeName": "g", "KeyType": "HASH"}], [key[0], {"AttributeName": "l", "KeyType": "RANGE"}]
    client.create_table(
        TableName="indexed", BillingMode="PAY_PER_REQUEST", KeySchema=key, AttributeDefinitions=strings,
        GlobalSecondaryIndexes=[
            {"IndexName": "g-all", "KeySchema": of_g, "Projection": {"ProjectionType": "ALL"}},
            {"IndexName": "g-some", "KeySchema": of_g,
             "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["held"]}}],
        LocalSecondaryIndexes=[{"IndexName": "l-keys", "KeySchema": of_l, "Projection": {"ProjectionType": "KEYS_ONLY"}}])
    for n in ("1", "2", "4"):
        put(client, "indexed", sk={"S": "s" + n}, g={"S": "x" if n != "2" else "z"}, l={"S": "l" + n}, held={"S": "h" + n},
            other={"S": "o" + n})
    put(client, "indexed", sk={"S": "s3"}, other={"S": "o3"})
    return client


def put(client, table, pk="p", **attributes):
    key = {"S": pk} if isinstance(pk, str) else pk
    client.put_item(TableName=table, Item={"pk": key, **attributes})


def item(client, pk, sk="1", table="things"):
    return client.get_item(TableName=table, Key={"pk": {"S": pk}, "sk": {"S": sk}}).get("Item")


def run(client, statement, *parameters, **more):
    if parameters:
        more["Parameters"] = list(parameters)
    return client.execute_statement(Statement=statement, **more)


def refusal(call, *arguments, **more):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(*arguments, **more)
    return refused.value.response


def refused(client, statement, *parameters, **more):
    error = refusal(run, client, statement, *parameters, **more)["Error"]
    return error["Code"], error["Message"]


def invalid(message):
    return "ValidationException", message


def sort_keys(answer):
    return [one["sk"]["S"] for one in answer["Items"]]


def transaction(client, *statements, **more):
    return client.execute_transaction(TransactStatements=[{"Statement": one} for one in statements], **more)


def raw(croft, operation, **document):
    """A request with members that this boto3 does not know; status and answer."""
    known = croft.credentials
    signed = botocore.awsrequest.AWSRequest(
        "POST", croft.endpoints["gateway"] + "/", data=json.dumps(document).encode(),
        headers={"X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0"})
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(known["aws_access_key_id"], known["aws_secret_access_key"]),
                            "dynamodb", known["region"]).add_auth(signed)
    request = urllib.request.Request(signed.url, signed.data, dict(signed.headers))
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


# -- reading ---------------------------------------------------------------------------------------------------------------


def test_literals_are_stored_with_their_types(dynamodb):
    answer = run(dynamodb, "INSERT INTO things VALUE {'pk': 'types', 'sk': '1', 's': 'it''s', 'n': -1.5e-3, 'b': true, 'z': NULL,"
                           " 'l': [1, 'a', {'k': 2}], 'm': {'k': [false]}, 'ss': <<'b', 'a'>>, 'ns': <<1, 34, 4.5>>}")

    assert answer["Items"] == []
    assert item(dynamodb, "types") == {
        "pk": {"S": "types"}, "sk": {"S": "1"}, "s": {"S": "it's"}, "n": {"N": "-0.0015"}, "b": {"BOOL": True},
        "z": {"NULL": True}, "l": {"L": [{"N": "1"}, {"S": "a"}, {"M": {"k": {"N": "2"}}}]},
        "m": {"M": {"k": {"L": [{"BOOL": False}]}}}, "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "4.5", "34"]}}


def test_parameters_take_every_type(dynamodb):
    value = {"M": {"bin": {"B": b"\x00\xff"}, "set": {"BS": [b"\x01"]}}}

    run(dynamodb, 'INSERT INTO "things" VALUE {\'pk\': ?, \'sk\': ?, \'v\': ?}', {"S": "params"}, {"S": "1"}, value)

    found = run(dynamodb, "SELECT v FROM things WHERE pk = ? AND v = ?", {"S": "params"}, value)["Items"]
    assert found == [{"v": value}]
    assert refused(dynamodb, "SELECT * FROM things WHERE pk = ?") == invalid(
        "Number of parameters in request and statement don't match.")


def test_parameters_are_looked_at_before_the_statement(dynamodb):
    prefix = "One or more parameter values were invalid: "
    for value, message in [
            ({"SS": ["a", "a"]}, prefix + "Input collection [a, a] contains duplicates."),
            ({"NULL": False}, prefix + "Null attribute value types must have the value of true"),
            ({"N": "abc"}, "The parameter cannot be converted to a numeric value: abc"),
            ({"L": [{"N": "1"}, {"N": "1e99999999999"}]},
             "The parameter cannot be converted to a numeric value: 1e99999999999"),
            ({"N": "1e126"}, "Number overflow. Attempting to store a number with magnitude larger than supported range")]:
        assert refused(dynamodb, "UPDATE things SET WHERE", value) == invalid(message)
    answer = dynamodb.batch_execute_statement(
        Statements=[{"Statement": "DELETE FROM things WHERE pk = ?", "Parameters": [{"SS": []}]}])
    assert answer["Responses"] == [
        {"Error": {"Code": "ValidationError", "Message": prefix + "An string set  may not be empty"}}]


def test_columns_are_named_by_the_end_of_their_paths(dynamodb):
    put(dynamodb, "things", "columns", sk={"S": "1"}, m={"M": {"k": {"L": [{"S": "c"}]}}}, odd={"N": "1"})

    answer = run(dynamodb, "SELECT m.k[0], \"odd\", nope FROM things WHERE pk = 'columns' AND sk = '1'")

    assert answer["Items"] == [{"k[0]": {"S": "c"}, "odd": {"N": "1"}}]
    assert run(dynamodb, "SELECT nope FROM things WHERE pk = 'columns'")["Items"] == [{}]
    assert run(dynamodb, "SELECT * FROM things WHERE pk = 'nobody'")["Items"] == []


def test_a_query_reads_the_partition_and_a_scan_the_table(dynamodb):
    for n in range(3):
        put(dynamodb, "things", "reads", sk={"S": str(n)}, n={"N": str(n)}, bytes={"B": b"x" * 5000})
    put(dynamodb, "things", "read by scans only", sk={"S": "0"}, bytes={"B": b"x" * 5000})

    def units(where):
        answer = run(dynamodb, "SELECT sk FROM things WHERE " + where, ReturnConsumedCapacity="TOTAL", ConsistentRead=True)
        assert answer["ConsumedCapacity"]["TableName"] == "things"
        return sort_keys(answer), answer["ConsumedCapacity"]["CapacityUnits"]

    assert units("pk = 'reads' AND n > 0") == (["1", "2"], 4)
    assert units("pk = 'reads' AND sk > '1'") == (["2"], 2)
    assert units("pk = 'reads' AND sk = '1'") == (["1"], 2)
    assert units("n >= 0 AND n <= 2 AND size(bytes) = 5000")[0] == ["0", "1", "2"]
    assert units("n >= 0 AND n <= 2 AND size(bytes) = 5000")[1] > 4


def test_several_keys_are_read_one_after_the_other_and_paged(dynamodb):
    for pk in ("o", "p"):
        for n in "123":
            put(dynamodb, "things", pk, sk={"S": n})

    def order(where, **more):
        answer = run(dynamodb, "SELECT pk, sk FROM things WHERE " + where, **more)
        return [one["pk"]["S"] + one["sk"]["S"] for one in answer["Items"]], answer

    assert order("pk = 'o' ORDER BY sk DESC")[0] == ["o3", "o2", "o1"]
    assert order("pk = 'o' ORDER BY sk")[0] == ["o1", "o2", "o3"]
    assert order("pk = 'o' ORDER BY pk ASC")[0] == ["o3", "o2", "o1"]  # as AWS does
    assert order("pk IN ['o', 'p'] ORDER BY pk DESC, sk ASC")[0] == ["p1", "p2", "p3", "o1", "o2", "o3"]
    assert order("pk = 'o' AND sk IN ['3', '1']")[0] == ["o3", "o1"]
    assert order("pk = 'o' AND NOT sk = '1' OR pk = 'o' AND sk = '2'")[0] == ["o2", "o3"]
    where = "pk IN ['o', 'p'] ORDER BY pk DESC"
    first, answer = order(where, Limit=2)
    second, again = order(where, Limit=2, NextToken=answer["NextToken"])
    assert (first, second) == (["p3", "p2"], ["p1", "o3"])
    assert answer["LastEvaluatedKey"] == {"pk": {"S": "p"}, "sk": {"S": "2"}}
    assert order(where, NextToken=again["NextToken"])[0] == ["o2", "o1"]
    full, at_border = order(where, Limit=3)
    assert full == ["p3", "p2", "p1"] and order(where, NextToken=at_border["NextToken"])[0] == ["o3", "o2", "o1"]
    assert "NextToken" not in order(where)[1]


def test_a_token_is_bound_to_its_statement_and_parameters(dynamodb):
    for n in "12":
        put(dynamodb, "things", "token", sk={"S": n})
    text = "SELECT * FROM things WHERE pk = ?"
    token = run(dynamodb, text, {"S": "token"}, Limit=1)["NextToken"]

    assert sort_keys(run(dynamodb, text, {"S": "token"}, Limit=5, NextToken=token)) == ["2"]
    mismatch = invalid("NextToken does not match request")
    assert refused(dynamodb, text, {"S": "other"}, NextToken=token) == mismatch
    assert refused(dynamodb, "SELECT * FROM things", NextToken=token) == mismatch
    flipped = token[:50] + ("A" if token[50] != "A" else "B") + token[51:]
    for broken in ("garbage", flipped, token[:-4]):
        assert refused(dynamodb, text, {"S": "token"}, NextToken=broken) == invalid("Invalid NextToken")


def test_a_large_partition_comes_in_pages_of_a_megabyte(dynamodb):
    for n in range(5):
        put(dynamodb, "things", "large", sk={"S": str(n)}, blob={"B": b"x" * 300_000})

    first = run(dynamodb, "SELECT sk FROM things WHERE pk = 'large' AND sk <> '1'")
    second = run(dynamodb, "SELECT sk FROM things WHERE pk = 'large' AND sk <> '1'", NextToken=first["NextToken"])

    assert sort_keys(first) == ["0", "2", "3"] and sort_keys(second) == ["4"] and "NextToken" not in second


def test_an_index_is_read_by_its_own_key(dynamodb):
    def keys(text, **more):
        return sorted(sort_keys(run(dynamodb, text, **more)))

    assert keys('SELECT * FROM "indexed"."g-all" WHERE g = \'x\'') == ["s1", "s4"]
    assert keys('SELECT sk FROM "indexed"."g-all"') == ["s1", "s2", "s4"]
    some = run(dynamodb, 'SELECT * FROM indexed."g-some" WHERE g = \'z\'', ReturnConsumedCapacity="INDEXES")
    assert [sorted(one) for one in some["Items"]] == [["g", "held", "pk", "sk"]]
    assert some["ConsumedCapacity"]["GlobalSecondaryIndexes"] == {"g-some": {"CapacityUnits": 0.5}}
    assert some["ConsumedCapacity"]["Table"] == {"CapacityUnits": 0}
    assert run(dynamodb, "SELECT other FROM indexed.\"l-keys\" WHERE pk = 'p' AND l > 'l1'", ConsistentRead=True)["Items"] == [
        {"other": {"S": "o2"}}, {"other": {"S": "o4"}}]
    assert keys("SELECT sk FROM indexed.\"g-some\" WHERE other = 'o1'") == []
    assert keys("SELECT sk FROM indexed.\"g-some\" WHERE NOT other = 'o1'") == ["s1", "s2", "s4"]


def test_refusals_of_index_reads(dynamodb):
    prefix = "One or more parameter values were invalid: "
    for statement, message in [
            ("SELECT pk FROM indexed.\"g-some\" WHERE g = 'x' AND other = 'o1'",
             prefix + "Secondary index g-some does not project one or more filter attributes: [other]"),
            ("SELECT pk FROM indexed.\"l-keys\" WHERE pk = 'p' AND other = 'o1'",
             prefix + "Secondary index l-keys does not project one or more filter attributes: [other]"),
            ("SELECT other, more FROM indexed.\"g-some\"",
             prefix + "Global secondary index g-some does not project [other, more]"),
            ("SELECT * FROM indexed.nope", "The table does not have the specified index"),
            ("SELECT * FROM indexed.\"g-all\".more", "A path may contain at most 2 components in the FROM clause"),
            ("UPDATE indexed.\"g-all\" SET a = 1 WHERE pk = 'p' AND sk = 's1'", "This operation is not supported on an index"),
            ("INSERT INTO indexed.\"g-all\" VALUE {'pk': 'w', 'sk': 'w'}",
             "FROM clause may only contain a single table name in data manipulation statements")]:
        assert refused(dynamodb, statement) == invalid(message), statement
    assert refused(dynamodb, "SELECT * FROM indexed.\"g-all\" WHERE g = 'x'", ConsistentRead=True) == invalid(
        "Strongly consistent read is not supported on Global Secondary Indexes")


# -- writing ---------------------------------------------------------------------------------------------------------------


def test_an_insert_never_overwrites(dynamodb):
    statement = "INSERT INTO things VALUE {'pk': 'once', 'sk': '1', 'a': %d}"
    run(dynamodb, statement % 1)

    assert refused(dynamodb, statement % 2) == ("DuplicateItemException", "Duplicate primary key exists in table")
    assert item(dynamodb, "once")["a"] == {"N": "1"}


def test_updates_change_what_is_there(dynamodb):
    run(dynamodb, "INSERT INTO things value {'pk':'u', 'sk':'1', 'n':1, 'm':{'a':'value'}, 'l':[1,'x'], 'ns':<<1,34>>,"
                  " 'ss':<<'a'>>}")

    run(dynamodb, "UPDATE things SET n=n + 100 SET m.b=[2020, 'v'] SET l = LIST_APPEND(l, [4, <<'s1', 's2'>>])"
                  " SET ns = SET_ADD(ns, <<345>>), ss = set_add(ss, ?), fresh = set_add(fresh, <<'f'>>)"
                  " WHERE pk='u' AND sk='1'", {"SS": ["b"]})
    run(dynamodb, "UPDATE things SET n=n-1 REMOVE l[1] REMOVE m.a SET ns = set_delete(ns, <<34>>)"
                  " SET ss = set_delete(ss, <<'a', 'b'>>) WHERE pk='u' AND sk='1'")

    assert item(dynamodb, "u") == {
        "pk": {"S": "u"}, "sk": {"S": "1"}, "n": {"N": "100"}, "m": {"M": {"b": {"L": [{"N": "2020"}, {"S": "v"}]}}},
        "l": {"L": [{"N": "1"}, {"N": "4"}, {"SS": ["s1", "s2"]}]}, "ns": {"NS": ["1", "345"]}, "fresh": {"SS": ["f"]}}


def test_a_where_beside_the_key_is_a_condition(dynamodb):
    put(dynamodb, "things", "cond", sk={"S": "1"}, a={"N": "1"})
    failed = ("ConditionalCheckFailedException", "The conditional request failed")
    where = " WHERE pk = 'cond' AND sk = '1' AND "

    assert refused(dynamodb, "UPDATE things SET a = 2" + where + "a > 1") == failed
    assert refused(dynamodb, "DELETE FROM things" + where + "attribute_exists(nope)") == failed
    run(dynamodb, "UPDATE things SET a = 2" + where + "a IS NOT MISSING")
    run(dynamodb, "FROM things WHERE (pk = 'cond' AND sk = '1') AND a = 2 SET b = 3")
    assert item(dynamodb, "cond") == {"pk": {"S": "cond"}, "sk": {"S": "1"}, "a": {"N": "2"}, "b": {"N": "3"}}
    run(dynamodb, "DELETE FROM things" + where + "NOT begins_with(a, 'x')")
    assert item(dynamodb, "cond") is None
    assert refused(dynamodb, "UPDATE things SET a = 1 WHERE pk = 'ghost' AND sk = '1'") == failed
    assert item(dynamodb, "ghost") is None
    assert run(dynamodb, "DELETE FROM things WHERE pk = 'ghost' AND sk = '1' AND a = 1")["Items"] == []


def test_returning(dynamodb):
    put(dynamodb, "things", "ret", sk={"S": "1"}, d={"S": "old"}, tags={"L": [{"S": "a"}, {"S": "b"}, {"S": "c"}]})

    def update(change, returning):
        return run(dynamodb, f"UPDATE things {change} WHERE pk = 'ret' AND sk = '1' RETURNING {returning} *")["Items"]

    assert update("SET d = 'new'", "MODIFIED OLD") == [{"d": {"S": "old"}}]
    assert update("SET d = 'newer'", "ALL OLD")[0]["d"] == {"S": "new"}
    assert update("SET d = 'last'", "ALL NEW")[0]["d"] == {"S": "last"}
    assert update("SET tags[2] = 'y', tags[0] = 'x'", "MODIFIED NEW") == [{"tags": {"L": [{"S": "x"}, {"S": "y"}]}}]
    assert update("REMOVE d", "MODIFIED NEW") == []
    assert update("SET fresh = 1", "MODIFIED OLD") == []
    gone = run(dynamodb, "DELETE FROM things WHERE pk = 'ret' AND sk = '1' RETURNING ALL OLD *")["Items"]
    assert gone[0]["pk"] == {"S": "ret"}
    assert run(dynamodb, "DELETE FROM things WHERE pk = 'ret' AND sk = '1' RETURNING ALL OLD *")["Items"] == []
    assert refused(dynamodb, "DELETE FROM things WHERE pk = 'ret' AND sk = '1' RETURNING ALL NEW *") == invalid(
        "Invalid returning clause: RETURNING ALL NEW *. Only RETURNING ALL OLD * is allowed in DELETE statements.")


def test_the_item_of_a_failed_condition_comes_when_asked_for(croft, dynamodb):
    put(dynamodb, "things", "failure", sk={"S": "1"}, a={"N": "1"})
    statement = "UPDATE things SET a = 2 WHERE pk = 'failure' AND sk = '1' AND a = 5"

    status, answer = raw(croft, "ExecuteStatement", Statement=statement, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    _, plain = raw(croft, "ExecuteStatement", Statement=statement)
    _, batch = raw(croft, "BatchExecuteStatement",
                   Statements=[{"Statement": statement, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}])

    old = {"pk": {"S": "failure"}, "sk": {"S": "1"}, "a": {"N": "1"}}
    assert status == 400 and answer["__type"].endswith("#ConditionalCheckFailedException") and answer["Item"] == old
    assert "Item" not in plain
    assert batch["Responses"] == [{"TableName": "things", "Error": {
        "Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": old}}]


@pytest.mark.parametrize("statement, message", [
    ("SELECTT * FROMM \"things\"", MALFORMED + "Unexpected token after expression"),
    ("SELECT * FROM things WHERE", MALFORMED + "Unexpected term"),
    ("SELECT * FROM things WHERE pk = 'p' AND", MALFORMED + "Missing right-hand side expression of infix operator"),
    ("SELECT * FROM things WHERE pk = 'a' # note", MALFORMED),
    ("SELECT * FROM things t WHERE pk = 'x'", "Aliasing is not supported"),
    ("SELECT * FROM things LIMIT 5", "Unsupported clause: LIMIT at 1:28:1"),
    ("SELECT * FROM numbers WHERE pk = 1e126",
     "Number overflow. Attempting to store a number with magnitude larger than supported range under root"),
    ("SELECT * FROM numbers WHERE pk = 'one'",
     "Key attribute's data type should match its data type in table's schema: Key pk"),
    ("SELECT * FROM things WHERE pk = 'a' AND x < true",
     "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"),
    ("SELECT * FROM things WHERE pk = 'a' OR pk = 'a'",
     "Overlapping conditions with range keys are not supported in where clause"),
    ("SELECT * FROM things ORDER BY sk", "Must have WHERE clause in the statement when using ORDER BY clause."),
    ("DELETE FROM things WHERE pk = 'a'", "Where clause does not contain a mandatory equality on all key attributes"),
    ("FROM things SET c = 1", "Where clause does not contain a mandatory equality on all key attributes"),
    ("UPDATE things SET pk = 'b' WHERE pk = 'a' AND sk = '1'",
     "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key"),
    ("EXISTS(SELECT * FROM things WHERE pk = 'a' AND sk = '1' AND a = 1)",
     "EXISTS can only be used in ExecuteTransaction write requests."),
    ("INSERT INTO things VALUE {'pk': 'bag', 'sk': '1', 's': <<>>}", "Empty bags are not supported"),
])
def test_refusals(dynamodb, statement, message):
    assert refused(dynamodb, statement) == invalid(message)


def test_a_missing_table_and_the_size_of_a_statement(dynamodb):
    assert refused(dynamodb, "SELECT * FROM nobody WHERE pk = 'x'") == (
        "ResourceNotFoundException", "Requested resource not found")
    longest = "SELECT * FROM things WHERE pk = '%s'"
    assert run(dynamodb, longest % ("x" * (2048 - 1)))["Items"] == []
    filler = "SELECT * FROM things WHERE pk = 'size' AND a = '%s'"
    assert run(dynamodb, filler % ("x" * (8192 - len(filler) + 2)))["Items"] == []
    code, message = refused(dynamodb, filler % ("x" * (8192 - len(filler) + 3)))
    assert code == "ValidationException"
    assert message.endswith("at 'statement' failed to satisfy constraint: Member must have length less than or equal to 8192")


# -- batches ---------------------------------------------------------------------------------------------------------------


def batch(client, *statements, **more):
    return client.batch_execute_statement(Statements=[{"Statement": one} for one in statements], **more)


def test_a_batch_of_reads_tells_each_answer(dynamodb):
    put(dynamodb, "things", "batch", sk={"S": "1"}, a={"N": "1"})
    no_key = {"Code": "ValidationError", "Message": "Select statements within BatchExecuteStatement must specify the primary "
                                                    "key in the where clause."}

    answer = batch(dynamodb, "SELECT a FROM things WHERE pk = 'batch' AND sk = '1'", "SELECT * FROM things WHERE pk = 'batch'",
                   "SELECT * FROM nobody WHERE pk = 'x'", "SLECT * FROM things WHERE pk = 'x'",
                   "SELECT * FROM things WHERE pk IN ['batch'] AND sk = 'none'",
                   "SELECT * FROM indexed.\"g-all\" WHERE g = 'x'", ReturnConsumedCapacity="TOTAL")

    assert answer["Responses"] == [
        {"TableName": "things", "Item": {"a": {"N": "1"}}}, {"TableName": "things", "Error": no_key},
        {"Error": {"Code": "ResourceNotFound", "Message": "Requested resource not found"}},
        {"Error": {"Code": "ValidationError", "Message": MALFORMED + "Expected data manipulation"}},
        {"TableName": "things"}, {"TableName": "indexed", "Error": no_key}]
    assert answer["ConsumedCapacity"][0] == {"TableName": "things", "CapacityUnits": 0.5}


def test_a_batch_of_writes_goes_on_after_a_refusal(dynamodb):
    insert = "INSERT INTO things VALUE {'pk': 'bw', 'sk': '1', 'a': 1}"

    answer = batch(dynamodb, insert, insert, "UPDATE things SET a = 5 WHERE pk = 'bw' AND sk = '1' AND a = 9",
                   "UPDATE things SET a = a + 1 WHERE pk = 'bw' AND sk = '1' RETURNING MODIFIED NEW *",
                   "UPDATE things SET a = 'x' + 1 WHERE pk = 'bw' AND sk = '1'",
                   "DELETE FROM things WHERE pk = 'bw' AND sk = '1' RETURNING ALL OLD *")

    errors = [one.get("Error", {}).get("Code") for one in answer["Responses"]]
    assert errors == [None, "DuplicateItem", "ConditionalCheckFailed", None, "ValidationError", None]
    assert answer["Responses"][1]["Error"]["Message"] == "Duplicate primary key exists in table"
    assert answer["Responses"][3] == {"TableName": "things", "Item": {"a": {"N": "2"}}}
    assert answer["Responses"][5]["Item"]["a"] == {"N": "2"}
    assert item(dynamodb, "bw") is None


def test_a_batch_is_of_one_kind_and_limited(croft, dynamodb):
    mixed = refusal(batch, dynamodb, "SELECT * FROM things WHERE pk = 'a' AND sk = '1'",
                    "DELETE FROM things WHERE pk = 'a' AND sk = '1'")
    assert mixed["Error"]["Message"] == "Read and write requests together in the same batch is not supported."
    for count, word in ((0, "greater than or equal to 1"), (26, "less than or equal to 25")):
        status, answer = raw(croft, "BatchExecuteStatement", Statements=[{"Statement": "SELECT * FROM things"}] * count)
        assert status == 400 and answer["__type"].endswith("#ValidationException")
        assert answer["message"].endswith("at 'statements' failed to satisfy constraint: Member must have length " + word)


# -- transactions ----------------------------------------------------------------------------------------------------------


def test_a_transaction_writes_all_or_nothing(dynamodb):
    put(dynamodb, "things", "tx", sk={"S": "1"}, a={"N": "1"})

    answer = transaction(dynamodb, "INSERT INTO things VALUE {'pk': 'tx', 'sk': '2'}",
                         "UPDATE things SET a = a + 1 WHERE pk = 'tx' AND sk = '1'",
                         "EXISTS(SELECT * FROM things WHERE pk = 'types' AND sk = '1' AND nope IS MISSING)",
                         ReturnConsumedCapacity="TOTAL")
    failed = refusal(transaction, dynamodb, "UPDATE things SET a = 7 WHERE pk = 'tx' AND sk = '1'",
                     "INSERT INTO things VALUE {'pk': 'tx', 'sk': '2'}",
                     "EXISTS(SELECT * FROM things WHERE pk = 'gone' AND sk = '1' AND a = 1)")

    assert answer["Responses"] == []
    assert [one["TableName"] for one in answer["ConsumedCapacity"]] == ["things"]
    assert failed["Error"]["Code"] == "TransactionCanceledException"
    assert failed["Error"]["Message"] == CANCELLED + "[None, DuplicateItem, ConditionalCheckFailed]"
    assert failed["CancellationReasons"] == [
        {"Code": "None"}, {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}]
    assert item(dynamodb, "tx")["a"] == {"N": "2"}


def test_a_transaction_reads_by_whole_keys(dynamodb):
    put(dynamodb, "things", "txr", sk={"S": "1"}, a={"N": "1"}, b={"N": "2"})
    select = "SELECT a FROM things WHERE pk = 'txr' AND sk = "
    message = "Validation failed in TransactStatements[0]: "

    answer = transaction(dynamodb, select + "'1'", select + "'none'")

    assert answer["Responses"] == [{"Item": {"a": {"N": "1"}}}, {}]
    for statements, expected in [
            ((select + "'1' AND a = 1",), message + "Select statements within ExecuteTransaction must specify the primary key "
                                                    "in the where clause."),
            (("SELECT * FROM indexed.\"g-all\" WHERE g = 'x'",),
             message + "Reads on indices are not supported within transactions."),
            (("SELECT * FROM things WHERE",), message + MALFORMED + "Unexpected term"),
            ((select + "'1'", select + "'1'"), "Transaction request cannot include multiple operations on one item"),
            ((select + "'1'", "DELETE FROM things WHERE pk = 'txr' AND sk = '1'"),
             "ExecuteTransaction API does not support both read and write operations in the same request."),
            (("UPDATE things SET a = 1 WHERE pk = 'a' AND sk = '1' RETURNING ALL NEW *",),
             message + "RETURNING clause is not supported in ExecuteTransaction."),
            (("EXISTS(SELECT * FROM things WHERE pk = 'x' AND sk = '1')",),
             message + "EXISTS() must contain a single item read with additional condition")]:
        error = refusal(transaction, dynamodb, *statements)["Error"]
        assert (error["Code"], error["Message"]) == invalid(expected), statements


def test_keys_and_tables_that_are_wrong_cancel_a_transaction(dynamodb):
    put(dynamodb, "things", "txk", sk={"S": "1"})
    update = "UPDATE things SET a = 1 WHERE pk = 'txk'"
    mismatch = {"Code": "ValidationError", "Message": "The provided key element does not match the schema"}
    missing = {"Code": "ResourceNotFound", "Message": "Requested resource not found"}

    def reasons(*statements):
        return refusal(transaction, dynamodb, *statements)["CancellationReasons"]

    assert reasons(update, update + " AND sk = 1", update + " AND sk = '1' AND pk = 'b'", update + " AND sk = '1'") == [
        mismatch, mismatch, mismatch, {"Code": "None"}]
    assert reasons("INSERT INTO things VALUE {'pk': 'x'}") == [
        {"Code": "ValidationError", "Message": "One or more parameter values were invalid: Missing the key sk in the item"}]
    assert reasons("SELECT * FROM things WHERE pk = 'txk' AND sk = '1'", "SELECT * FROM nobody.idx WHERE pk = 'x'") == [
        {"Code": "None"}, missing]
    assert "a" not in item(dynamodb, "txk")


def test_a_transactions_token_counts_once(dynamodb):
    put(dynamodb, "things", "idem", sk={"S": "1"}, n={"N": "0"})
    statement = "UPDATE things SET n = n + 1 WHERE pk = 'idem' AND sk = '1'"

    for _ in range(2):
        transaction(dynamodb, statement, ClientRequestToken="token-1")
    other = refusal(transaction, dynamodb, statement + " AND n = 1", ClientRequestToken="token-1")

    assert item(dynamodb, "idem")["n"] == {"N": "1"}
    assert other["Error"]["Code"] == "IdempotentParameterMismatchException"


def test_a_transaction_has_at_most_a_hundred_statements(dynamodb):
    def inserts(count):
        return [f"INSERT INTO things VALUE {{'pk': 'many', 'sk': '{n}'}}" for n in range(count)]

    too_many = refusal(transaction, dynamodb, *inserts(101))["Error"]
    transaction(dynamodb, *inserts(100))

    assert too_many["Code"] == "ValidationException" and too_many["Message"].endswith("less than or equal to 100")
    assert len(run(dynamodb, "SELECT sk FROM things WHERE pk = 'many'")["Items"]) == 100


def test_the_aws_cli(croft, dynamodb):
    def cli(*arguments):
        return subprocess.run(["aws", "--endpoint-url", croft.endpoints["gateway"], "dynamodb", *arguments],
                              env=croft.environment, capture_output=True, text=True, timeout=60)

    made = cli("execute-statement", "--statement", "INSERT INTO things VALUE {'pk': 'cli', 'sk': '1', 'a': ?}",
               "--parameters", '[{"N": "3"}]')
    found = cli("execute-statement", "--statement", "SELECT * FROM things WHERE pk = 'cli'")
    wrong = cli("execute-statement", "--statement", "SELECT * FROM things WHERE")

    assert made.returncode == 0 and json.loads(made.stdout)["Items"] == [], made.stderr
    assert json.loads(found.stdout)["Items"] == [{"pk": {"S": "cli"}, "sk": {"S": "1"}, "a": {"N": "3"}}]
    assert wrong.returncode != 0 and MALFORMED + "Unexpected term" in wrong.stderr
