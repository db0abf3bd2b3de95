"""TransactWriteItems and TransactGetItems: all or nothing, as one moment, with AWS's refusals."""

import json
import random
import threading
import time
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
import pytest
from botocore.exceptions import ClientError

CANCELLED = "Transaction cancelled, please refer cancellation reasons for specific reasons "
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
NONE = {"Code": "None"}
EMPTY_KEY = ("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string "
             "value. Key: id")
SCHEMA = "The provided key element does not match the schema"
ONE_ITEM = "Transaction request cannot include multiple operations on one item"


@pytest.fixture(scope="module")
def tables(croft):
    client = croft.client("dynamodb")
    client.create_table(TableName="plain", BillingMode="PAY_PER_REQUEST",
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
    client.create_table(
        TableName="indexed", BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "l", "g")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        LocalSecondaryIndexes=[{"IndexName": "byl", "Projection": {"ProjectionType": "KEYS_ONLY"},
                                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                                              {"AttributeName": "l", "KeyType": "RANGE"}]}],
        GlobalSecondaryIndexes=[{"IndexName": "byg", "Projection": {"ProjectionType": "ALL"},
                                 "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}])
    return client


@pytest.fixture
def key():
    """Keys of a test's own: key(1), key(2), ..."""
    name = uuid.uuid4().hex
    return lambda n=0: {"id": {"S": f"{name}-{n}"}}


def put(item, table="plain", **more):
    return {"Put": {"TableName": table, "Item": item, **more}}


def delete(of, table="plain", **more):
    return {"Delete": {"TableName": table, "Key": of, **more}}


def check(of, condition, table="plain", **more):
    return {"ConditionCheck": {"TableName": table, "Key": of, "ConditionExpression": condition, **more}}


def update(of, expression, table="plain", values=None, **more):
    if values:
        more["ExpressionAttributeValues"] = values
    return {"Update": {"TableName": table, "Key": of, "UpdateExpression": expression, **more}}


def get(of, table="plain", **more):
    return {"Get": {"TableName": table, "Key": of, **more}}


def item(client, of, table="plain"):
    return client.get_item(TableName=table, Key=of, ConsistentRead=True).get("Item")


def refusal(call, *arguments, **members):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **members)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return refused.value.response


def code_and_message(call, *arguments, **members):
    error = refusal(call, *arguments, **members)["Error"]
    return error["Code"], error["Message"]


def write_refusal(client, *actions, **members):
    return code_and_message(client.transact_write_items, TransactItems=list(actions), **members)


def cancellation(client, *actions):
    """The reasons; the message is held against them."""
    response = refusal(client.transact_write_items, TransactItems=list(actions))
    assert response["Error"]["Code"] == "TransactionCanceledException"
    reasons = response["CancellationReasons"]
    assert response["Error"]["Message"] == CANCELLED + "[" + ", ".join(reason["Code"] for reason in reasons) + "]"
    return reasons


# --- what is done ---

def test_all_actions_are_done_together(tables, key):
    tables.put_item(TableName="plain", Item={**key(2), "n": {"N": "1"}})
    tables.put_item(TableName="plain", Item=key(3))
    tables.put_item(TableName="plain", Item={**key(4), "state": {"S": "open"}})

    answer = tables.transact_write_items(TransactItems=[
        put({**key(1), "made": {"BOOL": True}}, ConditionExpression="attribute_not_exists(id)"),
        update(key(2), "ADD n :five REMOVE #x", values={":five": {"N": "5"}}, ExpressionAttributeNames={"#x": "x"}),
        delete(key(3), ConditionExpression="attribute_exists(id)"),
        check(key(4), "#s = :open", ExpressionAttributeNames={"#s": "state"},
              ExpressionAttributeValues={":open": {"S": "open"}}),
        put({"pk": {"S": key()["id"]["S"]}, "sk": {"S": "1"}, "g": {"S": "g"}}, table="indexed")])

    del answer["ResponseMetadata"]
    assert answer == {}
    assert item(tables, key(1)) == {**key(1), "made": {"BOOL": True}}
    assert item(tables, key(2)) == {**key(2), "n": {"N": "6"}}
    assert item(tables, key(3)) is None
    assert item(tables, key(4)) == {**key(4), "state": {"S": "open"}}
    assert item(tables, {"pk": key()["id"], "sk": {"S": "1"}}, "indexed")["g"] == {"S": "g"}
    by_g = tables.query(TableName="indexed", IndexName="byg", KeyConditionExpression="g = :g",
                        ExpressionAttributeValues={":g": {"S": "g"}})
    assert by_g["Count"] == 1


def test_an_update_makes_an_item_and_one_that_only_removes_does_not(tables, key):
    tables.transact_write_items(TransactItems=[update(key(1), "SET a = :a", values={":a": {"S": "x"}}),
                                               update(key(2), "REMOVE a")])

    assert item(tables, key(1)) == {**key(1), "a": {"S": "x"}}
    assert item(tables, key(2)) is None


def test_a_hundred_actions_and_no_more(tables, key):
    tables.transact_write_items(TransactItems=[put(key(n)) for n in range(100)])
    got = tables.transact_get_items(TransactItems=[get(key(n)) for n in range(100)])["Responses"]

    assert got == [{"Item": key(n)} for n in range(100)]
    code, message = write_refusal(tables, *[put(key(n)) for n in range(101)])
    assert code == "ValidationException"
    assert message.startswith("1 validation error detected: Value '[")
    too_many = "at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100"
    assert message.endswith("]' " + too_many)
    code, message = code_and_message(tables.transact_get_items, TransactItems=[get(key(n)) for n in range(101)])
    assert code == "ValidationException"
    assert message.endswith(too_many)


# --- what cancels ---

def test_one_failed_condition_undoes_all_and_each_is_told(tables, key):
    tables.put_item(TableName="plain", Item={**key(3), "n": {"N": "1"}})

    reasons = cancellation(tables, put(key(1)), put(key(2), ConditionExpression="attribute_not_exists(id)"),
                           check(key(3), "n > :one", ExpressionAttributeValues={":one": {"N": "1"}}),
                           delete(key(4), ConditionExpression="attribute_exists(id)"))

    assert reasons == [NONE, NONE, FAILED, FAILED]
    assert [item(tables, key(n)) for n in (1, 2, 4)] == [None, None, None]


@pytest.mark.parametrize("kind", ["Put", "Update", "Delete", "ConditionCheck"])
def test_the_item_is_told_where_it_was_asked_for(tables, key, kind):
    there = {**key(1), "a": {"L": [{"N": "1.50"}, {"B": b"\x00\xff"}, {"NULL": True}]}}
    tables.put_item(TableName="plain", Item=there)
    actions = {"Put": put, "Delete": delete,
               "Update": lambda of, **more: update(of, "SET a = a", **more),
               "ConditionCheck": lambda of, **more: check(of, more.pop("ConditionExpression"), **more)}
    make = actions[kind]

    reasons = cancellation(
        tables,
        make(key(1), ConditionExpression="attribute_not_exists(id)", ReturnValuesOnConditionCheckFailure="ALL_OLD"),
        make(key(2), ConditionExpression="attribute_exists(id)", ReturnValuesOnConditionCheckFailure="ALL_OLD"),
        make(key(3), ConditionExpression="attribute_exists(id)", ReturnValuesOnConditionCheckFailure="NONE"))

    told = {**key(1), "a": {"L": [{"N": "1.5"}, {"B": b"\x00\xff"}, {"NULL": True}]}}
    assert reasons == [{**FAILED, "Item": told}, FAILED, FAILED]


def test_faults_of_keys_and_schema_cancel_and_only_the_first_is_told(tables, key):
    number = {"id": {"N": "5"}}
    mismatch = "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N"

    reasons = cancellation(tables, put(key(1), ConditionExpression="attribute_exists(id)"), put(number), put(number))
    assert reasons == [NONE, {"Code": "ValidationError", "Message": mismatch}, NONE]
    for action in (update(number, "SET a = :v", values={":v": {"S": "x"}}), delete(number), check(number, "attribute_exists(id)"),
                   delete({}), delete({**key(1), "more": {"S": "x"}}), delete({"id": {"L": [{"S": "x"}]}})):
        assert cancellation(tables, action) == [{"Code": "ValidationError", "Message": SCHEMA}]
    assert cancellation(tables, put({"a": {"S": "x"}})) == [
        {"Code": "ValidationError", "Message": "One or more parameter values were invalid: Missing the key id in the item"}]
    assert cancellation(tables, update(key(1), "SET id = :v", values={":v": {"S": "x"}})) == [
        {"Code": "ValidationError",
         "Message": "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key"}]


def test_an_index_key_of_another_type_cancels(tables, key):
    of = {"pk": key()["id"], "sk": {"S": "a"}}
    by_put = "One or more parameter values were invalid: Type mismatch for Index Key l Expected: S Actual: N IndexName: byl"
    by_update = "The update expression attempted to update the secondary index key to unsupported type"

    assert cancellation(tables, put({**of, "l": {"N": "5"}}, "indexed")) == [
        {"Code": "ValidationError", "Message": by_put}]
    assert cancellation(tables, update(of, "SET l = :v", "indexed", {":v": {"N": "5"}})) == [
        {"Code": "ValidationError", "Message": by_update}]
    assert item(tables, of, "indexed") is None


def test_what_an_update_finds_out_from_its_item_cancels(tables, key):
    tables.put_item(TableName="plain", Item={**key(1), "s": {"S": "text"}})
    one = {":one": {"N": "1"}}

    assert cancellation(tables, put(key(3)), update(key(2), "SET n = n + :one", values=one)) == [
        NONE, {"Code": "ValidationError",
               "Message": "The provided expression refers to an attribute that does not exist in the item"}]
    assert cancellation(tables, update(key(1), "SET s = s + :one", values=one)) == [
        {"Code": "ValidationError", "Message": "An operand in the update expression has an incorrect data type"}]
    large = {":v": {"S": "x" * (400 * 1024 - len("id" + "v" + key(1)["id"]["S"]) + 1)}}
    assert cancellation(tables, update(key(4), "SET v = :v", values=large)) == [
        {"Code": "ValidationError", "Message": "Item size to update has exceeded the maximum allowed size"}]
    assert item(tables, key(3)) is None


# --- what refuses the request as a whole ---

def test_no_two_actions_on_one_item(tables, key):
    pairs = [(put(key()), put(key())), (put(key()), delete(key())), (put(key()), check(key(), "attribute_exists(id)")),
             (update(key(), "REMOVE a"), delete(key()))]
    for pair in pairs:
        assert write_refusal(tables, *pair) == ("ValidationException", ONE_ITEM)
    twice = [get(key()), get(key())]
    assert code_and_message(tables.transact_get_items, TransactItems=twice) == ("ValidationException", ONE_ITEM)
    of = {"pk": key()["id"], "sk": {"S": "a"}}
    turned = {"sk": of["sk"], "pk": of["pk"]}
    assert write_refusal(tables, put(of, "indexed"), delete(turned, "indexed")) == ("ValidationException", ONE_ITEM)


def test_empty_keys_are_found_before_the_transaction_begins(tables, key):
    empty = {"id": {"S": ""}}
    for action in (put(empty), update(empty, "REMOVE a"), delete(empty), check(empty, "attribute_exists(id)")):
        unmet = put(key(), ConditionExpression="attribute_exists(id)")
        assert write_refusal(tables, unmet, action) == ("ValidationException", EMPTY_KEY)
    assert code_and_message(tables.transact_get_items, TransactItems=[get(empty)]) == ("ValidationException", EMPTY_KEY)
    of = {"pk": key()["id"], "sk": {"S": "a"}}
    start = "One or more parameter values are not valid. "
    end = " The AttributeValue for a key attribute cannot contain an empty string value. IndexName: byl, IndexKey: l"
    assert write_refusal(tables, put({**of, "l": {"S": ""}}, "indexed")) == (
        "ValidationException", start + "A value specified for a secondary index key is not supported." + end)
    assert write_refusal(tables, update(of, "SET l = :v", "indexed", {":v": {"S": ""}})) == (
        "ValidationException",
        start + "The update expression attempted to update a secondary index key to a value that is not supported." + end)


def test_an_item_too_large_refuses_a_put(tables, key):
    space = 400 * 1024 - len("id" + "v" + key(1)["id"]["S"])
    tables.transact_write_items(TransactItems=[put({**key(1), "v": {"S": "x" * space}})])

    assert write_refusal(tables, put({**key(2), "v": {"S": "x" * (space + 1)}})) == (
        "ValidationException", "Item size has exceeded the maximum allowed size")
    tables.transact_write_items(TransactItems=[update(key(2), "SET v = :v", values={":v": {"S": "x" * space}})])


def test_four_megabytes_of_payload_and_no_more(tables, key):
    def puts(count):
        return [put({**key(n), "v": {"S": "x" * 350_000}}) for n in range(count)]

    tables.transact_write_items(TransactItems=puts(11))
    assert write_refusal(tables, *puts(12)) == ("ValidationException", "Transaction payload size cannot exceed 4 MB")
    tables.put_item(TableName="plain", Item={**key(11), "v": {"S": "x" * 350_000}})
    assert code_and_message(tables.transact_get_items, TransactItems=[get(key(n)) for n in range(12)]) == (
        "ValidationException", "The aggregate size of the items in the transaction cannot exceed 4 MB")
    tables.transact_write_items(TransactItems=[delete(key(n)) for n in range(12)])  # the request is small
    assert item(tables, key(11)) is None


def test_missing_tables(tables, key):
    missing = ("ResourceNotFoundException", "Requested resource not found")
    assert write_refusal(tables, put(key(), table="absent-x")) == missing
    assert write_refusal(tables, put(key()), delete(key(), table="absent-x")) == missing
    assert write_refusal(tables, put(key(), table="absent-x"), put(key(), table="absent-x")) == missing
    assert code_and_message(tables.transact_get_items, TransactItems=[get(key(), table="absent-x")]) == missing
    assert item(tables, key()) is None


def test_expressions_are_read_before_tables_are_looked_up(tables, key):
    absent = put(key(1), table="absent-x")
    syntax = 'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "("'
    unused = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}"
    deep = {"S": "leaf"}
    for _ in range(32):
        deep = {"M": {"n": deep}}
    too_deep = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
    broken = check(key(), "attribute_not_exists(")
    unused_value = check(key(), "attribute_not_exists(id)", ExpressionAttributeValues={":v": {"S": "x"}})
    deep_put = put({**key(2), "d": deep})

    for actions, message in [((absent, broken), syntax), ((broken, deep_put), syntax), ((deep_put, broken), too_deep),
                             ((absent, unused_value), unused), ((unused_value, absent), unused),
                             ((put(key()), unused_value), unused)]:
        assert write_refusal(tables, *actions) == ("ValidationException", message)
    broken_get = get(key(), table="absent-x", ProjectionExpression="!!!")
    assert code_and_message(tables.transact_get_items, TransactItems=[broken_get]) == (
        "ValidationException", 'Invalid ProjectionExpression: Syntax error; token: "!", near: "!!"')


