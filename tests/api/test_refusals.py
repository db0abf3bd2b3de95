"""Members of requests that croft would have to ignore: each is refused with the service's own error, or has its effect.

Expectations are from the services' API References unless a test says otherwise.
"""
import io
import json
import threading
import uuid
import zipfile

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/r"
EXTERNAL_ID = {"StringEquals": {"sts:ExternalId": ["one", "two"]}}
HANDLE = json.dumps({"Resources": {"H": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}})


def refused(call, **arguments):
    """Code, status and message of the refusal."""
    with pytest.raises(ClientError) as failure:
        call(**arguments)
    answer = failure.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


# DynamoDB


def test_replicas_are_refused(client):
    dynamodb = client("dynamodb")
    dynamodb.create_table(TableName="alone", BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])

    assert refused(dynamodb.update_table, TableName="alone", ReplicaUpdates=[{"Create": {"RegionName": "eu-west-1"}}]) == (
        "ValidationException", 400, "ReplicaUpdates is not supported")


# STS


@pytest.fixture
def role(client):
    """make(*statements) -> the ARN of a role with this trust policy."""
    def make(*statements):
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        return client("iam").create_role(RoleName="r-" + uuid.uuid4().hex[:12], AssumeRolePolicyDocument=document)["Role"]["Arn"]

    return make


def trust(**more):
    return {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", **more}


def test_session_policies_are_refused(client, role):
    assume, arn = client("sts").assume_role, role(trust())
    message = " is not supported by croft: it does not evaluate the policies of roles"

    assert refused(assume, RoleArn=arn, RoleSessionName="se", Policy="{}") == ("ValidationError", 400, "Policy" + message)
    assert refused(assume, RoleArn=arn, RoleSessionName="se", PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]) == (
        "ValidationError", 400, "PolicyArns" + message)


def test_an_external_id_that_a_role_asks_for_must_be_given(client, role):
    sts = client("sts")
    arn = role(trust(Condition=EXTERNAL_ID))

    sts.assume_role(RoleArn=arn, RoleSessionName="session", ExternalId="two")

    caller = sts.get_caller_identity()["Arn"]
    denied = ("AccessDenied", 403, f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}")
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="session", ExternalId="three") == denied
    assert refused(sts.assume_role, RoleArn=arn, RoleSessionName="session") == denied


def test_an_external_id_that_nobody_asks_for_is_no_hindrance(client, role):
    sts = client("sts")
    deny = {**trust(Condition=EXTERNAL_ID), "Effect": "Deny"}
    for arn in (role(trust()), role(trust(Condition=EXTERNAL_ID), trust()), role(trust(), deny)):
        sts.assume_role(RoleArn=arn, RoleSessionName="session", ExternalId="three")
        sts.assume_role(RoleArn=arn, RoleSessionName="session")


# CloudFormation


@pytest.mark.parametrize("member, value", [
    ("StackPolicyBody", "{}"), ("StackPolicyURL", "https://x/y"), ("ResourceTypes", ["AWS::S3::*"]),
    ("RollbackConfiguration", {"MonitoringTimeInMinutes": 5}),
    ("RollbackConfiguration", {"RollbackTriggers": [{"Arn": "arn:x", "Type": "AWS::CloudWatch::Alarm"}]}),
])
def test_what_would_restrict_a_deployment_is_refused(client, member, value):
    cloudformation = client("cloudformation")
    answer = ("ValidationError", 400, f"{member} is not supported by croft")

    assert refused(cloudformation.create_stack, StackName="restricted", TemplateBody=HANDLE, **{member: value}) == answer
    assert refused(cloudformation.update_stack, StackName="restricted", TemplateBody=HANDLE, **{member: value}) == answer
    if "Policy" not in member:
        assert refused(cloudformation.create_change_set, StackName="restricted", ChangeSetName="c", ChangeSetType="CREATE",
                       TemplateBody=HANDLE, **{member: value}) == answer
    assert "restricted" not in [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]


def test_members_that_ask_for_nothing_are_taken(client):
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="free", TemplateBody=HANDLE, TimeoutInMinutes=1, ResourceTypes=[],
                                RollbackConfiguration={"MonitoringTimeInMinutes": 0, "RollbackTriggers": []})

    assert cloudformation.describe_stacks(StackName="free")["Stacks"][0]["TimeoutInMinutes"] == 1
    assert refused(cloudformation.continue_update_rollback, StackName="free", ResourcesToSkip=["H"]) == (
        "ValidationError", 400, "ResourcesToSkip is not supported by croft")


