"""What is asked of tables as a whole: UpdateTable, indexes made while the table is used, settings that are kept, and the
operations for what croft does not have."""

import binascii
import json
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.httpsession
from table_calls import (INVALID, ONE_INDEX, ask, attribute, described, dynamodb, global_index, hash_key, index, make, new_index,
                         raw, refusal, update, update_refusal)

UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6}
ONE_UNIT = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}


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
