"""Tables out to buckets and in from them. Forms as the Developer Guide's "DynamoDB table export output format" has them."""

import base64
import gzip
import hashlib
import json
import random
import re
import time

import pytest
from botocore.exceptions import ClientError

from conftest import wait_until
from signed_json import dynamodb, refused_by_dynamodb

KEYS = {"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]}
INDEXED = {"AttributeDefinitions": KEYS["AttributeDefinitions"] + [{"AttributeName": "g", "AttributeType": "N"}],
           "KeySchema": KEYS["KeySchema"],
           "GlobalSecondaryIndexes": [{"IndexName": "by_g", "Projection": {"ProjectionType": "ALL"},
                                       "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}]}


def now_ms():
    return time.time_ns() // 1_000_000


def pause():
    start = now_ms()
    while now_ms() < start + 2:
        time.sleep(0.0005)


@pytest.fixture(scope="module")
def db(croft):
    return croft.client("dynamodb")


@pytest.fixture(scope="module")
def s3(croft):
    return croft.client("s3")


@pytest.fixture(scope="module")
def bucket(s3):
    s3.create_bucket(Bucket="exports")
    return "exports"


def make_table(db, name, recover=True, keys=KEYS):
    made = db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **keys)["TableDescription"]
    if recover:
        db.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    return made["TableArn"]


def item(n, **more):
    return {"pk": {"S": f"p{n % 5}"}, "sk": {"N": str(n)}, "b": {"B": base64.b64encode(bytes([n % 256, 0, 255])).decode()},
            "m": {"M": {"l": {"L": [{"NULL": True}, {"BOOL": False}, {"S": "zwölf \"\n"}]}}}, "ns": {"NS": ["1", "2.5"]}, **more}


def put(croft, table, item):
    dynamodb(croft, "PutItem", TableName=table, Item=item)


def key(item):
    return item["pk"]["S"], item["sk"]["N"]


def finished(describe, member, status, **arn):
    def check():
        one = describe(**arn)[member]
        return one if one[status] != "IN_PROGRESS" else None
    return wait_until(check, what="the end")


def exported(croft, **request):
    arn = dynamodb(croft, "ExportTableToPointInTime", **request)["ExportDescription"]["ExportArn"]
    return wait_until(lambda: (lambda e: e if e["ExportStatus"] != "IN_PROGRESS" else None)(
        dynamodb(croft, "DescribeExport", ExportArn=arn)["ExportDescription"]), what="the export")


def read(s3, bucket, name):
    return s3.get_object(Bucket=bucket, Key=name)["Body"].read()


def read_export(s3, export):
    """The lines of an export, found and checked by its manifests; the summary."""
    bucket = export["S3Bucket"]
    texts = {}
    for which in ("summary", "files"):
        name = export["ExportManifest"].replace("summary", which)
        texts[which] = read(s3, bucket, name)
        md5 = read(s3, bucket, name[:-len("json")] + "md5").decode()
        assert md5 == base64.b64encode(hashlib.md5(texts[which]).digest()).decode()
    summary = json.loads(texts["summary"])
    assert summary["manifestFilesS3Key"] == export["ExportManifest"].replace("summary", "files")
    lines = []
    for file in map(json.loads, texts["files"].splitlines()):
        body = read(s3, bucket, file["dataFileS3Key"])
        assert base64.b64encode(hashlib.md5(body).digest()).decode() == file["md5Checksum"]
        assert s3.head_object(Bucket=bucket, Key=file["dataFileS3Key"])["ETag"].strip('"') == file["etag"]
        found = [json.loads(line) for line in gzip.decompress(body).decode().splitlines()]
        assert len(found) == file["itemCount"]
        lines += found
    assert summary["itemCount"] == len(lines) == export["ItemCount"]
    return lines, summary


def refusal(call, **arguments):
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_a_full_export(croft, db, s3, bucket):
    arn = make_table(db, "full")
    items = [item(n) for n in range(2500)]
    for one in items[:60]:
        put(croft, "full", one)
    for first in range(60, len(items), 25):
        dynamodb(croft, "BatchWriteItem", RequestItems={"full": [{"PutRequest": {"Item": i}} for i in items[first:first + 25]]})
    begun = dynamodb(croft, "ExportTableToPointInTime", TableArn=arn, S3Bucket=bucket, S3Prefix="a/b")["ExportDescription"]
    assert begun["ExportStatus"] in ("IN_PROGRESS", "COMPLETED") and begun["ExportType"] == "FULL_EXPORT"
    assert re.fullmatch(re.escape(arn) + r"/export/0\d{13}-[0-9a-f]{8}", begun["ExportArn"])
    identifier = begun["ExportArn"].rsplit("/", 1)[1]
    export = finished(db.describe_export, "ExportDescription", "ExportStatus", ExportArn=begun["ExportArn"])

    assert export["ExportStatus"] == "COMPLETED"
    assert export["ExportManifest"] == f"a/b/AWSDynamoDB/{identifier}/manifest-summary.json"
    assert (export["S3Bucket"], export["S3Prefix"], export["ExportFormat"]) == (bucket, "a/b", "DYNAMODB_JSON")
    assert export["TableArn"] == arn and export["ItemCount"] == 2500 and export["BilledSizeBytes"] > 100_000
    assert export["StartTime"] <= export["EndTime"] and abs(export["ExportTime"].timestamp() - begun["StartTime"]) < 0.002
    lines, summary = read_export(s3, export)
    assert sorted((line["Item"] for line in lines), key=key) == sorted(items, key=key)
    assert all(set(line) == {"Item"} for line in lines)
    assert summary["version"] == "2020-06-30" and summary["exportArn"] == export["ExportArn"]
    assert summary["tableArn"] == arn and summary["tableId"] == db.describe_table(TableName="full")["Table"]["TableId"]
    assert (summary["s3Bucket"], summary["s3Prefix"], summary["s3SseAlgorithm"], summary["s3SseKmsKeyId"]) == (
        bucket, "a/b", "AES256", None)
    assert summary["outputFormat"] == "DYNAMODB_JSON" and "exportType" not in summary
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", summary["exportTime"])
    keys = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix=f"a/b/AWSDynamoDB/{identifier}/")["Contents"]]
    names = [k.split(identifier + "/")[1] for k in keys]
    assert re.fullmatch(r"data/[0-9a-z]{26}\.json\.gz", names[1])
    assert [names[0]] + names[2:] == ["_started", "manifest-files.json", "manifest-files.md5", "manifest-summary.json",
                                      "manifest-summary.md5"]
    assert read(s3, bucket, keys[0]) == b""


def test_an_export_of_the_past_and_of_nothing(croft, db, s3, bucket):
    arn = make_table(db, "past")
    export = exported(croft, TableArn=arn, S3Bucket=bucket)
    assert read_export(s3, export)[0] == []
    states = []
    for n in range(40):
        put(croft, "past", item(n % 7, count={"N": str(n)}))
        if n % 3 == 0:
            dynamodb(croft, "DeleteItem", TableName="past", Key={"pk": {"S": f"p{n % 5}"}, "sk": {"N": str(n % 5)}})
        pause()
        if n % 13 == 12:
            states.append((now_ms(), sorted(dynamodb(croft, "Scan", TableName="past")["Items"], key=key)))
        pause()
    for moment, then in states:
        export = exported(croft, TableArn=arn, S3Bucket=bucket, ExportTime=moment / 1000)
        assert export["ExportTime"] == moment / 1000
        assert sorted((line["Item"] for line in read_export(s3, export)[0]), key=key) == then


def period(start, end, **more):
    return {"ExportType": "INCREMENTAL_EXPORT",
            "IncrementalExportSpecification": {"ExportFromTime": start / 1000, "ExportToTime": end / 1000, **more}}


def test_an_incremental_export_has_one_change_for_each_item(croft, db, s3, bucket):
    arn = make_table(db, "changes")
    for n in range(6):
        put(croft, "changes", item(n, v={"S": "old"}))
    pause()
    start = now_ms()
    put(croft, "changes", item(0, v={"S": "between"}))
    put(croft, "changes", item(0, v={"S": "new"}))                                            # modified twice
    dynamodb(croft, "DeleteItem", TableName="changes", Key={"pk": {"S": "p1"}, "sk": {"N": "1"}})    # deleted
    put(croft, "changes", item(10, v={"S": "new"}))                                           # inserted
    put(croft, "changes", item(11, v={"S": "new"}))                                           # came and went
    dynamodb(croft, "DeleteItem", TableName="changes", Key={"pk": {"S": "p1"}, "sk": {"N": "11"}})
    dynamodb(croft, "DeleteItem", TableName="changes", Key={"pk": {"S": "p2"}, "sk": {"N": "2"}})    # deleted and put again
    put(croft, "changes", item(2, v={"S": "again"}))
    pause()
    end = now_ms()
    pause()
    put(croft, "changes", item(0, v={"S": "later"}))
    put(croft, "changes", item(3, v={"S": "later"}))

    def images(n, **more):
        return {"Keys": {"pk": {"S": f"p{n % 5}"}, "sk": {"N": str(n)}}, **more}

    expected = sorted([
        images(0, OldImage=item(0, v={"S": "old"}), NewImage=item(0, v={"S": "new"})),
        images(1, OldImage=item(1, v={"S": "old"})),
        images(10, NewImage=item(10, v={"S": "new"})),
        images(2, OldImage=item(2, v={"S": "old"}), NewImage=item(2, v={"S": "again"}))], key=lambda c: key(c["Keys"]))
    export = exported(croft, TableArn=arn, S3Bucket=bucket, S3Prefix="inc/", **period(start, end))
    assert export["ExportType"] == "INCREMENTAL_EXPORT" and "ExportTime" not in export
    assert export["IncrementalExportSpecification"] == {"ExportFromTime": start / 1000, "ExportToTime": end / 1000,
                                                        "ExportViewType": "NEW_AND_OLD_IMAGES"}
    lines, summary = read_export(s3, export)
    for line in lines:
        written = int(line["Metadata"]["WriteTimestampMicros"]["N"])
        assert start <= written // 1000 <= end
        assert list(line) == [m for m in ("Metadata", "Keys", "OldImage", "NewImage") if m in line]
        del line["Metadata"]
    assert sorted(lines, key=lambda c: key(c["Keys"])) == expected
    assert (summary["exportType"], summary["outputView"]) == ("INCREMENTAL_EXPORT", "NEW_AND_OLD_IMAGES")
    assert "exportTime" not in summary and summary["exportFromTime"].endswith("Z")
    data = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket, Prefix="inc/AWSDynamoDB/data/")["Contents"]]
    assert len(data) == 1

    export = exported(croft, TableArn=arn, S3Bucket=bucket, **period(start, end, ExportViewType="NEW_IMAGE"))
    lines, summary = read_export(s3, export)
    assert summary["outputView"] == "NEW_IMAGE"
    for change in expected:
        change.pop("OldImage", None)
    assert sorted(({k: v for k, v in line.items() if k != "Metadata"} for line in lines), key=lambda c: key(c["Keys"])) == expected


