"""On-demand backups. Texts as the API reference and the models tell them; where AWS's text is not published, croft's."""

import datetime
import time

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from signed_json import dynamodb

KEYS = {"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]}


def index(name, partition, sort=None, projection="ALL", **more):
    schema = [{"AttributeName": partition, "KeyType": "HASH"}]
    if sort:
        schema.append({"AttributeName": sort, "KeyType": "RANGE"})
    return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": projection}, **more}


def make_table(db, name, **more):
    db.create_table(**{"TableName": name, "BillingMode": "PAY_PER_REQUEST", **KEYS, **more})
    return name


def make_indexed(db, name, **more):
    attributes = KEYS["AttributeDefinitions"] + [{"AttributeName": "g", "AttributeType": "S"},
                                                 {"AttributeName": "l", "AttributeType": "N"}]
    return make_table(db, name, AttributeDefinitions=attributes,
                      **{"GlobalSecondaryIndexes": [index("by_g", "g"), index("by_g_keys", "g", "sk", "KEYS_ONLY")],
                         "LocalSecondaryIndexes": [index("by_l", "pk", "l")], **more})


def item(n, **more):
    return {"pk": {"S": f"p{n % 7}"}, "sk": {"N": str(n)}, "g": {"S": f"g{n % 3}"}, "l": {"N": str(-n)},
            "text": {"S": "x" * 100}, **more}


def fill(db, table, count, start=0):
    for first in range(start, start + count, 25):
        requests = [{"PutRequest": {"Item": item(n)}} for n in range(first, min(first + 25, start + count))]
        db.batch_write_item(RequestItems={table: requests})


def all_items(db, table, **more):
    pages = db.get_paginator("scan").paginate(TableName=table, **more)
    return sorted((i for page in pages for i in page["Items"]), key=lambda i: (i["pk"]["S"], int(i["sk"]["N"])))


def available(db, arn):
    return wait_until(lambda: (lambda b: b if b["BackupDetails"]["BackupStatus"] == "AVAILABLE" else None)(
        db.describe_backup(BackupArn=arn)["BackupDescription"]), what="the backup")


def active(db, table):
    return wait_until(lambda: (lambda t: t if t["TableStatus"] == "ACTIVE" else None)(
        db.describe_table(TableName=table)["Table"]), what="the table")


def back_up(db, table, name="first"):
    arn = db.create_backup(TableName=table, BackupName=name)["BackupDetails"]["BackupArn"]
    available(db, arn)
    return arn


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


@pytest.fixture(scope="module")
def db(croft):
    return croft.client("dynamodb")


def test_a_backup_tells_of_its_table(db):
    table = make_indexed(db, "described", BillingMode="PROVISIONED",
                         ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
                         GlobalSecondaryIndexes=[index("by_g", "g", ProvisionedThroughput={
                             "ReadCapacityUnits": 5, "WriteCapacityUnits": 6})])
    fill(db, table, 30)
    before = datetime.datetime.now(datetime.timezone.utc)

    made = db.create_backup(TableName=table, BackupName="before.the-change_1")["BackupDetails"]

    described = db.describe_table(TableName=table)["Table"]
    assert made["BackupArn"].startswith(described["TableArn"] + "/backup/0")
    assert made["BackupName"] == "before.the-change_1"
    assert made["BackupStatus"] == "CREATING" and made["BackupType"] == "USER"
    assert abs((made["BackupCreationDateTime"] - before).total_seconds()) < 5
    backup = available(db, made["BackupArn"])
    assert backup["BackupDetails"]["BackupSizeBytes"] == described["TableSizeBytes"] > 0
    source = backup["SourceTableDetails"]
    assert source == {"TableName": table, "TableId": described["TableId"], "TableArn": described["TableArn"],
                      "TableSizeBytes": described["TableSizeBytes"], "KeySchema": described["KeySchema"], "ItemCount": 30,
                      "TableCreationDateTime": described["CreationDateTime"], "BillingMode": "PROVISIONED",
                      "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}
    assert backup["SourceTableFeatureDetails"] == {
        "GlobalSecondaryIndexes": [index("by_g", "g", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6})],
        "LocalSecondaryIndexes": [index("by_l", "pk", "l")]}


def test_a_restored_table_has_the_items_of_the_backup_and_its_indexes(db):
    table = make_indexed(db, "source", Tags=[{"Key": "a", "Value": "b"}])
    fill(db, table, 3000)
    then = all_items(db, table)
    arn = back_up(db, table)
    fill(db, table, 10, start=5000)
    db.delete_item(TableName=table, Key={"pk": {"S": "p0"}, "sk": {"N": "0"}})

    begun = db.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)["TableDescription"]

    source_arn = db.describe_table(TableName=table)["Table"]["TableArn"]
    assert begun["TableStatus"] == "CREATING"
    summary = {"SourceBackupArn": arn, "SourceTableArn": source_arn, "RestoreInProgress": True,
               "RestoreDateTime": db.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]["BackupCreationDateTime"]}
    assert begun["RestoreSummary"] == summary
    made = active(db, "restored")
    assert made["RestoreSummary"] == {**summary, "RestoreInProgress": False}
    assert made["ItemCount"] == 3000 and made["TableId"] != begun["RestoreSummary"]["SourceTableArn"]
    assert db.list_tags_of_resource(ResourceArn=made["TableArn"])["Tags"] == []
    assert all_items(db, "restored") == then
    assert all_items(db, "restored", IndexName="by_g") == then
    assert all_items(db, "restored", IndexName="by_l") == then
    keys = [{name: i[name] for name in ("pk", "sk", "g")} for i in then]
    assert all_items(db, "restored", IndexName="by_g_keys") == keys

    db.put_item(TableName="restored", Item=item(9999))
    assert len(all_items(db, "restored", IndexName="by_l")) == 3001
    assert len(all_items(db, table)) == 3009


