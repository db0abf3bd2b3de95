"""What is asked of tables as a whole: UpdateTable, indexes made while the table is used, settings that are kept, and the
operations for what croft does not have."""

import binascii
import json
import threading
import time
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
import pytest
from botocore.exceptions import ClientError

INVALID = "One or more parameter values were invalid: "
ABSENT = ("ResourceNotFoundException", "Requested resource not found: Table: absent-x not found")
ONE_INDEX = "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
ONE_UNIT = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


@pytest.fixture(scope="module")
def dynamodb(croft):
    return croft.client("dynamodb")


def attribute(name, kind="S"):
    return {"AttributeName": name, "AttributeType": kind}


def hash_key(name):
    return [{"AttributeName": name, "KeyType": "HASH"}]


def index(name, key, **more):
    return {"IndexName": name, "KeySchema": hash_key(key), "Projection": {"ProjectionType": "ALL"}, **more}


def make(client, name=None, **more):
    name = name or "t-" + uuid.uuid4().hex[:12]
    more.setdefault("AttributeDefinitions", [attribute("id")])
    more.setdefault("KeySchema", hash_key("id"))
    if "ProvisionedThroughput" not in more:
        more.setdefault("BillingMode", "PAY_PER_REQUEST")
    client.create_table(TableName=name, **more)
    return name


def described(client, name):
    return client.describe_table(TableName=name)["Table"]


def update(client, name, **members):
    return client.update_table(TableName=name, **members)["TableDescription"]


def refusal(call, **members):
    with pytest.raises(ClientError) as refused:
        call(**members)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return answer["Error"]["Code"], answer["Error"]["Message"]


def update_refusal(client, name, **members):
    return refusal(client.update_table, TableName=name, **members)


def raw(croft, operation, body, headers=None):
    """An operation or a member that this botocore does not know: the answer."""
    headers = {"X-Amz-Target": "DynamoDB_20120810." + operation, "Content-Type": "application/x-amz-json-1.0", **(headers or {})}
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", headers, body)
    keys = croft.credentials
    credentials = botocore.credentials.Credentials(keys["aws_access_key_id"], keys["aws_secret_access_key"])
    botocore.auth.SigV4Auth(credentials, "dynamodb", croft.credentials["region"]).add_auth(request)
    return botocore.httpsession.URLLib3Session().send(request.prepare())


def ask(croft, operation, body):
    answer = raw(croft, operation, body)
    document = json.loads(answer.content)
    if answer.status_code == 200:
        return document
    assert answer.status_code == 400
    return document["__type"].split("#")[1], document.get("message", document.get("Message"))


# --- an index that is made while the table is used ---

def new_index(name="byg", key="g", **more):
    return {"AttributeDefinitions": [attribute(key)], "GlobalSecondaryIndexUpdates": [{"Create": index(name, key, **more)}]}


def fill(client, name, count, start=0):
    for first in range(start, start + count, 25):
        client.batch_write_item(RequestItems={name: [
            {"PutRequest": {"Item": {"id": {"S": str(n)}, "g": {"S": f"g{n % 7}"}, "n": {"N": str(n)}}}}
            for n in range(first, min(first + 25, start + count))]})


def global_index(client, name, of="byg"):
    return next((one for one in described(client, name).get("GlobalSecondaryIndexes", []) if one["IndexName"] == of), None)


def rows(client, name, of="byg"):
    pages = client.get_paginator("scan").paginate(TableName=name, IndexName=of)
    return {item["id"]["S"]: item for page in pages for item in page["Items"]}


def items(client, name):
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return {item["id"]["S"]: item for page in pages for item in page["Items"]}


def test_the_answer_does_not_wait_for_the_rows_and_writers_do_not_either(dynamodb, eventually):
    name = make(dynamodb)
    fill(dynamodb, name, 4000)

    answer = update(dynamodb, name, **new_index())
    made = answer["GlobalSecondaryIndexes"][0]
    assert (answer["TableStatus"], made["IndexStatus"], made["Backfilling"]) == ("UPDATING", "CREATING", False)
    assert (made["ItemCount"], made["IndexSizeBytes"]) == (0, 0)
    for n in range(0, 60, 3):  # among the rows that are being made
        dynamodb.delete_item(TableName=name, Key={"id": {"S": str(n)}})
        dynamodb.update_item(TableName=name, Key={"id": {"S": str(n + 1)}}, UpdateExpression="SET g = :g",
                             ExpressionAttributeValues={":g": {"S": "moved"}})
        dynamodb.put_item(TableName=name, Item={"id": {"S": f"new-{n}"}, "g": {"S": "new"}})
    eventually(lambda: global_index(dynamodb, name)["IndexStatus"] == "ACTIVE", what="the index")

    assert rows(dynamodb, name) == items(dynamodb, name)
    ready = global_index(dynamodb, name)
    assert "Backfilling" not in ready and ready["ItemCount"] == 4000
    assert described(dynamodb, name)["TableStatus"] == "ACTIVE"