def test_exports_are_listed_and_asked_for_once(croft, db, s3, bucket):
    arn = make_table(db, "listed")
    other = make_table(db, "listed.other")
    made = [exported(croft, TableArn=arn, S3Bucket=bucket)["ExportArn"] for _ in range(3)]
    exported(croft, TableArn=other, S3Bucket=bucket)
    first = db.list_exports(TableArn=arn, MaxResults=2)
    assert [e["ExportArn"] for e in first["ExportSummaries"]] == made[:2]
    assert {e["ExportStatus"] for e in first["ExportSummaries"]} == {"COMPLETED"}
    rest = db.list_exports(TableArn=arn, MaxResults=2, NextToken=first["NextToken"])
    assert [e["ExportArn"] for e in rest["ExportSummaries"]] == made[2:] and "NextToken" not in rest
    everything = [e["ExportArn"] for page in db.get_paginator("list_exports").paginate(MaxResults=1)
                  for e in page["ExportSummaries"]] if db.can_paginate("list_exports") else None
    assert everything is None or set(made) < set(everything)
    assert refusal(db.list_exports, NextToken="what")[0] == "ValidationException"

    once = {"TableArn": arn, "S3Bucket": bucket, "ClientToken": "only-once"}
    asked = [db.export_table_to_point_in_time(**once)["ExportDescription"]["ExportArn"] for _ in range(2)]
    assert asked[0] == asked[1]
    assert refusal(db.export_table_to_point_in_time, **{**once, "S3Prefix": "else"})[0] == "ExportConflictException"


