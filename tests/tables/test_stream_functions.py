"""Streams of tables that feed functions: event source mappings, by Lambda's API, by CloudFormation and by SAM."""

import itertools
import json
import re
import sys
import time

import botocore.exceptions
import pytest

from conftest import ROOT, wait_until

sys.path.insert(0, str(ROOT / "tests" / "api"))
from test_compatibility import zip_of  # noqa: E402

ROLE = "arn:aws:iam::000000000000:role/streams"
QUEUES = "arn:aws:sqs:us-east-1:000000000000:"

# Tells the queue `seen` the names of the batch; a name that asks for it makes the batch, or its item, fail.
HANDLER = """
import json, os, boto3
sqs = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL"])

def name(record):
    return record["dynamodb"]["Keys"]["p"]["S"]

def handler(event, context):
    names = [name(record) for record in event["Records"]]
    sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event if "whole" in names else names))
    if "raise" in names:
        raise ValueError("asked to")
    if "nonsense" in names:
        return {"batchItemFailures": [{"itemIdentifier": "nobody"}]}
    return {"batchItemFailures": [{"itemIdentifier": r["dynamodb"]["SequenceNumber"]} for r in event["Records"]
                                  if name(r).startswith("item")]}
"""

NUMBERS = itertools.count()


@pytest.fixture
def db(client):
    return client("dynamodb")


@pytest.fixture
def sqs(client):
    return client("sqs")


@pytest.fixture
def queue(sqs):
    return lambda: sqs.create_queue(QueueName=f"told-{next(NUMBERS)}")["QueueUrl"]


@pytest.fixture
def seen(queue):
    return queue()


@pytest.fixture
def function(client, seen):
    return make_function(client, f"streamed-{next(NUMBERS)}", seen)


def make_function(client, name, seen):
    client("lambda").create_function(FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=ROLE, Timeout=10,
                                     Code={"ZipFile": zip_of("index.py", HANDLER)}, Environment={"Variables": {"SEEN": seen}})
    return name


def make_table(db, name, view="NEW_AND_OLD_IMAGES"):
    return db.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                           KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
                           AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
                           StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
                           )["TableDescription"]["LatestStreamArn"]


class Table:
    def __init__(self, db, name):
        self.db, self.name, self.stream = db, name, make_table(db, name)

    def put(self, *names, **more):
        for name in names:
            self.db.put_item(TableName=self.name, Item={"p": {"S": name}, **more})


@pytest.fixture
def table(db):
    return Table(db, f"fed-{next(NUMBERS)}")


@pytest.fixture
def feed(client, function, table):
    """feed(**members): maps the table's stream to the function; ended with the test."""
    functions, made = client("lambda"), []

    def make(**members):
        members = {"StartingPosition": "TRIM_HORIZON", **members}
        made.append(functions.create_event_source_mapping(EventSourceArn=table.stream, FunctionName=function, **members)["UUID"])
        return made[-1]

    yield make
    for uuid in made:
        try:
            functions.delete_event_source_mapping(UUID=uuid)
        except functions.exceptions.ResourceNotFoundException:
            pass


def told(sqs, seen, wait=10):
    """What the function told next; None when it told nothing."""
    messages = sqs.receive_message(QueueUrl=seen, WaitTimeSeconds=wait).get("Messages", [])
    if not messages:
        return None
    sqs.delete_message(QueueUrl=seen, ReceiptHandle=messages[0]["ReceiptHandle"])
    return json.loads(messages[0]["Body"])


def told_until(sqs, seen, count):
    batches = []
    while sum(len(batch) for batch in batches) < count:
        batch = told(sqs, seen)
        assert batch is not None, batches
        batches.append(batch)
    return batches


def refusal(call, **given):
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**given)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["Error"]["Message"]


