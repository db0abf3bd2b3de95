"""Stacks and change sets, with boto3 against the real croft: the resources that they make are real too."""

import io
import json
import zipfile

import botocore.exceptions
import pytest
from conftest import ARTICLE

TABLE_AND_ROLE = """
Description: a table and who may use it
Parameters:
  Mode: {Type: String, Default: PAY_PER_REQUEST}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      BillingMode: !Ref Mode
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: use
          PolicyDocument:
            Version: '2012-10-17'
            Statement: [{Effect: Allow, Action: 'dynamodb:*', Resource: !GetAtt Table.Arn}]
Outputs:
  TableName: {Value: !Ref Table}
  RoleArn: {Value: !GetAtt Role.Arn, Description: the role}
"""


def status(cloudformation, name):
    return cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]


def outputs(cloudformation, name):
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def physical_ids(cloudformation, name):
    resources = cloudformation.list_stack_resources(StackName=name)["StackResourceSummaries"]
    return {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}


def message(refused):
    return refused.value.response["Error"]["Message"]


def zipped(name, text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def upload(s3, bucket, key, body):
    try:
        s3.create_bucket(Bucket=bucket)
    except s3.exceptions.BucketAlreadyOwnedByYou:
        pass
    s3.put_object(Bucket=bucket, Key=key, Body=body)


def test_a_stack_is_made_and_its_resources_are_there(client):
    cloudformation = client("cloudformation")

    made = cloudformation.create_stack(StackName="made", TemplateBody=TABLE_AND_ROLE, Capabilities=["CAPABILITY_IAM"],
                                       Tags=[{"Key": "team", "Value": "a"}])
    cloudformation.get_waiter("stack_create_complete").wait(StackName="made")

    stack = cloudformation.describe_stacks(StackName=made["StackId"])["Stacks"][0]
    assert stack["StackId"].startswith("arn:aws:cloudformation:")
    assert stack["Tags"] == [{"Key": "team", "Value": "a"}]
    assert stack["Parameters"] == [{"ParameterKey": "Mode", "ParameterValue": "PAY_PER_REQUEST"}]
    table = client("dynamodb").describe_table(TableName=outputs(cloudformation, "made")["TableName"])["Table"]
    role = physical_ids(cloudformation, "made")["Role"]
    policy = client("iam").get_role_policy(RoleName=role, PolicyName="use")["PolicyDocument"]
    assert policy["Statement"][0]["Resource"] == table["TableArn"]
    assert outputs(cloudformation, "made")["RoleArn"].endswith(":role/" + role)


def test_events_are_told_newest_first(client):
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="told", TemplateBody=TABLE_AND_ROLE, Capabilities=["CAPABILITY_IAM"])

    events = cloudformation.describe_stack_events(StackName="told")["StackEvents"]

    assert events[0]["ResourceType"] == "AWS::CloudFormation::Stack"
    assert events[0]["LogicalResourceId"] == "told"
    assert events[0]["PhysicalResourceId"] == events[0]["StackId"]
    assert events[0]["ResourceStatus"] == "CREATE_COMPLETE"
    assert events[-1]["ResourceStatusReason"] == "User Initiated"
    assert [e["Timestamp"] for e in events] == sorted((e["Timestamp"] for e in events), reverse=True)


def test_an_update_replaces_and_removes(client):
    cloudformation, dynamodb = client("cloudformation"), client("dynamodb")
    cloudformation.create_stack(StackName="updated", TemplateBody=TABLE_AND_ROLE, Capabilities=["CAPABILITY_IAM"])
    before = physical_ids(cloudformation, "updated")
    changed = TABLE_AND_ROLE.replace("AttributeName: id", "AttributeName: key").split("  Role:")[0]

    cloudformation.update_stack(StackName="updated", TemplateBody=changed)
    cloudformation.get_waiter("stack_update_complete").wait(StackName="updated")

    after = physical_ids(cloudformation, "updated")
    assert list(after) == ["Table"] and after["Table"] != before["Table"]
    assert before["Table"] not in dynamodb.list_tables()["TableNames"]
    with pytest.raises(client("iam").exceptions.NoSuchEntityException):
        client("iam").get_role(RoleName=before["Role"])


def test_an_update_without_changes_is_refused(client):
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="same", TemplateBody=TABLE_AND_ROLE, Capabilities=["CAPABILITY_IAM"])

    with pytest.raises(botocore.exceptions.ClientError) as refused:
        cloudformation.update_stack(StackName="same", UsePreviousTemplate=True, Capabilities=["CAPABILITY_IAM"],
                                    Parameters=[{"ParameterKey": "Mode", "UsePreviousValue": True}])

    assert message(refused) == "No updates are to be performed."