def test_exports_that_are_refused_or_fail(croft, db, bucket):
    arn = make_table(db, "unrecovered", recover=False)
    assert refusal(db.export_table_to_point_in_time, TableArn=arn, S3Bucket=bucket) == (
        "PointInTimeRecoveryUnavailableException", "Point in time recovery is not enabled for table 'unrecovered'")
    nowhere = arn.replace("unrecovered", "nowhere")
    assert refusal(db.export_table_to_point_in_time, TableArn=nowhere, S3Bucket=bucket) == (
        "TableNotFoundException", "Table not found: nowhere")
    arn = make_table(db, "failing")

    def refused(**request):
        return refused_by_dynamodb(croft, "ExportTableToPointInTime", TableArn=arn, **{"S3Bucket": bucket, **request})

    assert refused(ExportTime=time.time() - 100)[0] == "InvalidExportTimeException"
    assert refused(ExportTime=time.time() + 100)[0] == "InvalidExportTimeException"
    assert refused(**period(now_ms() - 100_000, now_ms()))[0] == "InvalidExportTimeException"
    assert refused(**period(now_ms(), now_ms() - 10)) == (
        "ValidationException", "ExportFromTime must be before ExportToTime")
    assert refused(ExportFormat="ION") == ("ValidationException", "ExportFormat ION is not supported")
    assert refused(ExportFormat="PARQUET")[0] == "ValidationException"
    export = exported(croft, TableArn=arn, S3Bucket="there-is-none")
    assert (export["ExportStatus"], export["FailureCode"], export["FailureMessage"]) == (
        "FAILED", "S3NoSuchBucket", "The specified bucket does not exist")
    assert "ExportManifest" not in export and "ItemCount" not in export
    missing = export["ExportArn"][:-1] + "x"
    assert refusal(db.describe_export, ExportArn=missing) == ("ExportNotFoundException", f"Export not found: {missing}")