def test_while_an_index_is_made(dynamodb, eventually):
    name = make(dynamodb)
    fill(dynamodb, name, 6000)
    update(dynamodb, name, **new_index())

    seen = global_index(dynamodb, name)
    if seen["IndexStatus"] == "CREATING":  # on a slow machine; 6,000 rows take some time
        assert seen["Backfilling"] is True
        assert described(dynamodb, name)["TableStatus"] == "ACTIVE"
        code, message = refusal(dynamodb.scan, TableName=name, IndexName="byg", Limit=1)
        assert (code, message) == ("ValidationException", "Cannot read from backfilling global secondary index: byg")
    assert update_refusal(dynamodb, name, **new_index()) == (
        "ValidationException", "Attempting to create an index which already exists")
    if global_index(dynamodb, name)["IndexStatus"] == "CREATING":
        other = update_refusal_or_none(dynamodb, name, **new_index("byn", "n2"))
        assert other in (None, ("LimitExceededException", ONE_INDEX))
    update(dynamodb, name, TableClass="STANDARD_INFREQUENT_ACCESS")  # other settings are taken meanwhile
    indexes = lambda: described(dynamodb, name)["GlobalSecondaryIndexes"]  # noqa: E731
    eventually(lambda: all(one["IndexStatus"] == "ACTIVE" for one in indexes()), what="the index")
    assert len(rows(dynamodb, name)) == 6000


def update_refusal_or_none(client, name, **members):
    try:
        client.update_table(TableName=name, **members)
    except ClientError as refused:
        return refused.response["Error"]["Code"], refused.response["Error"]["Message"]
    return None


def test_an_index_can_be_deleted_while_it_is_made_and_made_again(dynamodb, eventually):
    name = make(dynamodb)
    fill(dynamodb, name, 3000)
    for turn in range(3):
        update(dynamodb, name, **new_index())
        gone = update(dynamodb, name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "byg"}}])
        assert (gone["TableStatus"], gone["GlobalSecondaryIndexes"][0]["IndexStatus"]) == ("UPDATING", "DELETING")
        assert "GlobalSecondaryIndexes" not in described(dynamodb, name)
        assert described(dynamodb, name)["AttributeDefinitions"] == [attribute("id")]
    update(dynamodb, name, **new_index())
    eventually(lambda: global_index(dynamodb, name)["IndexStatus"] == "ACTIVE", what="the index")

    assert rows(dynamodb, name) == items(dynamodb, name)
    assert refusal(dynamodb.scan, TableName=name, IndexName="other") == (
        "ValidationException", "The table does not have the specified index: other")


def test_an_index_survives_kills_while_it_is_made(fresh_croft, eventually):
    server = fresh_croft()
    client = server.client("dynamodb")
    name = make(client, "kept")
    fill(client, name, 8000)
    update(client, name, **new_index())
    interrupted = 0
    for turn in range(4):
        server.kill()
        server.start()
        client = server.client("dynamodb")
        interrupted += global_index(client, name)["IndexStatus"] == "CREATING"
        client.put_item(TableName=name, Item={"id": {"S": f"turn-{turn}"}, "g": {"S": "turn"}})
    eventually(lambda: global_index(client, name)["IndexStatus"] == "ACTIVE", what="the index")

    assert rows(client, name) == items(client, name)
    assert global_index(client, name)["ItemCount"] == len(items(client, name)) == 8004
    assert interrupted > 0


