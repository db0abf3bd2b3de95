"""Point-in-time recovery: a table as it was at a millisecond."""

import bisect
import datetime
import json
import random
import threading
import time

from conftest import wait_until
from signed_json import dynamodb, refused_by_dynamodb

KEYS = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [{"IndexName": "by_g", "Projection": {"ProjectionType": "ALL"},
                                    "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}]}


def now_ms():
    return time.time_ns() // 1_000_000


def recover(croft, table, on=True, **more):
    return dynamodb(croft, "UpdateContinuousBackups", TableName=table, PointInTimeRecoverySpecification={
        "PointInTimeRecoveryEnabled": on, **more})["ContinuousBackupsDescription"]


def make_table(croft, table):
    croft.client("dynamodb").create_table(TableName=table, BillingMode="PAY_PER_REQUEST", **KEYS)
    return table


def scan(db, table, **more):
    pages = db.get_paginator("scan").paginate(TableName=table, **more)
    return {item["id"]["S"]: item for page in pages for item in page["Items"]}


def active(db, table):
    return wait_until(lambda: (lambda t: t if t["TableStatus"] == "ACTIVE" else None)(
        db.describe_table(TableName=table)["Table"]), what="the table")


def restore(croft, source, target, at_ms):
    return dynamodb(croft, "RestoreTableToPointInTime", SourceTableName=source, TargetTableName=target,
                    RestoreDateTime=at_ms / 1000)["TableDescription"]


def pause():
    """Ends in a later millisecond than it began."""
    start = now_ms()
    while now_ms() < start + 2:
        time.sleep(0.0005)


class Model:
    """The table as the test knows it, and what it was at each time."""

    def __init__(self):
        self.items, self.times, self.states = {}, [], []

    def note(self):
        self.times.append(now_ms())
        self.states.append(json.dumps(self.items, sort_keys=True))

    def at(self, ms):
        return json.loads(self.states[bisect.bisect_right(self.times, ms) - 1])


def random_write(db, table, model, chance, n):
    """One write of any kind, in the table and in the model."""
    name = f"i{chance.randrange(12)}"
    item = {"id": {"S": name}, "g": {"N": str(chance.randrange(3))}, "n": {"N": str(n)}}
    kind = chance.choice(["put", "put", "update", "delete", "batch", "transaction"])
    if kind == "put":
        db.put_item(TableName=table, Item=item)
        model.items[name] = item
    elif kind == "update":
        db.update_item(TableName=table, Key={"id": item["id"]}, UpdateExpression="SET n = :n REMOVE g",
                       ExpressionAttributeValues={":n": item["n"]})
        model.items[name] = {k: v for k, v in {**model.items.get(name, {}), "id": item["id"], "n": item["n"]}.items() if k != "g"}
    elif kind == "delete":
        db.delete_item(TableName=table, Key={"id": item["id"]})
        model.items.pop(name, None)
    elif kind == "batch":
        gone = f"i{(int(name[1:]) + 1) % 12}"
        db.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}}, {"DeleteRequest": {"Key": {"id": {"S": gone}}}}]})
        model.items[name] = item
        model.items.pop(gone, None)
    else:
        other = {**item, "id": {"S": f"i{(int(name[1:]) + 5) % 12}"}}
        db.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": one}} for one in (item, other)])
        model.items[name], model.items[other["id"]["S"]] = item, other


def test_random_writes_come_back_as_they_were_at_any_moment(croft):
    db, chance, model = croft.client("dynamodb"), random.Random(7), Model()
    table = make_table(croft, "random")
    for n in range(30):  # what was there before is part of it
        random_write(db, table, model, chance, n)
    recover(croft, table)
    pause()
    model.note()
    pause()
    moments = []
    for n in range(300):
        random_write(db, table, model, chance, 1000 + n)
        pause()
        model.note()
        if n % 30 == 17:
            moments.append(model.times[-1])
        pause()
    moments = [model.times[0]] + moments + [model.times[-1]]
    for n, moment in enumerate(moments):
        restore(croft, table, f"random{n}", moment)
    for n, moment in enumerate(moments):
        active(db, f"random{n}")
        assert scan(db, f"random{n}") == model.at(moment), moment
        indexed = {name: item for name, item in model.at(moment).items() if "g" in item}
        assert scan(db, f"random{n}", IndexName="by_g") == indexed
    assert scan(db, table) == model.items