def imported(db, table, bucket, prefix, keys=KEYS, **request):
    begun = db.import_table(**{"S3BucketSource": {"S3Bucket": bucket, "S3KeyPrefix": prefix}, "InputFormat": "DYNAMODB_JSON",
                               "TableCreationParameters": {"TableName": table, "BillingMode": "PAY_PER_REQUEST", **keys},
                               **request})["ImportTableDescription"]
    assert begun["ImportStatus"] in ("IN_PROGRESS", "COMPLETED", "FAILED")
    return finished(db.describe_import, "ImportTableDescription", "ImportStatus", ImportArn=begun["ImportArn"])


def scanned(croft, table, **more):
    found, start = [], {}
    while start is not None:
        page = dynamodb(croft, "Scan", TableName=table, **more, **start)
        found += page["Items"]
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if "LastEvaluatedKey" in page else None
    return sorted(found, key=key)


def test_an_export_comes_back_by_import(croft, db, s3, bucket):
    arn = make_table(db, "there")
    items = [item(n, g={"N": str(n % 3)}) for n in range(1200)]
    for first in range(0, len(items), 25):
        dynamodb(croft, "BatchWriteItem", RequestItems={"there": [{"PutRequest": {"Item": i}} for i in items[first:first + 25]]})
    export = exported(croft, TableArn=arn, S3Bucket=bucket, S3Prefix="and")
    data = export["ExportManifest"].replace("manifest-summary.json", "data/")
    back = imported(db, "back", bucket, data, INDEXED, InputCompressionType="GZIP", ClientToken="a-token")
    assert back["ImportStatus"] == "COMPLETED"
    assert (back["ProcessedItemCount"], back["ImportedItemCount"], back["ErrorCount"]) == (1200, 1200, 0)
    assert back["ProcessedSizeBytes"] == export["BilledSizeBytes"]
    assert back["TableArn"].endswith(":table/back") and back["ImportArn"].startswith(back["TableArn"] + "/import/0")
    assert back["CloudWatchLogGroupArn"] == "arn:aws:logs:us-east-1:000000000000:log-group:/aws-dynamodb/imports:*"
    assert (back["InputFormat"], back["InputCompressionType"], back["ClientToken"]) == ("DYNAMODB_JSON", "GZIP", "a-token")
    assert back["TableCreationParameters"]["TableName"] == "back"
    assert back["S3BucketSource"] == {"S3Bucket": bucket, "S3KeyPrefix": data}
    table = db.describe_table(TableName="back")["Table"]
    assert (table["TableStatus"], table["ItemCount"], table["TableId"]) == ("ACTIVE", 1200, back["TableId"])
    assert scanned(croft, "back") == sorted(items, key=key)
    assert scanned(croft, "back", IndexName="by_g") == sorted(items, key=key)


