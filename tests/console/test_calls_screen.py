"""Calls in the console: what one asked for, without its secrets, and as a command that does the same."""

import io
import json
import subprocess
import urllib.request
import zipfile

import boto3
import botocore.config
import pytest
from console_page import browser, data, passed

HOSTILE = "it's $(id) `id` \"x\" \u202e<img src=x onerror=alert(1)> file:///etc/passwd \\ !x\n"


def asked(croft, operation):
    """What the latest call of that operation asked for; its row beside it."""
    rows = [row for row in data(croft, "calls").json if row[3] == operation]
    return data(croft, f"calls/{rows[-1][0]}").json, rows[-1]


def zipped(source):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("index.py", source)
    return out.getvalue()


@pytest.fixture(scope="module")
def busy(croft):
    """A croft to which every service was asked something."""
    dynamodb, iot, plane, sqs = (croft.client(name) for name in ("dynamodb", "iot", "iot-data", "sqs"))
    dynamodb.create_table(TableName="Table", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    dynamodb.put_item(TableName="Table", Item={"id": {"S": HOSTILE}, "n": {"N": "12345678901234567890.5"}, "b": {"B": b"\x00\xff"}})
    dynamodb.batch_write_item(RequestItems={"Table": [{"PutRequest": {"Item": {"id": {"S": "long"}, "x": {"S": "y" * 5_000}}}}]})
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.describe_table(TableName="absent")
    iot.create_thing(thingName="pump", attributePayload={"attributes": {"a": "b"}})
    iot.list_things(maxResults=1, attributeName="a", attributeValue="b")
    made = iot.create_keys_and_certificate(setAsActive=True)
    iot.attach_thing_principal(thingName="pump", principal=made["certificateArn"])
    iot.list_policies(ascendingOrder=True, pageSize=3)
    iot.create_topic_rule(ruleName="r", topicRulePayload={"sql": "SELECT * FROM 'it''s'", "actions": [], "ruleDisabled": True})
    plane.publish(topic="a/b", qos=1, retain=True, payload=HOSTILE.encode())
    plane.update_thing_shadow(thingName="pump", shadowName="s", payload=b'{"state":{"desired":{"on":true}}}')
    queue = sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "7"})["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="file:///etc/passwd", DelaySeconds=1)
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com", "AWS": "*"},
                                                     "Action": "sts:AssumeRole"}]}
    iam = croft.client("iam")
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=json.dumps(trust), MaxSessionDuration=7200, Tags=[{"Key": "k", "Value": "v"}])
    iam.list_roles(MaxItems=1)
    function = croft.client("lambda")
    function.create_function(FunctionName="f", Runtime="python3.11", Role="arn:aws:iam::000000000000:role/role", Handler="index.handler",
                             Code={"ZipFile": zipped("def handler(event, context): return event")},
                             Environment={"Variables": {"PASSWORD": "hunter2"}})
    function.invoke(FunctionName="f", Payload=b'{"token":"hunter2"}')
    function.list_functions(MaxItems=1)
    croft.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE"])
    s3 = croft.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="dir/it's", Body=b"hunter2")
    s3.list_objects_v2(Bucket="bucket", MaxKeys=2, Prefix="dir/")
    s3.get_object(Bucket="bucket", Key="dir/it's", Range="bytes=0-2")
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "none"}]})
    croft.client("sts").assume_role(RoleArn="arn:aws:iam::000000000000:role/role", RoleSessionName="session", DurationSeconds=900)
    return croft


# Those that make something are tried where it is not there any more, or say that it is there.
COMMANDS = ["PutItem", "ListThings", "AttachThingPrincipal", "ListPolicies", "CreateTopicRule", "Publish", "UpdateThingShadow", "SendMessage",
            "CreateRole", "ListRoles", "ListFunctions", "ListStacks", "ListObjectsV2", "GetObject", "AssumeRole"]