def test_writers_at_full_speed_lose_no_row(croft, eventually):
    client = croft.client("dynamodb")
    name = make(client)
    fill(client, name, 2000)
    stop, faults = threading.Event(), []

    def write(place):
        own = croft.client("dynamodb")
        n = place
        try:
            while not stop.is_set():
                key = {"id": {"S": str(n % 2000)}}
                if n % 3 == 0:
                    own.delete_item(TableName=name, Key=key)
                else:
                    own.put_item(TableName=name, Item={**key, "g": {"S": f"w{n % 5}"}, "n": {"N": str(n)}})
                n += 7
        except Exception as fault:  # noqa: BLE001 - told below
            faults.append(fault)

    threads = [threading.Thread(target=write, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    update(client, name, **new_index())
    eventually(lambda: global_index(client, name)["IndexStatus"] == "ACTIVE", what="the index")
    time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()

    assert faults == []
    assert rows(client, name) == items(client, name)
    assert global_index(client, name)["ItemCount"] == len(items(client, name))


# --- UpdateTable ---

def test_units_are_changed_and_their_changes_noted(dynamodb):
    name = make(dynamodb, ProvisionedThroughput=UNITS, AttributeDefinitions=[attribute("id"), attribute("g")],
                GlobalSecondaryIndexes=[index("byg", "g", ProvisionedThroughput=UNITS)])
    assert "BillingModeSummary" not in described(dynamodb, name)

    answer = update(dynamodb, name, ProvisionedThroughput={"ReadCapacityUnits": 9, "WriteCapacityUnits": 6})
    assert answer["TableStatus"] == "UPDATING"
    units = described(dynamodb, name)["ProvisionedThroughput"]
    assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"], units["NumberOfDecreasesToday"]) == (9, 6, 0)
    assert "LastIncreaseDateTime" in units and "LastDecreaseDateTime" not in units
    update(dynamodb, name, ProvisionedThroughput=UNITS)
    assert described(dynamodb, name)["ProvisionedThroughput"]["NumberOfDecreasesToday"] == 1

    answer = update(dynamodb, name, GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "byg", "ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 7}}}])
    assert (answer["TableStatus"], answer["GlobalSecondaryIndexes"][0]["IndexStatus"]) == ("ACTIVE", "UPDATING")
    made = global_index(dynamodb, name)
    assert (made["IndexStatus"], made["ProvisionedThroughput"]["ReadCapacityUnits"]) == ("ACTIVE", 7)


def test_billing_modes(dynamodb):
    name = make(dynamodb, ProvisionedThroughput=UNITS, AttributeDefinitions=[attribute("id"), attribute("g")],
                GlobalSecondaryIndexes=[index("byg", "g", ProvisionedThroughput=UNITS)])

    update(dynamodb, name, BillingMode="PAY_PER_REQUEST")
    table = described(dynamodb, name)
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 0
    update(dynamodb, name, BillingMode="PAY_PER_REQUEST")
    assert update_refusal(dynamodb, name, BillingMode="PROVISIONED") == (
        "ValidationException", INVALID + "ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    assert update_refusal(dynamodb, name, BillingMode="PROVISIONED", ProvisionedThroughput=UNITS) == (
        "ValidationException", INVALID + "ProvisionedThroughput must be specified for index: byg")
    update(dynamodb, name, BillingMode="PROVISIONED", ProvisionedThroughput=UNITS, GlobalSecondaryIndexUpdates=[
        {"Update": {"IndexName": "byg", "ProvisionedThroughput": UNITS}}])
    table = described(dynamodb, name)
    assert table["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert "LastUpdateToPayPerRequestDateTime" in table["BillingModeSummary"]
    assert table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 6


def test_what_update_table_refuses(dynamodb):
    on_demand = make(dynamodb)
    provisioned = make(dynamodb, ProvisionedThroughput=UNITS)
    code, message = update_refusal(dynamodb, on_demand)
    assert code == "ValidationException"
    assert message.startswith("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, ")
    assert update_refusal(dynamodb, on_demand, AttributeDefinitions=[attribute("x")]) == (code, message)
    unchanged = update_refusal(dynamodb, provisioned, ProvisionedThroughput=UNITS)[1]
    assert unchanged.startswith("The provisioned throughput for the table will not change. The requested value equals the "
                                "current value. ")
    create = new_index()
    both = [{"Create": index("byg", "g")}, {"Delete": {"IndexName": "x-1"}}]
    cases = [
        (on_demand, {"ProvisionedThroughput": UNITS},
         "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"),
        (on_demand, {**create, "TableClass": "STANDARD"}, "TableClass modification must be the only operation in the request"),
        (on_demand, {**create, "SSESpecification": {"Enabled": True}},
         "Server-Side Encryption modification must be the only operation in the request"),
        (provisioned, {**new_index(ProvisionedThroughput=UNITS), "ProvisionedThroughput": ONE_UNIT},
         "You cannot create or delete index while updating table IOPS"),
        (on_demand, {"GlobalSecondaryIndexUpdates": []}, "List of GlobalSecondaryIndexUpdates is empty"),
        (on_demand, {"GlobalSecondaryIndexUpdates": [{}]},
         "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete must "
         "not be null"),
        (on_demand, {"GlobalSecondaryIndexUpdates": [{"Create": index("byg", "id")}]},
         "AttributeDefinitions is not specified for index: byg"),
        (on_demand, {"AttributeDefinitions": [attribute("x")], "GlobalSecondaryIndexUpdates": [{"Create": index("byg", "g")}]},
         "Some index key attributes are not defined in AttributeDefinitions. Keys: [g], AttributeDefinitions: [x, id]"),
        (provisioned, create, "ProvisionedThroughput must be specified for index: byg"),
    ]
    for name, members, why in cases:
        assert update_refusal(dynamodb, name, **members) == ("ValidationException", INVALID + why)
    assert update_refusal(dynamodb, on_demand, GlobalSecondaryIndexUpdates=both, AttributeDefinitions=[attribute("g")]) == (
        "LimitExceededException", ONE_INDEX)
    assert update_refusal(dynamodb, on_demand, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "none"}}]) == (
        "ResourceNotFoundException", f"Requested resource not found: Index none for table {on_demand}")
    assert update_refusal(dynamodb, on_demand, TableClass="GLASS") == (
        "ValidationException", "Invalid table-class parameter provided. Please try again with a valid table-class value: "
                               "[STANDARD, STANDARD_INFREQUENT_ACCESS].")
    assert update_refusal(dynamodb, on_demand, ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}]) == (
        "ValidationException", "ReplicaUpdates is not supported")
    assert update_refusal(dynamodb, "absent-x", TableClass="STANDARD") == (
        "ResourceNotFoundException", "Requested resource not found: Table: absent-x not found")