def test_csv(croft, db, s3, bucket):
    s3.put_object(Bucket=bucket, Key="csv/one.csv", Body=(
        '\ufeffpk,sk,g,text\r\na,1,2,"said ""no"", twice"\r\nb,-2.50,3,"two\nlines"\r\n\r\nc,3,4,\n').encode())
    s3.put_object(Bucket=bucket, Key="csv/two.csv", Body="text,g,sk,pk\nzwölf,5,7,d".encode())
    done = imported(db, "csv", bucket, "csv/", INDEXED, InputFormat="CSV")
    assert (done["ImportStatus"], done["ProcessedItemCount"], done["ImportedItemCount"]) == ("COMPLETED", 4, 4)
    assert done["InputFormatOptions"] == {"Csv": {"Delimiter": ","}}
    expected = [("a", "1", "2", 'said "no", twice'), ("b", "-2.5", "3", "two\nlines"), ("c", "3", "4", ""), ("d", "7", "5", "zwölf")]
    assert scanned(croft, "csv") == [{"pk": {"S": p}, "sk": {"N": s}, "g": {"N": g}, "text": {"S": t}} for p, s, g, t in expected]
    assert len(scanned(croft, "csv", IndexName="by_g")) == 4

    s3.put_object(Bucket=bucket, Key="plain.txt", Body=b"a|1|x,y\nb|2|\"z|z\"\n")
    options = {"Csv": {"Delimiter": "|", "HeaderList": ["pk", "sk", "what"]}}
    done = imported(db, "csv.headless", bucket, "plain.txt", InputFormat="CSV", InputFormatOptions=options)
    assert done["ImportStatus"] == "COMPLETED" and done["InputFormatOptions"] == options
    assert [i["what"]["S"] for i in scanned(croft, "csv.headless")] == ["x,y", "z|z"]


def test_lines_that_are_no_items_are_counted(croft, db, s3, bucket):
    good = [item(n) for n in range(5)]
    lines = [json.dumps({"Item": i}) for i in good]
    bad = ['{"Item": {"pk": {"S": "x"}}}', "not json", '{"pk": {"S": "x"}, "sk": {"N": "1"}}', '{"Item": {"pk": {"S": ""}, "sk": {"N": "1"}}}',
           '{"Item": {"pk": {"N": "1"}, "sk": {"N": "1"}}}', json.dumps({"Item": item(1, big={"S": "x" * 410_000})}),
           '{"Item": {"pk": {"S": "x"}, "sk": {"N": "1"}, "n": {"N": "1e999"}}}']
    mixed = [line for pair in zip(lines, bad) for line in pair] + bad[5:] + [lines[0]]  # one twice
    s3.put_object(Bucket=bucket, Key="mixed/1.json", Body="\n".join(mixed).encode())
    done = imported(db, "mixed", bucket, "mixed/")
    assert (done["ImportStatus"], done["FailureCode"]) == ("FAILED", "ItemValidationError")
    assert done["FailureMessage"] == ("Some of the items failed validation checks and were not imported. Please check CloudWatch "
                                      "error logs for more details.")
    assert (done["ErrorCount"], done["ProcessedItemCount"], done["ImportedItemCount"]) == (7, 13, 6)
    assert db.describe_table(TableName="mixed")["Table"]["TableStatus"] == "ACTIVE"
    assert db.describe_table(TableName="mixed")["Table"]["ItemCount"] == 5
    assert scanned(croft, "mixed") == sorted(good, key=key)