# Lambda


def zipped(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("index.py", text)
    return buffer.getvalue()


@pytest.fixture
def function(client):
    """make(code) -> the name of a function; all of them are gone after the test."""
    made = []

    def make(code="def handler(event, context): return 1"):
        made.append("f-" + uuid.uuid4().hex[:12])
        client("lambda").create_function(FunctionName=made[-1], Runtime="python3.11", Role=ROLE, Handler="index.handler",
                                         Code={"ZipFile": zipped(code)})
        return made[-1]

    yield make
    for name in made:
        client("lambda").delete_function(FunctionName=name)


def test_an_update_of_the_code_changes_the_architecture(client, function):
    lambda_, name = client("lambda"), function()

    updated = lambda_.update_function_code(FunctionName=name, ZipFile=zipped("x = 1"), Architectures=["arm64"])

    assert updated["Architectures"] == ["arm64"]
    assert lambda_.update_function_code(FunctionName=name, ZipFile=zipped("x = 2"))["Architectures"] == ["arm64"]
    code, status, _ = refused(lambda_.update_function_code, FunctionName=name, ZipFile=zipped("x = 3"), Architectures=["mips"])
    assert (code, status) == ("ValidationException", 400)
    assert lambda_.get_function(FunctionName=name)["Configuration"]["CodeSha256"] != updated["CodeSha256"]


def test_reserved_concurrency_is_kept(client, function):
    lambda_, name = client("lambda"), function()
    assert "ReservedConcurrentExecutions" not in lambda_.get_function_concurrency(FunctionName=name)

    put = lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=3)

    assert put["ReservedConcurrentExecutions"] == 3
    assert lambda_.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 3
    assert lambda_.get_function(FunctionName=name)["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    lambda_.delete_function_concurrency(FunctionName=name)
    assert "Concurrency" not in lambda_.get_function(FunctionName=name)


def test_reservations_leave_a_hundred_to_the_others(client, function):
    lambda_ = client("lambda")
    one, other = function(), function()
    lambda_.put_function_concurrency(FunctionName=one, ReservedConcurrentExecutions=600)

    assert refused(lambda_.put_function_concurrency, FunctionName=other, ReservedConcurrentExecutions=301) == (
        "InvalidParameterValueException", 400, "Specified ReservedConcurrentExecutions for function decreases account's "
        "UnreservedConcurrentExecution below its minimum value of [100].")

    lambda_.put_function_concurrency(FunctionName=other, ReservedConcurrentExecutions=300)
    lambda_.put_function_concurrency(FunctionName=one, ReservedConcurrentExecutions=500)


def test_a_function_without_concurrency_is_throttled(client, function):
    lambda_, name = client("lambda"), function()
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    with pytest.raises(lambda_.exceptions.TooManyRequestsException) as throttled:
        lambda_.invoke(FunctionName=name)

    answer = throttled.value.response
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Reason"]) == (
        429, "ReservedFunctionConcurrentInvocationLimitExceeded")
    lambda_.delete_function_concurrency(FunctionName=name)
    assert lambda_.invoke(FunctionName=name)["Payload"].read() == b"1"


def test_invocations_beyond_the_reservation_are_throttled_and_events_wait(client, function, tmp_path, eventually):
    started, go, events = tmp_path / "started", tmp_path / "go", tmp_path / "events"
    name = function(f"""
import os, time
def handler(event, context):
    if event.get("wait"):
        open({str(started)!r}, "w").close()
        while not os.path.exists({str(go)!r}):
            time.sleep(0.01)
    if event.get("event"):
        open({str(events)!r}, "a").write("x")
    return 1
""")
    lambda_ = client("lambda")
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    for _ in range(20):  # one after the other they are within the reservation
        assert lambda_.invoke(FunctionName=name, Payload=b"{}")["Payload"].read() == b"1"

    answers = []
    first = threading.Thread(target=lambda: answers.append(
        client("lambda").invoke(FunctionName=name, Payload=b'{"wait": true}')["Payload"].read()))
    first.start()
    eventually(started.exists)
    code, status, _ = refused(lambda_.invoke, FunctionName=name, Payload=b"{}")
    for _ in range(3):
        lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"event": true}')
    assert (code, status, events.exists()) == ("TooManyRequestsException", 429, False)
    go.touch()
    first.join()

    assert answers == [b"1"]
    eventually(lambda: events.exists() and events.read_text() == "xxx")