def test_each_write_is_before_or_behind_its_millisecond(croft):
    """From one millisecond to the next a table differs by what was written in between, and by nothing else."""
    db = croft.client("dynamodb")
    table = make_table(croft, "counter")
    recover(croft, table)
    pause()
    spans = []
    for n in range(5):
        before = now_ms()
        db.put_item(TableName=table, Item={"id": {"S": "one"}, "n": {"N": str(n)}})
        spans.append((before, now_ms()))
        pause()
    names = []
    for n, (before, after) in enumerate(spans):
        for moment in range(before - 1, after + 1):
            names.append((n, before, after, moment, f"counter-{n}-{moment}"))
            restore(croft, table, names[-1][-1], moment)
            active(db, names[-1][-1])
    seen = {n: [] for n in range(5)}
    for n, before, after, moment, name in names:
        seen[n].append(int(scan(db, name).get("one", {"n": {"N": "-1"}})["n"]["N"]))
        db.delete_table(TableName=name)
    for n, values in seen.items():
        assert values == sorted(values) and set(values) <= {n - 1, n}, (n, values)
        assert values[0] == n - 1 and values[-1] == n


def test_a_transaction_is_whole_at_every_moment(croft):
    db = croft.client("dynamodb")
    table = make_table(croft, "bank")
    for n in range(8):
        db.put_item(TableName=table, Item={"id": {"S": f"a{n}"}, "amount": {"N": "100"}})
    recover(croft, table)
    pause()
    start, stop = now_ms(), threading.Event()

    def move(worker):
        mine, chance = croft.client("dynamodb"), random.Random(worker)
        while not stop.is_set():
            names = chance.sample(range(8), 2)
            mine.transact_write_items(TransactItems=[
                {"Update": {"TableName": table, "Key": {"id": {"S": f"a{n}"}}, "UpdateExpression": "ADD amount :d",
                            "ExpressionAttributeValues": {":d": {"N": str(by)}}}} for n, by in zip(names, (-1, 1))])

    workers = [threading.Thread(target=move, args=(n,)) for n in range(3)]
    for worker in workers:
        worker.start()
    time.sleep(0.6)
    for n in range(4):  # while it is written to
        restore(croft, table, f"bank-early-{n}", start + 100 * n)
    stop.set()
    for worker in workers:
        worker.join()
    for n in range(12):
        restore(croft, table, f"bank-late-{n}", start + 37 * n)
    seen = set()
    for name in [f"bank-early-{n}" for n in range(4)] + [f"bank-late-{n}" for n in range(12)]:
        active(db, name)
        amounts = tuple(int(item["amount"]["N"]) for _, item in sorted(scan(db, name).items()))
        assert sum(amounts) == 800, name
        seen.add(amounts)
    assert len(seen) > 8