def zstd_frame(text):
    """A frame of blocks that are stored as they are. Source: RFC 8878, 3.1.1."""
    frame = b"\x28\xb5\x2f\xfd" + b"\x00" + b"\x58"  # no content size, a window of 2 MiB
    blocks = [text[n:n + 100_000] for n in range(0, len(text), 100_000)]
    for n, block in enumerate(blocks):
        frame += (len(block) << 3 | (n == len(blocks) - 1)).to_bytes(3, "little") + block
    return frame


def test_compressions(croft, db, s3, bucket):
    chance = random.Random(3)
    items = [item(n, text={"S": "".join(chance.choices("abcdefgh", k=300))}) for n in range(6000)]  # several pieces
    text = "".join(json.dumps({"Item": i}) + "\n" for i in items).encode()
    half = text.index(b"\n", len(text) // 2) + 1
    bodies = {"GZIP": gzip.compress(text[:half]) + gzip.compress(text[half:]), "NONE": text}
    bodies["ZSTD"] = zstd_frame(text[:half]) + zstd_frame(text[half:])
    for compression, body in bodies.items():
        s3.put_object(Bucket=bucket, Key=f"packed/{compression}", Body=body)
        table = f"packed.{compression}"
        done = imported(db, table, bucket, f"packed/{compression}", InputCompressionType=compression)
        assert (done["ImportStatus"], done["ImportedItemCount"]) == ("COMPLETED", 6000), done
        assert done["ProcessedSizeBytes"] == len(text)
        assert scanned(croft, table) == sorted(items, key=key)
        if compression == "NONE":
            continue
        s3.put_object(Bucket=bucket, Key=f"cut/{compression}", Body=body[:len(body) // 2])
        done = imported(db, f"cut.{compression}", bucket, f"cut/{compression}", InputCompressionType=compression)
        assert (done["ImportStatus"], done["ErrorCount"]) == ("FAILED", 1)
        assert 0 < done["ImportedItemCount"] < 6000
        s3.put_object(Bucket=bucket, Key=f"plain/{compression}", Body=text)
        done = imported(db, f"plain.{compression}", bucket, f"plain/{compression}", InputCompressionType=compression)
        assert (done["ImportStatus"], done["ErrorCount"], done["ImportedItemCount"]) == ("FAILED", 1, 0)


def test_imports_that_are_refused_or_fail(croft, db, s3, bucket):
    make_table(db, "exists", recover=False)
    request = {"S3BucketSource": {"S3Bucket": bucket, "S3KeyPrefix": "nothing/here"}, "InputFormat": "DYNAMODB_JSON",
               "TableCreationParameters": {"TableName": "exists", "BillingMode": "PAY_PER_REQUEST", **KEYS}}
    assert refusal(db.import_table, **request) == ("ResourceInUseException", "Table already exists: exists")
    assert refusal(db.import_table, **{**request, "InputFormat": "ION"}) == (
        "ValidationException", "InputFormat ION is not supported")
    assert refusal(db.import_table, **{**request, "InputFormatOptions": {"Csv": {"Delimiter": ";"}}})[0] == "ValidationException"
    assert refusal(db.import_table, **{**request, "InputFormat": "CSV", "InputFormatOptions": {"Csv": {"Delimiter": "#"}}})[0] == (
        "ValidationException")
    done = imported(db, "empty", bucket, "nothing/here")
    assert (done["ImportStatus"], done["FailureCode"]) == ("FAILED", "S3NoSuchKey")
    done = imported(db, "empty", "there-is-none", "")
    assert (done["ImportStatus"], done["FailureCode"], done["FailureMessage"]) == (
        "FAILED", "S3NoSuchBucket", "The specified bucket does not exist")
    assert "empty" not in db.list_tables()["TableNames"]
    missing = done["ImportArn"][:-1] + "x"
    assert refusal(db.describe_import, ImportArn=missing) == ("ImportNotFoundException", f"Import not found: {missing}")

    s3.put_object(Bucket=bucket, Key="token/1", Body=json.dumps({"Item": item(1)}).encode())
    request = {**request, "S3BucketSource": {"S3Bucket": bucket, "S3KeyPrefix": "token/"}, "ClientToken": "once",
               "TableCreationParameters": {**request["TableCreationParameters"], "TableName": "once"}}
    arns = {db.import_table(**request)["ImportTableDescription"]["ImportArn"] for _ in range(2)}
    assert len(arns) == 1
    assert refusal(db.import_table, **{**request, "InputFormat": "CSV"})[0] == "ImportConflictException"
    (only,) = db.list_imports(TableArn=arns.pop().split("/import/")[0])["ImportSummaryList"]
    assert only["S3BucketSource"] == request["S3BucketSource"] and only["InputFormat"] == "DYNAMODB_JSON"
    first = db.list_imports(PageSize=1)
    assert len(first["ImportSummaryList"]) == 1
    second = db.list_imports(PageSize=1, NextToken=first["NextToken"])
    assert second["ImportSummaryList"][0]["ImportArn"] != first["ImportSummaryList"][0]["ImportArn"]


def test_templates_import(croft, db, s3, bucket):
    s3.put_object(Bucket=bucket, Key="stack/1", Body="pk;sk;v\na;1;x\n".encode())
    stacks = croft.client("cloudformation")

    def make(stack, prefix):
        properties = {"TableName": stack, "BillingMode": "PAY_PER_REQUEST", **KEYS, "Tags": [{"Key": "a", "Value": "b"}],
                      "ImportSourceSpecification": {"S3BucketSource": {"S3Bucket": bucket, "S3KeyPrefix": prefix},
                                                    "InputFormat": "CSV", "InputFormatOptions": {"Csv": {"Delimiter": ";"}}}}
        stacks.create_stack(StackName=stack, TemplateBody=json.dumps(
            {"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}}))
        wait_until(lambda: not stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"].endswith("_IN_PROGRESS"))
        reasons = [e.get("ResourceStatusReason", "") for e in stacks.describe_stack_events(StackName=stack)["StackEvents"]
                   if e["ResourceStatus"] == "CREATE_FAILED"]
        return stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"], reasons

    assert make("stacked", "stack/") == ("CREATE_COMPLETE", [])
    assert scanned(croft, "stacked") == [{"pk": {"S": "a"}, "sk": {"N": "1"}, "v": {"S": "x"}}]
    arn = db.describe_table(TableName="stacked")["Table"]["TableArn"]
    assert db.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "b"}]
    status, reasons = make("unstacked", "nothing/")
    assert status == "ROLLBACK_COMPLETE" and "No objects were found in bucket exports with prefix 'nothing/'" in reasons[0]


def test_a_crash_half_way(fresh_croft):
    croft = fresh_croft()
    db, s3 = croft.client("dynamodb"), croft.client("s3")
    s3.create_bucket(Bucket="exports")
    items = [item(n, g={"N": str(n)}) for n in range(8000)]
    s3.put_object(Bucket="exports", Key="in", Body="".join(json.dumps({"Item": i}) + "\n" for i in items).encode())
    begun = db.import_table(S3BucketSource={"S3Bucket": "exports", "S3KeyPrefix": "in"}, InputFormat="DYNAMODB_JSON",
                            TableCreationParameters={"TableName": "half", "BillingMode": "PAY_PER_REQUEST", **INDEXED})
    croft.kill()
    croft.start()
    db, s3 = croft.client("dynamodb"), croft.client("s3")
    done = finished(db.describe_import, "ImportTableDescription", "ImportStatus",
                    ImportArn=begun["ImportTableDescription"]["ImportArn"])
    assert (done["ImportStatus"], done["ImportedItemCount"]) == ("COMPLETED", 8000)
    assert len(scanned(croft, "half")) == 8000 and scanned(croft, "half", IndexName="by_g") == sorted(items, key=key)

    db.update_continuous_backups(TableName="half", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True})
    pause()
    moment = now_ms()
    pause()
    db.put_item(TableName="half", Item={"pk": {"S": "later"}, "sk": {"N": "1"}})
    arn = dynamodb(croft, "ExportTableToPointInTime", TableArn=done["TableArn"], S3Bucket="exports",
                   ExportTime=moment / 1000)["ExportDescription"]["ExportArn"]
    croft.kill()
    croft.start()
    db, s3 = croft.client("dynamodb"), croft.client("s3")
    export = finished(db.describe_export, "ExportDescription", "ExportStatus", ExportArn=arn)
    assert export["ExportStatus"] == "COMPLETED"
    assert sorted((line["Item"] for line in read_export(s3, export)[0]), key=key) == sorted(items, key=key)