def test_a_failed_creation_leaves_nothing_behind(client):
    cloudformation, dynamodb = client("cloudformation"), client("dynamodb")
    tables = dynamodb.list_tables()["TableNames"]
    broken = TABLE_AND_ROLE.replace("Resources:", """Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: {S3Bucket: nobody-has-this-bucket, S3Key: code.zip}
      Role: !GetAtt Role.Arn
      Handler: a.b
      Runtime: python3.12
""")

    cloudformation.create_stack(StackName="broken", TemplateBody=broken, Capabilities=["CAPABILITY_IAM"])
    with pytest.raises(botocore.exceptions.WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(StackName="broken")

    assert status(cloudformation, "broken") == "ROLLBACK_COMPLETE"
    assert dynamodb.list_tables()["TableNames"] == tables
    reasons = [event.get("ResourceStatusReason", "") for event in
               cloudformation.describe_stack_events(StackName="broken")["StackEvents"]]
    assert any(reason.startswith("The following resource(s) failed to create: [Function].") for reason in reasons)


def test_a_failed_update_goes_back(client):
    cloudformation = client("cloudformation")
    cloudformation.create_stack(StackName="back", TemplateBody=TABLE_AND_ROLE, Capabilities=["CAPABILITY_IAM"])
    before = physical_ids(cloudformation, "back")
    changed = TABLE_AND_ROLE.replace("AttributeName: id", "AttributeName: key").replace("Resources:", """Resources:
  Rule:
    Type: AWS::IoT::TopicRule
    DependsOn: Table
    Properties: {TopicRulePayload: {Sql: this is no SQL, Actions: []}}
""")

    cloudformation.update_stack(StackName="back", TemplateBody=changed, Capabilities=["CAPABILITY_IAM"])

    assert status(cloudformation, "back") == "UPDATE_ROLLBACK_COMPLETE"
    assert physical_ids(cloudformation, "back") == before
    assert client("dynamodb").describe_table(TableName=before["Table"])["Table"]["KeySchema"][0]["AttributeName"] == "id"


def test_a_deleted_stack_is_gone_with_its_resources(client):
    cloudformation, dynamodb = client("cloudformation"), client("dynamodb")
    made = cloudformation.create_stack(StackName="deleted", TemplateBody=TABLE_AND_ROLE, Capabilities=["CAPABILITY_IAM"])
    table = physical_ids(cloudformation, "deleted")["Table"]

    cloudformation.delete_stack(StackName="deleted")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="deleted")

    with pytest.raises(botocore.exceptions.ClientError) as refused:
        cloudformation.describe_stacks(StackName="deleted")
    assert message(refused) == "Stack with id deleted does not exist"
    assert status(cloudformation, made["StackId"]) == "DELETE_COMPLETE"
    assert table not in dynamodb.list_tables()["TableNames"]
    cloudformation.delete_stack(StackName="deleted")


MANAGED_POLICY = """
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      ManagedPolicyName: deployed
      Path: /team/
      Description: d
      Roles: [!Ref One, !Ref Two]
      PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:Get1', Resource: '*'}]}
  One:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}
  Two:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}}
Outputs:
  Arn: {Value: !Ref Policy}
  PolicyArn: {Value: !GetAtt Policy.PolicyArn}
"""


def test_a_managed_policy_is_made_changed_and_removed(client):
    cloudformation, iam = client("cloudformation"), client("iam")
    cloudformation.create_stack(StackName="managed", TemplateBody=MANAGED_POLICY, Capabilities=["CAPABILITY_NAMED_IAM"])
    arn = outputs(cloudformation, "managed")["Arn"]
    account = client("sts").get_caller_identity()["Account"]
    assert arn == outputs(cloudformation, "managed")["PolicyArn"] == f"arn:aws:iam::{account}:policy/team/deployed"
    made = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (made["AttachmentCount"], made["Description"], made["DefaultVersionId"]) == (2, "d", "v1")

    for number in range(2, 8):  # more than the five versions that a policy may have
        body = MANAGED_POLICY.replace("Get1", f"Get{number}").replace(", !Ref Two", "")
        cloudformation.update_stack(StackName="managed", TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"])
        assert status(cloudformation, "managed") == "UPDATE_COMPLETE"

    changed = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (changed["AttachmentCount"], changed["DefaultVersionId"]) == (1, "v7")
    document = iam.get_policy_version(PolicyArn=arn, VersionId="v7")["PolicyVersion"]["Document"]
    assert document["Statement"][0]["Action"] == "s3:Get7"

    cloudformation.delete_stack(StackName="managed")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="managed")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_policy(PolicyArn=arn)