def raw(croft, operation, body):
    """Sends what botocore would not: (status, document)."""
    headers = {"X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0"}
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", headers, json.dumps(body).encode())
    credentials = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"],
                                                   croft.credentials["aws_secret_access_key"])
    botocore.auth.SigV4Auth(credentials, "dynamodb", croft.credentials["region"]).add_auth(request)
    answer = botocore.httpsession.URLLib3Session().send(request.prepare())
    return answer.status_code, json.loads(answer.content)


def test_members_are_checked_together_before_anything_else(croft, tables, key):
    def problems(body, operation="TransactWriteItems"):
        status, document = raw(croft, operation, body)
        assert (status, document["__type"]) == (400, "com.amazon.coral.validate#ValidationException")
        return document["message"]

    absent = [put(key(), table="absent-x")]
    token = "x" * 37
    unfit = " failed to satisfy constraint: Member must "
    rcc = "Value 'hi' at 'returnConsumedCapacity'" + unfit + "satisfy enum value set: [INDEXES, TOTAL, NONE]"
    ricm = "Value 'ho' at 'returnItemCollectionMetrics'" + unfit + "satisfy enum value set: [SIZE, NONE]"
    long_token = f"Value '{token}' at 'clientRequestToken'" + unfit + "have length less than or equal to 36"
    null = "Value null at 'transactItems{}'" + unfit + "not be null"
    assert problems({}) == "1 validation error detected: " + null.format("")
    assert problems({"TransactItems": []}) == (
        "1 validation error detected: Value '[]' at 'transactItems'" + unfit + "have length greater than or equal to 1")
    assert problems({"TransactItems": absent, "ReturnConsumedCapacity": "hi", "ReturnItemCollectionMetrics": "ho",
                     "ClientRequestToken": token}) == f"3 validation errors detected: {long_token}; {rcc}; {ricm}"
    assert problems({"TransactItems": [{"Update": {"TableName": "plain"}}, {"Put": {"TableName": "plain"}}]}) == (
        "3 validation errors detected: " + null.format(".1.member.update.key") + "; " +
        null.format(".1.member.update.updateExpression") + "; " + null.format(".2.member.put.item"))
    assert problems({"TransactItems": [put(key(), ReturnValuesOnConditionCheckFailure="dog")]}) == (
        "1 validation error detected: Value 'dog' at 'transactItems.1.member.put.returnValuesOnConditionCheckFailure'" +
        unfit + "satisfy enum value set: [ALL_OLD, NONE]")
    assert problems({"TransactItems": [{}]}) == (
        "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request")
    assert problems({"TransactItems": [{**put(key()), **delete(key())}]}) == (
        "TransactItems can only contain one of Check, Put, Update or Delete")
    assert problems({"TransactItems": [{}]}, "TransactGetItems") == "1 validation error detected: " + null.format(".1.member.get")
    assert problems({"TransactItems": [get(key())], "ReturnConsumedCapacity": "hi"}, "TransactGetItems") == (
        "1 validation error detected: " + rcc)
    assert raw(croft, "TransactWriteItems", {"TransactItems": {}}) == (
        400, {"__type": "com.amazon.coral.service#SerializationException",
              "Message": "Start of structure or map found where not expected"})