def test_the_screen_and_its_commands(busy):
    croft = busy
    before = asked_of_all(croft)
    out = browser(croft, "calls.mjs", json.dumps(COMMANDS))
    assert len(passed(out)) == 5
    commands = json.loads(next(line for line in out.splitlines() if line.startswith("{")))
    dynamodb, iot = croft.client("dynamodb"), croft.client("iot")
    [item] = [one for one in dynamodb.scan(TableName="Table")["Items"] if one["id"]["S"] == HOSTILE]
    dynamodb.delete_item(TableName="Table", Key={"id": {"S": HOSTILE}})
    iot.delete_topic_rule(ruleName="r")
    iot.detach_thing_principal(thingName="pump", principal=iot.list_thing_principals(thingName="pump")["principals"][0])
    croft.client("iam").delete_role(RoleName="role")
    for name in COMMANDS:
        assert "hunter2" not in commands[name]
        command = commands[name].replace("aws ", "/usr/bin/aws --output json ", 1)
        done = subprocess.run(["bash", "-c", command], env=croft.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{name}: {command}\n{done.stdout}{done.stderr}"
    # They asked for the same.
    after = asked_of_all(croft)
    for name in COMMANDS:
        assert comparable(after[name]) == comparable(before[name]), name
    assert [one for one in dynamodb.scan(TableName="Table")["Items"] if one["id"]["S"] == HOSTILE] == [item]
    assert iot.get_topic_rule(ruleName="r")["rule"]["sql"] == "SELECT * FROM 'it''s'"
    assert croft.client("iot-data").get_retained_message(topic="a/b")["payload"] == HOSTILE.encode()


def asked_of_all(croft):
    return {name: asked(croft, name)[0] for name in COMMANDS}


def comparable(call):
    return {name: value for name, value in call.items() if name != "number"}


def test_secrets_are_nowhere_in_what_is_kept(busy):
    rows = data(busy, "calls").json
    kept = [data(busy, f"calls/{row[0]}").body.decode() for row in rows]
    key = busy.credentials["aws_secret_access_key"]
    for text in kept:
        assert "hunter2" not in text and key not in text and "PRIVATE KEY" not in text
    assert asked(busy, "CreateFunction")[0]["leftOut"] == "secret"
    invoked = asked(busy, "Invoke")[0]
    assert invoked["input"] == {"FunctionName": "f"} and "payload" not in invoked
    assert asked(busy, "PutObject")[0]["input"] == {"Bucket": "bucket", "Key": "dir/it's"}
    assert asked(busy, "BatchWriteItem")[0] == {"number": asked(busy, "BatchWriteItem")[1][0], "leftOut": "long"}


def test_what_signs_a_url_is_not_kept(busy):
    s3 = boto3.client("s3", endpoint_url=busy.endpoints["gateway"], region_name="us-east-1",
                      aws_access_key_id=busy.credentials["aws_access_key_id"],
                      aws_secret_access_key=busy.credentials["aws_secret_access_key"],
                      config=botocore.config.Config(signature_version="s3v4"))
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "dir/it's"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"hunter2"
    text = json.dumps(asked(busy, "GetObject")[0]).lower()
    assert "dir/it's" in text and "signature" not in text and "credential" not in text and "x-amz-" not in text


def test_parameters_of_stacks_can_be_secret(busy):
    cloudformation = busy.client("cloudformation")
    template = {"Parameters": {"Password": {"Type": "String", "NoEcho": True}}, "Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}
    cloudformation.create_stack(StackName="s", TemplateBody=json.dumps(template),
                                Parameters=[{"ParameterKey": "Password", "ParameterValue": "hunter2"}])
    call = asked(busy, "CreateStack")[0]
    assert call == {"number": call["number"], "leftOut": "secret"}


def test_a_call_that_is_not_there(busy):
    for number in ("0", "99999999", "x", "", "-1", "18446744073709551616"):
        assert data(busy, f"calls/{number}").status == 404, number
    refused = data(busy, "calls/1", x_croft_console=None)
    assert refused.status == 403


def test_the_consoles_own_calls_push_out_no_others(fresh_croft):
    croft = fresh_croft()
    croft.client("sts").get_caller_identity()
    for number in range(1_010):
        assert data(croft, "aws/sts", "POST", f"Action=GetCallerIdentity&Version=2011-06-15&N={number}".encode(),
                    content_type="application/x-www-form-urlencoded").status == 200
    rows = data(croft, "calls").json
    assert [(row[0], row[10]) for row in rows] == [(1, 0)] + [(number, 1) for number in range(912, 1_012)]
    assert data(croft, "calls/1").status == 200
    assert data(croft, "calls/911").status == 404
    assert data(croft, "calls/912").json["input"]["N"] == "910"
    assert data(croft, "calls/1011").json["input"]["N"] == "1009"