def test_the_table_class(dynamodb):
    name = make(dynamodb)
    assert "TableClassSummary" not in described(dynamodb, name)
    assert update(dynamodb, name, TableClass="STANDARD_INFREQUENT_ACCESS")["TableStatus"] == "UPDATING"
    assert described(dynamodb, name)["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}


def test_deletion_protection(croft, dynamodb):
    """DeletionProtectionEnabled, which came after this botocore."""
    name = make(dynamodb)

    def protect(on, **more):
        return ask(croft, "UpdateTable", {"TableName": name, "DeletionProtectionEnabled": on, **more})

    assert ask(croft, "DescribeTable", {"TableName": name})["Table"]["DeletionProtectionEnabled"] is False
    assert protect(True, TableClass="STANDARD") == (
        "ValidationException", INVALID + "TableClass modification must be the only operation in the request")
    assert protect(True, BillingMode="PAY_PER_REQUEST") == (
        "ValidationException", INVALID + "DeletionProtection modification must be the only operation in the request")
    answer = protect(True)["TableDescription"]
    assert (answer["TableStatus"], answer["DeletionProtectionEnabled"]) == ("ACTIVE", True)
    assert refusal(dynamodb.delete_table, TableName=name) == (
        "ValidationException",
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
    protect(False)
    assert dynamodb.delete_table(TableName=name)["TableDescription"]["TableStatus"] == "DELETING"


def test_encryption_is_told_as_it_was_asked_for(croft, dynamodb):
    plain = make(dynamodb)
    managed = make(dynamodb, SSESpecification={"Enabled": True})
    region = croft.credentials["region"]
    assert "SSEDescription" not in described(dynamodb, plain)
    told = described(dynamodb, managed)["SSEDescription"]
    assert (told["Status"], told["SSEType"]) == ("ENABLED", "KMS")
    assert told["KMSMasterKeyArn"].startswith(f"arn:aws:kms:{region}:000000000000:key/")
    own = f"arn:aws:kms:{region}:000000000000:key/11111111-2222-3333-4444-555555555555"
    answer = update(dynamodb, plain, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": own.split("/")[1]})
    assert answer["SSEDescription"] == {"Status": "UPDATING", "SSEType": "KMS", "KMSMasterKeyArn": own}
    assert answer["TableStatus"] == "ACTIVE"
    assert described(dynamodb, plain)["SSEDescription"] == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": own}

    cases = [({"Enabled": False, "SSEType": "KMS"}, "SSEType can not be specified if Enabled is false"),
             ({"Enabled": False, "KMSMasterKeyId": "x"}, "KMSMasterKeyId can not be specified if Enabled is false"),
             ({"Enabled": True, "KMSMasterKeyId": "x"}, "SSEType KMS is required if KMSMasterKeyId is specified"),
             ({"Enabled": True, "SSEType": "AES256"}, "SSEType AES256 is not supported"),
             ({"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": own},
              "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change Master "
              "Key")]
    for specification, why in cases:
        assert update_refusal(dynamodb, plain, SSESpecification=specification) == ("ValidationException", INVALID + why)
    update(dynamodb, plain, SSESpecification={"Enabled": False})
    assert "SSEDescription" not in described(dynamodb, plain)
    assert update_refusal(dynamodb, plain, SSESpecification={"Enabled": False}) == (
        "ValidationException", INVALID + "Table is already encrypted by default")


def test_throughput_of_newer_models(croft, dynamodb):
    """OnDemandThroughput and WarmThroughput, which came after this botocore."""
    name = "t-" + uuid.uuid4().hex[:12]
    common = {"TableName": name, "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [attribute("id")],
              "KeySchema": hash_key("id")}
    assert ask(croft, "CreateTable", {**common, "WarmThroughput": {"ReadUnitsPerSecond": 11999}}) == (
        "ValidationException", INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial "
                                         "throughput for OnDemand")
    made = ask(croft, "CreateTable", {**common, "OnDemandThroughput": {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 5}})
    assert made["TableDescription"]["OnDemandThroughput"] == {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 5}
    assert made["TableDescription"]["WarmThroughput"] == {
        "ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}

    def change(**members):
        answer = ask(croft, "UpdateTable", {"TableName": name, **members})
        return answer if isinstance(answer, tuple) else ask(croft, "DescribeTable", {"TableName": name})["Table"]

    assert change(OnDemandThroughput={"MaxReadRequestUnits": 20})["OnDemandThroughput"] == {
        "MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 5}
    assert "OnDemandThroughput" not in change(OnDemandThroughput={"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1})
    assert change(OnDemandThroughput={"MaxReadRequestUnits": 0}) == (
        "ValidationException", INVALID + "Requested MaxReadRequestUnits for OnDemandThroughput for table is outside of valid "
                                         "range")
    assert change(WarmThroughput={"ReadUnitsPerSecond": 13000})["WarmThroughput"] == {
        "ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"}
    assert change(WarmThroughput={"ReadUnitsPerSecond": 12500}) == (
        "ValidationException", INVALID + "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than current "
                                         "WarmThroughput, decreasing WarmThroughput is not supported")
    provisioned = make(dynamodb, ProvisionedThroughput=UNITS)
    assert ask(croft, "UpdateTable", {"TableName": provisioned, "OnDemandThroughput": {"MaxReadRequestUnits": 5}}) == (
        "ValidationException", INVALID + "MaxReadRequestUnits for OnDemandThroughput cannot be specified when the table "
                                         "BillingMode is PROVISIONED")


def test_sizes_of_tables_and_indexes(dynamodb):
    local = {"IndexName": "byl", "Projection": {"ProjectionType": "KEYS_ONLY"},
             "KeySchema": [*hash_key("id"), {"AttributeName": "l", "KeyType": "RANGE"}]}
    name = make(dynamodb, AttributeDefinitions=[attribute(n) for n in ("id", "sk", "l", "g")],
                KeySchema=[*hash_key("id"), {"AttributeName": "sk", "KeyType": "RANGE"}],
                LocalSecondaryIndexes=[local], GlobalSecondaryIndexes=[index("byg", "g")])
    for n in range(3):  # of 2 + 1, 2 + 1, 1 + 1, 1 + 1 and 1 + 10 bytes
        item = {"id": {"S": "p"}, "sk": {"S": str(n)}, "l": {"S": "l"}, "g": {"S": "g"}, "v": {"S": "x" * 10}}
        dynamodb.put_item(TableName=name, Item=item if n else {k: v for k, v in item.items() if k not in "lg"})

    def sizes():
        table = described(dynamodb, name)
        indexes = table["LocalSecondaryIndexes"] + table["GlobalSecondaryIndexes"]
        return (table["ItemCount"], table["TableSizeBytes"]), *((one["ItemCount"], one["IndexSizeBytes"]) for one in indexes)

    assert sizes() == ((3, 3 * 17 + 2 * 4), (2, 2 * 8), (2, 2 * 21))
    dynamodb.delete_item(TableName=name, Key={"id": {"S": "p"}, "sk": {"S": "1"}})
    dynamodb.update_item(TableName=name, Key={"id": {"S": "p"}, "sk": {"S": "2"}}, UpdateExpression="REMOVE g SET v = :v",
                         ExpressionAttributeValues={":v": {"S": ""}})
    assert sizes() == ((2, 17 + 9), (1, 8), (0, 0))


# --- resource-based policies, which came after this botocore ---

def policy(action="dynamodb:GetItem", **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": action, "Resource": "*", **more}]})


def test_resource_policies_are_kept_by_their_revision(croft, dynamodb):
    name = make(dynamodb)
    arn = described(dynamodb, name)["TableArn"]
    missing = "Resource-based policy not found for the provided ResourceArn: "

    def put(document, **more):
        return ask(croft, "PutResourcePolicy", {"ResourceArn": arn, "Policy": document, **more})

    def get():
        return ask(croft, "GetResourcePolicy", {"ResourceArn": arn})

    def delete(**more):
        return ask(croft, "DeleteResourcePolicy", {"ResourceArn": arn, **more})

    assert get() == ("PolicyNotFoundException", missing + arn)
    assert delete() == {}
    first = put(policy(), ExpectedRevisionId="NO_POLICY")["RevisionId"]
    assert get() == {"Policy": policy(), "RevisionId": first}
    assert put(json.dumps(json.loads(policy()), indent=2))["RevisionId"] == first  # says the same
    assert get()["Policy"] == policy()
    second = put(policy("dynamodb:PutItem"), ExpectedRevisionId=first)["RevisionId"]
    assert int(second) > int(first)
    stale = (f"Requested update for policy with revision id {first}, but the policy associated to target table {name} has "
             f"revision id {second}.")
    assert put(policy(), ExpectedRevisionId=first) == ("PolicyNotFoundException", missing + stale)
    assert delete(ExpectedRevisionId=first) == ("PolicyNotFoundException", missing + stale)
    assert put(policy(), ExpectedRevisionId="NO_POLICY") == (
        "PolicyNotFoundException",
        missing + f"Requested policy update expecting none to be present for table {name}, but a policy exists with revision id "
                  f"{second}.")
    assert get() == {"Policy": policy("dynamodb:PutItem"), "RevisionId": second}
    assert int(delete(ExpectedRevisionId=second)["RevisionId"]) > int(second)
    assert get() == ("PolicyNotFoundException", missing + arn)


def test_resource_policies_are_checked(croft, dynamodb):
    name = make(dynamodb)
    arn = described(dynamodb, name)["TableArn"]
    document = INVALID + "Invalid policy document: "
    cases = [("{", document + "This policy contains invalid Json"), ("[]", document + "This policy contains invalid Json"),
             ('{"Statement":[]}', document + "Could not parse the policy: Statement is empty!"),
             ('{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*"}]}', document + "Missing required field Resource"),
             (policy(Sid="x" * 20480), INVALID + "Maximum policy size of 20480 bytes exceeded")]
    for text, why in cases:
        assert ask(croft, "PutResourcePolicy", {"ResourceArn": arn, "Policy": text}) == ("ValidationException", why)
    arns = [(name, INVALID + "ARNs must start with 'arn:': " + name),
            ("arn:aws:s3:::b", INVALID + "Provided Arn is not a DynamoDB resource arn: arn:aws:s3:::b"),
            (arn + "/index/x", INVALID + f"Invalid resource arn provided, only table or stream is accepted. Provided resource "
                                         f"arn: {arn}/index/x"),
            (arn.replace("us-east-1", "eu-west-9"), INVALID + "Invalid resource Arn: " + arn.replace("us-east-1", "eu-west-9")),
            (arn.replace("000000000000", "111111111111"),
             "This action is only supported by accounts that match the resource owner\u2019s account.")]
    for wrong, why in arns:
        assert ask(croft, "GetResourcePolicy", {"ResourceArn": wrong}) == ("ValidationException", why)
    for operation, more in (("GetResourcePolicy", {}), ("DeleteResourcePolicy", {}), ("PutResourcePolicy", {"Policy": policy()})):
        assert ask(croft, operation, {"ResourceArn": arn + "_", **more}) == (
            "ResourceNotFoundException", f"Requested resource not found: Table: {name}_ not found")


def test_settings_survive_a_kill(fresh_croft):
    server = fresh_croft()
    client = server.client("dynamodb")
    name = make(client, "kept", SSESpecification={"Enabled": True})
    client.update_contributor_insights(TableName=name, ContributorInsightsAction="ENABLE")
    arn = described(client, name)["TableArn"]
    revision = ask(server, "PutResourcePolicy", {"ResourceArn": arn, "Policy": policy()})["RevisionId"]
    before = described(client, name)

    server.kill()
    server.start()

    client = server.client("dynamodb")
    assert described(client, name) == before
    assert ask(server, "GetResourcePolicy", {"ResourceArn": arn}) == {"Policy": policy(), "RevisionId": revision}
    assert client.describe_contributor_insights(TableName=name)["ContributorInsightsStatus"] == "ENABLED"


# --- Contributor Insights ---

def test_contributor_insights_are_kept(dynamodb):
    indexed = {"AttributeDefinitions": [attribute("id"), attribute("g")], "GlobalSecondaryIndexes": [index("byg", "g")]}
    names = sorted(make(dynamodb, **indexed) for _ in range(2))
    assert without_metadata(dynamodb.describe_contributor_insights(TableName=names[0])) == {
        "TableName": names[0], "ContributorInsightsStatus": "DISABLED"}
    assert dynamodb.list_contributor_insights(TableName=names[0])["ContributorInsightsSummaries"] == []

    def switch(name, action, **more):
        answer = dynamodb.update_contributor_insights(TableName=name, ContributorInsightsAction=action, **more)
        return answer["ContributorInsightsStatus"]

    assert switch(names[0], "ENABLE", IndexName="byg") == "ENABLING"
    assert switch(names[0], "ENABLE") == "ENABLING"
    assert switch(names[0], "ENABLE") == "ENABLED"
    assert switch(names[1], "ENABLE") == "ENABLING"
    told = dynamodb.describe_contributor_insights(TableName=names[0], IndexName="byg")
    assert (told["ContributorInsightsStatus"], told["IndexName"]) == ("ENABLED", "byg") and "LastUpdateDateTime" in told
    pages = dynamodb.list_contributor_insights(MaxResults=2)
    rest = dynamodb.list_contributor_insights(NextToken=pages["NextToken"])
    assert [(one["TableName"], one.get("IndexName"), one["ContributorInsightsStatus"])
            for one in pages["ContributorInsightsSummaries"] + rest["ContributorInsightsSummaries"]] == [
        (names[0], None, "ENABLED"), (names[0], "byg", "ENABLED"), (names[1], None, "ENABLED")]
    assert "NextToken" not in rest
    assert switch(names[0], "DISABLE", IndexName="byg") == "DISABLING"
    assert [switch(name, "DISABLE") for name in names] == ["DISABLING", "DISABLING"]
    assert switch(names[1], "DISABLE") == "DISABLED"
    assert dynamodb.list_contributor_insights()["ContributorInsightsSummaries"] == []
    change = dynamodb.update_contributor_insights
    for call in (dynamodb.describe_contributor_insights, lambda **m: change(ContributorInsightsAction="ENABLE", **m)):
        assert refusal(call, TableName=names[0], IndexName="ghost") == (
            "ResourceNotFoundException", f"Requested resource not found: Index: ghost not found for table: {names[0]}")
        assert refusal(call, TableName="absent-x") == ABSENT


def without_metadata(answer):
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


# --- what croft does not have ---

def test_global_tables(dynamodb):
    name = make(dynamodb)
    legacy = ("ValidationException", INVALID + "DynamoDB global tables version 2017.11.29 is not supported. We recommend using "
              "DynamoDB global tables version 2019.11.21, instead of version 2017.11.29 (Legacy).")
    not_there = f"Global table with name: '{name}' does not exist."
    not_found = ("GlobalTableNotFoundException", "Global table not found: " + not_there)
    assert without_metadata(dynamodb.list_global_tables()) == {"GlobalTables": []}
    assert refusal(dynamodb.create_global_table, GlobalTableName=name, ReplicationGroup=[{"RegionName": "us-east-1"}]) == legacy
    assert refusal(dynamodb.describe_global_table, GlobalTableName=name) == not_found
    change = dynamodb.update_global_table
    assert refusal(change, GlobalTableName=name, ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}]) == legacy
    assert refusal(change, GlobalTableName=name, ReplicaUpdates=[{"Delete": {"RegionName": "eu-west-1"}}]) == not_found
    assert refusal(change, GlobalTableName=name, ReplicaUpdates=[]) == ("ValidationException", INVALID[:-2])
    for settings in (dynamodb.describe_global_table_settings, dynamodb.update_global_table_settings):
        assert refusal(settings, GlobalTableName=name) == ("GlobalTableNotFoundException", not_there)
    for scaling in (dynamodb.describe_table_replica_auto_scaling, dynamodb.update_table_replica_auto_scaling):
        assert refusal(scaling, TableName=name) == ("ResourceNotFoundException", not_there)


def test_kinesis_destinations(croft, dynamodb):
    name = make(dynamodb)
    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
    state = "Table is not in a valid state to enable Kinesis Streaming Destination: "
    assert without_metadata(dynamodb.describe_kinesis_streaming_destination(TableName=name)) == {
        "TableName": name, "KinesisDataStreamDestinations": []}
    assert refusal(dynamodb.enable_kinesis_streaming_destination, TableName=name, StreamArn=stream) == (
        "ValidationException", "Kinesis streaming destinations are not supported: " + stream)
    assert refusal(dynamodb.disable_kinesis_streaming_destination, TableName=name, StreamArn=stream) == (
        "ValidationException", state + "KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.")
    assert ask(croft, "UpdateKinesisStreamingDestination", {"TableName": name, "StreamArn": stream}) == (
        "ValidationException", state + "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. "
        f"TableName: {name}, kdsArn: {stream}")
    for call in (dynamodb.describe_kinesis_streaming_destination,
                 lambda **m: dynamodb.enable_kinesis_streaming_destination(StreamArn=stream, **m)):
        assert refusal(call, TableName="absent-x") == ABSENT


# --- stacks, which change several settings at once ---

def test_a_stack_changes_one_setting_after_the_other(croft, dynamodb):
    cloudformation = croft.client("cloudformation")
    name = "t-" + uuid.uuid4().hex[:12]
    base = {"TableName": name, "AttributeDefinitions": [attribute("id"), attribute("g"), attribute("h")],
            "KeySchema": hash_key("id")}
    units, more = {"ReadCapacityUnits": "3", "WriteCapacityUnits": "4"}, {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}

    def deploy(operation, **properties):
        body = json.dumps({"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": {**base, **properties}}}})
        getattr(cloudformation, operation)(StackName=name, TemplateBody=body)
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), [one.get("ResourceStatusReason") for one in events]
        return ask(croft, "DescribeTable", {"TableName": name})["Table"]

    deploy("create_stack", ProvisionedThroughput=units, GlobalSecondaryIndexes=[
        index("byg", "g", ProvisionedThroughput=units), index("byh", "h", ProvisionedThroughput=units)])
    table = deploy("update_stack", BillingMode="PAY_PER_REQUEST", TableClass="STANDARD_INFREQUENT_ACCESS",
                   DeletionProtectionEnabled=True, SSESpecification={"SSEEnabled": True},
                   GlobalSecondaryIndexes=[index("byg", "g"), index("byh", "h")])
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TableClassSummary"] == {"TableClass": "STANDARD_INFREQUENT_ACCESS"}
    assert table["SSEDescription"]["Status"] == "ENABLED" and table["DeletionProtectionEnabled"] is True
    table = deploy("update_stack", ProvisionedThroughput=units, TableClass="STANDARD", GlobalSecondaryIndexes=[
        index("byg", "g", ProvisionedThroughput=more), index("byi", "h", ProvisionedThroughput=units)])
    read_units = {one["IndexName"]: one["ProvisionedThroughput"]["ReadCapacityUnits"] for one in table["GlobalSecondaryIndexes"]}
    assert read_units == {"byg": 5, "byi": 3}
    assert table["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 4
    assert table["DeletionProtectionEnabled"] is False and "SSEDescription" not in table
    cloudformation.delete_stack(StackName=name)
    assert refusal(dynamodb.describe_table, TableName=name)[0] == "ResourceNotFoundException"


# --- what is on every answer ---

def check_headers(answer):
    assert int(answer.headers["x-amz-crc32"]) == binascii.crc32(answer.content)
    assert str(uuid.UUID(answer.headers["x-amzn-requestid"])) == answer.headers["x-amzn-requestid"]
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.0"
    return answer.headers["x-amzn-requestid"]


def test_checksums_and_request_ids(croft, dynamodb):
    name = make(dynamodb)
    dynamodb.put_item(TableName=name, Item={"id": {"S": "a"}, "v": {"S": "\u00fc" * 100_000}})
    key = {"id": {"S": "a"}}
    answers = [raw(croft, "GetItem", {"TableName": name, "Key": key}), raw(croft, "PutItem", {"TableName": name, "Item": key}),
               raw(croft, "DescribeTable", {"TableName": name}), raw(croft, "ListTables", {})]
    assert [answer.status_code for answer in answers] == [200] * 4
    conditional = {"TableName": name, "Item": key, "ConditionExpression": "attribute_not_exists(id)"}
    refused = [raw(croft, "GetItem", {"TableName": "absent-x", "Key": key}), raw(croft, "GetItem", {}),
               raw(croft, "GetItem", b"{"), raw(croft, "GetItem", b"[]"), raw(croft, "Nope", {}),
               raw(croft, "PutItem", conditional),
               raw(croft, "TransactWriteItems", {"TransactItems": [{"Put": conditional}]}), unsigned(croft), forged(croft)]
    assert [answer.status_code for answer in refused] == [400] * 9

    ids = [check_headers(answer) for answer in answers + refused]

    assert len(set(ids)) == len(ids)


def unsigned(croft):
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", {
        "X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}, b"{}")
    return botocore.httpsession.URLLib3Session().send(request.prepare())


def forged(croft):
    headers = {"X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0"}
    request = botocore.awsrequest.AWSRequest("POST", croft.endpoints["gateway"] + "/", headers, b"{}")
    credentials = botocore.credentials.Credentials(croft.credentials["aws_access_key_id"], "not the secret")
    botocore.auth.SigV4Auth(credentials, "dynamodb", croft.credentials["region"]).add_auth(request)
    return botocore.httpsession.URLLib3Session().send(request.prepare())