# --- reading ---

def test_items_are_got_in_order_with_projections_and_gaps(tables, key):
    of = {"pk": key()["id"], "sk": {"S": "a"}}
    tables.put_item(TableName="plain", Item={**key(1), "a": {"M": {"b": {"N": "1"}, "c": {"N": "2"}}}, "d": {"S": "x"}})
    tables.put_item(TableName="indexed", Item=of)

    got = tables.transact_get_items(TransactItems=[
        get(of, "indexed"), get(key(9)), get(key(1), ProjectionExpression="#a.b, d", ExpressionAttributeNames={"#a": "a"})])

    assert got["Responses"] == [{"Item": of}, {}, {"Item": {"a": {"M": {"b": {"N": "1"}}}, "d": {"S": "x"}}}]
    response = refusal(tables.transact_get_items, TransactItems=[get(key(1)), get({})])
    assert response["Error"]["Message"] == CANCELLED + "[None, ValidationError]"
    assert response["CancellationReasons"] == [NONE, {"Code": "ValidationError", "Message": SCHEMA}]


# --- capacity and collections ---

def test_capacity_is_doubled_and_told_by_table(tables, key):
    of = {"pk": key()["id"], "sk": {"S": "a"}}
    actions = [put({**of, "l": {"S": "l"}, "g": {"S": "g"}}, "indexed"), put({**key(1), "v": {"S": "x" * 2000}}),
               check(key(2), "attribute_not_exists(id)")]

    told = tables.transact_write_items(TransactItems=actions, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert told == [
        {"TableName": "indexed", "CapacityUnits": 6.0, "WriteCapacityUnits": 6.0,
         "Table": {"CapacityUnits": 2.0, "WriteCapacityUnits": 2.0},
         "GlobalSecondaryIndexes": {"byg": {"CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}},
         "LocalSecondaryIndexes": {"byl": {"CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}}},
        {"TableName": "plain", "CapacityUnits": 6.0, "WriteCapacityUnits": 6.0,
         "Table": {"CapacityUnits": 6.0, "WriteCapacityUnits": 6.0}}]
    told = tables.transact_write_items(TransactItems=[put(key(3))], ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
    assert told == [{"TableName": "plain", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]

    gets = [get(key(1)), get(of, "indexed"), get(key(9))]
    told = tables.transact_get_items(TransactItems=gets, ReturnConsumedCapacity="TOTAL")["ConsumedCapacity"]
    assert told == [{"TableName": "plain", "CapacityUnits": 4.0, "ReadCapacityUnits": 4.0},
                    {"TableName": "indexed", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]
    told = tables.transact_get_items(TransactItems=[get(key(1))], ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
    assert told == [{"TableName": "plain", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0,
                     "Table": {"CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}}]


# --- tokens ---

def adding(of, units=1):
    return [update(of, "ADD n :n", values={":n": {"N": str(units)}})]


def test_a_token_counts_once(tables, key):
    token = str(uuid.uuid4())
    first = tables.transact_write_items(TransactItems=adding(key()), ClientRequestToken=token, ReturnConsumedCapacity="TOTAL")
    again = tables.transact_write_items(TransactItems=adding(key()), ClientRequestToken=token, ReturnConsumedCapacity="TOTAL")

    assert item(tables, key())["n"] == {"N": "1"}
    assert first["ConsumedCapacity"] == [{"TableName": "plain", "CapacityUnits": 2.0, "WriteCapacityUnits": 2.0}]
    assert again["ConsumedCapacity"] == [{"TableName": "plain", "CapacityUnits": 2.0, "ReadCapacityUnits": 2.0}]
    assert write_refusal(tables, *adding(key(), 2), ClientRequestToken=token) == (
        "IdempotentParameterMismatchException",
        "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent token that "
        "was already used.")
    tables.transact_write_items(TransactItems=adding(key()), ClientRequestToken=str(uuid.uuid4()))
    assert item(tables, key())["n"] == {"N": "2"}


def test_the_order_of_members_makes_no_other_request(croft, tables, key):
    token = str(uuid.uuid4())
    one = {"Update": {"TableName": "plain", "Key": key(), "UpdateExpression": "ADD n :n, m :m",
                      "ExpressionAttributeValues": {":n": {"N": "1"}, ":m": {"N": "2"}}}}
    turned = {"Update": {"ExpressionAttributeValues": {":m": {"N": "2"}, ":n": {"N": "1"}}, "UpdateExpression": "ADD n :n, m :m",
                         "Key": key(), "TableName": "plain"}}

    for action in (one, turned):
        assert raw(croft, "TransactWriteItems", {"TransactItems": [action], "ClientRequestToken": token}) == (200, {})
    assert item(tables, key()) == {**key(), "n": {"N": "1"}, "m": {"N": "2"}}


def test_a_cancelled_transaction_leaves_its_token_free(tables, key):
    token = str(uuid.uuid4())
    actions = [put(key(2)), check(key(1), "attribute_exists(id)")]
    assert write_refusal(tables, *actions, ClientRequestToken=token)[0] == "TransactionCanceledException"

    tables.put_item(TableName="plain", Item=key(1))
    tables.transact_write_items(TransactItems=actions, ClientRequestToken=token)

    assert item(tables, key(2)) == key(2)


def test_many_requests_with_one_token_have_one_effect(croft, tables, key):
    token = str(uuid.uuid4())
    clients = [croft.client("dynamodb") for _ in range(8)]
    start = threading.Barrier(len(clients))
    faults = []

    def send(client):
        start.wait()
        try:
            client.transact_write_items(TransactItems=adding(key()), ClientRequestToken=token)
        except ClientError as fault:
            faults.append(fault)

    run([threading.Thread(target=send, args=(client,)) for client in clients])

    assert faults == []
    assert item(tables, key())["n"] == {"N": "1"}


def test_a_token_outlives_a_kill(fresh_croft, tmp_path):
    server = fresh_croft()
    client = server.client("dynamodb")
    client.create_table(TableName="plain", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    token = str(uuid.uuid4())
    of = {"id": {"S": "a"}}
    client.transact_write_items(TransactItems=adding(of), ClientRequestToken=token)

    server.kill()
    server.start()
    client = server.client("dynamodb")
    client.transact_write_items(TransactItems=adding(of), ClientRequestToken=token)

    assert item(client, of)["n"] == {"N": "1"}
    assert write_refusal(client, *adding(of, 2), ClientRequestToken=token)[0] == "IdempotentParameterMismatchException"


# --- together with others ---

ACCOUNTS = 8
START = 1000


def account(n):
    return {"id": {"S": f"account-{n}"}}


def open_accounts(client):
    client.create_table(TableName="bank", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    client.transact_write_items(TransactItems=[put({**account(n), "amount": {"N": str(START)}}, "bank") for n in range(ACCOUNTS)])


def move(client, chance):
    """Moves something from one account to another, if there is enough; whether it did."""
    source, target = chance.sample(range(ACCOUNTS), 2)
    values = {":v": {"N": str(chance.randint(1, 400))}}
    try:
        client.transact_write_items(TransactItems=[
            update(account(source), "SET amount = amount - :v ADD moves :one", "bank", {**values, ":one": {"N": "1"}},
                   ConditionExpression="amount >= :v"),
            update(account(target), "SET amount = amount + :v", "bank", values)])
        return True
    except ClientError as refused:
        assert refused.response["Error"]["Code"] == "TransactionCanceledException"
        assert refused.response["CancellationReasons"] == [FAILED, NONE]
        return False


def amounts(client):
    got = client.transact_get_items(TransactItems=[get(account(n), "bank") for n in range(ACCOUNTS)])["Responses"]
    return [int(one["Item"]["amount"]["N"]) for one in got], sum(int(one["Item"].get("moves", {"N": "0"})["N"]) for one in got)


def run(threads):
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_sum_of_the_accounts_is_constant_in_every_answer(fresh_croft):
    server = fresh_croft()
    open_accounts(server.client("dynamodb"))
    until = time.monotonic() + 2
    moves, seen, faults = [0] * 6, [], []

    def mover(place):
        client, chance = server.client("dynamodb"), random.Random(place)
        try:
            while time.monotonic() < until:
                moves[place] += move(client, chance)
        except Exception as fault:  # noqa: BLE001 - told below
            faults.append(fault)

    def reader():
        client = server.client("dynamodb")
        try:
            while time.monotonic() < until:
                seen.append(amounts(client)[0])
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)

    movers = [threading.Thread(target=mover, args=(n,)) for n in range(len(moves))]
    run(movers + [threading.Thread(target=reader) for _ in range(2)])

    assert faults == []
    assert {sum(one) for one in seen} == {ACCOUNTS * START}
    assert all(amount >= 0 for one in seen for amount in one)
    assert len({tuple(one) for one in seen}) > 10  # the readers did see it change
    final, counted = amounts(server.client("dynamodb"))
    assert (sum(final), counted) == (ACCOUNTS * START, sum(moves))


def test_single_writes_wait_for_transactions_and_none_is_lost(fresh_croft):
    server = fresh_croft()
    open_accounts(server.client("dynamodb"))
    faults = []
    rounds = 60

    def by_transaction():
        client = server.client("dynamodb")
        for _ in range(rounds):
            client.transact_write_items(TransactItems=adding_to(0) + adding_to(1))

    def by_itself():
        client = server.client("dynamodb")
        for _ in range(rounds):
            client.update_item(**adding_to(0)[0]["Update"])

    def adding_to(n):
        return [update(account(n), "ADD amount :one", "bank", {":one": {"N": "1"}})]

    def guarded(work):
        try:
            work()
        except Exception as fault:  # noqa: BLE001
            faults.append(fault)

    run([threading.Thread(target=guarded, args=(work,)) for work in (by_transaction, by_itself) * 3])

    assert faults == []
    final, _ = amounts(server.client("dynamodb"))
    assert final[:3] == [START + 6 * rounds, START + 3 * rounds, START]


def test_the_sum_is_right_after_every_kill(fresh_croft):
    server = fresh_croft()
    open_accounts(server.client("dynamodb"))
    answered, chance = 0, random.Random(4)
    for _ in range(6):
        counts, threads = [0] * 3, []

        def mover(place, seed):
            client, own = server.client("dynamodb"), random.Random(seed)
            try:
                while True:
                    counts[place] += move(client, own)
            except Exception:  # noqa: BLE001 - the server was killed
                pass

        threads = [threading.Thread(target=mover, args=(n, chance.random())) for n in range(len(counts))]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.1, 0.4))
        server.kill()
        for thread in threads:
            thread.join()
        answered += sum(counts)
        server.start()

        now, moves = amounts(server.client("dynamodb"))
        assert sum(now) == ACCOUNTS * START
        assert answered <= moves <= answered + len(counts)  # what was answered is there; at most one of each was not yet answered
        answered = moves