def test_a_change_becomes_an_event(sqs, table, feed, seen, client):
    uuid = feed()
    table.put("whole", n={"N": "7"})
    record = told(sqs, seen)["Records"][0]
    change = record.pop("dynamodb")
    assert re.fullmatch(r"[0-9a-f]{32}", record.pop("eventID"))
    assert record == {"eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "us-east-1",
                      "eventSourceARN": table.stream}
    assert abs(change.pop("ApproximateCreationDateTime") - time.time()) < 30
    assert re.fullmatch(r"\d{21}", change.pop("SequenceNumber"))
    assert change == {"Keys": {"p": {"S": "whole"}}, "NewImage": {"p": {"S": "whole"}, "n": {"N": "7"}},
                      "SizeBytes": 6 + 6 + 3, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    wait_until(lambda: client("lambda").get_event_source_mapping(UUID=uuid)["LastProcessingResult"] == "OK")


def test_an_expired_item_names_the_service(sqs, db, table, feed, seen):
    db.update_time_to_live(TableName=table.name, TimeToLiveSpecification={"Enabled": True, "AttributeName": "t"})
    feed(FilterCriteria={"Filters": [{"Pattern": json.dumps({
        "eventName": ["REMOVE"], "userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}})}]})
    table.put("by-hand")
    db.delete_item(TableName=table.name, Key={"p": {"S": "by-hand"}})
    table.put("whole", t={"N": str(int(time.time()) - 10)})
    record = told(sqs, seen)["Records"][0]
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert record["dynamodb"]["Keys"] == {"p": {"S": "whole"}}


def test_batches_are_in_order_and_of_their_size(sqs, table, feed, seen):
    names = [f"n{i}" for i in range(25)]
    table.put(*names)
    feed(BatchSize=10)
    batches = told_until(sqs, seen, 25)
    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert sum(batches, []) == names


def test_latest_begins_behind_what_is_there(sqs, table, feed, seen):
    table.put("early")
    feed(StartingPosition="LATEST")
    table.put("late")
    assert told(sqs, seen) == ["late"]
    assert told(sqs, seen, 1) is None


def test_a_window_gathers(sqs, table, feed, seen):
    feed(MaximumBatchingWindowInSeconds=1)
    for i in range(5):
        table.put(f"n{i}")
        time.sleep(0.15)
    assert told(sqs, seen) == [f"n{i}" for i in range(5)]


def test_a_failed_batch_holds_up_the_rest_and_is_given_up(sqs, table, feed, seen, queue, client, function):
    failures = queue()
    feed(BatchSize=2, MaximumRetryAttempts=2,
         DestinationConfig={"OnFailure": {"Destination": QUEUES + failures.rsplit("/", 1)[1]}})
    client("lambda").get_function(FunctionName=function)
    began = time.time()
    for batch in (["a", "raise"], ["b"]):
        table.db.transact_write_items(TransactItems=[
            {"Put": {"TableName": table.name, "Item": {"p": {"S": name}}}} for name in batch])
    assert told_until(sqs, seen, 7) == [["a", "raise"]] * 3 + [["b"]]
    note = told(sqs, failures)
    assert note.pop("version") == "1.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", note.pop("timestamp"))
    context = note.pop("requestContext")
    assert re.fullmatch(r"[0-9a-f-]{36}", context.pop("requestId"))
    assert context == {"functionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
                       "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 3}
    assert note.pop("responseContext") == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    info = note.pop("DDBStreamBatchInfo")
    assert note == {}
    streams = client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=table.stream)["StreamDescription"]["Shards"][0]["ShardId"]
    at = streams.get_shard_iterator(StreamArn=table.stream, ShardId=shard, ShardIteratorType="AT_SEQUENCE_NUMBER",
                                    SequenceNumber=info["startSequenceNumber"])["ShardIterator"]
    lost = streams.get_records(ShardIterator=at, Limit=2)["Records"]
    assert [r["dynamodb"]["Keys"]["p"]["S"] for r in lost] == ["a", "raise"]
    assert lost[1]["dynamodb"]["SequenceNumber"] == info.pop("endSequenceNumber")
    assert info.pop("startSequenceNumber") and info.pop("shardId") == shard
    for name in ("approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord"):
        assert time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began - 1)) <= info.pop(name)
    assert info == {"batchSize": 2, "streamArn": table.stream}


def test_a_batch_is_split_until_the_bad_one_is_alone(sqs, table, feed, seen, queue):
    failures = queue()
    table.put("a", "b", "raise", "c")
    feed(MaximumRetryAttempts=0, BisectBatchOnFunctionError=True,
         DestinationConfig={"OnFailure": {"Destination": QUEUES + failures.rsplit("/", 1)[1]}})
    assert [told(sqs, seen) for _ in range(5)] == [["a", "b", "raise", "c"], ["a", "b"], ["raise", "c"], ["raise"], ["c"]]
    assert told(sqs, failures)["DDBStreamBatchInfo"]["batchSize"] == 1
    assert told(sqs, seen, 1) is None


def test_a_report_keeps_what_is_done(sqs, table, feed, seen):
    table.put("a", "item-1", "b")
    feed(MaximumRetryAttempts=1, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert [told(sqs, seen) for _ in range(2)] == [["a", "item-1", "b"], ["item-1", "b"]]
    table.put("c")
    assert told(sqs, seen) == ["c"]


def test_a_report_that_names_nobody_fails_the_batch(sqs, table, feed, seen):
    table.put("a", "nonsense")
    feed(MaximumRetryAttempts=1, FunctionResponseTypes=["ReportBatchItemFailures"])
    assert [told(sqs, seen) for _ in range(2)] == [["a", "nonsense"]] * 2
    assert told(sqs, seen, 1) is None


@pytest.mark.parametrize("pattern, wanted", [
    ({"eventName": ["MODIFY"]}, ["b"]),
    ({"dynamodb": {"NewImage": {"kind": {"S": ["x", "y"]}}}}, ["a", "b", "d"]),
    ({"dynamodb": {"NewImage": {"kind": {"S": [{"prefix": "y"}]}}}}, ["d"]),
    ({"dynamodb": {"NewImage": {"kind": {"S": [{"anything-but": ["x"]}]}}}}, ["d", "e"]),
    ({"dynamodb": {"NewImage": {"kind": {"S": [{"exists": False}]}}}}, ["c"]),
    ({"dynamodb": {"NewImage": {"n": {"N": ["5"]}}}}, ["e"]),
    ({"dynamodb": {"NewImage": {"n": {"N": [{"numeric": [">", 1]}]}}}}, []),  # numbers are texts there
    ({"$or": [{"eventName": ["MODIFY"]}, {"dynamodb": {"Keys": {"p": {"S": [{"suffix": "c"}]}}}}]}, ["b", "c"]),
])
def test_filters(sqs, table, feed, seen, pattern, wanted):
    table.put("b")
    feed(StartingPosition="LATEST", FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    table.put("a", kind={"S": "x"})
    table.put("b", kind={"S": "x"})
    table.put("c")
    table.put("d", kind={"S": "y"})
    table.put("e", kind={"S": "Z"}, n={"N": "5"})
    got = told_until(sqs, seen, len(wanted))
    assert sum(got, []) == wanted
    if not wanted:
        assert told(sqs, seen, 1) is None


def test_mappings_are_shown_changed_and_deleted(client, table, function, sqs, seen, queue):
    functions, failures = client("lambda"), QUEUES + queue().rsplit("/", 1)[1]
    made = functions.create_event_source_mapping(EventSourceArn=table.stream, FunctionName=function,
                                                 StartingPosition="TRIM_HORIZON")
    uuid = made["UUID"]
    assert (made["State"], made["ResponseMetadata"]["HTTPStatusCode"]) == ("Creating", 202)
    found = functions.get_event_source_mapping(UUID=uuid)
    for name in ("ResponseMetadata", "LastModified", "UUID"):
        found.pop(name)
    assert found == {"StartingPosition": "TRIM_HORIZON", "BatchSize": 100, "MaximumBatchingWindowInSeconds": 0,
                     "ParallelizationFactor": 1, "EventSourceArn": table.stream, "State": "Enabled",
                     "FunctionArn": f"arn:aws:lambda:us-east-1:000000000000:function:{function}",
                     "LastProcessingResult": "No records processed", "StateTransitionReason": "User action",
                     "DestinationConfig": {"OnFailure": {}}, "MaximumRecordAgeInSeconds": -1,
                     "BisectBatchOnFunctionError": False, "MaximumRetryAttempts": -1, "TumblingWindowInSeconds": 0,
                     "FunctionResponseTypes": []}
    assert [m["UUID"] for m in functions.list_event_source_mappings(EventSourceArn=table.stream)["EventSourceMappings"]] == [uuid]
    assert refusal(functions.create_event_source_mapping, EventSourceArn=table.stream, FunctionName=function,
                   StartingPosition="LATEST") == (
        "ResourceConflictException", f'The event source arn (" {table.stream} ") and function (" {function} ") provided '
        f"mapping already exists. Please update or delete the existing mapping with UUID {uuid}")

    pattern = {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}
    changed = functions.update_event_source_mapping(
        UUID=uuid, Enabled=False, BatchSize=3, MaximumRetryAttempts=5, MaximumRecordAgeInSeconds=60,
        BisectBatchOnFunctionError=True, DestinationConfig={"OnFailure": {"Destination": failures}}, FilterCriteria=pattern)
    assert (changed["State"], changed["BatchSize"], changed["MaximumRetryAttempts"]) == ("Updating", 3, 5)
    assert changed["MaximumRecordAgeInSeconds"] == 60 and changed["BisectBatchOnFunctionError"]
    assert changed["DestinationConfig"] == {"OnFailure": {"Destination": failures}}
    assert changed["FilterCriteria"] == pattern
    table.put("a")
    assert told(sqs, seen, 1) is None
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert told(sqs, seen) == ["a"]  # it went on where it was
    assert functions.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    table.put("b")
    assert told(sqs, seen, 1) is None


@pytest.mark.parametrize("members, code, message", [
    ({"StartingPosition": None}, "InvalidParameterValueException", "1 validation error detected: Value null at "
     "'startingPosition' failed to satisfy constraint: Member must not be null."),
    ({"StartingPosition": "AT_TIMESTAMP"}, "InvalidParameterValueException",
     "Unsupported starting position for stream. Valid values are: TRIM_HORIZON, LATEST"),
    ({"BatchSize": 10_001}, "ValidationException", "1 validation error detected: Value '10001' at 'batchSize' failed to "
     "satisfy constraint: Member must have value less than or equal to 10000"),
    ({"MaximumRetryAttempts": 10_001}, "ValidationException", "1 validation error detected: Value '10001' at "
     "'maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 10000"),
    ({"MaximumRecordAgeInSeconds": 59}, "InvalidParameterValueException",
     "Maximum record age must be -1 or between 60 and 604800 seconds."),
    ({"TumblingWindowInSeconds": 30}, "InvalidParameterValueException", "TumblingWindowInSeconds is not supported by croft."),
    ({"Topics": ["a"]}, "InvalidParameterValueException", "Topics is not supported by croft."),
    ({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sns:us-east-1:000000000000:t"}}},
     "InvalidParameterValueException",
     "DestinationConfig.OnFailure other than a queue of this account is not supported by croft."),
    ({"FilterCriteria": {"Filters": [{"Pattern": "[]"}]}}, "InvalidParameterValueException",
     "Invalid filter pattern definition. Filter is not an object"),
    ({"FilterCriteria": {"Filters": [{"Pattern": '{"a": [{"like": "x"}]}'}]}}, "InvalidParameterValueException",
     "Invalid filter pattern definition. Unrecognized match type like"),
    ({"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}, "InvalidParameterValueException",
     "Invalid filter pattern definition. Empty objects are not allowed"),
    ({"FunctionName": "none"}, "ResourceNotFoundException",
     "Function not found: arn:aws:lambda:us-east-1:000000000000:function:none"),
])
def test_mappings_that_are_refused(client, table, function, members, code, message):
    given = {"EventSourceArn": table.stream, "FunctionName": function, "StartingPosition": "LATEST", **members}
    given = {name: value for name, value in given.items() if value is not None}
    assert refusal(client("lambda").create_event_source_mapping, **given) == (code, message)


def test_a_stream_that_is_not_there_is_refused(client, table, function):
    missing = table.stream.replace(table.name, "missing")
    assert refusal(client("lambda").create_event_source_mapping, EventSourceArn=missing, FunctionName=function,
                   StartingPosition="LATEST") == ("InvalidParameterValueException", f"Stream not found: {missing}")


def test_a_mapping_goes_on_after_a_kill(fresh_croft):
    server = fresh_croft("--streams.shard-seconds", "1")
    sqs = server.client("sqs")
    seen = sqs.create_queue(QueueName="out")["QueueUrl"]
    make_function(server.client, "f", seen)
    table = Table(server.client("dynamodb"), "fed")
    server.client("lambda").create_event_source_mapping(EventSourceArn=table.stream, FunctionName="f", BatchSize=10,
                                                        StartingPosition="TRIM_HORIZON")
    names, got = [], []
    for round_number in range(2):
        fresh = [f"{round_number}-{i}" for i in range(40)]
        table.put(*fresh)
        names += fresh
        got += told(sqs, seen)
        server.kill()
        server.start()
        sqs, table.db = server.client("sqs"), server.client("dynamodb")
    table.put("last")
    while "last" not in got:
        batch = told(sqs, seen)
        assert batch is not None, got
        got += batch
    # Each change at least once; without what came again they are in their order.
    assert list(dict.fromkeys(got)) == [*names, "last"]
    assert len(got) <= len(names) + 1 + 2 * 10  # at most the batch that was under way came again
    assert server.stop() == 0


STACK = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Seen: {Type: AWS::SQS::Queue}
  Failures: {Type: AWS::SQS::Queue}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: p, AttributeType: S}]
      KeySchema: [{AttributeName: p, KeyType: HASH}]
      StreamSpecification: {StreamViewType: VIEW}
      TimeToLiveSpecification: {AttributeName: expires, Enabled: EXPIRES}
  Fed:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.11
      Handler: index.handler
      InlineCode: |
%s
      Environment: {Variables: {SEEN: !Ref Seen}}
      Events:
        Changes:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 5
            MaximumRetryAttempts: 1
            BisectBatchOnFunctionError: true
            FilterCriteria: {Filters: [{Pattern: '{"eventName": ["INSERT", "REMOVE"]}'}]}
            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Failures.Arn}}
Outputs:
  Table: {Value: !Ref Table}
  Stream: {Value: !GetAtt Table.StreamArn}
  Seen: {Value: !Ref Seen}
  Mapping: {Value: !Ref FedChanges}
""" % "\n".join("        " + line for line in HANDLER.splitlines())


def test_a_sam_function_with_a_stream(client, sqs, db):
    cloudformation, functions = client("cloudformation"), client("lambda")
    capabilities = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]

    def template(view, expires):
        return STACK.replace("VIEW", view).replace("EXPIRES", expires)

    def outputs():
        stack = cloudformation.describe_stacks(StackName="streamed")["Stacks"][0]
        assert stack["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), [
            e.get("ResourceStatusReason") for e in cloudformation.describe_stack_events(StackName="streamed")["StackEvents"]]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    cloudformation.create_stack(StackName="streamed", TemplateBody=template("NEW_IMAGE", "true"), Capabilities=capabilities)
    out = outputs()
    role = next(r["PhysicalResourceId"] for r in
                cloudformation.list_stack_resources(StackName="streamed")["StackResourceSummaries"]
                if r["ResourceType"] == "AWS::IAM::Role")
    attached = [p["PolicyName"] for p in client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]]
    assert "AWSLambdaDynamoDBExecutionRole" in attached
    mapping = functions.get_event_source_mapping(UUID=out["Mapping"])
    assert (mapping["BatchSize"], mapping["MaximumRetryAttempts"], mapping["EventSourceArn"]) == (5, 1, out["Stream"])
    assert mapping["DestinationConfig"]["OnFailure"]["Destination"].startswith(QUEUES + "streamed-Failures")
    assert db.describe_time_to_live(TableName=out["Table"])["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    db.put_item(TableName=out["Table"], Item={"p": {"S": "a"}})
    assert told(sqs, out["Seen"]) == ["a"]

    cloudformation.update_stack(StackName="streamed", TemplateBody=template("KEYS_ONLY", "false"), Capabilities=capabilities)
    again = outputs()
    assert again["Stream"] != out["Stream"]
    table = db.describe_table(TableName=out["Table"])["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    assert table["LatestStreamArn"] == again["Stream"]
    assert db.describe_time_to_live(TableName=out["Table"])["TimeToLiveDescription"] == {"TimeToLiveStatus": "DISABLED"}
    assert functions.get_event_source_mapping(UUID=again["Mapping"])["EventSourceArn"] == again["Stream"]
    db.put_item(TableName=out["Table"], Item={"p": {"S": "b"}})
    assert told(sqs, out["Seen"]) == ["b"]
    cloudformation.delete_stack(StackName="streamed")
    assert functions.list_event_source_mappings(EventSourceArn=again["Stream"])["EventSourceMappings"] == []


@pytest.mark.parametrize("line, reason", [
    ("            StartingPosition: TRIM_HORIZON\n", "Missing required property 'StartingPosition'."),
    ("            Stream: !GetAtt Table.StreamArn\n", "Missing required property 'Stream'."),
    ("            BatchSize: 5\n", "property Queue not defined for resource of type DynamoDB"),
])
def test_sam_events_that_are_refused(client, line, reason):
    template = STACK.replace("VIEW", "KEYS_ONLY").replace("EXPIRES", "false")
    template = template.replace(line, "            Queue: q\n" if "Batch" in line else "")
    code, message = refusal(client("cloudformation").create_stack, StackName="refused", TemplateBody=template,
                            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"])
    assert code == "ValidationError" and message.endswith(f"Resource with id [FedChanges] is invalid. {reason}"), message
