"""STS and IAM through boto3: who signs, roles and their policies."""
import json
import re
import uuid

import pytest
from botocore.exceptions import ClientError

TRUST = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
})
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


@pytest.fixture
def iam(client):
    return client("iam")


@pytest.fixture
def role(iam):
    name = "role-" + uuid.uuid4().hex[:12]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST, Description="d",
                           Tags=[{"Key": "a", "Value": "1"}])["Role"]
    yield role
    for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)


def refused(call, **arguments):
    with pytest.raises(ClientError) as failure:
        call(**arguments)
    error = failure.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]


def test_the_account_is_told(client):
    identity = client("sts").get_caller_identity()
    assert re.fullmatch(r"\d{12}", identity["Account"])
    assert identity["Arn"] == f"arn:aws:iam::{identity['Account']}:root"
    assert identity["UserId"] == identity["Account"]


def test_an_assumed_role_signs_for_itself(client, role):
    sts = client("sts")
    assumed = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session", DurationSeconds=900)
    credentials = assumed["Credentials"]
    assert assumed["AssumedRoleUser"]["AssumedRoleId"] == role["RoleId"] + ":session"
    as_role = client(
        "sts", key=credentials["AccessKeyId"], secret=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"])
    account = sts.get_caller_identity()["Account"]
    assert as_role.get_caller_identity()["Arn"] == f"arn:aws:sts::{account}:assumed-role/{role['RoleName']}/session"


def test_roles_that_cannot_be_assumed(client, role):
    sts = client("sts")
    missing = role["Arn"] + "-not"
    assert refused(sts.assume_role, RoleArn=missing, RoleSessionName="session") == ("AccessDenied", 403)
    assert refused(sts.assume_role, RoleArn=role["Arn"], RoleSessionName="a b") == ("ValidationError", 400)
    assert refused(sts.assume_role, RoleArn=role["Arn"], RoleSessionName="session",
                   DurationSeconds=7200) == ("ValidationError", 400)


def test_a_role_comes_back_whole(iam, role):
    found = iam.get_role(RoleName=role["RoleName"])["Role"]
    assert found == role
    assert found["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert (found["Path"], found["Description"], found["MaxSessionDuration"]) == ("/", "d", 3600)
    assert found["Tags"] == [{"Key": "a", "Value": "1"}]
    assert re.fullmatch(r"AROA[A-Z2-7]{16}", found["RoleId"])
    assert role["RoleName"] in [r["RoleName"] for r in iam.list_roles()["Roles"]]


def test_roles_are_told_page_by_page(iam, role):
    pages = list(iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1}))
    assert all(len(page["Roles"]) == 1 for page in pages)
    assert [role["RoleName"]] in [[r["RoleName"] for r in page["Roles"]] for page in pages]


def test_role_names_are_unique_and_checked(iam, role):
    assert refused(iam.create_role, RoleName=role["RoleName"],
                   AssumeRolePolicyDocument=TRUST) == ("EntityAlreadyExists", 409)
    assert refused(iam.create_role, RoleName="a b", AssumeRolePolicyDocument=TRUST) == ("ValidationError", 400)
    assert refused(iam.create_role, RoleName="other",
                   AssumeRolePolicyDocument="{") == ("MalformedPolicyDocument", 400)
    assert refused(iam.get_role, RoleName="none") == ("NoSuchEntity", 404)


def test_policies_of_a_role(iam, role):
    name = role["RoleName"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=TRUST)
    iam.attach_role_policy(RoleName=name, PolicyArn=BASIC)
    assert iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"] == json.loads(TRUST)
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["p"]
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == [
        {"PolicyName": "AWSLambdaBasicExecutionRole", "PolicyArn": BASIC}]
    assert refused(iam.delete_role, RoleName=name) == ("DeleteConflict", 409)
    assert refused(iam.get_role_policy, RoleName=name, PolicyName="q") == ("NoSuchEntity", 404)


def test_an_unknown_action_is_refused(client):
    assert refused(client("sts").get_session_token) == ("InvalidAction", 400)