def test_the_window_is_described(croft):
    table = make_table(croft, "described")
    off = dynamodb(croft, "DescribeContinuousBackups", TableName=table)["ContinuousBackupsDescription"]
    assert off == {"ContinuousBackupsStatus": "ENABLED",
                   "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}}
    before = time.time()
    on = recover(croft, table)["PointInTimeRecoveryDescription"]
    assert on["PointInTimeRecoveryStatus"] == "ENABLED" and on["RecoveryPeriodInDays"] == 35
    assert before <= on["EarliestRestorableDateTime"] <= time.time() + 1.01
    assert on["EarliestRestorableDateTime"] <= on["LatestRestorableDateTime"] <= time.time() + 1.01
    again = recover(croft, table, RecoveryPeriodInDays=3)["PointInTimeRecoveryDescription"]
    assert again["RecoveryPeriodInDays"] == 3
    assert again["EarliestRestorableDateTime"] == on["EarliestRestorableDateTime"]
    assert recover(croft, table, on=False) == off
    through_boto = croft.client("dynamodb").describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
    assert through_boto["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_the_newest_state_by_name_and_by_arn(croft):
    db = croft.client("dynamodb")
    table = make_table(croft, "newest")
    recover(croft, table)
    for n in range(2):
        db.put_item(TableName=table, Item={"id": {"S": f"i{n}"}, "g": {"N": "1"}})
        source = {"SourceTableName": table} if n == 0 else {"SourceTableArn": db.describe_table(TableName=table)["Table"]["TableArn"]}
        made = db.restore_table_to_point_in_time(TargetTableName=f"newest{n}", UseLatestRestorableTime=True, **source)
        summary = made["TableDescription"]["RestoreSummary"]
        assert summary["RestoreInProgress"] is True and "SourceBackupArn" not in summary
        assert summary["SourceTableArn"].endswith(":table/newest")
        assert abs(summary["RestoreDateTime"].timestamp() - time.time()) < 5
        active(db, f"newest{n}")
        assert sorted(scan(db, f"newest{n}", IndexName="by_g")) == [f"i{m}" for m in range(n + 1)]
    described = db.describe_continuous_backups(TableName="newest0")["ContinuousBackupsDescription"]
    assert described["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"


def test_refusals(croft):
    db = croft.client("dynamodb")
    table = make_table(croft, "refusing")

    def refused(**request):
        return refused_by_dynamodb(croft, "RestoreTableToPointInTime", **{"TargetTableName": "refused", **request})

    source = {"SourceTableName": table}
    assert refused(**source, UseLatestRestorableTime=True) == (
        "PointInTimeRecoveryUnavailableException", "Point in time recovery is not enabled for table 'refusing'")
    recover(croft, table)
    out_of_range = ("InvalidRestoreTimeException",
                    "RestoreDateTime must be between EarliestRestorableDateTime and LatestRestorableDateTime")
    assert refused(**source, RestoreDateTime=time.time() - 3600) == out_of_range
    assert refused(**source, RestoreDateTime=time.time() + 10) == out_of_range
    assert refused(**source)[0] == "ValidationException"
    assert refused(**source, UseLatestRestorableTime=True, RestoreDateTime=time.time())[0] == "ValidationException"
    assert refused(UseLatestRestorableTime=True)[0] == "ValidationException"
    assert refused(SourceTableName="nowhere", UseLatestRestorableTime=True) == (
        "TableNotFoundException", "Table not found: nowhere")
    assert refused(**source, UseLatestRestorableTime=True, TargetTableName=table) == (
        "TableAlreadyExistsException", "Table already exists: refusing")
    for operation in ("DescribeContinuousBackups", "UpdateContinuousBackups"):
        more = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}} if operation[0] == "U" else {}
        assert refused_by_dynamodb(croft, operation, TableName="nowhere", **more) == (
            "TableNotFoundException", "Table not found: nowhere")
    for days in (0, 36):
        code, message = refused_by_dynamodb(croft, "UpdateContinuousBackups", TableName=table, PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": days})
        assert code == "ValidationException" and "pointInTimeRecoverySpecification.recoveryPeriodInDays" in message
    assert "refused" not in db.list_tables()["TableNames"]


def test_a_deleted_table_leaves_a_backup_of_the_system(fresh_croft):
    croft = fresh_croft()
    db = croft.client("dynamodb")
    table = make_table(croft, "deleted")
    recover(croft, table)
    for n in range(300):
        db.put_item(TableName=table, Item={"id": {"S": f"i{n}"}, "g": {"N": "1"}})
    then = scan(db, table)
    db.delete_table(TableName=table)
    assert db.list_backups()["BackupSummaries"] == []
    (backup,) = db.list_backups(BackupType="SYSTEM")["BackupSummaries"]
    assert (backup["BackupName"], backup["BackupType"]) == ("deleted$DeletedTableBackup", "SYSTEM")
    kept = backup["BackupExpiryDateTime"] - backup["BackupCreationDateTime"]
    assert kept == datetime.timedelta(days=35)
    make_table(croft, table)  # another one of that name
    assert scan(db, table) == {}
    croft.kill()
    croft.start()
    db = croft.client("dynamodb")
    db.restore_table_from_backup(TargetTableName="again", BackupArn=backup["BackupArn"])
    active(db, "again")
    assert scan(db, "again") == then and scan(db, "again", IndexName="by_g") == then


def test_the_past_outlives_a_crash(fresh_croft):
    croft = fresh_croft()
    db = croft.client("dynamodb")
    table = make_table(croft, "crashed")
    recover(croft, table)
    for n in range(1500):
        db.put_item(TableName=table, Item={"id": {"S": f"i{n % 700}"}, "n": {"N": str(n)}})
        if n == 999:
            pause()
            moment, then = now_ms(), scan(db, table)
            pause()
    restore(croft, table, "past", moment)
    croft.kill()
    croft.start()
    db = croft.client("dynamodb")
    active(db, "past")
    assert scan(db, "past") == then
    restore(croft, table, "later", moment)
    active(db, "later")
    assert scan(db, "later") == then


def test_templates_turn_it_on_and_off(croft):
    stacks = croft.client("cloudformation")

    def template(**recovery):
        properties = {"TableName": "from-template", "BillingMode": "PAY_PER_REQUEST", **KEYS}
        if recovery:
            properties["PointInTimeRecoverySpecification"] = recovery
        return json.dumps({"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}})

    def described():
        answer = dynamodb(croft, "DescribeContinuousBackups", TableName="from-template")["ContinuousBackupsDescription"]
        recovery = answer["PointInTimeRecoveryDescription"]
        return recovery["PointInTimeRecoveryStatus"], recovery.get("RecoveryPeriodInDays")

    stacks.create_stack(StackName="s", TemplateBody=template(PointInTimeRecoveryEnabled="true", RecoveryPeriodInDays="7"))
    stacks.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 0.05})
    assert described() == ("ENABLED", 7)
    for changed, expected in [(template(PointInTimeRecoveryEnabled=True), ("ENABLED", 35)), (template(), ("DISABLED", None))]:
        stacks.update_stack(StackName="s", TemplateBody=changed)
        stacks.get_waiter("stack_update_complete").wait(StackName="s", WaiterConfig={"Delay": 0.05})
        assert described() == expected