BUCKET = """
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {BucketName: documents, Tags: [{Key: a, Value: '1'}, {Key: b, Value: <&>}]}
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Deny, Principal: '*', Action: 's3:*', Resource: !GetAtt Bucket.Arn}]
"""


def test_tags_and_policy_of_a_bucket_are_in_s3(client):
    cloudformation, s3 = client("cloudformation"), client("s3")
    cloudformation.create_stack(StackName="documents", TemplateBody=BUCKET)
    assert s3.get_bucket_tagging(Bucket="documents")["TagSet"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "<&>"}]
    policy = json.loads(s3.get_bucket_policy(Bucket="documents")["Policy"])
    assert policy["Statement"] == [{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::documents"}]

    changed = BUCKET.replace("{Key: b, Value: <&>}", "{Key: b, Value: x}").replace("s3:*", "s3:Get*")
    cloudformation.update_stack(StackName="documents", TemplateBody=changed)
    assert s3.get_bucket_tagging(Bucket="documents")["TagSet"] == [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "x"}]
    assert json.loads(s3.get_bucket_policy(Bucket="documents")["Policy"])["Statement"][0]["Action"] == "s3:Get*"

    bare = "Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: documents}}}"
    cloudformation.update_stack(StackName="documents", TemplateBody=bare)
    for question, code in ((s3.get_bucket_tagging, "NoSuchTagSet"), (s3.get_bucket_policy, "NoSuchBucketPolicy")):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            question(Bucket="documents")
        assert refused.value.response["Error"]["Code"] == code


SWITCHES = TABLE_AND_ROLE.split("  Role:")[0].replace("BillingMode: !Ref Mode", """BillingMode: !Ref Mode
      TimeToLiveSpecification: {AttributeName: t, Enabled: false}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: false}""")


def test_a_table_has_its_switches_turned_on_and_off(client):
    cloudformation, db = client("cloudformation"), client("dynamodb")
    cloudformation.create_stack(StackName="switches", TemplateBody=SWITCHES)
    assert status(cloudformation, "switches") == "CREATE_COMPLETE"
    table = physical_ids(cloudformation, "switches")["Table"]

    def state():
        backups = db.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        return (db.describe_time_to_live(TableName=table)["TimeToLiveDescription"]["TimeToLiveStatus"],
                backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"])

    assert state() == ("DISABLED", "DISABLED")
    turned_on = SWITCHES.replace("Enabled: false}", "Enabled: 'true'}")
    cloudformation.update_stack(StackName="switches", TemplateBody=turned_on)
    assert status(cloudformation, "switches") == "UPDATE_COMPLETE"
    assert state() == ("ENABLED", "ENABLED")
    other = turned_on.replace("AttributeName: t,", "AttributeName: u,")
    cloudformation.update_stack(StackName="switches", TemplateBody=other)
    assert status(cloudformation, "switches") == "UPDATE_ROLLBACK_COMPLETE"
    reasons = [event.get("ResourceStatusReason", "") for event in
               cloudformation.describe_stack_events(StackName="switches")["StackEvents"]]
    assert any("TimeToLive is active on a different AttributeName: current AttributeName is t" in r for r in reasons)
    cloudformation.update_stack(StackName="switches", TemplateBody=SWITCHES)
    assert state() == ("DISABLED", "DISABLED")


FUNCTION = """
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Code: {ZipFile: 'def handler(event, context): return 1'}
      Role: arn:aws:iam::000000000000:role/r
      Handler: index.handler
      Runtime: python3.11
      ReservedConcurrentExecutions: 5
"""


def test_a_template_reserves_concurrency(client):
    cloudformation, functions = client("cloudformation"), client("lambda")
    cloudformation.create_stack(StackName="reserved", TemplateBody=FUNCTION)
    name = physical_ids(cloudformation, "reserved")["Function"]
    assert functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 5

    cloudformation.update_stack(StackName="reserved", TemplateBody=FUNCTION.replace("Executions: 5", "Executions: '0'"))
    assert functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 0

    without = FUNCTION.replace("      ReservedConcurrentExecutions: 5\n", "")
    cloudformation.update_stack(StackName="reserved", TemplateBody=without)
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(FunctionName=name)


def test_what_is_lacking_is_asked_for(client):
    cloudformation = client("cloudformation")

    with pytest.raises(cloudformation.exceptions.InsufficientCapabilitiesException) as refused:
        cloudformation.create_stack(StackName="lacking", TemplateBody=TABLE_AND_ROLE)

    assert message(refused) == "Requires capabilities : [CAPABILITY_IAM]"


def test_a_template_comes_from_s3(client, croft):
    cloudformation = client("cloudformation")
    upload(client("s3"), "templates", "dir/t.template", TABLE_AND_ROLE.encode())

    cloudformation.create_stack(StackName="from-url", Capabilities=["CAPABILITY_IAM"],
                                TemplateURL=croft.endpoints["gateway"] + "/templates/dir/t.template")

    assert status(cloudformation, "from-url") == "CREATE_COMPLETE"
    assert cloudformation.get_template(StackName="from-url")["TemplateBody"] == TABLE_AND_ROLE


def deploy(cloudformation, stack, body, name, kind):
    """What the deploy commands of AWS's tools do."""
    made = cloudformation.create_change_set(StackName=stack, ChangeSetName=name, ChangeSetType=kind, TemplateBody=body,
                                            Capabilities=["CAPABILITY_IAM"], Description="Created by a test")
    cloudformation.get_waiter("change_set_create_complete").wait(ChangeSetName=made["Id"], StackName=stack)
    changes = cloudformation.describe_change_set(ChangeSetName=made["Id"], StackName=stack)["Changes"]
    cloudformation.execute_change_set(ChangeSetName=made["Id"], StackName=stack)
    cloudformation.get_waiter(f"stack_{kind.lower()}_complete").wait(StackName=stack)
    return [(change["ResourceChange"]["Action"], change["ResourceChange"]["LogicalResourceId"]) for change in changes]


@pytest.fixture
def article(client):
    """The article's template as `package` leaves it."""
    upload(client("s3"), "article", "code", zipped("handler.py", (ARTICLE / "handler.py").read_text()))
    handler = 'Handler: "handler.handler"'
    return (ARTICLE / "sam.yml").read_text().replace(handler, handler + "\n      CodeUri: s3://article/code")


def test_the_article_deploys(client, article):
    cloudformation = client("cloudformation")

    changes = deploy(cloudformation, "article", article, "first", "CREATE")

    assert ("Add", "ConnectedTable") in changes and len(changes) == 8
    ids = physical_ids(cloudformation, "article")
    rule = client("iot").get_topic_rule(ruleName=ids["UpdateConnectedIoT"])["rule"]
    function = client("lambda").get_function_configuration(FunctionName=ids["UpdateConnected"])
    assert rule["actions"] == [{"lambda": {"functionArn": function["FunctionArn"]}}]
    assert rule["ruleDisabled"] is False
    assert function["Environment"]["Variables"]["CONNECTED_TBL"] == ids["ConnectedTable"]
    policy = json.loads(client("lambda").get_policy(FunctionName=ids["UpdateConnected"])["Policy"])
    assert policy["Statement"][0]["Sid"] == ids["UpdateConnectedIoTPermission"]
    event = {"eventType": "connected", "clientId": "device-1"}
    client("lambda").invoke(FunctionName=ids["UpdateConnected"], Payload=json.dumps(event))
    row = client("dynamodb").get_item(TableName=ids["ConnectedTable"], Key={"id": {"S": "device-1"}})
    assert row["Item"]["is_connected"] == {"BOOL": True}


def test_the_article_deploys_again(client, article):
    cloudformation = client("cloudformation")
    deploy(cloudformation, "again", article, "first", "CREATE")
    ids = physical_ids(cloudformation, "again")

    made = cloudformation.create_change_set(StackName="again", ChangeSetName="empty", TemplateBody=article,
                                            Capabilities=["CAPABILITY_IAM"])
    empty = cloudformation.describe_change_set(ChangeSetName=made["Id"])
    assert empty["Status"] == "FAILED"
    assert empty["StatusReason"].startswith("The submitted information didn't contain changes.")

    changes = deploy(cloudformation, "again", article.replace("Timeout: 10", "Timeout: 20"), "second", "UPDATE")
    assert changes == [("Modify", "UpdateConnected"), ("Modify", "UpdateDisconnected")]
    assert physical_ids(cloudformation, "again") == ids
    function = client("lambda").get_function_configuration(FunctionName=ids["UpdateDisconnected"])
    assert function["Timeout"] == 20


def test_stacks_outlive_croft(fresh_croft):
    server = fresh_croft()
    server.client("cloudformation").create_stack(StackName="kept", TemplateBody=TABLE_AND_ROLE,
                                                 Capabilities=["CAPABILITY_IAM"])
    ids = physical_ids(server.client("cloudformation"), "kept")
    server.kill()
    server.start()

    cloudformation = server.client("cloudformation")
    assert physical_ids(cloudformation, "kept") == ids
    cloudformation.delete_stack(StackName="kept")
    assert server.client("dynamodb").list_tables()["TableNames"] == []