def test_a_table_that_is_being_made_takes_no_requests(croft, fresh_croft):
    db = fresh_croft().client("dynamodb")
    table = make_indexed(db, "large")
    fill(db, table, 4000)
    arn = back_up(db, table)
    db.restore_table_from_backup(TargetTableName="busy", BackupArn=arn)
    seen = []
    while not seen or seen[-1][0] == "CREATING":
        status = db.describe_table(TableName="busy")["Table"]["TableStatus"]
        try:
            db.get_item(TableName="busy", Key={"pk": {"S": "p0"}, "sk": {"N": "0"}})
            answer = "read"
        except ClientError as refused:
            answer = refused.response["Error"]["Code"]
        seen.append((status, answer))
    assert ("CREATING", "ResourceNotFoundException") in seen, seen
    assert seen[-1] == ("ACTIVE", "read")
    assert db.list_tables()["TableNames"] == ["busy", "large"]


def test_overrides_choose_billing_and_indexes(db):
    table = make_indexed(db, "overridden")
    fill(db, table, 20)
    arn = back_up(db, table)
    units = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 8}
    db.restore_table_from_backup(TargetTableName="provisioned", BackupArn=arn, BillingModeOverride="PROVISIONED",
                                 ProvisionedThroughputOverride=units,
                                 GlobalSecondaryIndexOverride=[index("by_g", "g", ProvisionedThroughput=units)],
                                 LocalSecondaryIndexOverride=[])
    made = active(db, "provisioned")
    assert {k: made["ProvisionedThroughput"][k] for k in units} == units
    assert "BillingModeSummary" not in made or made["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert [i["IndexName"] for i in made["GlobalSecondaryIndexes"]] == ["by_g"]
    assert made["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 8
    assert "LocalSecondaryIndexes" not in made
    assert [a["AttributeName"] for a in made["AttributeDefinitions"]] == ["pk", "sk", "g"]
    assert len(all_items(db, "provisioned", IndexName="by_g")) == 20

    code, message = refusal(db.restore_table_from_backup, TargetTableName="never", BackupArn=arn,
                            GlobalSecondaryIndexOverride=[index("by_x", "g")])
    assert (code, "by_x" in message) == ("ValidationException", True)
    code, message = refusal(db.restore_table_from_backup, TargetTableName="never", BackupArn=arn,
                            ProvisionedThroughputOverride=units)
    assert (code, message) == ("ValidationException",
                               "One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits "
                               "can be specified when BillingMode is PAY_PER_REQUEST")
    code, message = refusal(db.restore_table_from_backup, TargetTableName="never", BackupArn=arn,
                            BillingModeOverride="PROVISIONED")
    assert (code, message) == ("ValidationException",
                               "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both "
                               "be specified when BillingMode is PROVISIONED")
    assert "never" not in db.list_tables()["TableNames"]


def test_lists_are_filtered_and_paged(fresh_croft):
    db = fresh_croft().client("dynamodb")
    for table in ("alpha", "beta"):
        make_table(db, table)
    arns = [back_up(db, table, name) for table in ("alpha", "beta") for name in ("one", "two", "three")]

    def listed(**filters):
        return [b["BackupArn"] for b in db.list_backups(**filters)["BackupSummaries"]]

    assert listed() == arns
    assert listed(TableName="beta") == arns[3:]
    assert listed(TableName="gamma") == []
    assert listed(BackupType="USER") == arns and listed(BackupType="ALL") == arns
    assert listed(BackupType="SYSTEM") == [] and listed(BackupType="AWS_BACKUP") == []
    first = db.list_backups(Limit=4)
    assert [b["BackupArn"] for b in first["BackupSummaries"]] == arns[:4]
    assert first["LastEvaluatedBackupArn"] == arns[3]
    rest = db.list_backups(Limit=4, ExclusiveStartBackupArn=arns[3])
    assert [b["BackupArn"] for b in rest["BackupSummaries"]] == arns[4:]
    assert "LastEvaluatedBackupArn" not in rest
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    assert listed(TimeRangeLowerBound=now - hour, TimeRangeUpperBound=now + hour) == arns
    assert listed(TimeRangeLowerBound=now + hour) == [] and listed(TimeRangeUpperBound=now - hour) == []
    summary = db.list_backups(TableName="alpha", Limit=1)["BackupSummaries"][0]
    assert summary["TableName"] == "alpha" and summary["BackupName"] == "one" and summary["BackupStatus"] == "AVAILABLE"
    assert summary["TableArn"] == arns[0].split("/backup/")[0] and summary["BackupSizeBytes"] == 0


def test_a_deleted_backup_is_gone(db):
    table = make_table(db, "deleted_from")
    arn = back_up(db, table)
    erased = db.delete_backup(BackupArn=arn)["BackupDescription"]
    assert erased["BackupDetails"]["BackupStatus"] == "DELETED"
    assert erased["SourceTableDetails"]["TableName"] == table
    for call in (db.describe_backup, db.delete_backup):
        assert refusal(call, BackupArn=arn) == ("BackupNotFoundException", f"Backup not found: {arn}")
    assert refusal(db.restore_table_from_backup, BackupArn=arn, TargetTableName="nothing") == (
        "BackupNotFoundException", f"Backup not found: {arn}")
    assert db.list_backups(TableName=table)["BackupSummaries"] == []


def test_refusals(db):
    assert refusal(db.create_backup, TableName="nowhere", BackupName="some") == (
        "TableNotFoundException", "Table not found: nowhere")
    table = make_table(db, "refusing")
    arn = back_up(db, table)
    assert refusal(db.restore_table_from_backup, BackupArn=arn, TargetTableName=table) == (
        "TableAlreadyExistsException", f"Table already exists: {table}")
    unknown = arn[:-1] + ("0" if arn[-1] != "0" else "1")
    assert refusal(db.describe_backup, BackupArn=unknown) == ("BackupNotFoundException", f"Backup not found: {unknown}")
    elsewhere = arn.replace("us-east-1", "eu-west-1")
    assert refusal(db.describe_backup, BackupArn=elsewhere) == ("BackupNotFoundException", f"Backup not found: {elsewhere}")


def test_a_backup_outlives_its_table_and_its_croft(fresh_croft):
    croft = fresh_croft()
    db = croft.client("dynamodb")
    table = make_indexed(db, "mortal")
    fill(db, table, 500)
    then = all_items(db, table)
    arn = back_up(db, table)
    db.delete_table(TableName=table)
    make_table(db, "next")  # does not get the number of the backup's items
    db.put_item(TableName="next", Item=item(1))
    croft.kill()
    croft.start()
    db = croft.client("dynamodb")
    make_table(db, "another")
    db.put_item(TableName="another", Item=item(2))
    db.restore_table_from_backup(TargetTableName=table, BackupArn=arn)
    active(db, table)
    assert all_items(db, table) == then and all_items(db, table, IndexName="by_g") == then
    assert [len(all_items(db, t)) for t in ("next", "another")] == [1, 1]


def test_the_items_are_those_of_one_moment(fresh_croft):
    """Each write moves an amount between two accounts by a batch: a copy that is not of one moment has another sum."""
    db = fresh_croft().client("dynamodb")
    table = make_table(db, "accounts")
    fill(db, table, 2000, start=100)

    def accounts(n):
        return [{"PutRequest": {"Item": {"pk": {"S": name}, "sk": {"N": "0"}, "amount": {"N": str(amount)}}}}
                for name, amount in (("a", 1000 - n), ("zz", n))]

    arns = []
    for n in range(120):
        db.batch_write_item(RequestItems={table: accounts(n)})
        if n % 20 == 10:
            arns.append((n, db.create_backup(TableName=table, BackupName=f"at{n}")["BackupDetails"]["BackupArn"]))
    for n, arn in arns:
        available(db, arn)
        db.restore_table_from_backup(TargetTableName=f"at{n}", BackupArn=arn)
    for n, _ in arns:
        active(db, f"at{n}")
        amounts = {i["pk"]["S"]: int(i["amount"]["N"]) for i in all_items(db, f"at{n}") if "amount" in i}
        assert amounts == {"a": 1000 - n, "zz": n}


def test_a_crash_half_way_leaves_whole_tables_and_whole_backups(fresh_croft):
    croft = fresh_croft()
    db = croft.client("dynamodb")
    table = make_indexed(db, "cut")
    fill(db, table, 2500)
    then = all_items(db, table)
    arn = back_up(db, table)
    for round in range(3):
        half = db.create_backup(TableName=table, BackupName=f"half{round}")["BackupDetails"]["BackupArn"]
        db.restore_table_from_backup(TargetTableName=f"cut{round}", BackupArn=arn)
        time.sleep(0.004 * round)
        croft.kill()
        croft.start()
        db = croft.client("dynamodb")
        active(db, f"cut{round}")
        assert all_items(db, f"cut{round}") == then
        assert all_items(db, f"cut{round}", IndexName="by_g") == then
        listed = [b["BackupArn"] for b in db.list_backups()["BackupSummaries"]]
        assert arn in listed
        if half in listed:
            assert available(db, half)["SourceTableDetails"]["ItemCount"] == 2500
            db.delete_backup(BackupArn=half)


def test_newer_overrides(croft, db):
    """Members that Debian's botocore does not know."""
    table = make_table(db, "settings", SSESpecification={"Enabled": True, "SSEType": "KMS"})
    arn = back_up(db, table)
    dynamodb(croft, "RestoreTableFromBackup", TargetTableName="settings.same", BackupArn=arn)
    dynamodb(croft, "RestoreTableFromBackup", TargetTableName="settings.other", BackupArn=arn,
             SSESpecificationOverride={"Enabled": False},
             OnDemandThroughputOverride={"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 6})
    for name in ("settings.same", "settings.other"):
        active(db, name)
    same = dynamodb(croft, "DescribeTable", TableName="settings.same")["Table"]
    assert (same["SSEDescription"]["SSEType"], "OnDemandThroughput" in same) == ("KMS", False)
    other = dynamodb(croft, "DescribeTable", TableName="settings.other")["Table"]
    assert "SSEDescription" not in other
    assert other["OnDemandThroughput"] == {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 6}
